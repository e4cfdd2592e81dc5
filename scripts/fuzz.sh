#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every libFuzzer harness for a number of seconds, one per core at a time, seeded from what the build
# generates and from the real vectors where they are. Findings stay in corpus/findings.
# Usage: fuzz.sh SECONDS [HARNESS...]
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift

where=build-fuzz
[ -f $where/build.ninja ] || CC=clang-14 meson setup $where -Dfuzz=true -Dtests=false \
	-Db_sanitize=address,undefined -Db_lundef=false >/dev/null
ninja -C $where >$where/log || { tail -n 20 $where/log >&2; exit 1; }

mkdir -p corpus/findings corpus/logs
python=/usr/bin/python3
[ -x $python ] || python=python3
$python scripts/fuzz_seeds.py "$where/src/programs/attest-simgen" corpus/seeds

fuzz_one() { # HARNESS
	mkdir -p "corpus/$1" "corpus/seeds/$1"
	if "$where/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=16 \
		-max_len=300000 -print_final_stats=1 -artifact_prefix="corpus/findings/$1-" \
		"corpus/$1" "corpus/seeds/$1" "corpus/seeds/any" >"corpus/logs/$1" 2>&1; then
		echo "pass $1 $(sed -n 's/^stat::number_of_executed_units: *//p' "corpus/logs/$1") runs"
	else
		echo "FAIL $1"
		tail -n 30 "corpus/logs/$1"
	fi
}

if [ "${FUZZ_ONE:-}" ]; then
	fuzz_one "$FUZZ_ONE"
	exit
fi

[ $# -gt 0 ] || set -- $(sed -n "s/^  '\([a-z0-9_]*\)': .*/\1/p" fuzz/meson.build)
printf '%s\n' "$@" | xargs -P "$(nproc)" -I NAME env FUZZ_ONE=NAME "$0" "$seconds" | tee corpus/logs/all
passed=$(grep -c '^pass ' corpus/logs/all) || true
echo "$passed passed, $(($# - passed)) failed"
[ "$passed" -eq $# ]
