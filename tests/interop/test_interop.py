# SPDX-License-Identifier: Apache-2.0
"""Independent verifiers from package registries, over the same evidence: every difference is
listed with its reason.

Failure to install them is a failure. Whatever they say that differences.json does not explain is
one too, and so is an explanation that nothing needs any more."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "oracle"), str(HERE.parent / "vectors")]

import command  # noqa: E402  (needs the paths above)
import shared_vectors  # noqa: E402
from attest_oracle import maker, scenarios, store  # noqa: E402
from attest_oracle.x509 import chain_of_pem  # noqa: E402

SCRATCH = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build") / "interop"
RULES = json.loads((HERE / "differences.json").read_text())
INSTALL_S, RUN_S = 900, 600


def must(argv, **options):
    done = subprocess.run(
        [str(a) for a in argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_S,
        **options,
    )
    assert done.returncode == 0, f"{argv[0]}: {done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def dcap_qvl():
    """The command line of the Python package's runner, in its own virtual environment."""
    venv = SCRATCH / "venv"
    must([sys.executable, "-m", "venv", venv])
    must(
        [
            venv / "bin" / "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "-r",
            HERE / "requirements.txt",
        ]
    )
    return [venv / "bin" / "python", HERE / "dcap_qvl_run.py"]


@pytest.fixture(scope="module")
def go_tdx_guest():
    SCRATCH.mkdir(parents=True, exist_ok=True)
    program = SCRATCH / "go-tdx-guest"
    must(["go", "build", "-trimpath", "-o", program, "."], cwd=HERE / "go")
    return [program]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Name → case: real, derived, and all that is made and speaks the JSON form."""
    found = {}
    for kind, label in (("cases", "real"), ("derived", "derived")):
        folder = shared_vectors.dcap(kind)
        found.update({f"{label}/{c.name}": c for c in (store.load(folder) if folder else [])})
    folder = tmp_path_factory.mktemp("interop")
    for scenario in scenarios.everything():
        if scenario.form == "json" and scenario.container is None:
            maker.write(scenario, folder)
            found[f"made/{scenario.name}"] = store.load_one(folder / scenario.name)
    return found


@pytest.fixture(scope="module")
def ours(cases):
    return {name: command.verify(case).said for name, case in cases.items()}


def ask(argv, cases, folder, answers=None):
    """Name → answer of a peer: all cases in one process."""
    lines = []
    for name, case in cases.items():
        root = ""
        if case.root_file:
            root = folder / f"{case.name}.der"
            root.write_bytes(chain_of_pem(case.root_file.read_bytes())[0].der)
        lines.append(
            json.dumps(
                {
                    "name": name,
                    "quote": str(case.quote_file),
                    "collateral": str(case.collateral_file),
                    "root": str(root),
                    "time": case.time,
                }
            )
        )
    argv = [str(a) for a in argv] + ([str(answers)] if answers else [])
    done = subprocess.run(
        argv,
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    text = answers.read_text() if answers else done.stdout
    said = {a["name"]: a for a in map(json.loads, text.splitlines())}
    assert set(said) == set(cases), "a case has no answer"
    return said


def explain(peer, departures):
    """Fails on a departure without a rule, and on a rule without a departure."""
    rules = [r for r in RULES if r["peer"] == peer]
    used, unlisted = set(), []
    for name, says, we in departures:
        fitting = [
            i
            for i, r in enumerate(rules)
            if re.fullmatch(r["cases"], name) and re.search(r["says"], says)
        ]
        used.update(fitting)
        if not fitting:
            unlisted.append(f"{name}: {peer} says {says}, attest says {we}")
    print(f"{peer}: {len(departures)} differences, {len(used)} reasons")
    assert not unlisted, "\n".join(unlisted)
    if shared_vectors.folder():
        assert len(used) == len(rules), [r for i, r in enumerate(rules) if i not in used]


def test_dcap_qvl(dcap_qvl, cases, ours, tmp_path):
    """The same status and the same advisories, or both refuse."""
    departures = []
    for name, said in ask(dcap_qvl, cases, tmp_path).items():
        mine = ours[name]
        we = (mine["tcb_status"], mine["advisory_ids"]) if mine["authentic"] else None
        they = (said["status"], said["advisories"]) if "status" in said else None
        if we != they:
            departures.append((name, said.get("error") or f"{they[0]} {they[1]}", we))
    explain("dcap-qvl", departures)


def test_go_tdx_guest(go_tdx_guest, cases, ours, tmp_path):
    """It knows accepted (up to date) and refused."""
    departures = []
    for name, said in ask(go_tdx_guest, cases, tmp_path, tmp_path / "answers").items():
        we = ours[name]["authentic"] and ours[name]["tcb_status"] == "UpToDate"
        if we == ("error" in said):
            departures.append((name, said.get("error", "accepted"), we))
    explain("go-tdx-guest", departures)
