# SPDX-License-Identifier: Apache-2.0
"""TCB levels: matching, order, TDX components, modules, relaunch, advisories."""
from ..collateral import IsvLevelSpec, LevelSpec, ModuleSpec, QeIdentitySpec
from .table import FINAL, genuine, refused

STATUSES = (
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
)
HIGH = (6,) + (5,) * 15
LOW = (4,) * 16


def levels(*specs):
    def change(world):
        world.tcb.levels = list(specs)

    return change


def body(**members):
    def change(world):
        for name, value in members.items():
            setattr(world.quote.body, name, value)

    return change


def both(*changes):
    def change(world):
        for c in changes:
            c(world)

    return change


def modules(*specs):
    def change(world):
        world.tcb.identities = list(specs) if specs else None

    return change


def module_01(*isv_levels):
    return modules(ModuleSpec("TDX_01", list(isv_levels)))


def _platform():
    for kind, tdx in (("sgx3", None), ("tdx4", (5, 0, 3)), ("tdx15", (5, 0, 3))):
        for status in STATUSES:
            yield genuine(
                f"level-{kind}-{status}",
                kind,
                levels(LevelSpec(status, tdx=tdx, date="2023-08-09")),
                status=status,
                facts={"tcb.platform.status": status},
            )
        yield refused(
            f"level-{kind}-Revoked",
            kind,
            levels(LevelSpec("Revoked", tdx=tdx)),
            "tcb.status|tcb.sgx_level|tcb.tdx_level",
            exit=FINAL,
            status="Revoked",
        )
        yield refused(
            f"level-{kind}-component-too-low",
            kind,
            levels(LevelSpec("UpToDate", HIGH, tdx=tdx)),
            "tcb.status|tcb.sgx_level",
            exit=FINAL,
            status="NotSupported",
        )
        yield refused(
            f"level-{kind}-last-component-too-low",
            kind,
            levels(LevelSpec("UpToDate", (5,) * 15 + (6,), tdx=tdx)),
            "tcb.status|tcb.sgx_level",
            exit=FINAL,
            status="NotSupported",
        )
        yield refused(
            f"level-{kind}-pcesvn-too-low",
            kind,
            levels(LevelSpec("UpToDate", pce_svn=14, tdx=tdx)),
            "tcb.status|tcb.sgx_level",
            exit=FINAL,
            status="NotSupported",
        )
    newest = LevelSpec("UpToDate", HIGH, date="2025-05-01")
    matching = LevelSpec(
        "OutOfDate", date="2024-03-13", advisories=("INTEL-SA-00002", "INTEL-SA-00001")
    )
    lowest = LevelSpec("Revoked", LOW, date="2018-01-04")
    both_advisories = ("INTEL-SA-00001", "INTEL-SA-00002")
    yield genuine(
        "level-second-matches",
        "sgx3",
        levels(newest, matching, lowest),
        status="OutOfDate",
        advisories=both_advisories,
    )
    yield genuine(
        "level-order-is-by-svn-not-by-text",
        "sgx3",
        levels(lowest, matching, newest),
        status="OutOfDate",
        advisories=both_advisories,
    )
    # A high first component does not cover a low later one: levels are no total order of platforms.
    mixed = LevelSpec("UpToDate", (5, 5, 6) + (0,) * 13)
    yield genuine(
        "level-every-component-counts",
        "sgx3",
        levels(mixed, LevelSpec("SWHardeningNeeded", LOW)),
        status="SWHardeningNeeded",
    )
    yield genuine(
        "level-pcesvn-decides-between-equal-components",
        "sgx3",
        levels(LevelSpec("OutOfDate", pce_svn=5), LevelSpec("UpToDate", pce_svn=13)),
    )
    yield genuine("level-components-of-the-pck-not-of-the-quote", "sgx3", body(cpu_svn=bytes(16)))
    yield genuine(
        "level-components-not-the-cpusvn-they-came-from",
        "sgx3",
        lambda w: None,
        extension={"cpu_svn": bytes(16)},
    )
    yield genuine(
        "level-components-over-127",
        "sgx3",
        levels(LevelSpec("UpToDate", (255,) * 16)),
        extension={"components": (255,) * 16, "pce_svn": 300},
    )
    # The advisories of UpToDate are said too.
    yield genuine(
        "level-up-to-date-with-advisories",
        "sgx3",
        levels(LevelSpec("UpToDate", advisories=("INTEL-SA-00615",))),
        advisories=("INTEL-SA-00615",),
    )


