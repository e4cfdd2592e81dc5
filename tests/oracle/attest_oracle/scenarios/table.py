# SPDX-License-Identifier: Apache-2.0
"""One scenario: a genuine platform, one change, and what must come of it."""
from dataclasses import dataclass, field

from ..world import World

MENDED, FINAL = 3, 2  # exit codes of refusals: better collateral could mend it, or could not


@dataclass
class Scenario:
    name: str
    kind: str
    change: object  # function of the World
    authentic: bool = True
    status: str = "UpToDate"  # None: not compared
    advisories: tuple = ()
    checks: tuple = ()  # ids that must be among the failed; "a|b": one of these
    exit: int = 0  # with every status allowed; None: not stated
    ca: str = None  # "processor" or "platform"; None: as usual for the kind
    simulated: bool = False
    facts: dict = field(default_factory=dict)  # more members of the JSON answer: "a.b" → value
    form: str = "json"  # of the collateral handed over
    container: object = None  # changes the text of collateral.json
    extension: dict = field(default_factory=dict)

    def world(self):
        world = World(self.kind, self.ca, **self.extension)
        self.change(world)
        return world


def genuine(name, kind, change=lambda w: None, **expect):
    return Scenario(name, kind, change, **expect)


def refused(name, kind, change, *checks, exit=MENDED, status=None, **expect):
    return Scenario(
        name, kind, change, authentic=False, status=status, checks=checks, exit=exit, **expect
    )
