#!/bin/sh
# Installs the programs that the system tests call or are called by. Debian or Ubuntu, as root. Safe to run again.
set -eu

missing=
for pair in chromium:chromium sipp:sip-tester openssl:openssl ip:iproute2 tshark:tshark; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done

if [ -z "$missing" ]; then
  echo "Everything that the tests need is installed."
  exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "This script knows Debian's apt-get only. Install by hand:$missing (chromium, sipp, openssl, ip and tshark must be on the PATH)." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Needs root to install:$missing. Run: sudo sh test/setup.sh" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends $missing
