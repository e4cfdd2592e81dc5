# SPDX-License-Identifier: Apache-2.0
"""What the generator makes is judged by the oracle, which shares no code, and by the command."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

from attest_oracle.parse import parse_quote  # noqa: E402  (needs the path above)
from attest_oracle.store import collateral_of_json  # noqa: E402
from attest_oracle.verify import INTEL_ROOT_POINT, verify  # noqa: E402
from attest_oracle.x509 import chain_of_pem, point  # noqa: E402

PROGRAMS = ROOT / "build" / "src" / "programs"
SIMGEN = os.environ.get("ATTEST_SIMGEN") or str(PROGRAMS / "attest-simgen")
BINARY = os.environ.get("ATTEST_BIN") or str(PROGRAMS / "attest")
KINDS = {"sgx3": 3, "sgx4": 4, "sgx5": 5, "tdx4": 4, "tdx5": 5, "tdx15": 5}
NOW = 1750000000
ACCEPTED, USAGE, REFUSED, NO_ANSWER, DENIED = 0, 1, 2, 3, 4


def run(*argv):
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=60,
                          check=False)


def simgen(*argv, code=0):
    done = run(SIMGEN, *argv)
    assert done.returncode == code, done.stderr
    return done


def command(quote, folder, *options):
    done = run(BINARY, "verify", quote, "--collateral", folder / "collateral.json", "--time", NOW,
               "-o", "json", *options)
    return done.returncode, json.loads(done.stdout)


def trusting(folder):
    return ("--root", folder / "root.pem", "--allow-simulated")


def items(folder):
    return collateral_of_json((folder / "collateral.json").read_bytes())


def oracle(quote, folder, roots=None):
    roots = roots or [point(c.key) for c in chain_of_pem((folder / "root.pem").read_bytes())]
    return verify(quote.read_bytes(), items(folder), roots, NOW)


@pytest.fixture(scope="module", params=KINDS)
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    simgen("--kind", request.param, "--time", NOW, folder)
    return request.param, folder


def test_the_oracle_finds_it_genuine(made):
    kind, folder = made
    seen = oracle(folder / "quote.dat", folder)
    assert seen.authentic and seen.firm, seen.faults
    assert (seen.tcb_status, seen.advisories) == ("UpToDate", [])
    assert parse_quote((folder / "quote.dat").read_bytes()).version == KINDS[kind]
    assert (folder / "time").read_text() == f"{NOW}\n"


def test_the_command_agrees(made):
    _, folder = made
    code, said = command(folder / "quote.dat", folder, *trusting(folder))
    assert code == ACCEPTED
    assert said["authentic"] and said["accepted"] and said["simulated"]
    assert (said["tcb_status"], said["advisory_ids"]) == ("UpToDate", [])


def test_it_is_denied_unless_simulated_is_allowed(made):
    _, folder = made
    code, said = command(folder / "quote.dat", folder, "--root", folder / "root.pem")
    assert code == DENIED
    assert said["authentic"] and said["simulated"] and not said["accepted"]


def test_it_is_refused_under_intels_root(made):
    _, folder = made
    assert "pck.root" in oracle(folder / "quote.dat", folder, [INTEL_ROOT_POINT]).families()
    code, said = command(folder / "quote.dat", folder, "--allow-simulated")
    assert code == REFUSED
    assert not said["authentic"]
    assert "pck.root" in {c["id"] for c in said["checks"] if c["result"] == "fail"}


def test_one_changed_bit_is_refused(made, tmp_path):
    _, folder = made
    quote = bytearray((folder / "quote.dat").read_bytes())
    quote[112] ^= 1
    tampered = tmp_path / "quote.dat"
    tampered.write_bytes(quote)
    assert not oracle(tampered, folder).authentic
    assert command(tampered, folder, *trusting(folder))[0] == REFUSED


@pytest.mark.parametrize("kind", ["sgx3", "tdx4"])
def test_many_quotes_are_distinct(kind, tmp_path):
    simgen("--kind", kind, "--time", NOW, "--count", 5, tmp_path)
    quotes = sorted(tmp_path.glob("quote-*.dat"))
    assert [q.name for q in quotes] == [f"quote-{n:03}.dat" for n in range(5)]
    parsed = [parse_quote(q.read_bytes()) for q in quotes]
    assert len({q.body.report_data for q in parsed}) == len({q.key for q in parsed}) == 5
    assert len({q.qe_report for q in parsed}) == 5
    for quote in quotes:
        assert oracle(quote, tmp_path).authentic
        assert command(quote, tmp_path, *trusting(tmp_path))[0] == ACCEPTED


def test_both_tees_by_default(tmp_path):
    demo = tmp_path / "demo"
    simgen("--time", NOW, demo)
    for tee in ("sgx", "tdx"):
        folder = demo / tee
        code, said = command(folder / "quote.dat", folder, *trusting(demo))
        assert (code, said["kind"]) == (ACCEPTED, f"{tee}-quote")


def certificates(folder):
    return [c for name in ("pck_crl_issuer_chain", "tcb_info_issuer_chain")
            for c in chain_of_pem(items(folder)[name])]


def test_keys_follow_from_the_seed_and_from_nothing_else(tmp_path):
    keys = {}
    for name, seed in {"a": "one", "b": "one", "c": "two", "d": None, "e": None}.items():
        options = ("--seed", seed) if seed else ()
        simgen("--kind", "sgx3", "--time", NOW, *options, tmp_path / name)
        quote = parse_quote((tmp_path / name / "quote.dat").read_bytes())
        keys[name] = (quote.key, *(point(c.key) for c in certificates(tmp_path / name)))
    assert keys["a"] == keys["b"]
    assert len(set(keys.values())) == 4


def test_another_machines_collateral_does_not_fit(tmp_path):
    for name in ("one", "two"):
        simgen("--kind", "sgx3", "--time", NOW, "--seed", name, tmp_path / name)
    code, said = command(tmp_path / "one" / "quote.dat", tmp_path / "two",
                         *trusting(tmp_path / "one"))
    assert code == NO_ANSWER
    assert not said["authentic"]


@pytest.mark.parametrize("argv", [
    (), ("--kind", "sgx6", "x"), ("--count", "0", "x"), ("--count", "many", "x"),
    ("--time", "yesterday", "x"), ("--time", "0", "x"), ("--seed", "", "x"),
    ("--seed", 65 * "s", "x"), ("--what", "x"), ("one", "two")])
def test_misuse(argv):
    done = simgen(*argv, code=USAGE)
    assert done.stderr and not done.stdout


def test_help():
    assert simgen("--help").stdout.startswith("usage: attest-simgen ")


def test_a_directory_that_can_not_be_made(tmp_path):
    assert "x/y" in simgen(tmp_path / "x" / "y", code=3).stderr
