# SPDX-License-Identifier: Apache-2.0
"""Every fault of the simulated world's dial makes exactly the failing checks that doc/simulator.md says."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

from attest_oracle.store import collateral_of_json  # noqa: E402  (needs the path above)
from attest_oracle.verify import verify  # noqa: E402
from attest_oracle.x509 import chain_of_pem, point  # noqa: E402

BUILD = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build")
BINARY = os.environ.get("ATTEST_BIN") or str(BUILD / "src" / "programs" / "attest")
FAULTS = str(BUILD / "tests" / "program" / "sim_faults")
NOW = "1750000000"
KINDS = ("sgx3", "tdx15")
ALL_KINDS = ("sgx3", "sgx4", "sgx5", "tdx4", "tdx5", "tdx15")
ELSEWHERE = ("upstream", "aesm")  # answers of services, not of the verifier: test_answers.c, test_dial.c


def table():
    """"tcb=revoked": {"sgx3": ([failing], exit), "tdx15": ...}"""
    rows = {}
    for line in (ROOT / "doc" / "simulator.md").read_text().splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")] if line.startswith("| `") else []
        if len(cells) != 5:
            continue
        sgx, tdx = (re.findall(r"`([^`]+)`", cell) for cell in (cells[1], cells[3]))
        if cells[3] == "same":
            tdx = sgx
        rows[cells[0].strip("`")] = {"sgx3": (sgx, int(cells[2])), "tdx15": (tdx, int(cells[4]))}
    return rows


TABLE = table()


@pytest.fixture(scope="module")
def settings():
    """Every setting of the dial with its values."""
    out = subprocess.run([FAULTS], capture_output=True, text=True, check=True, timeout=60).stdout
    return {name: values.split("|") for name, values in (line.split() for line in out.splitlines())}


@pytest.fixture(scope="module")
def made(settings, tmp_path_factory):
    """The folder with quote and collateral of every value, each in SETTING=VALUE/KIND."""
    folder = tmp_path_factory.mktemp("faults")
    wanted = "".join(f"{name}={value} {name} {value}\n" for name, values in settings.items()
                     if name not in ELSEWHERE for value in values)
    done = subprocess.run([FAULTS, folder], input=wanted, text=True, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def failing(folder, root):
    done = subprocess.run([BINARY, "verify", folder / "quote.dat", "--collateral", folder / "collateral.json",
                           "--root", root, "--allow-simulated", "--time", NOW, "-o", "json"],
                          capture_output=True, text=True, check=False, timeout=60)
    said = json.loads(done.stdout)
    failed = [c["id"] for c in said["checks"] if c["result"] == "fail"]
    assert said["authentic"] == (not failed)
    if not failed and said["policy"]["decision"] == "denied":
        members = [re.match(r"alternative \d+: (\w+)", reason)[1] for reason in said["policy"]["reasons"]]
        failed = [f"policy: {m} {said['tcb_status']}" if m == "tcb_status" else f"policy: {m}" for m in members]
    return failed, done.returncode


def test_the_table_knows_every_setting(settings):
    known = {f"{name}={value}" for name, values in settings.items() for value in values}
    assert TABLE.keys() <= known
    assert len(TABLE) > 40
    for name, values in settings.items():
        if name not in ELSEWHERE:
            assert any(row.startswith(name + "=") for row in TABLE), name
            assert f"{name}={values[0]}" not in TABLE, "what a world starts with is no fault"


@pytest.mark.parametrize("fault", TABLE)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_fails_what_it_must_and_no_more(made, kind, fault):
    assert failing(made / fault / kind, made / "root.pem") == TABLE[fault][kind]


def taken_apart(items):
    """Answers of the service as the oracle wants them: what is signed, and its signature."""
    for name in ("tcb_info", "qe_identity"):
        answer = re.fullmatch(rb'\{"\w+":(.*),"signature":"([0-9a-f]{128})"\}', items[name], re.S)
        items[name], items[f"{name}_signature"] = answer.groups()
    return items


def oracle(folder, root):
    roots = [point(c.key) for c in chain_of_pem(root.read_bytes())]
    items = taken_apart(collateral_of_json((folder / "collateral.json").read_bytes()))
    return verify((folder / "quote.dat").read_bytes(), items, roots, int(NOW))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_without_a_fault_every_kind_is_genuine(made, kind):
    folder = made / "tcb=current" / kind
    assert failing(folder, made / "root.pem") == ([], 0)
    seen = oracle(folder, made / "root.pem")
    assert seen.authentic and seen.firm, seen.faults
    assert (seen.tcb_status, seen.advisories) == ("UpToDate", [])


@pytest.mark.parametrize("fault", TABLE)
@pytest.mark.parametrize("kind", KINDS)
def test_the_oracle_agrees_on_what_is_authentic(made, kind, fault):
    failed, _ = TABLE[fault][kind]
    policy_alone = all(name.startswith("policy") for name in failed)
    assert oracle(made / fault / kind, made / "root.pem").authentic == policy_alone


def test_what_is_in_no_row_is_accepted(made):
    others = sorted(p.name for p in made.iterdir() if p.is_dir() and p.name not in TABLE)
    assert "tcb=current" in others and "evaluation=older" in others
    for name in others:
        for kind in KINDS:
            assert failing(made / name / kind, made / "root.pem") == ([], 0), (name, kind)
