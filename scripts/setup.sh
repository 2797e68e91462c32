#!/usr/bin/env bash
# Installs, once, the Debian packages that HQ builds and runs with; with "tests" also what its tests need. Prints what it does;
# silent when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
needed=(libbrotli-dev libpcre2-dev libqrencode-dev libsqlite3-dev pkg-config tzdata zlib1g-dev)
# A browser, driven by the console's test.
[ "${1:-}" = tests ] && needed+=(chromium chromium-driver fonts-dejavu-core)
# An editor, which asks the language server.
[ "${1:-}" = tests ] && needed+=(neovim)
# Certificates, and clients of the edge.
[ "${1:-}" = tests ] && needed+=(openssl curl nghttp2-client)
# What Fastly's own client runs in.
[ "${1:-}" = tests ] && needed+=(python3 python3-venv)
missing=()
for package in "${needed[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "setup: installing ${missing[*]} (once, with apt)"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ "${1:-}" = tests ] || exit 0
# Fastly's client for Python, in an environment of its own; the copy of the list says with which versions it was made.
client=.build/fastly-client
if ! cmp -s scripts/fastly-client.txt "$client/made-with.txt"; then
    echo "setup: installing Fastly's client for Python into $client (once, with pip)"
    rm -rf "$client"
    mkdir -p .build
    python3 -m venv "$client"
    "$client/bin/pip" install -q --disable-pip-version-check -r scripts/fastly-client.txt
    cp scripts/fastly-client.txt "$client/made-with.txt"
fi
