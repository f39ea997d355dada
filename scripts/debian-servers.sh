#!/usr/bin/env bash
# Puts the mail servers of the interoperation tests, a PgBouncer, and what the doctor's stage is built with (network
# namespaces, firewalls, another clock), on a Debian machine, as root; may run again at any time.
# Postfix and Dovecot are installed; OpenSMTPD and Exim, whose packages exclude Postfix's, are unpacked beside.
# No service is started: the tests run the programs with settings of their own, on ports of the system's choice.
set -euo pipefail

servers=${POSTRIDER_TEST_SERVERS:-/var/cache/postrider-test-servers}
installed=(postfix dovecot-core stunnel4 pgbouncer iproute2 nftables iptables faketime)
# What the unpacked ones need at run time.
libraries=(libevent-2.1-7 libdb5.3 libpam0g libgnutls30 libgnutls-dane0 libidn12 libidn2-0 libnsl2 libpcre2-8-0 libssl3)

if [ "$(id -u)" != 0 ]; then
  echo "debian-servers: installing packages needs root" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive

missing=()
for package in "${installed[@]}" "${libraries[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ] || [ ! -e "$servers/complete" ]; then
  apt-get update -q
fi
if [ ${#missing[@]} -gt 0 ]; then
  # Keeps the packages from starting their services while they are installed.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    trap 'rm -f $policy' EXIT
  fi
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
if [ ! -e "$servers/complete" ]; then
  rm -rf "$servers"
  # apt drops its rights for the download.
  install -d -m 755 "$servers"
  install -d -m 777 "$servers/packages" "$servers/lists/partial" "$servers/cache"
  . /etc/os-release
  options=()
  if [ "$VERSION_CODENAME" = bookworm ]; then
    # Bookworm's own OpenSMTPD 6.8 cannot serve TLS with OpenSSL 3 (OpenSMTPD issue 1171); its backport can.
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main" >"$servers/backports.list"
    options=(-o "Dir::Etc::sourcelist=$servers/backports.list" -o Dir::Etc::sourceparts=-
      -o "Dir::State::lists=$servers/lists" -o "Dir::Cache=$servers/cache")
    apt-get "${options[@]}" update -q
  fi
  (
    cd "$servers/packages"
    apt-get "${options[@]}" download -q opensmtpd
    apt-get download -q exim4-daemon-light exim4-base
  )
  for package in "$servers"/packages/*.deb; do dpkg -x "$package" "$servers"; done
  rm -rf "$servers/packages" "$servers/lists" "$servers/cache"
  touch "$servers/complete"
fi

# Users and places that are compiled into the unpacked programs.
for user in opensmtpd opensmtpq; do
  getent passwd $user >/dev/null || useradd --system --no-create-home --home-dir /var/lib/opensmtpd/empty --shell /usr/sbin/nologin $user
done
getent passwd Debian-exim >/dev/null ||
  useradd --system --no-create-home --home-dir /var/spool/exim4 --shell /usr/sbin/nologin Debian-exim
mkdir -p /var/lib/opensmtpd/empty /usr/libexec
cp -a "$servers/usr/libexec/opensmtpd" /usr/libexec/
install -d -m 711 /var/spool/smtpd
echo "debian-servers: postfix, dovecot, exim and opensmtpd are ready; the unpacked ones in $servers"
