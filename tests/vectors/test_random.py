# SPDX-License-Identifier: Apache-2.0
"""Random platforms, judged by the command and by the oracle: two readings of one algorithm."""
import json
import shutil

import pytest

import command
from attest_oracle import maker, store
from attest_oracle.random_world import random_time, random_world

SHORT, LONG = 300, 20000


def compare(seed, folder):
    world = random_world(seed)
    world.now = random_time(seed, world)
    made = world.make()
    folder = folder / f"random-{seed}"
    folder.mkdir()
    (folder / "quote.dat").write_bytes(made.quote)
    (folder / "collateral.json").write_text(json.dumps(made.items))
    (folder / "root.pem").write_text(made.root)
    (folder / "case.json").write_text(json.dumps({"root": "root.pem", "time": made.time}))
    seen = maker.judge(made, json.dumps(made.items))
    answer = command.verify(store.load_one(folder), *command.EVERY_STATUS)
    found = command.differences(answer, seen)
    if answer.exit != seen.exit_code:
        found.append(
            f"exit is {answer.exit} with {answer.failed}, "
            f"the oracle says {seen.exit_code} with {seen.families()}"
        )
    shutil.rmtree(folder)
    return seen.tcb_status, found


def sweep(seeds, folder):
    """The statuses that occurred; every difference of every seed fails at the end."""
    statuses, wrong = set(), {}
    for seed in seeds:
        status, found = compare(seed, folder)
        statuses.add(status)
        if found:
            wrong[seed] = found
    assert not wrong, json.dumps(wrong, indent=1)
    return statuses


def test_random_platforms(made):
    # The draw must reach far: every status occurs, and none where no level search ran.
    assert set(command.STATUSES) | {"Revoked", "NotSupported", None} == sweep(range(SHORT), made)


@pytest.mark.long
def test_many_random_platforms(made):
    sweep(range(SHORT, LONG), made)