def _tdx():
    yield genuine(
        "tdx-components-0-1-skipped-with-module-version",
        "tdx4",
        levels(LevelSpec("UpToDate", tdx=(9, 9, 3))),
    )
    yield refused(
        "tdx-component-2-too-low",
        "tdx4",
        levels(LevelSpec("UpToDate", tdx=(0, 0, 4))),
        "tcb.status|tcb.tdx_level",
        exit=FINAL,
        status="NotSupported",
    )
    yield refused(
        "tdx-component-15-too-low",
        "tdx4",
        levels(LevelSpec("UpToDate", tdx=(0,) * 15 + (1,))),
        "tcb.status|tcb.tdx_level",
        exit=FINAL,
        status="NotSupported",
    )
    old_module = both(body(tee_tcb_svn=(5, 0, 3)), modules())
    yield genuine(
        "tdx-module-version-0-no-identities", "tdx4", old_module, facts={"tcb.module.status": None}
    )
    yield refused(
        "tdx-module-version-0-component-0-compared",
        "tdx4",
        both(old_module, levels(LevelSpec("UpToDate", tdx=(6, 0, 3)))),
        "tcb.status|tcb.tdx_level",
        exit=FINAL,
        status="NotSupported",
    )
    yield genuine(
        "tdx-lower-level-by-tdx-components",
        "tdx4",
        levels(LevelSpec("OutOfDate", tdx=(5, 0, 3)), LevelSpec("UpToDate", tdx=(5, 0, 4))),
        status="OutOfDate",
    )
    yield genuine(
        "tdx-level-of-the-td-not-of-sgx",
        "tdx4",
        levels(
            LevelSpec("UpToDate", tdx=(5, 0, 4), advisories=("INTEL-SA-00001",)),
            LevelSpec("SWHardeningNeeded", tdx=(5, 0, 2), advisories=("INTEL-SA-00002",)),
        ),
        status="SWHardeningNeeded",
        advisories=("INTEL-SA-00002",),
    )


