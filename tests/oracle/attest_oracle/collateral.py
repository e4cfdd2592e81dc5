# SPDX-License-Identifier: Apache-2.0
"""Collateral, made: TCB info, enclave identities, their signatures, and the forms it travels in."""
import json
import struct
import time
from dataclasses import dataclass, field

from .pki import pem, utc
from .quote import QE_SIGNER, TD_QE_SIGNER

ORDER = (
    "pck_crl_issuer_chain",
    "root_ca_crl",
    "pck_crl",
    "tcb_info_issuer_chain",
    "tcb_info",
    "qe_identity_issuer_chain",
    "qe_identity",
)


def stamp(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def compact(obj):
    return json.dumps(obj, separators=(",", ":"))


@dataclass
class LevelSpec:
    status: str
    sgx: tuple = (5,) * 16
    pce_svn: int = 13
    tdx: tuple = None  # the first components; the rest is zero
    date: str = "2024-11-13"
    advisories: tuple = ()

    def json(self, version, tdx):
        if version == 2:
            tcb = {f"sgxtcbcomp{i + 1:02d}svn": c for i, c in enumerate(self.sgx)}
        else:
            tcb = {"sgxtcbcomponents": [{"svn": c} for c in self.sgx]}
        tcb["pcesvn"] = self.pce_svn
        if tdx:
            components = tuple(self.tdx or ()) + (0,) * (16 - len(self.tdx or ()))
            tcb["tdxtcbcomponents"] = [{"svn": c} for c in components]
        return _status(tcb, self)


@dataclass
class IsvLevelSpec:
    isv_svn: int
    status: str = "UpToDate"
    date: str = "2024-11-13"
    advisories: tuple = ()

    def json(self):
        return _status({"isvsvn": self.isv_svn}, self)


def _status(tcb, spec):
    out = {"tcb": tcb, "tcbDate": stamp(utc(spec.date)), "tcbStatus": spec.status}
    if spec.advisories:
        out["advisoryIDs"] = list(spec.advisories)
    return out


@dataclass
class ModuleSpec:
    id: str
    levels: list
    mr_signer: bytes = bytes(48)
    attributes: bytes = bytes(8)

    def json(self):
        return {"id": self.id, **_module(self), "tcbLevels": [l.json() for l in self.levels]}


def _module(spec):
    return {
        "mrsigner": spec.mr_signer.hex().upper(),
        "attributes": spec.attributes.hex().upper(),
        "attributesMask": "F" * 16,
    }


@dataclass
class TcbInfoSpec:
    levels: list
    id: str = "SGX"
    version: int = 3
    issue: int = utc("2025-06-02")
    next_update: int = utc("2025-07-02")
    fmspc: bytes = bytes.fromhex("00906ed50000")
    pce_id: bytes = b"\0\0"
    evaluation: int = 17
    module: ModuleSpec = field(default_factory=lambda: ModuleSpec("", []))
    identities: list = None
    extra: dict = field(default_factory=dict)

    def text(self):
        o = {} if self.version == 2 else {"id": self.id}
        fmspc = self.fmspc.hex()  # as Intel writes it: upper case for SGX, lower for TDX
        o.update(
            version=self.version,
            issueDate=stamp(self.issue),
            nextUpdate=stamp(self.next_update),
            fmspc=fmspc if self.id == "TDX" else fmspc.upper(),
            pceId=self.pce_id.hex().upper(),
            tcbType=0,
            tcbEvaluationDataNumber=self.evaluation,
        )
        if self.id == "TDX":
            o["tdxModule"] = _module(self.module)
            if self.identities is not None:
                o["tdxModuleIdentities"] = [i.json() for i in self.identities]
        o.update(self.extra)
        o["tcbLevels"] = [l.json(self.version, self.id == "TDX") for l in self.levels]
        return compact(o)


@dataclass
class QeIdentitySpec:
    id: str = "QE"
    issue: int = utc("2025-06-03")
    next_update: int = utc("2025-07-03")
    evaluation: int = 17
    misc_select: str = "00000000"
    misc_mask: str = "FFFFFFFF"
    attributes: str = "11000000000000000000000000000000"
    attributes_mask: str = "FBFFFFFFFFFFFFFF0000000000000000"
    mr_signer: bytes = None
    isv_prod_id: int = None
    levels: list = None
    extra: dict = field(default_factory=dict)

    def text(self):
        tdx = self.id == "TD_QE"
        signer = (
            self.mr_signer if self.mr_signer is not None else TD_QE_SIGNER if tdx else QE_SIGNER
        )
        product = self.isv_prod_id if self.isv_prod_id is not None else 2 if tdx else 1
        levels = self.levels if self.levels is not None else [IsvLevelSpec(4 if tdx else 8)]
        return compact(
            {
                "id": self.id,
                "version": 2,
                "issueDate": stamp(self.issue),
                "nextUpdate": stamp(self.next_update),
                "tcbEvaluationDataNumber": self.evaluation,
                "miscselect": self.misc_select,
                "miscselectMask": self.misc_mask,
                "attributes": self.attributes,
                "attributesMask": self.attributes_mask,
                "mrsigner": signer.hex().upper(),
                "isvprodid": product,
                **self.extra,
                "tcbLevels": [l.json() for l in levels],
            }
        )


def items(pki, tcb_info, qe_identity):
    """The JSON form's members: CRLs in hex, signed texts exact."""
    root = pki.root.der()
    chain = lambda *ders: "".join(pem(d) for d in ders)
    return {
        "pck_crl_issuer_chain": chain(pki.intermediate.der(), root),
        "root_ca_crl": pki.root_crl.der().hex(),
        "pck_crl": pki.pck_crl.der().hex(),
        "tcb_info_issuer_chain": chain(pki.tcb_signer.der(), root),
        "tcb_info": tcb_info,
        "tcb_info_signature": pki.tcb_signer.key.sign_raw(tcb_info.encode()).hex(),
        "qe_identity_issuer_chain": chain(pki.qe_signer.der(), root),
        "qe_identity": qe_identity,
        "qe_identity_signature": pki.qe_signer.key.sign_raw(qe_identity.encode()).hex(),
    }


def _answer(member, text, signature):
    return f'{{"{member}":{text},"signature":"{signature}"}}'


def answers(parts):
    """The provisioning service's answers: the signed texts inside their wrapper, CRLs in DER."""
    out = {name: parts[name].encode() for name in ORDER}
    for name in ("root_ca_crl", "pck_crl"):
        out[name] = bytes.fromhex(parts[name])
    out["tcb_info"] = _answer("tcbInfo", parts["tcb_info"], parts["tcb_info_signature"]).encode()
    out["qe_identity"] = _answer(
        "enclaveIdentity", parts["qe_identity"], parts["qe_identity_signature"]
    ).encode()
    return out


def oe_endorsements(parts, created="2025-06-15T00:00:00Z"):
    """Open Enclave's oe_endorsements_t: nine items behind their offsets."""
    a = answers(parts)
    nul = b"\0"
    blobs = [
        struct.pack("<I", 1),
        a["tcb_info"] + nul,
        a["tcb_info_issuer_chain"] + nul,
        a["pck_crl"],
        a["root_ca_crl"],
        a["pck_crl_issuer_chain"] + nul,
        a["qe_identity"] + nul,
        a["qe_identity_issuer_chain"] + nul,
        created.encode() + nul,
    ]
    offsets, at = b"", 0
    for blob in blobs:
        offsets += struct.pack("<I", at)
        at += len(blob)
    data = offsets + b"".join(blobs)
    return struct.pack("<IIII", 1, 2, len(data), len(blobs)) + data


def intel_flat(parts, tee_type, version=3):
    """Intel's C structure with its strings behind it, as Open Enclave stores it for TDX: hex CRLs,
    NULs counted."""
    a = answers(parts)
    a["root_ca_crl"], a["pck_crl"] = parts["root_ca_crl"].encode(), parts["pck_crl"].encode()
    blobs = [a[name] + b"\0" for name in ORDER]
    head = struct.pack("<II", version, tee_type)
    for blob in blobs:
        head += struct.pack("<QII", 0x7F0000001000, len(blob), 0)
    return head + b"".join(blobs)
