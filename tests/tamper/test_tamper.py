# SPDX-License-Identifier: Apache-2.0
"""The tamper matrix (tamper.c) over one real case of each kind and one generated case of every
kind.

Seeded and short by default; whole under the mark `long` (make check-long) or with ATTEST_LONG=1.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))

import shared_vectors  # noqa: E402  (needs the path above)
from attest_oracle import maker, scenarios, store  # noqa: E402

BUILD = Path(os.environ.get("ATTEST_BUILD") or HERE.parents[1] / "build")
TAMPER = BUILD / "tests" / "tamper" / "tamper"
LONG = os.environ.get("ATTEST_LONG") == "1"
SEED = 20250615
EVERY_REAL, EVERY_MADE = (1, 1) if LONG else (128, 512)
LIMIT_S = 3600

REAL = (
    "dcapqvl_sgx_v3",
    "dcapqvl_tdx_v4",
    "automata_att_tdx_v5_alibaba_0625",
    "oe_tdx_v5_td_relaunch",
    "intelqvl_sample_sgx_v3",
)
MADE = (
    "kind-sgx3-processor",
    "kind-sgx3-platform",
    "kind-sgx4-processor",
    "kind-sgx5-platform",
    "kind-tdx4-processor",
    "kind-tdx5-platform",
    "kind-tdx15-platform",
    "type-1-sgx3",
    "type-2-tdx4",
    "type-3-tdx15",
    "type-4-tdx15",
    "padding-64-sgx3",
    "auth-data-1000-tdx4",
    "level-order-is-by-svn-not-by-text",
    "revoked-others",
)


def run(case, every):
    root = str(case.root_file) if case.root_file else "intel"
    done = subprocess.run(
        [
            str(TAMPER),
            str(case.path),
            str(case.collateral_file),
            root,
            str(case.time),
            str(every),
            str(SEED),
        ],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, [r for r in rows if "unexplained" in r]
    return {r["mutation"]: r for r in rows if "mutation" in r}


def judge(case, every):
    rows = run(case, every)
    for row in rows.values():
        print(json.dumps(row))
    quote = case.quote_file.read_bytes()
    assert rows["quote cut"]["tried"] == len(quote)
    assert rows["item deleted"]["refused"] >= 9
    if every == 1:
        assert rows["quote bit"]["tried"] == 8 * len(quote)
        assert (
            rows["tcb_info bit"]["refused"]
            == rows["tcb_info bit"]["tried"]
            == 8 * len(case.collateral()["tcb_info"])
        )
    assert sum(r["refused"] for r in rows.values()) > 0.95 * sum(r["tried"] for r in rows.values())


def slower():
    """Sanitized builds try fewer: each verification takes ten times as long."""
    options = json.loads((BUILD / "meson-info" / "intro-buildoptions.json").read_text())
    sanitized = any(o["name"] == "b_sanitize" and o["value"] != "none" for o in options)
    return 8 if sanitized and not LONG else 1


def real_cases():
    folder = shared_vectors.dcap("cases")
    return [pytest.param(store.load_one(folder / n), id=n) for n in REAL] if folder else []


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tamper")
    return {
        s.name: maker.write(s, folder) and store.load_one(folder / s.name)
        for s in scenarios.everything()
        if s.name in MADE
    }


@pytest.mark.parametrize("case", real_cases())
def test_real(case):
    judge(case, EVERY_REAL * slower())


@pytest.mark.parametrize("name", MADE)
def test_made(name, made):
    judge(made[name], EVERY_MADE * slower())


@pytest.mark.long
@pytest.mark.parametrize("case", real_cases())
def test_real_whole(case):
    judge(case, 1)


@pytest.mark.long
@pytest.mark.parametrize("name", MADE)
def test_made_whole(name, made):
    judge(made[name], 1)
