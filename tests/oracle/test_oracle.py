# SPDX-License-Identifier: Apache-2.0
"""The oracle against the real vectors: proves its reading of the specification before it judges
anything."""
import pytest

import qvl_table
import shared_vectors
from attest_oracle import store


def cases(kind):
    folder = shared_vectors.dcap(kind)
    return [pytest.param(c, id=c.name) for c in store.load(folder)] if folder else []


@pytest.mark.parametrize("case", cases("cases"))
def test_real_quote(case):
    seen = case.verify()
    assert seen.authentic == case.expect["authentic"], seen.faults
    if "tcb_status" in case.expect:
        assert seen.tcb_status == case.expect["tcb_status"]
    if "advisories" in case.expect:
        assert seen.advisories == case.expect["advisories"]


@pytest.mark.parametrize("case", cases("derived"))
def test_derived_fault(case):
    seen = case.verify()
    assert seen.authentic == shared_vectors.authentic(case), seen.faults
    if not seen.authentic:
        assert set(seen.families()) & qvl_table.acceptable(case)
