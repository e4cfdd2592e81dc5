# SPDX-License-Identifier: Apache-2.0
"""Certificates and CRLs in the shape of Intel's SGX PKI, and in every wrong shape a case asks
for."""
import base64
import calendar
import hashlib
import time
from dataclasses import dataclass, field, replace

from . import der
from .keys import TestKey
from .pck import BASE as SGX_BASE

ECDSA_SHA256 = "1.2.840.10045.4.3.2"
ECDSA_SHA384 = "1.2.840.10045.4.3.3"
CURVE_OIDS = {"P-256": "1.2.840.10045.3.1.7", "P-384": "1.3.132.0.34"}
DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_CERT_SIGN, CRL_SIGN = 0, 1, 5, 6


def utc(text):
    """Seconds since 1970 of "2025-01-31" or "2025-01-31T12:00:00Z"."""
    form = "%Y-%m-%dT%H:%M:%SZ" if "T" in text else "%Y-%m-%d"
    return calendar.timegm(time.strptime(text, form))


def der_time(t):
    when = time.gmtime(t)
    if when.tm_year < 2050:
        return der.tlv(0x17, time.strftime("%y%m%d%H%M%SZ", when).encode())
    return der.tlv(0x18, time.strftime("%Y%m%d%H%M%SZ", when).encode())


def name(cn):
    parts = (
        ("2.5.4.3", der.utf8(cn)),
        ("2.5.4.10", der.utf8("Intel Corporation")),
        ("2.5.4.7", der.utf8("Santa Clara")),
        ("2.5.4.8", der.utf8("CA")),
        ("2.5.4.6", der.printable("US")),
    )
    return der.seq(*(der.set_of(der.seq(der.oid(o), v)) for o, v in parts))


def key_usage(*positions):
    value = 0
    for p in positions:
        value |= 0x80 >> p
    unused = (value & -value).bit_length() - 1
    return der.bits(bytes([value]), unused)


def extension(number, value, critical=False):
    return der.seq(der.oid(number), *([der.boolean(True)] if critical else []), der.octets(value))


def key_id(key):
    return hashlib.sha1(b"\x04" + key.xy).digest()


def spki(key):
    return der.seq(
        der.seq(der.oid("1.2.840.10045.2.1"), der.oid(CURVE_OIDS[key.curve_name])),
        der.bits(b"\x04" + key.xy),
    )


@dataclass
class CertSpec:
    """What a certificate says; every member may be made wrong."""

    subject: str
    key: TestKey
    issuer: str = None  # None: the subject
    issuer_key: TestKey = None  # None: its own key
    serial: int = 1
    not_before: int = utc("2020-01-01")
    not_after: int = utc("2040-01-01")
    ca: object = False  # False, True, None (no basic constraints)
    path_len: int = None
    usage: tuple = (DIGITAL_SIGNATURE, NON_REPUDIATION)
    sgx: bytes = None
    extra: tuple = ()  # whole extensions
    key_id: bytes = None  # None: SHA-1 of the key
    issuer_key_id: bytes = None
    digest: str = "sha256"

    def der(self):
        issuer_key = self.issuer_key or self.key
        algorithm = der.seq(der.oid({"sha256": ECDSA_SHA256, "sha384": ECDSA_SHA384}[self.digest]))
        akid = self.issuer_key_id or (
            key_id(issuer_key) if self.issuer_key else self.key_id or key_id(self.key)
        )
        extensions = [
            extension("2.5.29.35", der.seq(der.tlv(0x80, akid))),
            extension(
                "2.5.29.31",
                der.seq(
                    der.seq(
                        der.explicit(
                            0, der.explicit(0, der.tlv(0x86, b"https://crl.invalid/crl.der"))
                        )
                    )
                ),
            ),
            extension("2.5.29.14", der.octets(self.key_id or key_id(self.key))),
        ]
        if self.usage is not None:
            extensions.append(extension("2.5.29.15", key_usage(*self.usage), True))
        if self.ca is not None:
            inner = b"" if not self.ca else der.boolean(True)
            if self.path_len is not None:
                inner += der.integer(self.path_len)
            extensions.append(extension("2.5.29.19", der.tlv(0x30, inner), True))
        if self.sgx is not None:
            extensions.append(extension(SGX_BASE, self.sgx))
        extensions.extend(self.extra)
        tbs = der.seq(
            der.explicit(0, der.integer(2)),
            der.integer(self.serial),
            algorithm,
            name(self.issuer or self.subject),
            der.seq(der_time(self.not_before), der_time(self.not_after)),
            name(self.subject),
            spki(self.key),
            der.explicit(3, der.seq(*extensions)),
        )
        return der.seq(tbs, algorithm, der.bits(issuer_key.sign_der(tbs, self.digest)))


