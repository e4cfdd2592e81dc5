# SPDX-License-Identifier: Apache-2.0
"""Level matching, TDX modules, TD relaunch and convergence (Intel QVL's algorithm)."""
from dataclasses import dataclass, field


@dataclass
class Part:
    status: str = None
    date: int = 0
    newer_date: int = 0
    advisories: list = field(default_factory=list)


NOT_SUPPORTED = "NotSupported"


def part_of(levels, index, status=None):
    """The part a matched level stands for; `newer_date` is that of the level right above it."""
    level = levels[index]
    return Part(
        status or level.status,
        level.date,
        levels[index - 1].date if index else 0,
        sorted(set(level.advisories)),
    )


def covers(have, need, start=0):
    return all(h >= n for h, n in zip(have[start:], need[start:]))


def match_sgx(info, pck):
    for i, level in enumerate(info.levels):
        if covers(pck.components, level.components) and pck.pce_svn >= level.pce_svn:
            return i
    return None


def match_tdx(info, pck, tee_tcb_svn):
    # With a module version above 0 the module's own SVNs are judged by its identity.
    start = 2 if tee_tcb_svn[1] > 0 else 0
    for i, level in enumerate(info.levels):
        if (
            covers(pck.components, level.components)
            and pck.pce_svn >= level.pce_svn
            and covers(tee_tcb_svn, level.tdx, start)
        ):
            return i
    return None


def module_identity(info, major):
    wanted = f"TDX_{major:02X}"
    for identity in info.identities:
        if identity.id.upper() == wanted:
            return identity
    return None


def first_isv_level(levels, svn):
    """In the order of the JSON text, as Intel reads them."""
    for i, level in enumerate(levels):
        if svn >= level.isv_svn:
            return i
    return None


def converge(level, other):
    """A platform status with that of the TDX module or of the quoting enclave."""
    if NOT_SUPPORTED in (level, other):
        return NOT_SUPPORTED
    if "Revoked" in (level, other):
        return "Revoked"
    if other == "OutOfDate":
        return {
            "UpToDate": "OutOfDate",
            "SWHardeningNeeded": "OutOfDate",
            "ConfigurationNeeded": "OutOfDateConfigurationNeeded",
            "ConfigurationAndSWHardeningNeeded": "OutOfDateConfigurationNeeded",
        }.get(level, level)
    return level


class ModuleMismatch(Exception):
    pass


def relaunch(info, sgx_status, tdx_status, module_status, qe_status, svn2):
    """Should the TD be launched anew, because a good module was loaded under it? The new status."""
    if qe_status != "UpToDate" or module_status != "OutOfDate":
        return tdx_status
    if sgx_status not in (
        "UpToDate",
        "SWHardeningNeeded",
        "ConfigurationNeeded",
        "ConfigurationAndSWHardeningNeeded",
    ):
        return tdx_status
    if tdx_status not in ("OutOfDate", "OutOfDateConfigurationNeeded"):
        return tdx_status
    newest = info.levels[0]
    if svn2[1] == 0:
        minor = newest.tdx[0]
    else:
        identity = module_identity(info, svn2[1])
        if identity is None:
            raise ModuleMismatch(f"no identity of the loaded module TDX_{svn2[1]:02X}")
        minor = identity.levels[0].isv_svn
    if svn2[0] < minor or svn2[2] < newest.tdx[2]:
        return tdx_status
    if "Configuration" in sgx_status or "Configuration" in tdx_status:
        return "TDRelaunchAdvisedConfigurationNeeded"
    return "TDRelaunchAdvised"
