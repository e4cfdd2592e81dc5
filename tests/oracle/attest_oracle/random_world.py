# SPDX-License-Identifier: Apache-2.0
"""Random platforms: levels, modules, identities and SVNs drawn from small ranges, so that every
order occurs."""
import random

from .collateral import IsvLevelSpec, LevelSpec, ModuleSpec
from .signed_json import STATUSES
from .world import KINDS, World

ADVISORIES = [f"INTEL-SA-{n:05d}" for n in range(1, 6)]


def _advisories(r):
    return tuple(r.sample(ADVISORIES, r.choice((0, 0, 1, 2))))


def _day(r):
    return f"20{r.randint(18, 24)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"


def _levels(r, tdx):
    """At least one level; no two alike."""
    found = {}
    for _ in range(r.randint(1, 6)):
        sgx = tuple(r.choice((3, 4, 4, 5, 5)) for _ in range(2)) + (r.choice((5, 5, 4)),) * 14
        level = LevelSpec(
            r.choice(STATUSES),
            sgx,
            r.choice((11, 13, 13)),
            (r.choice((3, 5, 6)), r.choice((0, 1)), r.choice((2, 3, 3, 4))) if tdx else None,
            _day(r),
            _advisories(r),
        )
        found[(level.sgx, level.pce_svn, level.tdx)] = level
    found.setdefault(
        None,
        LevelSpec(
            r.choice(STATUSES), (2,) * 16, 1, (0, 0, r.choice((0, 3))) if tdx else None, _day(r)
        ),
    )
    levels = list(found.values())
    r.shuffle(levels)
    return levels


def _isv_levels(r, middle, statuses):
    """Descending, as Intel publishes them."""
    svns = sorted(r.sample(range(middle - 2, middle + 2), r.randint(1, 3)), reverse=True)
    return [IsvLevelSpec(svn, r.choice(statuses), _day(r), _advisories(r)) for svn in svns]


def random_world(seed):
    r = random.Random(seed)
    kind = r.choice(KINDS + ("tdx15",) * 6)
    components = tuple(r.choice((4, 5, 5, 5)) for _ in range(2)) + (5,) * 14
    world = World(kind, r.choice(("processor", "platform")), components=components)
    world.tcb.levels = _levels(r, world.tdx)
    world.tcb.evaluation, world.qe_identity.evaluation = r.randint(15, 20), r.randint(15, 20)
    some = (
        ("UpToDate", "UpToDate", "UpToDate", "OutOfDate", "Revoked")
        if r.random() < 0.3
        else ("UpToDate", "UpToDate", "OutOfDate")
    )
    world.qe_identity.levels = _isv_levels(r, 4 if world.tdx else 8, some)
    if world.tdx:
        world.tcb.identities = [
            ModuleSpec(f"TDX_{v:02X}", _isv_levels(r, 5, some))
            for v in r.sample((1, 2, 3), r.choice((1, 3, 3, 3)))
        ]
        r.shuffle(world.tcb.identities)
        body = world.quote.body
        body.tee_tcb_svn = (r.randint(3, 6), r.choice((0, 1, 1, 1, 1, 2)), r.choice((2, 3, 3, 4)))
        if body.tee_tcb_svn2 is not None:
            body.tee_tcb_svn2 = (r.randint(5, 7), r.choice((0, 1, 1, 1, 3)), r.choice((3, 4, 4, 4)))
    return world


def random_time(seed, world):
    """Now, or a moment at which something of the world begins or ends."""
    r = random.Random(seed)
    return r.choice(
        (world.now,) * 20
        + (
            world.tcb.issue,
            world.tcb.next_update + r.randint(0, 1),
            world.pki.pck_crl.next_update + r.randint(0, 1),
        )
    )
