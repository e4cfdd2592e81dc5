# SPDX-License-Identifier: Apache-2.0
"""Quotes and REPORTs, made: versions 3, 4 and 5, every certification data type, signed with test
keys."""
import hashlib
import struct
from dataclasses import dataclass, field

from .keys import TestKey
from .parse import INTEL_QE_VENDOR, SGX_BODY_LEN, TD_BODY_10_LEN, TD_BODY_15_LEN

QE_SIGNER = bytes.fromhex("8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff")
TD_QE_SIGNER = bytes.fromhex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5")


def _place(size, *fields):
    body = bytearray(size)
    for offset, value in fields:
        body[offset : offset + len(value)] = value
    return bytes(body)


def _fill(text, size):
    """Recognisable bytes: a hash of what they stand for."""
    out = b""
    while len(out) < size:
        out += hashlib.sha256(f"{text} {len(out)}".encode()).digest()
    return out[:size]


@dataclass
class SgxBodySpec:
    cpu_svn: bytes = bytes([5] * 16)
    misc_select: int = 0
    isv_ext_prod_id: bytes = bytes(16)
    flags: int = 0x05  # INIT, MODE64
    xfrm: int = 0x03
    mr_enclave: bytes = _fill("mr_enclave", 32)
    mr_signer: bytes = _fill("mr_signer", 32)
    config_id: bytes = bytes(64)
    isv_prod_id: int = 7
    isv_svn: int = 3
    config_svn: int = 0
    isv_family_id: bytes = bytes(16)
    report_data: bytes = _fill("report_data", 64)

    def bytes(self):
        return _place(
            SGX_BODY_LEN,
            (0, self.cpu_svn),
            (16, struct.pack("<I", self.misc_select)),
            (32, self.isv_ext_prod_id),
            (48, struct.pack("<QQ", self.flags, self.xfrm)),
            (64, self.mr_enclave),
            (128, self.mr_signer),
            (192, self.config_id),
            (256, struct.pack("<HHH", self.isv_prod_id, self.isv_svn, self.config_svn)),
            (304, self.isv_family_id),
            (320, self.report_data),
        )


@dataclass
class TdBodySpec:
    tee_tcb_svn: tuple = (5, 1, 3)  # the rest is zero
    mr_seam: bytes = _fill("mr_seam", 48)
    mr_signer_seam: bytes = bytes(48)
    seam_attributes: bytes = bytes(8)
    td_attributes: int = 1 << 28  # SEPT_VE_DISABLE
    xfam: int = 0xE7
    mr_td: bytes = _fill("mr_td", 48)
    mr_config_id: bytes = bytes(48)
    mr_owner: bytes = bytes(48)
    mr_owner_config: bytes = bytes(48)
    rtmr: tuple = tuple(_fill(f"rtmr{i}", 48) for i in range(4))
    report_data: bytes = _fill("td_report_data", 64)
    tee_tcb_svn2: tuple = None  # not None: the 1.5 body
    mr_service_td: bytes = bytes(48)

    def bytes(self):
        fields = [
            (0, bytes(self.tee_tcb_svn)),
            (16, self.mr_seam),
            (64, self.mr_signer_seam),
            (112, self.seam_attributes),
            (120, struct.pack("<QQ", self.td_attributes, self.xfam)),
            (136, self.mr_td),
            (184, self.mr_config_id),
            (232, self.mr_owner),
            (280, self.mr_owner_config),
            (520, self.report_data),
        ]
        fields += [(328 + 48 * i, r) for i, r in enumerate(self.rtmr)]
        if self.tee_tcb_svn2 is None:
            return _place(TD_BODY_10_LEN, *fields)
        return _place(
            TD_BODY_15_LEN, *fields, (584, bytes(self.tee_tcb_svn2)), (600, self.mr_service_td)
        )


@dataclass
class QuoteSpec:
    """A quote; every member may be made wrong."""

    version: int
    body: object
    qe: SgxBodySpec = None
    pck_key: TestKey = None
    attestation_key: TestKey = field(default_factory=lambda: TestKey("attestation"))
    auth: bytes = bytes(range(32))
    report_tail: bytes = bytes(32)  # what follows the hash in the QE's report data
    cert_type: int = 5
    cert_data: bytes = b""
    outer_type: int = 6
    tee: int = None
    key_type: int = 2
    vendor: bytes = INTEL_QE_VENDOR
    padding: bytes = b""

    def is_td(self):
        return isinstance(self.body, TdBodySpec)

    def signed(self):
        tee = self.tee if self.tee is not None else 0x81 if self.is_td() else 0
        body = self.body.bytes()
        svns = struct.pack("<HH", 8, 13) if self.version == 3 else bytes(4)
        header = (
            struct.pack("<HHI", self.version, self.key_type, tee)
            + svns
            + self.vendor
            + _fill("qe id", 16)
            + bytes(4)
        )
        if self.version == 5:
            kind = 1 if not self.is_td() else 2 if len(body) == TD_BODY_10_LEN else 3
            header += struct.pack("<HI", kind, len(body))
        return header + body

    def qe_report(self):
        self.qe.report_data = (
            hashlib.sha256(self.attestation_key.xy + self.auth).digest() + self.report_tail
        )
        return self.qe.bytes()

    def bytes(self):
        signed, report = self.signed(), self.qe_report()
        certification = (
            report
            + self.pck_key.sign_raw(report)
            + struct.pack("<H", len(self.auth))
            + self.auth
            + struct.pack("<HI", self.cert_type, len(self.cert_data))
            + self.cert_data
        )
        if self.version >= 4:
            certification = struct.pack("<HI", self.outer_type, len(certification)) + certification
        data = self.attestation_key.sign_raw(signed) + self.attestation_key.xy + certification
        return signed + struct.pack("<I", len(data)) + data + self.padding


def default_qe(tdx):
    if tdx:
        return SgxBodySpec(flags=0x11, mr_signer=TD_QE_SIGNER, isv_prod_id=2, isv_svn=4)
    return SgxBodySpec(flags=0x11 | 0x04, mr_signer=QE_SIGNER, isv_prod_id=1, isv_svn=8)


def sgx_report(body):
    """A bare REPORT: body, key id, MAC."""
    return body.bytes() + _fill("key id", 32) + _fill("mac", 16)
