# SPDX-License-Identifier: Apache-2.0
"""The convergence table (Intel QVL; written from the specification, not from any code)."""
from ..collateral import IsvLevelSpec, LevelSpec, ModuleSpec
from .table import FINAL, genuine, refused

# platform level: (module or QE OutOfDate, module or QE Revoked)
TABLE = {
    "UpToDate": ("OutOfDate", "Revoked"),
    "SWHardeningNeeded": ("OutOfDate", "Revoked"),
    "ConfigurationNeeded": ("OutOfDateConfigurationNeeded", "Revoked"),
    "ConfigurationAndSWHardeningNeeded": ("OutOfDateConfigurationNeeded", "Revoked"),
    "OutOfDate": ("OutOfDate", "Revoked"),
    "OutOfDateConfigurationNeeded": ("OutOfDateConfigurationNeeded", "Revoked"),
    "Revoked": ("Revoked", "Revoked"),
}
SGX_CELLS = [
    (level, qe, expected)
    for level, (old, revoked) in TABLE.items()
    for qe, expected in (
        ("UpToDate", level),
        ("OutOfDate", old),
        ("Revoked", revoked),
        (None, "NotSupported"),
    )
]

# TDX: platform level, module, QE → status, every cell. A revoked TD level is final before the QE
# is asked; a module without level is final before all.
TDX_CELLS = [
    ("UpToDate", "UpToDate", "UpToDate", "UpToDate"),
    ("UpToDate", "UpToDate", "OutOfDate", "OutOfDate"),
    ("UpToDate", "UpToDate", "Revoked", "Revoked"),
    ("UpToDate", "UpToDate", None, "NotSupported"),
    ("UpToDate", "OutOfDate", "UpToDate", "OutOfDate"),
    ("UpToDate", "OutOfDate", "OutOfDate", "OutOfDate"),
    ("UpToDate", "OutOfDate", "Revoked", "Revoked"),
    ("UpToDate", "OutOfDate", None, "NotSupported"),
    ("UpToDate", "Revoked", "UpToDate", "Revoked"),
    ("UpToDate", "Revoked", "OutOfDate", "Revoked"),
    ("UpToDate", "Revoked", "Revoked", "Revoked"),
    ("UpToDate", "Revoked", None, "Revoked"),
    ("UpToDate", None, "UpToDate", "NotSupported"),
    ("SWHardeningNeeded", "UpToDate", "UpToDate", "SWHardeningNeeded"),
    ("SWHardeningNeeded", "UpToDate", "OutOfDate", "OutOfDate"),
    ("SWHardeningNeeded", "UpToDate", "Revoked", "Revoked"),
    ("SWHardeningNeeded", "UpToDate", None, "NotSupported"),
    ("SWHardeningNeeded", "OutOfDate", "UpToDate", "OutOfDate"),
    ("SWHardeningNeeded", "OutOfDate", "OutOfDate", "OutOfDate"),
    ("SWHardeningNeeded", "OutOfDate", "Revoked", "Revoked"),
    ("SWHardeningNeeded", "OutOfDate", None, "NotSupported"),
    ("SWHardeningNeeded", "Revoked", "UpToDate", "Revoked"),
    ("SWHardeningNeeded", None, "UpToDate", "NotSupported"),
    ("ConfigurationNeeded", "UpToDate", "UpToDate", "ConfigurationNeeded"),
    ("ConfigurationNeeded", "UpToDate", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ("ConfigurationNeeded", "UpToDate", "Revoked", "Revoked"),
    ("ConfigurationNeeded", "UpToDate", None, "NotSupported"),
    ("ConfigurationNeeded", "OutOfDate", "UpToDate", "OutOfDateConfigurationNeeded"),
    ("ConfigurationNeeded", "OutOfDate", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ("ConfigurationNeeded", "OutOfDate", "Revoked", "Revoked"),
    ("ConfigurationNeeded", "OutOfDate", None, "NotSupported"),
    ("ConfigurationNeeded", "Revoked", "UpToDate", "Revoked"),
    ("ConfigurationNeeded", None, "UpToDate", "NotSupported"),
    (
        "ConfigurationAndSWHardeningNeeded",
        "UpToDate",
        "UpToDate",
        "ConfigurationAndSWHardeningNeeded",
    ),
    ("ConfigurationAndSWHardeningNeeded", "UpToDate", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ("ConfigurationAndSWHardeningNeeded", "UpToDate", "Revoked", "Revoked"),
    ("ConfigurationAndSWHardeningNeeded", "UpToDate", None, "NotSupported"),
    ("ConfigurationAndSWHardeningNeeded", "OutOfDate", "UpToDate", "OutOfDateConfigurationNeeded"),
    ("ConfigurationAndSWHardeningNeeded", "OutOfDate", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ("ConfigurationAndSWHardeningNeeded", "OutOfDate", "Revoked", "Revoked"),
    ("ConfigurationAndSWHardeningNeeded", "Revoked", "UpToDate", "Revoked"),
    ("ConfigurationAndSWHardeningNeeded", None, "UpToDate", "NotSupported"),
    ("OutOfDate", "UpToDate", "UpToDate", "OutOfDate"),
    ("OutOfDate", "UpToDate", "OutOfDate", "OutOfDate"),
    ("OutOfDate", "UpToDate", "Revoked", "Revoked"),
    ("OutOfDate", "UpToDate", None, "NotSupported"),
    ("OutOfDate", "OutOfDate", "UpToDate", "OutOfDate"),
    ("OutOfDate", "OutOfDate", "OutOfDate", "OutOfDate"),
    ("OutOfDate", "OutOfDate", "Revoked", "Revoked"),
    ("OutOfDate", "Revoked", "UpToDate", "Revoked"),
    ("OutOfDate", None, "UpToDate", "NotSupported"),
    ("OutOfDateConfigurationNeeded", "UpToDate", "UpToDate", "OutOfDateConfigurationNeeded"),
    ("OutOfDateConfigurationNeeded", "UpToDate", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ("OutOfDateConfigurationNeeded", "UpToDate", "Revoked", "Revoked"),
    ("OutOfDateConfigurationNeeded", "UpToDate", None, "NotSupported"),
    ("OutOfDateConfigurationNeeded", "OutOfDate", "UpToDate", "OutOfDateConfigurationNeeded"),
    ("OutOfDateConfigurationNeeded", "OutOfDate", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ("OutOfDateConfigurationNeeded", "OutOfDate", "Revoked", "Revoked"),
    ("OutOfDateConfigurationNeeded", "Revoked", "UpToDate", "Revoked"),
    ("OutOfDateConfigurationNeeded", None, "UpToDate", "NotSupported"),
    ("Revoked", "UpToDate", "UpToDate", "Revoked"),
    ("Revoked", "UpToDate", "OutOfDate", "Revoked"),
    ("Revoked", "UpToDate", "Revoked", "Revoked"),
    ("Revoked", "UpToDate", None, "Revoked"),
    ("Revoked", "OutOfDate", "UpToDate", "Revoked"),
    ("Revoked", "Revoked", "UpToDate", "Revoked"),
    ("Revoked", None, "UpToDate", "NotSupported"),
]


def isv_levels(status, have):
    """A level list that gives a part at `have` this status; None: it is lower than all."""
    return [IsvLevelSpec(have + 1, "OutOfDate")] if status is None else [IsvLevelSpec(have, status)]


def _change(level, module, qe, tdx):
    def change(world):
        world.tcb.levels = [LevelSpec(level, tdx=(5, 0, 3) if tdx else None)]
        world.qe_identity.levels = isv_levels(qe, 4 if tdx else 8)
        if tdx:
            world.tcb.identities = [ModuleSpec("TDX_01", isv_levels(module, 5))]

    return change


def _cell(name, kind, change, expected):
    if expected in ("Revoked", "NotSupported"):
        return refused(
            name,
            kind,
            change,
            "tcb.status|tcb.sgx_level|tcb.tdx_level|tdx_module.tcb_level|qe.tcb_level",
            exit=FINAL,
            status=expected,
        )
    return genuine(name, kind, change, status=expected)


def scenarios():
    for level, qe, expected in SGX_CELLS:
        yield _cell(
            f"converge-sgx-{level}-qe-{qe}", "sgx3", _change(level, None, qe, False), expected
        )
    for level, module, qe, expected in TDX_CELLS:
        yield _cell(
            f"converge-tdx-{level}-module-{module}-qe-{qe}",
            "tdx4",
            _change(level, module, qe, True),
            expected,
        )
    # Any other word in an identity's level counts as OutOfDate.
    yield genuine(
        "converge-qe-other-status",
        "sgx3",
        _change("UpToDate", None, "ConfigurationNeeded", False),
        status="OutOfDate",
    )

    def unsorted(world):
        world.qe_identity.levels = [IsvLevelSpec(6, "OutOfDate"), IsvLevelSpec(8, "UpToDate")]

    yield genuine(
        "converge-qe-levels-in-the-order-of-the-text", "sgx3", unsorted, status="OutOfDate"
    )
