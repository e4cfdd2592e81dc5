# SPDX-License-Identifier: Apache-2.0
"""Certificates and CRLs of Intel's SGX PKI, judged by RFC 5280 and the profile (P-256, SHA-256)."""
import base64
import calendar
import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ExtensionOID, NameOID

SGX_EXTENSION = x509.ObjectIdentifier("1.2.840.113741.1.13.1")
KNOWN_CRITICAL = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
    SGX_EXTENSION,
}


class BadCertificate(Exception):
    """A certificate or CRL that can not be read, or is not of the profile."""


def seconds(naive_utc):
    return calendar.timegm(naive_utc.timetuple())


def point(key):
    n = key.public_numbers()
    return b"\x04" + n.x.to_bytes(32, "big") + n.y.to_bytes(32, "big")


def key_of_point(xy):
    """An EC key of 64 bytes x, y; None when the point is not on the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + xy)
    except ValueError:
        return None


def der_signature_ok(key, signature, message):
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        return True
    except InvalidSignature:
        return False


def raw_signature_ok(key, rs, message):
    r, s = int.from_bytes(rs[:32], "big"), int.from_bytes(rs[32:], "big")
    return len(rs) == 64 and der_signature_ok(key, encode_dss_signature(r, s), message)


def _common_name(name):
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return found[-1].value if found else ""


@dataclass
class Certificate:
    der: bytes

    def __post_init__(self):
        try:
            self.x = x509.load_der_x509_certificate(self.der)
            self.extensions = self.x.extensions
            self.key = self.x.public_key()
            self.issuer, self.subject = self.x.issuer.public_bytes(), self.x.subject.public_bytes()
            self.subject_cn = _common_name(self.x.subject)
            self.not_before, self.not_after = seconds(self.x.not_valid_before), seconds(
                self.x.not_valid_after
            )
            algorithm = self.x.signature_algorithm_oid
        except BadCertificate:
            raise
        except Exception as e:  # the library's parsers raise many kinds
            raise BadCertificate(f"certificate: {e}") from e
        if self.x.version is not x509.Version.v3:
            raise BadCertificate("certificate is not version 3")
        if algorithm.dotted_string != "1.2.840.10045.4.3.2":
            raise BadCertificate(
                f"certificate is signed by {algorithm.dotted_string}, not ECDSA with SHA-256"
            )
        if not isinstance(self.key, ec.EllipticCurvePublicKey) or not isinstance(
            self.key.curve, ec.SECP256R1
        ):
            raise BadCertificate("certificate key is not on P-256")

    def signed_by(self, key):
        return der_signature_ok(key, self.x.signature, self.x.tbs_certificate_bytes)

    def _extension(self, oid):
        try:
            return self.extensions.get_extension_for_oid(oid).value
        except x509.ExtensionNotFound:
            return None

    @property
    def basic(self):
        return self._extension(ExtensionOID.BASIC_CONSTRAINTS)

    @property
    def usage(self):
        return self._extension(ExtensionOID.KEY_USAGE)

    @property
    def sgx(self):
        value = self._extension(SGX_EXTENSION)
        return value.value if value is not None else None

    def unknown_critical(self):
        return [
            e.oid.dotted_string
            for e in self.extensions
            if e.critical and e.oid not in KNOWN_CRITICAL
        ]


@dataclass
class Crl:
    der: bytes

    def __post_init__(self):
        try:
            self.x = x509.load_der_x509_crl(self.der)
            self.issuer = self.x.issuer.public_bytes()
            self.this_update = seconds(self.x.last_update)
            if self.x.next_update is None:
                raise BadCertificate("CRL without nextUpdate")
            self.next_update = seconds(self.x.next_update)
            algorithm = self.x.signature_algorithm_oid.dotted_string
            extensions = self.x.extensions
            self.serials = {entry.serial_number for entry in self.x}
        except BadCertificate:
            raise
        except Exception as e:
            raise BadCertificate(f"CRL: {e}") from e
        if algorithm != "1.2.840.10045.4.3.2":
            raise BadCertificate(f"CRL is signed by {algorithm}")
        known = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER}
        if any(e.critical and e.oid not in known for e in extensions):
            raise BadCertificate("CRL with an unknown critical extension")

    def signed_by(self, key):
        return der_signature_ok(key, self.x.signature, self.x.tbs_certlist_bytes)

    def lists(self, certificate):
        return certificate.x.serial_number in self.serials


_PEM = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END \1-----(?:\r?\n|$)"
)


def pem_blocks(text, label):
    """The DER of every block; white space only between them; one NUL may end the text."""
    if text.endswith(b"\0"):
        text = text[:-1]
    blocks, at = [], 0
    while text[at:].strip(b" \t\r\n"):
        while text[at : at + 1] in (b" ", b"\t", b"\r", b"\n"):
            at += 1
        m = _PEM.match(text, at)
        if not m or m.group(1) != label:
            raise BadCertificate(f"no PEM {label.decode()} at {at}")
        try:
            blocks.append(base64.b64decode(re.sub(rb"\s", b"", m.group(2)), validate=True))
        except ValueError as e:
            raise BadCertificate(f"PEM at {at}: {e}") from e
        at = m.end()
    return blocks


def chain_of_pem(text):
    return [Certificate(der) for der in pem_blocks(text, b"CERTIFICATE")]


def crl_of_text(data):
    """A CRL in DER, PEM or hex."""
    if data.startswith(b"-----BEGIN"):
        blocks = pem_blocks(data, b"X509 CRL")
        if len(blocks) != 1:
            raise BadCertificate(f"{len(blocks)} CRLs, not 1")
        return Crl(blocks[0])
    if data[:1] == b"\x30" and not re.fullmatch(rb"[0-9A-Fa-f\s\0]+", data):
        return Crl(data)
    try:
        return Crl(bytes.fromhex(data.rstrip(b"\0").strip().decode("ascii")))
    except ValueError as e:
        raise BadCertificate(f"CRL hex: {e}") from e


def chain_faults(chain):
    """What is wrong with a chain, leaf first, its last certificate a root: (kind, index, text),
    the kinds being
    "issuers" (names), "signatures" and "constraints" (RFC 5280 section 6.1). Dates, revocation and
    trust in the root are the caller's. A leaf of None stands for one that is not there."""
    faults = []
    for i, c in enumerate(chain):
        if c is None:
            continue
        issuer = chain[min(i + 1, len(chain) - 1)]
        if c.issuer != issuer.subject:
            faults.append(("issuers", i, f"certificate {i} names another issuer"))
        if not c.signed_by(issuer.key):
            faults.append(("signatures", i, f"certificate {i} is not signed by its issuer"))
        if c.unknown_critical():
            faults.append(
                (
                    "constraints",
                    i,
                    f"certificate {i} has critical extensions {c.unknown_critical()}",
                )
            )
        if i == 0:
            if c.basic is not None and c.basic.ca:
                faults.append(("constraints", i, "the leaf is a CA"))
            if c.usage is None or not c.usage.digital_signature:
                faults.append(("constraints", i, "the leaf may not sign"))
            continue
        if c.basic is None or not c.basic.ca:
            faults.append(("constraints", i, f"certificate {i} is no CA"))
        elif c.basic.path_length is not None and c.basic.path_length < i - 1:
            faults.append(
                (
                    "constraints",
                    i,
                    f"certificate {i} allows {c.basic.path_length} CAs below, not {i - 1}",
                )
            )
        if c.usage is None or not c.usage.key_cert_sign:
            faults.append(("constraints", i, f"certificate {i} may not sign certificates"))
    return faults
