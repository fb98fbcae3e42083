#!/usr/bin/env bash
# No browser was found: install Chromium where we are root and have apt, otherwise say loudly how to get one.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "No Chromium or Chrome found: installing it …"
  export DEBIAN_FRONTEND=noninteractive
  get() { apt-get -qq install -y --no-install-recommends "$1" >/dev/null; }
  apt-get -qq update && { get chromium-headless-shell || get chromium; }
  .venv/bin/python tests/browser/find.py && exit 0
  .venv/bin/playwright install --with-deps chromium && exit 0 # Ubuntu's chromium package only points at a snap
fi
echo "*** NO BROWSER: the browser tests are skipped." \
  "Get one: apt install chromium, or: .venv/bin/playwright install chromium ***" >&2
[ "${CI:-}" != true ]
