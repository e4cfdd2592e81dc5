# SPDX-License-Identifier: Apache-2.0
"""Quotes, read from bytes (Intel SGX and TDX DCAP quote formats, versions 3, 4 and 5)."""
import struct
from dataclasses import dataclass

TEE_SGX = 0x00
TEE_TDX = 0x81
INTEL_QE_VENDOR = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
HEADER_LEN = 48
SGX_BODY_LEN = 384
TD_BODY_10_LEN = 584
TD_BODY_15_LEN = 648
REPORT_LEN = 432


class Malformed(Exception):
    """The bytes are not what the format says; `family` names the check."""

    def __init__(self, text, family="evidence.format"):
        super().__init__(text)
        self.family = family


class Cursor:
    def __init__(self, data, what):
        self.data, self.at, self.what = data, 0, what

    def take(self, count, field):
        if count > len(self.data) - self.at:
            raise Malformed(f"{self.what}: truncated in {field} at {self.at}")
        view = self.data[self.at : self.at + count]
        self.at += count
        return view

    def u16(self, field):
        return struct.unpack("<H", self.take(2, field))[0]

    def u32(self, field):
        return struct.unpack("<I", self.take(4, field))[0]

    def rest(self):
        return self.data[self.at :]

    def end(self):
        if self.at != len(self.data):
            raise Malformed(f"{self.what}: {len(self.data) - self.at} bytes too many at {self.at}")


@dataclass
class SgxBody:
    raw: bytes

    def __post_init__(self):
        b = self.raw
        self.cpu_svn = b[0:16]
        self.misc_select = b[16:20]
        self.attributes = b[48:64]
        self.mr_enclave = b[64:96]
        self.mr_signer = b[128:160]
        self.isv_prod_id, self.isv_svn = struct.unpack("<HH", b[256:260])
        self.report_data = b[320:384]
        self.debug = bool(b[48] & 2)


@dataclass
class TdBody:
    raw: bytes

    def __post_init__(self):
        b = self.raw
        self.tee_tcb_svn = b[0:16]
        self.mr_signer_seam = b[64:112]
        self.seam_attributes = b[112:120]
        self.td_attributes = b[120:128]
        self.mr_td = b[136:184]
        self.report_data = b[520:584]
        self.tee_tcb_svn2 = b[584:600] if len(b) == TD_BODY_15_LEN else None
        self.debug = bool(b[120] & 1)


@dataclass
class Quote:
    version: int
    tee: int
    body: object
    signed: bytes
    signature: bytes
    key: bytes
    qe_report: bytes
    qe_signature: bytes
    qe_auth: bytes
    cert_type: int
    cert_data: bytes
    padding: int


def _body(cursor, version, tee):
    if version == 5:
        kind = cursor.u16("body_type")
        size = cursor.u32("body_size")
        sizes = {1: SGX_BODY_LEN, 2: TD_BODY_10_LEN, 3: TD_BODY_15_LEN}
        if sizes.get(kind) != size:
            raise Malformed(f"quote v5: body type {kind} of {size} bytes")
        if (kind == 1) != (tee == TEE_SGX):
            raise Malformed(f"quote v5: body type {kind} with tee type {tee:#x}")
        raw = cursor.take(size, "body")
        return SgxBody(raw) if kind == 1 else TdBody(raw)
    if tee == TEE_SGX:
        return SgxBody(cursor.take(SGX_BODY_LEN, "enclave report"))
    return TdBody(cursor.take(TD_BODY_10_LEN, "TD report"))


def _certification(cursor):
    """QE report .. certification data: the same in every version, nested from version 4 on."""
    report = cursor.take(SGX_BODY_LEN, "qe_report")
    signature = cursor.take(64, "qe_report_signature")
    auth = cursor.take(cursor.u16("qe_auth_len"), "qe_auth")
    kind = cursor.u16("cert_type")
    data = cursor.take(cursor.u32("cert_len"), "cert_data")
    cursor.end()
    if not 1 <= kind <= 5:
        raise Malformed(f"certification data type {kind}", "quote.certification_data")
    return report, signature, auth, kind, data


def parse_quote(data):
    """A Quote, or Malformed."""
    c = Cursor(data, "quote")
    version = c.u16("version")
    if version not in (3, 4, 5):
        raise Malformed(f"quote version {version}")
    key_type = c.u16("att_key_type")
    if key_type != 2:
        raise Malformed(f"attestation key type {key_type}")
    tee = c.u32("tee_type")
    if tee not in ((TEE_SGX,) if version == 3 else (TEE_SGX, TEE_TDX)):
        raise Malformed(f"tee type {tee:#x} in version {version}")
    c.take(4, "qe_svn, pce_svn")
    if c.take(16, "qe_vendor_id") != INTEL_QE_VENDOR:
        raise Malformed("QE vendor is not Intel", "quote.qe_vendor")
    c.take(20, "user_data")
    body = _body(c, version, tee)
    signed = data[: c.at]
    sig_data = c.take(c.u32("sig_len"), "signature data")
    padding = c.rest()
    if any(padding):
        raise Malformed(
            f"{len(padding)} bytes that are not zero after the signature data", "evidence.padding"
        )
    s = Cursor(sig_data, "signature data")
    signature = s.take(64, "signature")
    key = s.take(64, "attestation key")
    if version >= 4:
        outer = s.u16("outer cert_type")
        if outer != 6:
            raise Malformed(
                f"outer certification data type {outer}, not 6", "quote.certification_data"
            )
        inner = s.take(s.u32("outer cert_len"), "outer cert_data")
        s.end()
        s = Cursor(inner, "QE report certification data")
    return Quote(version, tee, body, signed, signature, key, *_certification(s), len(padding))
