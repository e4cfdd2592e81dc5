# SPDX-License-Identifier: Apache-2.0
"""Is every check needed, and does something notice when it is gone?"""
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import pytest

import mutant
import worlds
from attest_oracle import maker, scenarios

TABLE = json.loads((Path(__file__).resolve().parent / "mutations.json").read_text())
BINARY = os.environ.get("ATTEST_BIN") or str(mutant.BUILD / mutant.ATTEST)
CASES = {s.name: s for s in [*scenarios.everything(), *worlds.everything()]}
ACCEPTED, STATUSES = 0, (
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
)
LIMIT_S = 60


def rows(which):
    return [
        pytest.param(r, id=name(r), marks=[pytest.mark.long] if r.get("long") else [])
        for r in TABLE[which]
    ]


def name(row):
    if "case" in row:
        return f"{row['checks'][0]}-{row['case']}"
    layer_and_file = row["file"].removeprefix("src/").replace("/", "-").removesuffix(".c")
    return f"{layer_and_file}-{row.get('test') or row.get('cases', row.get('pairs'))[0]}"


@dataclass
class Said:
    exit: int
    text: str

    def __post_init__(self):
        self.json = json.loads(self.text)
        self.authentic = self.json["authentic"]
        self.failed = {c["id"] for c in self.json["checks"] if c["result"] == "fail"}


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Makes a case once: (folder, time, what the oracle says of it)."""
    folder, made = tmp_path_factory.mktemp("cases"), {}

    def make(case):
        if case not in made:
            seen = maker.write(CASES[case], folder)
            time = json.loads((folder / case / "case.json").read_text())["time"]
            made[case] = folder / case, time, seen
        return made[case]

    return make


@pytest.fixture(scope="module")
def verify(cases):
    def run(program, case, options=(), pass_over=()):
        folder, time, _ = cases(case)
        argv = [program, "verify", folder / "quote.dat", "--collateral", folder / "collateral.json"]
        argv += ["--root", folder / "root.pem", "--time", time, "-o", "json", *options]
        argv += [word for s in STATUSES for word in ("--allow", s)]
        done = subprocess.run(
            [str(a) for a in argv],
            env={**os.environ, "ATTEST_PASS_OVER": ",".join(pass_over)},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.stdout, f"exit {done.returncode}: {done.stderr}"
        return Said(done.returncode, done.stdout)

    return run


@pytest.fixture(scope="module")
def verify_after(cases):
    """A case under a verifier that remembers another."""

    def run(program, first, case):
        argv = [program, cases(case)[0] / "root.pem"]
        for each in (first, case):
            folder, time, _ = cases(each)
            argv += [time, folder / "quote.dat", folder / "collateral.json"]
        done = subprocess.run(
            [str(a) for a in argv], capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[1]

    return run


@pytest.fixture(scope="module")
def passing_over(tmp_path_factory):
    return mutant.passing_over(tmp_path_factory.mktemp("passing_over"))


@pytest.mark.parametrize("row", rows("checks"))
def test_check_is_needed(row, cases, verify, passing_over):
    """The command refuses because of these checks; with all of them disabled it accepts, with fewer
    it does not."""
    case, options, checks = row["case"], row.get("options", ()), row["checks"]
    before = verify(BINARY, case, options)
    assert not before.authentic
    assert before.failed == set(row.get("fails", checks))
    if not options:  # which the oracle is not told
        assert cases(case)[2].authentic == ("oracle" in row), "the oracle says otherwise"
    for count in range(len(checks)):
        for some in combinations(checks, count):
            said = verify(passing_over, case, options, some)
            assert not said.authentic, f"{some} would be enough"
            if not some:
                assert (said.exit, said.text) == (before.exit, before.text)
    after = verify(passing_over, case, options, checks)
    assert after.authentic, after.failed
    assert after.exit == row.get("exit", ACCEPTED)


def test_every_check_is_disabled_or_has_a_reason(verify):
    said = verify(BINARY, "genuine-td")
    assert said.authentic and said.exit == ACCEPTED
    every = [c["id"] for c in said.json["checks"]]
    disabled = {c for row in TABLE["checks"] for c in row["checks"]}
    assert sorted(disabled | set(TABLE["not_disabled"])) == sorted(every)
    assert not disabled & set(TABLE["not_disabled"])


@lru_cache(None)
def red(program):
    """The tests of a cmocka program that fail; its way of ending badly counts too."""
    done = subprocess.run(
        [str(program)],
        env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    words = [line.split(" - ")[1] for line in done.stdout.splitlines() if line.startswith("not ok")]
    assert bool(words) == (done.returncode != 0), done.stdout + done.stderr
    return words


def mutate(folder, row):
    """The program with the row's line changed, and what of it turns red."""
    made = mutant.with_line(
        folder, row.get("program", mutant.ATTEST), row["file"], row["line"], row["becomes"]
    )
    return made, red(made) if "test" in row else None


@pytest.fixture(scope="module")
def line_mutants(request, tmp_path_factory):
    """Those that are asked for, made and run side by side."""
    folder = tmp_path_factory.mktemp("lines")
    chosen = [
        item.callspec.params["row"]
        for item in request.session.items
        if getattr(item, "originalname", None) == test_line_is_needed.__name__
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            i: pool.submit(mutate, folder / str(i), row)
            for i, row in enumerate(TABLE["lines"])
            if row in chosen
        }


@pytest.mark.parametrize("row", rows("lines"))
def test_line_is_needed(row, verify, verify_after, line_mutants):
    made, turned_red = line_mutants[TABLE["lines"].index(row)].result()
    if "test" in row:
        assert row["test"] not in red(mutant.BUILD / row["program"])
        assert row["test"] in turned_red
    for first, case in row.get("pairs", ()):
        assert verify_after(mutant.BUILD / row["program"], first, case) == "refused"
        assert verify_after(made, first, case) == "authentic"
    for case in row.get("cases", ()):
        options = row.get("options", ())
        assert not verify(BINARY, case, options).authentic
        assert verify(made, case, options).authentic