@dataclass
class CrlSpec:
    issuer: str
    key: TestKey
    this_update: int
    next_update: int  # None: left out
    revoked: tuple = ()  # serial numbers
    number: int = 1
    issuer_key_id: bytes = None

    def der(self):
        algorithm = der.seq(der.oid(ECDSA_SHA256))
        entries = [
            der.seq(
                der.integer(s),
                der_time(self.this_update),
                der.seq(extension("2.5.29.21", der.enumerated(1))),
            )
            for s in self.revoked
        ]
        items = [der.integer(1), algorithm, name(self.issuer), der_time(self.this_update)]
        if self.next_update is not None:
            items.append(der_time(self.next_update))
        if entries:
            items.append(der.seq(*entries))
        items.append(
            der.explicit(
                0,
                der.seq(
                    extension("2.5.29.20", der.integer(self.number)),
                    extension(
                        "2.5.29.35", der.seq(der.tlv(0x80, self.issuer_key_id or key_id(self.key)))
                    ),
                ),
            )
        )
        tbs = der.seq(*items)
        return der.seq(tbs, algorithm, der.bits(self.key.sign_der(tbs)))


@dataclass
class SgxExtension:
    ppid: bytes = bytes(range(16))
    components: tuple = (5,) * 16
    pce_svn: int = 13
    cpu_svn: bytes = None  # None: the components
    pce_id: bytes = b"\0\0"
    fmspc: bytes = bytes.fromhex("00906ed50000")
    sgx_type: int = 0
    instance_id: bytes = None  # with it and the configuration: a Platform CA certificate
    configuration: dict = field(default_factory=dict)  # 1 dynamic platform, 2 cached keys, 3 SMT

    def der(self):
        def member(number, value):
            return der.seq(der.oid(f"{SGX_BASE}.{number}"), value)

        tcb = [member(f"2.{i + 1}", der.integer(c)) for i, c in enumerate(self.components)]
        tcb += [
            member("2.17", der.integer(self.pce_svn)),
            member("2.18", der.octets(self.cpu_svn or bytes(min(c, 255) for c in self.components))),
        ]
        items = [
            member("1", der.octets(self.ppid)),
            member("2", der.seq(*tcb)),
            member("3", der.octets(self.pce_id)),
            member("4", der.octets(self.fmspc)),
            member("5", der.enumerated(self.sgx_type)),
        ]
        if self.instance_id is not None:
            flags = [
                member(f"7.{n}", der.boolean(v)) for n, v in sorted(self.configuration.items())
            ]
            items += [member("6", der.octets(self.instance_id)), member("7", der.seq(*flags))]
        return der.seq(*items)


def pem(cert_der, label="CERTIFICATE"):
    text = base64.b64encode(cert_der).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return f"-----BEGIN {label}-----\n" + "\n".join(lines) + f"\n-----END {label}-----\n"


ROOT_CN = "Intel SGX Root CA"
CA_CN = {"processor": "Intel SGX PCK Processor CA", "platform": "Intel SGX PCK Platform CA"}
PCK_CN = "Intel SGX PCK Certificate"
SIGNER_CN = "Intel SGX TCB Signing"


class Pki:
    """One whole PKI. Change its specs, then ask for the DER."""

    def __init__(self, ca="processor", sgx=None, seed=""):
        root = TestKey("root" + seed)
        inter = TestKey("pck-ca-" + ca + seed)
        self.root = CertSpec(
            ROOT_CN,
            root,
            serial=0x1001,
            ca=True,
            path_len=1,
            usage=(KEY_CERT_SIGN, CRL_SIGN),
            not_after=utc("2049-12-31T23:59:59Z"),
        )
        self.intermediate = CertSpec(
            CA_CN[ca],
            inter,
            ROOT_CN,
            root,
            serial=0x2001,
            ca=True,
            path_len=0,
            usage=(KEY_CERT_SIGN, CRL_SIGN),
        )
        self.leaf = CertSpec(
            PCK_CN,
            TestKey("pck" + seed),
            CA_CN[ca],
            inter,
            serial=0x3001,
            sgx=(sgx or SgxExtension()).der(),
        )
        self.tcb_signer = CertSpec(
            SIGNER_CN, TestKey("tcb-signer" + seed), ROOT_CN, root, serial=0x4001
        )
        self.qe_signer = replace(self.tcb_signer)
        self.root_crl = CrlSpec(ROOT_CN, root, utc("2025-01-01"), utc("2026-01-01"))
        self.pck_crl = CrlSpec(CA_CN[ca], inter, utc("2025-06-01"), utc("2025-07-01"))

    def pck_chain(self):
        return [self.leaf.der(), self.intermediate.der(), self.root.der()]
