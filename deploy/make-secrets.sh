#!/bin/sh
# Makes the secrets that compose.yaml mounts, in deploy/secrets. What is there already stays as it is.
# The files can be read by everybody in the folder, and only their owner gets into the folder: compose mounts a file
# with the owner and mode that it has on this machine, and the users in the containers are others than you.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
password_file=$folder/postgres-password
environment_file=$folder/postrider.env

[ -s "$password_file" ] || openssl rand -hex 24 >"$password_file"
[ -s "$environment_file" ] || {
  printf 'PGPASSWORD=%s\n' "$(cat "$password_file")"
  printf 'POSTRIDER_SECRET_KEY=%s\n' "$(openssl rand -hex 32)"
} >"$environment_file"
chmod 0444 "$password_file" "$environment_file"
