#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make run` shows: a simulated world is started, evidence is made and verified in it, one bit of it is
# changed, the world's platform falls out of date. Fails when an answer is not the expected one. What it made
# stays, so that every command shown can be repeated. Usage: demo.sh DIRECTORY-OF-THE-PROGRAMS [DIRECTORY-FOR-FILES]
set -eu
cd "$(dirname "$0")/.."

bin=$(cd "$1" && pwd)
demo=${2:-build/demo}
step=0
PATH=$bin:$PATH
export PATH

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
within() { # EXPECTED-EXIT-CODE COMMAND...: in the world
	expected=$1
	shift
	show "$expected" attest sim run --world "$demo/world" -- "$@"
}

rm -rf "$demo"
mkdir -p "$demo"
nonce=000102030405060708090a0b0c0d0e0f
stop() {
	attest sim stop --world "$demo/world" >/dev/null 2>&1 || :
}
trap stop EXIT

say 'No TEE is needed: a simulated world has a processor, a quoting enclave, and the services around them.'
show 0 attest sim up --detach "$demo/world"

say 'An enclave in it (this very program, measured and signed) makes a quote over a nonce.'
within 0 attest quote --nonce "$nonce" -o bin --out "$demo/quote.dat"

say 'Is the quote authentic, is it ours, and is its platform up to date? Collateral comes from the world.'
within 0 attest verify "$demo/quote.dat" --report-data "$nonce" --allow-simulated

# Byte 112 is the first of MRENCLAVE: a header of 48 bytes, and 64 of the report body before it.
old=$(dd if="$demo/quote.dat" bs=1 skip=112 count=1 2>/dev/null | od -An -tu1)
cp "$demo/quote.dat" "$demo/tampered.dat"
printf "\\$(printf '%03o' $((old ^ 1)))" |
	dd of="$demo/tampered.dat" bs=1 seek=112 conv=notrunc 2>/dev/null
say 'The same quote with one bit of its measurement (byte 112) changed: refused.'
within 2 attest verify "$demo/tampered.dat" --report-data "$nonce" --allow-simulated

say 'A turn of the dial: the platform has missed an update. Authentic still, and denied by the policy.'
show 0 attest sim fault --world "$demo/world" tcb=outdated
within 4 attest verify "$demo/quote.dat" --report-data "$nonce" --allow-simulated
show 0 attest sim stop --world "$demo/world"

real=${ATTEST_VECTORS:-../shared/vectors}/dcap/cases/dcapqvl_tdx_v4
if [ -d "$real" ]; then
	time=$(sed -n 's/^ *"time": \([0-9]*\).*/\1/p' "$real/case.json")
	say "A quote of a real TDX machine, under Intel's root, at a time when its collateral was current."
	show 0 attest verify "$real/quote.dat" --collateral "$real/collateral.json" --time "$time"
fi

printf '\nEvery answer was the expected one. The files are in %s; `attest --help` tells more (PATH=%s:$PATH).\n' \
	"$demo" "$1"
