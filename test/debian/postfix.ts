// Postfix with Dovecot's SASL, as Debian has them.
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { type Ports, password, program, type Station, user } from "./station.ts";

/** Settings that make it pass on what a default one would cut: https://www.postfix.org/postconf.5.html. */
export async function postfix(station: Station, ports: Ports, sink: number): Promise<void> {
  const postfixProgram = program("/usr/sbin/postfix");
  const { directory } = station;
  const defaults = (name: string) => execFileSync("/usr/sbin/postconf", ["-h", "-d", name]).toString().trim();
  for (const name of ["queue", "data", "conf"]) mkdirSync(station.path(name));
  const ids = (flag: string) => Number(execFileSync("id", [flag, "postfix"]).toString());
  chownSync(station.path("data"), ids("-u"), ids("-g"));

  station.write(
    "conf/main.cf",
    `compatibility_level = 3.6
queue_directory = ${directory}/queue
data_directory = ${directory}/data
daemon_directory = ${defaults("daemon_directory")}
command_directory = /usr/sbin
myhostname = mail.debian.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
default_transport = smtp
relayhost = [127.0.0.1]:${sink}
disable_dns_lookups = yes
smtp_host_lookup = native
smtputf8_enable = yes
message_size_limit = 100000000
mailbox_size_limit = 0
smtp_line_length_limit = 0
smtpd_recipient_limit = 200
smtpd_error_sleep_time = 0
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{gone@debian.test=REJECT}, permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_cert_file = ${directory}/cert.pem
smtpd_tls_key_file = ${directory}/key.pem
smtpd_tls_auth_only = yes
smtpd_tls_security_level = encrypt
maillog_file_prefixes = ${directory}
maillog_file = ${directory}/mail.log
`,
  );
  const unix = (name: string, priv: string, max: string, does: string, wakeup = "-") =>
    `${name} unix ${priv} - n ${wakeup} ${max} ${does}`;
  station.write(
    "conf/master.cf",
    `${[
      `127.0.0.1:${ports.starttls} inet n - n - - smtpd`,
      `127.0.0.1:${ports.tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes`,
      unix("cleanup", "n", "0", "cleanup"),
      unix("qmgr", "n", "1", "qmgr", "300"),
      unix("pickup", "n", "1", "pickup", "60"),
      unix("rewrite", "-", "-", "trivial-rewrite"),
      ...["bounce", "defer", "trace"].map((name) => unix(name, "-", "0", "bounce")),
      unix("verify", "-", "1", "verify"),
      unix("flush", "n", "0", "flush", "1000?"),
      unix("proxymap", "-", "-", "proxymap"),
      unix("proxywrite", "-", "1", "proxymap"),
      unix("smtp", "-", "-", "smtp"),
      unix("relay", "-", "-", "smtp"),
      unix("showq", "n", "-", "showq"),
      unix("error", "-", "-", "error"),
      unix("retry", "-", "-", "error"),
      unix("discard", "-", "-", "discard"),
      unix("anvil", "-", "1", "anvil"),
      unix("scache", "-", "1", "scache"),
      unix("tlsmgr", "-", "1", "tlsmgr", "1000?"),
      "postlog unix-dgram n - n - 1 postlogd",
    ].join("\n")}\n`,
  );
  mkdirSync(station.path("queue/private"), { recursive: true });
  chownSync(station.path("queue/private"), ids("-u"), 0);
  dovecot(station);
  const configuration = station.path("conf");
  const env = { MAIL_CONFIG: configuration };
  station.run(postfixProgram, ["-c", configuration, "start-fg"], env);
  // Its master outlives the program that started it.
  station.beforeStop(() =>
    execFileSync(postfixProgram, ["-c", configuration, "abort"], {
      stdio: "ignore",
      env: { ...process.env, ...env },
    }),
  );
}

/** Dovecot as nothing but a SASL server. Passwords are kept plain so that every mechanism can be checked. */
function dovecot(station: Station): void {
  const { directory } = station;
  station.write("passwd", `${user}:{PLAIN}${password}\n`);
  const configuration = station.write(
    "dovecot.conf",
    `protocols =
base_dir = ${directory}/dovecot
state_dir = ${directory}/dovecot
log_path = ${directory}/dovecot.log
ssl = no
auth_mechanisms = plain login cram-md5 scram-sha-256
# Wrong passwords are tried here on purpose: no delay, and no growing penalty.
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = passwd-file
  args = ${directory}/passwd
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}
service auth {
  unix_listener ${directory}/queue/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`,
  );
  station.run(program("/usr/sbin/dovecot"), ["-F", "-c", configuration]);
}
