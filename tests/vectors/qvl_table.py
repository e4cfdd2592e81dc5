# SPDX-License-Identifier: Apache-2.0
"""qvl_checks.json: which of our checks may stand for what Intel's library said of a derived
case."""
import json
from pathlib import Path

TABLE = json.loads((Path(__file__).parent / "qvl_checks.json").read_text())
STEPS = ("pck", "tcbinfo", "qeid", "quote")


def mutation_of(case):
    return case.meta["mutation"]


def statuses(case):
    """The refusing statuses of Intel's four steps; levels that are results and OK are none."""
    said = case.meta["peers"]["qvl"]
    return [
        (step, said[step])
        for step in STEPS
        if said[step] != "OK" and said[step] not in TABLE["results"]
    ]


def acceptable(case):
    """The check ids of which at least one must be among the failed."""
    departure = TABLE["departures"].get(mutation_of(case))
    if departure is not None:
        return set(departure["checks"])
    ids = set()
    for step, status in statuses(case):
        ids.update(TABLE["statuses"][f"{step}:{status}"])
    return ids
