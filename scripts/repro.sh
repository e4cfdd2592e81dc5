#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the commit at HEAD twice, in directories of different names, under different locales, time zones and
# masks, and compares the bytes of all that is installed from it, and of the generator that is not.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
one="$work/one"
two="$work/another/and-longer"

build() { # DIRECTORY
	git clone -q . "$1"
	{ meson setup "$1/build" "$1" -Dtests=false && ninja -C "$1/build" &&
		meson install -C "$1/build" --no-rebuild --destdir "$1/stage"; } >"$work/log" 2>&1 ||
		{ tail -n 20 "$work/log" >&2; return 1; }
	cp "$1/build/src/programs/attest-simgen" "$1/stage/"
}
LC_ALL=C TZ=UTC build "$one"
(umask 027 && LC_ALL=C.UTF-8 TZ=Asia/Kolkata build "$two")

names() { # DIRECTORY
	(cd "$1/stage" && find . ! -type d | LC_ALL=C sort)
}
names "$one" >"$work/names"
names "$two" | diff "$work/names" - >&2 || { echo "0 passed, 1 failed"; exit 1; }

passed=0
failed=0
while read -r file; do
	if cmp "$one/stage/$file" "$two/stage/$file"; then
		passed=$((passed + 1))
		echo "same bytes: $(sha256sum <"$one/stage/$file" | cut -c 1-16) $file"
	else
		failed=$((failed + 1))
	fi
done <"$work/names"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 2 ]
