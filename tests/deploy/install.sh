#!/usr/bin/env bash
# No nginx was found: install it where we are root, have apt and nothing would start it as a service; else say so loudly.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ ! -d /run/systemd/system ]; then
  echo "No nginx found: installing nginx-light …"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx-light >/dev/null && exit 0
fi
echo "*** NO NGINX: the tests of several web processes are skipped. Get it: apt install nginx-light ***" >&2
[ "${CI:-}" != true ]
