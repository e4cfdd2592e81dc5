# SPDX-License-Identifier: Apache-2.0
"""MRTD and RTMR by the simulated platform and by an independent implementation, over made TDs."""
import os
import random
import subprocess
from pathlib import Path

import pytest
from attest_oracle import tdx_measure

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build") / "tests" / "program" / "tdx_measure"


def measured(lines):
    done = subprocess.run([PROGRAM], input="\n".join(lines), text=True, capture_output=True, check=True, timeout=60)
    return {name: bytes.fromhex(value) for name, value in (line.split() for line in done.stdout.splitlines())}


@pytest.mark.parametrize("seed", range(20))
def test_calls_in_any_order(seed):
    rng = random.Random(seed)
    calls, lines = [], []
    for _ in range(rng.randrange(40)):
        if rng.random() < 0.4:
            calls.append(("add", rng.randrange(1 << 40) * 4096))
            lines.append(f"add {calls[-1][1]:x}")
        else:
            calls.append(("extend", rng.randrange(1 << 44) * 256, rng.randbytes(256)))
            lines.append(f"extend {calls[-1][1]:x} {calls[-1][2].hex()}")
    values = [rng.randbytes(48) for _ in range(rng.randrange(6))]
    got = measured(lines + [f"rtmr {v.hex()}" for v in values])
    assert got["MRTD"] == tdx_measure.mrtd(calls)
    assert got["RTMR"] == tdx_measure.rtmr(values)


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_images(pages):
    rng = random.Random(pages)
    image = rng.randbytes(4096 * pages)
    for gpa in (0, 0xffc00000, 1 << 45):
        got = measured([f"image {gpa:x} {image.hex()}"])
        assert got["MRTD"] == tdx_measure.mrtd(tdx_measure.calls_of_image(gpa, image))


def test_the_order_of_calls_counts():
    one = measured(["add 0", "add 1000"])["MRTD"]
    assert one != measured(["add 1000", "add 0"])["MRTD"]
    assert one == tdx_measure.mrtd([("add", 0), ("add", 0x1000)])
