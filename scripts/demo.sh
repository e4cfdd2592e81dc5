#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make run` shows: evidence made here under a test root is verified, one byte of it is changed, and
# it is refused. Usage: demo.sh DIRECTORY-OF-THE-PROGRAMS
set -eu
cd "$(dirname "$0")/.."

bin=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() {
	printf '\n== %s\n' "$*"
}
show() { # EXPECTED-EXIT-CODE COMMAND...
	expected=$1
	shift
	printf '$ attest'
	printf ' %s' "$@" | sed "s#$work/##g"
	printf '\n\n'
	code=0
	"$bin/attest" "$@" || code=$?
	printf '\n(exit code %d)\n' "$code"
	[ "$code" -eq "$expected" ] || { echo "demo: exit code $expected was expected" >&2; exit 1; }
}

"$bin/attest-simgen" "$work"
for tee in sgx tdx; do
	quote="$work/$tee/quote.dat"
	set -- --collateral "$work/$tee/collateral.json" --root "$work/root.pem" --allow-simulated
	say "a $tee quote and its collateral, made just now under a test root"
	show 0 verify "$quote" "$@"

	# Byte 184 is in MRSIGNER of an SGX quote, in MRTD of a TDX quote.
	cp "$quote" "$work/$tee/tampered.dat"
	old=$(dd if="$quote" bs=1 skip=184 count=1 2>/dev/null | od -An -tu1)
	printf "\\$(printf '%03o' $((old ^ 1)))" |
		dd of="$work/$tee/tampered.dat" bs=1 seek=184 conv=notrunc 2>/dev/null
	say "the same quote with one bit of byte 184 (its measurement) changed"
	show 2 verify "$work/$tee/tampered.dat" "$@"
done

real=${ATTEST_VECTORS:-../shared/vectors}/dcap/cases/dcapqvl_tdx_v4
if [ -d "$real" ]; then
	time=$(sed -n 's/^ *"time": \([0-9]*\).*/\1/p' "$real/case.json")
	say "a quote of a real TDX machine, at the time its collateral was current, under Intel's root"
	show 0 verify "$real/quote.dat" --collateral "$real/collateral.json" --time "$time"
fi