def _modules():
    yield genuine(
        "module-id-in-lower-case", "tdx4", modules(ModuleSpec("tdx_01", [IsvLevelSpec(5)]))
    )
    yield genuine(
        "module-id-is-hexadecimal",
        "tdx4",
        both(body(tee_tcb_svn=(5, 26, 3)), modules(ModuleSpec("TDX_1A", [IsvLevelSpec(5)]))),
    )
    yield refused(
        "module-identity-missing",
        "tdx4",
        modules(ModuleSpec("TDX_03", [IsvLevelSpec(5)])),
        "tdx_module.identity",
        exit=FINAL,
    )
    yield refused("module-identities-absent", "tdx4", modules(), "tdx_module.identity", exit=FINAL)
    yield genuine(
        "module-out-of-date",
        "tdx4",
        body(tee_tcb_svn=(4, 1, 3)),
        status="OutOfDate",
        facts={"tcb.module.status": "OutOfDate", "tcb.platform.status": "UpToDate"},
    )
    yield refused(
        "module-revoked",
        "tdx4",
        module_01(IsvLevelSpec(5, "Revoked")),
        "tcb.status|tdx_module.tcb_level",
        exit=FINAL,
        status="Revoked",
    )
    yield refused(
        "module-no-level",
        "tdx4",
        body(tee_tcb_svn=(1, 1, 3)),
        "tcb.status|tdx_module.tcb_level",
        exit=FINAL,
        status="NotSupported",
    )
    signer = bytes([1] * 48)
    yield genuine(
        "module-other-signer-stated",
        "tdx4",
        both(
            body(mr_signer_seam=signer),
            modules(ModuleSpec("TDX_01", [IsvLevelSpec(5)], mr_signer=signer)),
        ),
    )
    yield refused(
        "module-signer-differs",
        "tdx4",
        body(mr_signer_seam=signer),
        "tdx_module.mr_signer",
        exit=FINAL,
    )
    yield refused(
        "module-signer-differs-version-0",
        "tdx4",
        both(body(tee_tcb_svn=(5, 0, 3), mr_signer_seam=signer), modules()),
        "tdx_module.mr_signer",
        exit=FINAL,
    )
    seam = bytes([1] + [0] * 7)
    yield refused(
        "module-attributes-set",
        "tdx4",
        body(seam_attributes=seam),
        "tdx_module.attributes",
        exit=FINAL,
    )
    yield refused(
        "module-attributes-set-though-stated",
        "tdx4",
        both(
            body(seam_attributes=seam),
            modules(ModuleSpec("TDX_01", [IsvLevelSpec(5)], attributes=seam)),
        ),
        "tdx_module.attributes",
        exit=FINAL,
    )
    yield refused(
        "module-attributes-stated-not-set",
        "tdx4",
        modules(ModuleSpec("TDX_01", [IsvLevelSpec(5)], attributes=seam)),
        "tdx_module.attributes",
        exit=FINAL,
    )


def _qe_identity(*isv_levels):
    def change(world):
        world.qe_identity.levels = list(isv_levels)

    return change


