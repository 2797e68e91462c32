#!/usr/bin/env bash
# Installs, once, what `make bench` measures HQ against and with: Varnish, nginx, HAProxy, wrk, h2load, Python. Prints what it does; silent when
# nothing is missing. The benchmark starts servers of its own, so Debian's services for them are kept from running.
set -euo pipefail
needed=(varnish nginx haproxy wrk nghttp2-client openssl)
missing=()
for package in "${needed[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
command -v python3 >/dev/null || missing+=(python3)
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

# Debian starts a service as soon as it is installed, unless this file says no. One that is there already stays as it is.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

echo "setup: installing ${missing[*]} for the benchmarks (once, with apt)"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

# Nor should the next boot start what was only installed to be measured.
if [ -d /run/systemd/system ]; then
    for service in varnish nginx haproxy; do
        [[ " ${missing[*]} " != *" $service "* ]] || "${as_root[@]}" systemctl disable --now --quiet "$service"
    done
fi
