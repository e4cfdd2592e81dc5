# SPDX-License-Identifier: Apache-2.0
"""TCB info (versions 2 and 3) and enclave identities (version 2), as Intel's provisioning service
signs them."""
import calendar
import json
import re
import time
from dataclasses import dataclass, field

STATUSES = (
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
)


class BadJson(Exception):
    pass


@dataclass
class Level:
    date: int
    status: str
    advisories: list
    components: list = None
    pce_svn: int = None
    tdx: list = None
    isv_svn: int = None

    def key(self):
        return (self.components, self.pce_svn, self.tdx)


@dataclass
class Identity:
    id: str
    mr_signer: bytes
    attributes: bytes
    mask: bytes = None
    levels: list = field(default_factory=list)


@dataclass
class TcbInfo:
    version: int
    id: str
    issue: int
    next_update: int
    fmspc: bytes
    pce_id: bytes
    evaluation: int
    levels: list
    module: Identity
    identities: list


@dataclass
class QeIdentity:
    id: str
    issue: int
    next_update: int
    evaluation: int
    misc_select: bytes
    misc_mask: bytes
    attributes: bytes
    attributes_mask: bytes
    mr_signer: bytes
    isv_prod_id: int
    levels: list


def _once(pairs):
    out = {}
    for name, value in pairs:
        if name in out:
            raise BadJson(f"member {name} twice")
        out[name] = value
    return out


def strict_object(text):
    def never(token):
        raise BadJson(f"token {token}")

    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=never)
    except (ValueError, RecursionError) as e:
        raise BadJson(str(e)) from e
    if not isinstance(value, dict):
        raise BadJson("no object")
    return value


def _get(obj, name, kind):
    if name not in obj:
        raise BadJson(f"no member {name}")
    value = obj[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadJson(f"member {name} is no {kind.__name__}")
    return value


def _uint(obj, name, top):
    value = _get(obj, name, int)
    if not 0 <= value <= top:
        raise BadJson(f"{name} is {value}, at most {top}")
    return value


def _hex(obj, name, length):
    text = _get(obj, name, str)
    if not re.fullmatch(r"[0-9A-Fa-f]{%d}" % (2 * length), text):
        raise BadJson(f"{name} is not {length} bytes in hex")
    return bytes.fromhex(text)


def _date(obj, name):
    text = _get(obj, name, str)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise BadJson(f"{name} is no UTC time: {text}")
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError as e:
        raise BadJson(f"{name}: {e}") from e


def _level(obj, statuses=STATUSES):
    if not isinstance(obj, dict):
        raise BadJson("a level is no object")
    status = _get(obj, "tcbStatus", str)
    if status not in statuses:
        raise BadJson(f"tcbStatus {status}")
    advisories = _get(obj, "advisoryIDs", list) if "advisoryIDs" in obj else []
    if not all(isinstance(a, str) for a in advisories):
        raise BadJson("advisoryIDs")
    return _get(obj, "tcb", dict), Level(_date(obj, "tcbDate"), status, advisories)


def _svns(tcb, name):
    items = _get(tcb, name, list)
    if len(items) != 16 or not all(isinstance(i, dict) for i in items):
        raise BadJson(f"{name} are not 16 objects")
    return [_uint(i, "svn", 255) for i in items]


def _isv_levels(obj, statuses):
    levels = []
    for item in _get(obj, "tcbLevels", list):
        tcb, level = _level(item, statuses)
        level.isv_svn = _uint(tcb, "isvsvn", 65535)
        levels.append(level)
    if not levels:
        raise BadJson("no level")
    return levels


def _tcb_levels(obj, version, tdx):
    levels = []
    for item in _get(obj, "tcbLevels", list):
        tcb, level = _level(item)
        if version == 2:
            level.components = [_uint(tcb, f"sgxtcbcomp{i:02d}svn", 255) for i in range(1, 17)]
        else:
            level.components = _svns(tcb, "sgxtcbcomponents")
        level.pce_svn = _uint(tcb, "pcesvn", 65535)
        level.tdx = _svns(tcb, "tdxtcbcomponents") if tdx else [0] * 16
        if any(l.key() == level.key() for l in levels):
            raise BadJson("the same level twice")
        levels.append(level)
    if not levels:
        raise BadJson("no level")
    # Descending: SGX components first, then PCESVN; with both equal the TDX components decide.
    levels.sort(key=Level.key, reverse=True)
    return levels


def parse_tcb_info(text):
    o = strict_object(text)
    version = _get(o, "version", int)
    if version not in (2, 3):
        raise BadJson(f"TCB info version {version}")
    kind = _get(o, "id", str) if version == 3 else "SGX"
    if kind not in ("SGX", "TDX"):
        raise BadJson(f"TCB info id {kind}")
    if _get(o, "tcbType", int) != 0:
        raise BadJson("tcbType is not 0")
    tdx = kind == "TDX"
    module, identities = None, []
    if tdx:
        m = _get(o, "tdxModule", dict)
        module = Identity(
            "TDX", _hex(m, "mrsigner", 48), _hex(m, "attributes", 8), _hex(m, "attributesMask", 8)
        )
        for i in _get(o, "tdxModuleIdentities", list) if "tdxModuleIdentities" in o else []:
            identities.append(
                Identity(
                    _get(i, "id", str),
                    _hex(i, "mrsigner", 48),
                    _hex(i, "attributes", 8),
                    _hex(i, "attributesMask", 8),
                    _isv_levels(i, ("UpToDate", "OutOfDate", "Revoked")),
                )
            )
    elif "tdxModule" in o or "tdxModuleIdentities" in o:
        raise BadJson("TDX members in TCB info of SGX")
    return TcbInfo(
        version,
        kind,
        _date(o, "issueDate"),
        _date(o, "nextUpdate"),
        _hex(o, "fmspc", 6),
        _hex(o, "pceId", 2),
        _uint(o, "tcbEvaluationDataNumber", 2**31 - 1),
        _tcb_levels(o, version, tdx),
        module,
        identities,
    )


def parse_qe_identity(text):
    o = strict_object(text)
    if _get(o, "version", int) != 2:
        raise BadJson("enclave identity version is not 2")
    kind = _get(o, "id", str)
    if kind not in ("QE", "QVE", "TD_QE"):
        raise BadJson(f"enclave identity id {kind}")
    return QeIdentity(
        kind,
        _date(o, "issueDate"),
        _date(o, "nextUpdate"),
        _uint(o, "tcbEvaluationDataNumber", 2**31 - 1),
        _hex(o, "miscselect", 4),
        _hex(o, "miscselectMask", 4),
        _hex(o, "attributes", 16),
        _hex(o, "attributesMask", 16),
        _hex(o, "mrsigner", 32),
        _uint(o, "isvprodid", 65535),
        _isv_levels(o, STATUSES),
    )