def _relaunch():
    """TD preserving: an old module at launch, a good one loaded now (dcap.md 3.6)."""
    launched_old = body(tee_tcb_svn=(3, 1, 3))

    def now(*svn2):
        return body(tee_tcb_svn2=svn2)

    def newest(status="UpToDate", then="OutOfDate"):
        return levels(LevelSpec(status, tdx=(5, 0, 4)), LevelSpec(then, tdx=(5, 0, 3)))

    good = both(launched_old, newest(), now(5, 1, 4))
    advised, advised_config = "TDRelaunchAdvised", "TDRelaunchAdvisedConfigurationNeeded"
    yield genuine("relaunch-advised", "tdx15", good, status=advised)
    for status in STATUSES[:4]:
        wanted = advised_config if "Configuration" in status else advised
        yield genuine(f"relaunch-sgx-{status}", "tdx15", both(good, newest(status)), status=wanted)
        yield genuine(
            f"relaunch-one-level-{status}",
            "tdx15",
            both(launched_old, levels(LevelSpec(status, tdx=(5, 0, 3))), now(5, 1, 3)),
            status=wanted,
        )
    yield genuine(
        "relaunch-tdx-configuration",
        "tdx15",
        both(good, newest(then="OutOfDateConfigurationNeeded")),
        status=advised_config,
    )
    for status in STATUSES[4:]:
        yield genuine(
            f"relaunch-not-when-sgx-{status}",
            "tdx15",
            both(good, newest(status, status)),
            status=status,
        )
    yield genuine(
        "relaunch-not-when-module-up-to-date",
        "tdx15",
        both(good, body(tee_tcb_svn=(5, 1, 3))),
        status="OutOfDate",
    )
    yield genuine(
        "relaunch-not-when-qe-out-of-date",
        "tdx15",
        both(good, _qe_identity(IsvLevelSpec(4, "OutOfDate"))),
        status="OutOfDate",
    )
    yield refused(
        "relaunch-not-when-qe-revoked",
        "tdx15",
        both(good, _qe_identity(IsvLevelSpec(4, "Revoked"))),
        "tcb.status|qe.tcb_level",
        exit=FINAL,
        status="Revoked",
    )
    yield refused(
        "relaunch-not-when-qe-not-supported",
        "tdx15",
        both(good, _qe_identity(IsvLevelSpec(5))),
        "tcb.status|qe.tcb_level",
        exit=FINAL,
        status="NotSupported",
    )
    yield refused(
        "relaunch-not-when-revoked",
        "tdx15",
        both(good, newest(then="Revoked")),
        "tcb.status|tcb.tdx_level",
        exit=FINAL,
        status="Revoked",
    )
    yield refused(
        "relaunch-not-when-module-revoked",
        "tdx15",
        both(good, module_01(IsvLevelSpec(5), IsvLevelSpec(2, "Revoked"))),
        "tcb.status|tdx_module.tcb_level",
        exit=FINAL,
        status="Revoked",
    )
    yield genuine(
        "relaunch-not-when-loaded-minor-too-low",
        "tdx15",
        both(good, now(4, 1, 4)),
        status="OutOfDate",
    )
    yield genuine(
        "relaunch-not-when-loaded-component-2-too-low",
        "tdx15",
        both(good, now(5, 1, 3)),
        status="OutOfDate",
    )
    yield genuine("relaunch-loaded-version-0", "tdx15", both(good, now(5, 0, 4)), status=advised)
    yield genuine(
        "relaunch-not-when-loaded-version-0-minor-too-low",
        "tdx15",
        both(good, now(4, 0, 4)),
        status="OutOfDate",
    )
    yield genuine(
        "relaunch-not-when-loaded-version-0-component-2-too-low",
        "tdx15",
        both(good, now(5, 0, 3)),
        status="OutOfDate",
    )
    two = modules(
        ModuleSpec("TDX_03", [IsvLevelSpec(3), IsvLevelSpec(1, "OutOfDate")]),
        ModuleSpec("TDX_01", [IsvLevelSpec(5), IsvLevelSpec(2, "OutOfDate")]),
    )
    yield genuine(
        "relaunch-another-module-version", "tdx15", both(good, two, now(3, 3, 4)), status=advised
    )
    yield genuine(
        "relaunch-not-when-another-module-version-is-old",
        "tdx15",
        both(good, two, now(2, 3, 4)),
        status="OutOfDate",
    )
    yield refused(
        "relaunch-loaded-module-unknown",
        "tdx15",
        both(good, now(5, 9, 4)),
        "tcb.relaunch|tdx_module.identity",
        exit=FINAL,
    )
    yield genuine(
        "relaunch-unknown-module-not-asked-when-qe-out-of-date",
        "tdx15",
        both(good, now(5, 9, 4), _qe_identity(IsvLevelSpec(4, "OutOfDate"))),
        status="OutOfDate",
    )
    yield genuine(
        "relaunch-never-in-a-body-without-second-svn",
        "tdx5",
        both(launched_old, newest()),
        status="OutOfDate",
    )


def _advisories():
    def change(world):
        world.tcb.levels = [
            LevelSpec("OutOfDate", tdx=(5, 0, 3), advisories=("INTEL-SA-00009", "INTEL-SA-00002"))
        ]
        world.tcb.identities = [
            ModuleSpec(
                "TDX_01",
                [IsvLevelSpec(5, "OutOfDate", advisories=("INTEL-SA-00003", "INTEL-SA-00002"))],
            )
        ]
        world.qe_identity = QeIdentitySpec(
            "TD_QE",
            levels=[IsvLevelSpec(4, "OutOfDate", advisories=("INTEL-SA-00001", "INTEL-SA-00009"))],
        )

    union = ("INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00003", "INTEL-SA-00009")
    facts = {
        "tcb.platform.advisories": ["INTEL-SA-00002", "INTEL-SA-00009"],
        "tcb.module.advisories": ["INTEL-SA-00002", "INTEL-SA-00003"],
        "tcb.qe.advisories": ["INTEL-SA-00001", "INTEL-SA-00009"],
    }
    yield genuine(
        "advisories-union", "tdx4", change, status="OutOfDate", advisories=union, facts=facts
    )


def scenarios():
    for part in (_platform, _tdx, _modules, _relaunch, _advisories):
        yield from part()
