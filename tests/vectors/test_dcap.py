# SPDX-License-Identifier: Apache-2.0
"""`attest verify` over every real vector and everything the oracle makes."""
import pytest

import command
import qvl_table
import shared_vectors
from attest_oracle import maker, scenarios, store


def real(kind):
    folder = shared_vectors.dcap(kind)
    return [pytest.param(c, id=c.name) for c in store.load(folder)] if folder else []


def expected_exit(case, seen):
    if not seen.authentic:
        return seen.exit_code
    return command.DENIED if command.denied_by_default(case) else command.ACCEPTED


@pytest.mark.parametrize("case", real("cases"))
def test_real_quote(case):
    answer, seen = command.verify(case, *command.EVERY_STATUS), case.verify()
    assert answer.said["authentic"] == case.expect["authentic"]
    if "tcb_status" in case.expect:
        assert answer.said["tcb_status"] == case.expect["tcb_status"]
    if "advisories" in case.expect:
        assert answer.said["advisory_ids"] == case.expect["advisories"]
    assert answer.exit == expected_exit(case, seen)
    assert not command.differences(answer, seen)


@pytest.mark.parametrize("case", real("derived"))
def test_derived_fault(case):
    answer, seen = command.verify(case, *command.EVERY_STATUS), case.verify()
    authentic = shared_vectors.authentic(case)
    assert answer.said["authentic"] == authentic
    assert answer.exit == expected_exit(case, seen)
    if not authentic:
        assert answer.failed & qvl_table.acceptable(case), answer.failed


@pytest.mark.parametrize("scenario", [pytest.param(s, id=s.name) for s in scenarios.everything()])
def test_made(scenario, made):
    seen = maker.write(scenario, made)
    case = store.load_one(made / scenario.name)
    answer = command.verify(case, *command.EVERY_STATUS)
    assert answer.said["authentic"] == scenario.authentic, answer.failed
    assert not command.differences(answer, seen)
    if scenario.status is not None:
        assert answer.said["tcb_status"] == scenario.status
    for path, value in scenario.facts.items():
        assert answer.get(path) == value, path
    if scenario.authentic:
        accepted_or_denied(scenario, case, answer)
    else:
        refused(scenario, seen, answer)


def accepted_or_denied(scenario, case, answer):
    assert answer.said["advisory_ids"] == list(scenario.advisories)
    assert answer.said["simulated"] == scenario.simulated
    plain = command.verify(case)
    if scenario.simulated:
        assert answer.exit == plain.exit == command.DENIED
        answer = command.verify(case, "--allow-simulated", *command.EVERY_STATUS)
    if scenario.exit is not None:
        assert answer.exit == scenario.exit, answer.said["policy"]
        assert answer.said["accepted"] == (scenario.exit == command.ACCEPTED)
    if scenario.status != "UpToDate":
        assert plain.exit == command.DENIED
        assert plain.said["authentic"] and not plain.said["accepted"]


def area(check):
    """Faults of one chain, or of one status, show in several of its checks."""
    if ".chain_" in check or check.endswith(".root"):
        return check.split(".")[0] + ".chain"
    return "status" if check.startswith("tcb.") or check.endswith(".tcb_level") else check


def refused(scenario, seen, answer):
    assert not answer.said["accepted"]
    for check in scenario.checks:
        assert answer.failed & set(check.split("|")), f"{check} is not among {answer.failed}"
    named = {c for check in scenario.checks for c in check.split("|")}
    blamed = {area(c) for c in answer.failed} - {area(c) for c in named | set(seen.families())}
    assert not blamed, "checks failed that have no cause"
    if scenario.exit is not None:
        assert answer.exit == scenario.exit, answer.failed


def test_missing_items_are_named(made):
    """Every item that collateral.complete can miss is in its words."""
    for scenario in scenarios.everything():
        if not scenario.name.startswith("missing-"):
            continue
        folder = made / "named"
        maker.write(scenario, folder)
        answer = command.verify(store.load_one(folder / scenario.name))
        check = next(c for c in answer.said["checks"] if c["id"] == "collateral.complete")
        assert (
            scenario.name.removeprefix("missing-")
            in check["seen"] + check["expected"] + answer.errors
        )
