#!/bin/sh
# Runs a program on a machine of the stage: `enter.sh ROOT [-d] [-f NAME=VALUE]… -- PROGRAM ARGUMENT…`, inside a
# namespace of its own (ip netns exec). ROOT is an empty folder. The program sees this system's files, but neither its
# make nor its container: -d makes it a Docker container, -f gives a file of /sys/class/dmi/id.
set -eu
root=$1
shift
mount -t tmpfs -o mode=755 none "$root"
for one in /*; do
  if [ -L "$one" ]; then cp -P "$one" "$root/"
  elif [ -d "$one" ]; then
    mkdir "$root$one"
    mount --rbind "$one" "$root$one"
  fi
done
mount -t tmpfs -o mode=755 none "$root/sys/class"
mkdir -p "$root/sys/class/dmi/id"
while [ "$1" != -- ]; do
  case $1 in
    -d) : >"$root/.dockerenv" ;;
    -f)
      shift
      printf '%s\n' "${1#*=}" >"$root/sys/class/dmi/id/${1%%=*}"
      ;;
  esac
  shift
done
shift
exec chroot "$root" "$@"
