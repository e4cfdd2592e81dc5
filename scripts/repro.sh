#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the commit at HEAD twice, in directories of different names, under different locales and time zones,
# and compares the bytes of what is installed from it.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
one="$work/one"
two="$work/another/and-longer"

build() { # DIRECTORY
	git clone -q . "$1"
	meson setup "$1/build" "$1" -Dtests=false >"$work/log" 2>&1 &&
		ninja -C "$1/build" >>"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; return 1; }
}
LC_ALL=C TZ=UTC build "$one"
(umask 027 && LC_ALL=C.UTF-8 TZ=Asia/Kolkata build "$two")

passed=0
failed=0
for file in src/libattest.so src/programs/attest; do
	if cmp "$one/build/$file" "$two/build/$file"; then
		passed=$((passed + 1))
		echo "same bytes: $file $(sha256sum <"$one/build/$file" | cut -c 1-16)"
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
