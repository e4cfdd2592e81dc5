# SPDX-License-Identifier: Apache-2.0
"""Machines that are played (tests/program/emulate): before libc always, as a file system where /dev/fuse opens."""
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "oracle")]

from attest_oracle.world import World  # noqa: E402  (needs the path above)

BUILD = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build")
BINARY = os.environ.get("ATTEST_BIN") or str(BUILD / "src" / "programs" / "attest")
EMULATE = BUILD / "tests" / "program" / "emulate"
SANITIZED = "asan" in BINARY
OK, USAGE, REFUSED, NO_ANSWER, DENIED = range(5)
OURS = ("ATTEST_SIM", "QCNL_", "PCCS_", "EMULATE", "NO_COLOR", "TERM", "PCS_API")
REPORT_DATA = bytes(range(64))

# Starts the file system in a mount namespace of its own and puts it where the kernel has the interface.
MOUNT = r"""
set -e
work=$1 prefix=$2 fuse=$3; shift 3
mkdir -p "$work/tree"
env -u LD_PRELOAD "$fuse" "$prefix" "$work/tree"
case $prefix in
/dev/*) over=/dev ;;
*) over=/sys/kernel ;;
esac
mount -t tmpfs none $over
mkdir -p "$prefix"
mount --bind "$work/tree" "$prefix"
set +e
"$@"
code=$?
umount -l "$prefix"
umount -l "$work/tree"
exit $code
"""


class Done:
    def __init__(self, done):
        self.exit, self.raw, self.err = done.returncode, done.stdout, done.stderr.decode()

    @property
    def out(self):
        return self.raw.decode()

    @property
    def json(self):
        return json.loads(self.raw)


def preloads():
    """A sanitizer's runtime must be loaded before anything else."""
    first = []
    if SANITIZED:
        first = [subprocess.run(["gcc", f"-print-file-name=lib{n}.so"], capture_output=True, text=True,
                                check=True).stdout.strip() for n in ("asan", "ubsan")]
    return " ".join([*first, str(EMULATE / "libemulate.so")])


def environment(words="", faults="", given=None, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    env.update(TERM="xterm", EMULATE=words, EMULATE_FAULTS=faults, ATTEST_DOCTOR="", HOME="/nonexistent")
    for name, path in (given or {}).items():
        env[f"EMULATE_{name.upper()}"] = str(path)
    env.update({k: str(v) for k, v in more.items()})
    return env


def attest(*argv, words="", faults="", given=None, exit=None, stdin=b"", **more):
    """The command on a machine that is played before libc."""
    env = environment(words, faults, given, **more)
    env["LD_PRELOAD"] = preloads()
    done = Done(subprocess.run([BINARY, *map(str, argv)], input=stdin, capture_output=True, env=env, timeout=60,
                               check=False))
    if exit is not None:
        assert done.exit == exit, f"{argv} on {words!r} ({faults!r}): exit {done.exit}\n{done.err}{done.raw!r}"
    return done


def fuse_opens():
    """May this process put a file system of its own over a path? The same steps as the tests take."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError:
        return False
    if not (EMULATE / "emulate-fuse").exists():
        return False
    return subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs none /sys/kernel"], capture_output=True,
                          check=False).returncode == 0


def attest_on_files(work, prefix, *argv, words="", faults="", given=None, exit=None):
    """The command on a machine whose tree at `prefix` is a file system."""
    done = Done(subprocess.run(
        ["unshare", "-m", "sh", "-c", MOUNT, "sh", str(work), prefix, str(EMULATE / "emulate-fuse"), BINARY,
         *map(str, argv)], capture_output=True, env=environment(words, faults, given), timeout=60, check=False))
    if exit is not None:
        assert done.exit == exit, f"{argv} on {words!r} ({faults!r}): exit {done.exit}\n{done.err}{done.raw!r}"
    return done


class Evidence:
    """A quote of the oracle's with our report data, and what it verifies by."""

    def __init__(self, folder, kind, report_data=REPORT_DATA):
        world = World(kind)
        world.quote.body.report_data = report_data
        made = world.make()
        self.kind, self.bytes, self.items, self.now = kind, made.quote, made.items, made.time
        folder.mkdir()
        self.quote, self.root, self.collateral = folder / "quote", folder / "root.pem", folder / "collateral.json"
        self.quote.write_bytes(made.quote)
        self.root.write_text(made.root)
        self.collateral.write_text(json.dumps(made.items))

    @property
    def given(self):
        return {"quote": self.quote, "same": 1}
