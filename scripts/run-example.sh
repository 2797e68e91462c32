#!/usr/bin/env bash
# Starts the example campaign on a copy in a scratch folder, so that the clone stays clean.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch="${HQ_SCRATCH:-${TMPDIR:-/tmp}/hq-for-america}"
mkdir -p "$scratch"
if [ -e "$scratch/campaign.yaml" ]; then
    echo "run: going on with the campaign in $scratch; remove that folder to begin anew"
else
    cp -r examples/for-america/. "$scratch/"
    echo "run: the campaign's folder is $scratch; 'cd' there to use hq, or give it --dir"
fi
exec .build/release/hq up --dir "$scratch"
