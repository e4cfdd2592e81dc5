# SPDX-License-Identifier: Apache-2.0
"""The SGX extension of PCK certificates (Intel SGX PCK certificate and CRL profile
specification)."""
from dataclasses import dataclass

from . import der

BASE = "1.2.840.113741.1.13.1"


@dataclass
class PckExtension:
    ppid: bytes
    components: list
    pce_svn: int
    cpu_svn: bytes
    pce_id: bytes
    fmspc: bytes
    sgx_type: int
    instance_id: bytes
    configuration: dict


def _members(content):
    """OID contents → (tag, value) of a SEQUENCE of {OID, value}; each OID once."""
    out = {}
    for tag, item in der.read_all(content):
        pair = der.read_all(item)
        if tag != 0x30 or len(pair) != 2 or pair[0][0] != 0x06 or pair[0][1] in out:
            raise der.BadDer("member of the SGX extension")
        out[pair[0][1]] = pair[1]
    return out


def _get(members, number, tag, length=None):
    key = der.read_one(der.oid(number), 0x06)
    if key not in members:
        raise der.BadDer(f"no {number} in the SGX extension")
    got, value = members[key]
    if got != tag or (length is not None and len(value) != length):
        raise der.BadDer(f"{number}: tag {got:#x} of {len(value)} bytes")
    return value


def parse_pck_extension(value):
    top = _members(der.read_one(value, 0x30))
    tcb = _members(_get(top, BASE + ".2", 0x30))
    sgx_type = der.read_uint(_get(top, BASE + ".5", 0x0A), 2)
    instance_id, configuration = None, {}
    if len(top) == 7:
        instance_id = _get(top, BASE + ".6", 0x04, 16)
        flags = _members(_get(top, BASE + ".7", 0x30))
        for number, name in ((1, "dynamic_platform"), (2, "cached_keys"), (3, "smt_enabled")):
            if der.read_one(der.oid(f"{BASE}.7.{number}"), 0x06) in flags:
                configuration[name] = _get(flags, f"{BASE}.7.{number}", 0x01, 1) == b"\xff"
    elif len(top) != 5:
        raise der.BadDer(f"{len(top)} members in the SGX extension, not 5 or 7")
    return PckExtension(
        ppid=_get(top, BASE + ".1", 0x04, 16),
        components=[der.read_uint(_get(tcb, f"{BASE}.2.{i}", 0x02), 255) for i in range(1, 17)],
        pce_svn=der.read_uint(_get(tcb, BASE + ".2.17", 0x02), 65535),
        cpu_svn=_get(tcb, BASE + ".2.18", 0x04, 16),
        pce_id=_get(top, BASE + ".3", 0x04, 2),
        fmspc=_get(top, BASE + ".4", 0x04, 6),
        sgx_type=sgx_type,
        instance_id=instance_id,
        configuration=configuration,
    )
