# SPDX-License-Identifier: Apache-2.0
"""The oracle against what each scenario says by hand: the two readings of the specification must
be one."""
import pytest

from attest_oracle import maker, scenarios

DENIED_BY_POLICY = 4


@pytest.mark.parametrize("scenario", [pytest.param(s, id=s.name) for s in scenarios.everything()])
def test_scenario(scenario):
    made = scenario.world().make()
    seen = maker.judge(made, maker.container_text(scenario, made.items))
    assert seen.authentic == scenario.authentic, seen.faults
    if scenario.authentic:
        assert seen.tcb_status == scenario.status
        assert seen.advisories == list(scenario.advisories)
        assert scenario.exit in (0, DENIED_BY_POLICY, None)
    else:
        failed = set(seen.families())
        for check in scenario.checks:
            assert failed & set(check.split("|")), f"{check} is not among {failed}"
        if scenario.exit is not None:
            assert seen.exit_code == scenario.exit, seen.faults
        if scenario.status is not None:
            assert seen.tcb_status == scenario.status


def test_made_twice_is_the_same(tmp_path):
    """Fixtures are a function of the scenario: keys, nonces and times are all fixed."""
    some = [s for s in scenarios.everything() if s.name.startswith("kind-")]
    for scenario in some:
        one, two = scenario.world().make(), scenario.world().make()
        assert one == two
