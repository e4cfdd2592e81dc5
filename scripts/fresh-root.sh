#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the project work for a newcomer? A minimal Debian 12 with nothing but make, a clone of HEAD in it, and
# the commands of the README; what `make install` leaves must be found by the loader and by pkg-config. Needs root,
# debootstrap, and the mirror that this machine's apt uses.
# Usage: fresh-root.sh [TARGET...]   (default: run test install)
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- run test install

if [ "$(id -u)" -ne 0 ]; then
	exec sudo "$0" "$@"
fi

mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
	sed -n 's/ bookworm main$//p' | head -n 1)
[ -n "$mirror" ] || { echo "fresh-root: apt on this machine names no mirror of bookworm" >&2; exit 1; }

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
debootstrap --variant=minbase --include=make bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
	{ tail -n 20 "$root.log" >&2; exit 1; }
rm -f "$root.log"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
apt-config dump Acquire | grep -i proxy >"$root/etc/apt/apt.conf.d/proxy" || true
git clone -q . "$root/home/attest"

# A mount and process namespace of its own: nothing stays mounted or running behind it. Terminals are
# mounted, as on any machine: apt logs through one, and what depends on a terminal is tested.
passed=0
failed=0
for target; do
	echo "=== fresh Debian 12: make $target"
	if unshare --mount --pid --fork --root="$root" --wd=/home/attest --mount-proc \
		env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 sh -euc '
			mount -t devpts -o ptmxmode=0666 devpts /dev/pts
			make "$1"
			[ "$1" != install ] || { attest --version && pkg-config --modversion libattest; }
		' sh "$target"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
