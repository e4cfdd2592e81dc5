#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make run` shows: evidence made here under a test root is verified, one byte of it is changed, and
# it is refused. Fails when an answer is not the expected one. What it made stays, so that every command
# shown can be repeated. Usage: demo.sh DIRECTORY-OF-THE-PROGRAMS [DIRECTORY-FOR-FILES]
set -eu
cd "$(dirname "$0")/.."

bin=$1
demo=${2:-build/demo}
step=0

say() {
	step=$((step + 1))
	printf '\n== %d. %s\n\n' "$step" "$*"
}
show() { # EXPECTED-EXIT-CODE COMMAND...
	expected=$1
	shift
	printf '$ %s\n\n' "$*"
	code=0
	"$@" 2>&1 || code=$?
	printf '(exit code %d)\n' "$code"
	[ "$code" -eq "$expected" ] || { echo "demo: exit code $expected was expected" >&2; exit 1; }
}

say 'No TEE is needed: a simulated machine makes an SGX quote, its collateral and a test root.'
rm -rf "$demo"
show 0 "$bin/attest-simgen" --kind sgx3 "$demo"
set -- --collateral "$demo/collateral.json" --root "$demo/root.pem" --allow-simulated

say 'Is the quote authentic, and is its platform up to date?'
show 0 "$bin/attest" verify "$demo/quote.dat" "$@"

# Byte 112 is the first of MRENCLAVE: a header of 48 bytes, and 64 of the report body before it.
old=$(dd if="$demo/quote.dat" bs=1 skip=112 count=1 2>/dev/null | od -An -tu1)
cp "$demo/quote.dat" "$demo/tampered.dat"
printf "\\$(printf '%03o' $((old ^ 1)))" |
	dd of="$demo/tampered.dat" bs=1 seek=112 conv=notrunc 2>/dev/null
say 'The same quote with one bit of its measurement (byte 112) changed: refused.'
show 2 "$bin/attest" verify "$demo/tampered.dat" "$@"

real=${ATTEST_VECTORS:-../shared/vectors}/dcap/cases/dcapqvl_tdx_v4
if [ -d "$real" ]; then
	time=$(sed -n 's/^ *"time": \([0-9]*\).*/\1/p' "$real/case.json")
	say "A quote of a real TDX machine, under Intel's root, at a time when its collateral was current."
	show 0 "$bin/attest" verify "$real/quote.dat" --collateral "$real/collateral.json" --time "$time"
fi

printf '\nEvery answer was the expected one. The files are in %s; `%s verify --help` tells more.\n' \
	"$demo" "$bin/attest"
