#!/usr/bin/env bash
# What every change must hold besides its tests: format, layers, sizes, links. Fast after a build.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0
say() { echo "check: $*"; failed=1; }

swift format lint --strict --recursive --parallel Package.swift Sources Tests || say "format: run 'make fmt'"

# The manifest stops on a forbidden edge with its sentence.
swift package describe >/dev/null 2>/tmp/hq-check.$$ || { grep -o 'Fatal error: .*' /tmp/hq-check.$$ || cat /tmp/hq-check.$$; say "layers"; }
rm -f /tmp/hq-check.$$

# Files up to 400 lines, functions up to 60; tables and exceptions stand in scripts/size-exceptions.txt.
exceptions=$(grep -v '^#' scripts/size-exceptions.txt | cut -d' ' -f1 || true)
while read -r file; do
    grep -qxF "$file" <<<"$exceptions" && continue
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || say "$file has $lines lines, 400 is the most"
    awk -v file="$file" '
        match($0, /^ *((package|private|fileprivate|public|open|static|final|override|mutating|nonisolated|@[A-Za-z]+) )*func /) && /\{ *$/ {
            name = $0; sub(/^ */, "", name); start = NR; match($0, /^ */); indent = RLENGTH }
        start && /^ *\}/ { match($0, /^ */); if (RLENGTH == indent) { if (NR - start > 60) {
            printf "check: %s:%d: a function of %d lines, 60 is the most: %s\n", file, start, NR - start, name; bad = 1 } start = 0 } }
        END { exit bad }' "$file" || failed=1
done < <(git ls-files 'Sources/*.swift' 'Tests/*.swift')

# Links between the documents lead somewhere.
while read -r doc; do
    { grep -oE '\]\([^)#:]+\)' "$doc" || true; } | sed -E 's/^\]\((.*)\)$/\1/' | while read -r link; do
        [ -e "$(dirname "$doc")/$link" ] || { echo "check: $doc links to $link, which does not exist"; exit 1; }
    done || failed=1
done < <(git ls-files '*.md')

[ "$failed" -eq 0 ] && echo "check: good"
exit "$failed"
