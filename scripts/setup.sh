#!/usr/bin/env bash
# Installs, once, the Debian packages that HQ builds and runs with; with "tests" also those that its tests need. Prints what it
# does; silent when nothing is missing.
set -euo pipefail
needed=(libbrotli-dev libpcre2-dev libqrencode-dev libsqlite3-dev pkg-config tzdata zlib1g-dev)
# A browser, driven by the console's test.
[ "${1:-}" = tests ] && needed+=(chromium chromium-driver fonts-dejavu-core)
# An editor, which asks the language server.
[ "${1:-}" = tests ] && needed+=(neovim)
# Certificates, and clients of the edge.
[ "${1:-}" = tests ] && needed+=(openssl curl nghttp2-client)
missing=()
for package in "${needed[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "setup: installing ${missing[*]} (once, with apt)"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
