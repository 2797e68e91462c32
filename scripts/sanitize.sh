#!/usr/bin/env bash
# Runs the edge's tests under the thread sanitizer and the address sanitizer, and fails when one of them has something to say. Each
# has a build of its own (.build-tsan, .build-asan), as a sanitizer changes every object: the first takes as long as a
# clean build. Words name the sanitizers to run; FILTER is an expression for the tests, as
# `swift test --filter` takes it; WIDTH is how many run at once.
set -euo pipefail
cd "$(dirname "$0")/.."
filter="${FILTER:-^(Edge|HTTP1|HTTPCache|EdgeRecords|SocketHandover|Compression|ESI|VCLRuntime|VCLSimulator)Tests\\.}"
[ $# -gt 0 ] || set -- thread address
symbols="external_symbolizer_path=$(dirname "$(readlink -f "$(command -v swift)")")/llvm-symbolizer"
export TSAN_OPTIONS="$symbols:suppressions=$PWD/scripts/sanitize-thread.txt"
# Without the check for leaks: it does not know references in which Swift keeps other bits, and takes what only they reach, such as
# dictionaries in `static let`, for lost.
export ASAN_OPTIONS="$symbols:detect_leaks=0"
# All scenarios at once are a thousand event loops, which wait for one another in the language's runtime: under the thread sanitizer
# it takes a lock whenever it looks up a type.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="${WIDTH:-4}"
failed=0
for kind in "$@"; do
    case "$kind" in
    thread) scratch=.build-tsan ;;
    address) scratch=.build-asan ;;
    *) echo "sanitize: no sanitizer '$kind'; there are thread and address" >&2; exit 2 ;;
    esac
    report="$scratch/report.txt"
    swift build --build-tests --sanitize "$kind" --scratch-path "$scratch"
    preload=()
    if [ "$kind" = thread ]; then
        clang -O1 -shared -fPIC scripts/sanitize-mutex.c -o "$scratch/mutex.so"
        preload=(env "LD_PRELOAD=$PWD/$scratch/mutex.so")
    fi
    status=0
    "${preload[@]}" swift test --skip-build --sanitize "$kind" --scratch-path "$scratch" --filter "$filter" \
        >"$report" 2>&1 || status=$?
    # What failed, how many tests ran, and one line for each report.
    { grep -E '^✘ |Test run with' "$report" || true; } | tail -n 20
    { grep '^SUMMARY: ' "$report" || true; } | sort | uniq -c | sort -rn
    if [ "$status" -eq 0 ] && ! grep -q '^SUMMARY: ' "$report" && grep -q 'Test run with [1-9]' "$report"; then
        echo "sanitize: $kind: clean"
    else
        echo "sanitize: $kind: not clean; $report has it all"
        failed=1
    fi
done
exit "$failed"
