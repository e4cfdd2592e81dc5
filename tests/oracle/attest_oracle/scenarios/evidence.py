# SPDX-License-Identifier: Apache-2.0
"""Quotes: kinds, certification data, QE authentication data, signatures, padding, bodies, header
fields."""
import struct

from ..keys import TestKey
from ..pki import CA_CN, CertSpec, Pki, SgxExtension, pem
from ..quote import SgxBodySpec, sgx_report
from ..world import KINDS
from .table import FINAL, MENDED, genuine, refused

DENIED = 4  # authentic, and refused by the built-in policy


def quote(**members):
    def change(world):
        for name, value in members.items():
            setattr(world.quote, name, value)

    return change


def body(**members):
    def change(world):
        for name, value in members.items():
            setattr(world.quote.body, name, value)

    return change


def _edit(function):
    """Edits the finished quote."""
    return lambda world: world.after_quote.append(function)


def _patch(offset, data):
    return _edit(lambda q: q[:offset] + data + q[offset + len(data) :])


def _kinds():
    for kind in KINDS:
        for ca in ("processor", "platform"):
            yield genuine(f"kind-{kind}-{ca}", kind, lambda w: None, ca=ca)

    def report(world):
        world.after_quote.append(lambda q: sgx_report(SgxBodySpec()))

    yield refused("kind-report", "sgx3", report, "evidence.kind", exit=FINAL)


# Certification data of type 1: PPID, CPUSVN, PCESVN, PCEID.
PLAIN = bytes(range(16)) + bytes([5] * 16) + struct.pack("<H", 13) + b"\0\0"


def _leaf_only(world):
    world.quote.cert_type, world.quote.cert_data = 4, pem(world.pki.leaf.der()).encode()


def _bring_chain(ders):
    """Collateral with this PCK chain."""
    text = "".join(pem(d) for d in ders)
    return lambda items: items.__setitem__("pck_certificate_chain", text)


def _types():
    def typed(kind, data):
        return quote(cert_type=kind, cert_data=data)

    def bring(world):
        world.bring_chain = True

    def both(*changes):
        return lambda world: [c(world) for c in changes]

    def three(world):
        world.quote.cert_type, world.quote.cert_data = 4, world.pck_pem().encode()

    def other_chain(world):
        world.after.append(_bring_chain(Pki(seed=" of another platform").pck_chain()))

    data = {1: PLAIN, 2: bytes(256) + PLAIN[16:], 3: bytes(384) + PLAIN[16:]}
    for world_kind in ("sgx3", "tdx4", "tdx15"):
        for kind, value in data.items():
            yield genuine(f"type-{kind}-{world_kind}", world_kind, both(typed(kind, value), bring))
            yield refused(
                f"type-{kind}-without-chain-{world_kind}",
                world_kind,
                typed(kind, value),
                "collateral.complete",
            )
        yield genuine(f"type-4-{world_kind}", world_kind, _leaf_only)
        yield refused(
            f"type-4-with-chain-{world_kind}",
            world_kind,
            three,
            "pck.chain_format|quote.certification_data",
            exit=FINAL,
        )
        yield genuine(f"type-5-and-the-same-chain-{world_kind}", world_kind, bring)
        yield refused(
            f"type-5-and-another-chain-{world_kind}", world_kind, other_chain, "pck.chain_agrees"
        )
        for kind in (0, 6, 7, 8):
            yield refused(
                f"type-{kind}-inside-{world_kind}",
                world_kind,
                typed(kind, PLAIN),
                "quote.certification_data|evidence.format",
                exit=FINAL,
            )
    for kind in (0, 1, 4, 5, 7):
        yield refused(
            f"type-{kind}-outside",
            "tdx4",
            quote(outer_type=kind),
            "quote.certification_data|evidence.format",
            exit=FINAL,
        )


def _brought_chains():
    """Types without a whole chain inside: the collateral completes them, or fails to."""

    def no_issuer_chain(world):
        _leaf_only(world)
        world.after.append(lambda items: items.pop("pck_crl_issuer_chain"))

    yield refused("type-4-without-issuer-chain", "sgx3", no_issuer_chain, "collateral.complete")

    def someone_else(world):
        """Collateral brings the chain of another platform, of the same PKI: its PCK did not sign
        this QE report."""
        world.quote.cert_type, world.quote.cert_data = 1, PLAIN
        leaf = CertSpec(
            world.pki.leaf.subject,
            TestKey("pck of another platform"),
            CA_CN["processor"],
            world.pki.intermediate.key,
            serial=0x3002,
            sgx=SgxExtension().der(),
        )
        world.after.append(_bring_chain([leaf.der()] + world.pki.pck_chain()[1:]))

    yield refused(
        "type-1-chain-of-another-platform", "sgx3", someone_else, "qe_report.signature", exit=FINAL
    )

    def expired(world):
        world.quote.cert_type, world.quote.cert_data, world.bring_chain = 1, PLAIN, True
        world.pki.leaf.not_after = world.now - 1

    yield refused(
        "type-1-expired-chain", "sgx3", expired, "pck.chain_dates", exit=MENDED, status="UpToDate"
    )

    def unpinned(world):
        """The collateral's PCK chain of a root nobody pinned; all else is genuine."""
        world.quote.cert_type, world.quote.cert_data = 1, PLAIN
        world.after.append(_bring_chain(Pki(seed=" forged").pck_chain()))

    yield refused("type-1-chain-of-another-root", "sgx3", unpinned, "pck.root", exit=MENDED)

    def other_ca(world):
        """The leaf of the Processor CA, completed with the Platform CA: another platform's
        collateral."""
        _leaf_only(world)
        other = Pki("platform")

        def change(items):
            items["pck_crl_issuer_chain"] = pem(other.intermediate.der()) + pem(other.root.der())
            items["pck_crl"] = other.pck_crl.der().hex()

        world.after.append(change)

    yield refused(
        "type-4-completed-by-the-other-ca",
        "sgx3",
        other_ca,
        "pck.chain_issuers|pck.chain_signatures",
        exit=MENDED,
    )


def _pem_text():
    yield refused(
        "type-5-garbage",
        "sgx3",
        quote(cert_data=b"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"),
        "pck.chain_format",
        exit=FINAL,
    )
    yield refused(
        "type-5-empty-pem", "sgx3", quote(cert_data=b"\n"), "pck.chain_format", exit=FINAL
    )

    def text_between(world):
        world.quote.cert_data = (
            world.pck_pem()
            .replace("-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\nhello\n", 1)
            .encode()
        )

    yield refused(
        "type-5-text-between-certificates", "sgx3", text_between, "pck.chain_format", exit=FINAL
    )

    def bare(world):
        world.quote.cert_data = world.pck_pem().encode()

    yield genuine("type-5-without-nul", "sgx3", bare)


def _qe():
    for kind in ("sgx3", "sgx4", "tdx4", "tdx15"):
        for length in (0, 1, 31, 33, 1000):
            yield genuine(
                f"auth-data-{length}-{kind}",
                kind,
                quote(auth=bytes(i & 0xFF for i in range(length))),
            )
        tail = bytes(31) + b"\1"
        yield refused(
            f"qe-report-data-tail-{kind}",
            kind,
            quote(report_tail=tail),
            "qe_report.data_tail",
            exit=FINAL,
        )
        at = {"sgx3": 436, "sgx4": 436, "tdx4": 636, "tdx15": 706}[kind]
        yield refused(
            f"qe-report-signed-by-another-{kind}",
            kind,
            quote(pck_key=TestKey("another")),
            "qe_report.signature",
            exit=FINAL,
        )
        flip = lambda offset: _edit(lambda q: q[:offset] + bytes([q[offset] ^ 1]) + q[offset + 1 :])
        yield refused(f"quote-signature-{kind}", kind, flip(at + 10), "quote.signature", exit=FINAL)
        yield refused(f"quote-body-changed-{kind}", kind, flip(60), "quote.signature", exit=FINAL)
        yield refused(
            f"attestation-key-changed-{kind}",
            kind,
            _patch(at + 64, TestKey("another").xy),
            "qe_report.binding",
            exit=FINAL,
        )
        yield refused(
            f"quote-signature-zero-{kind}",
            kind,
            _patch(at, bytes(64)),
            "quote.signature",
            exit=FINAL,
        )
        yield refused(
            f"attestation-key-zero-{kind}",
            kind,
            _patch(at + 64, bytes(64)),
            "quote.attestation_key|qe_report.binding",
            exit=FINAL,
        )

    class OffCurve(TestKey):
        """Bound by the QE, and no point of the curve."""

        def __init__(self):
            super().__init__("attestation")
            self.xy = self.xy[:63] + bytes([self.xy[63] ^ 1])

    yield refused(
        "attestation-key-off-the-curve-though-bound",
        "sgx3",
        quote(attestation_key=OffCurve()),
        "quote.attestation_key",
        exit=FINAL,
    )


def _padding():
    for kind in ("sgx3", "tdx4", "tdx15"):
        for length in (1, 64, 3065):
            yield genuine(f"padding-{length}-{kind}", kind, quote(padding=bytes(length)))
        yield refused(
            f"padding-not-zero-{kind}",
            kind,
            quote(padding=bytes(63) + b"\1"),
            "evidence.padding|evidence.format",
            exit=FINAL,
        )


def _bodies():
    yield genuine(
        "body-debug-enclave", "sgx3", body(flags=0x07), exit=DENIED, facts={"claims.debug": True}
    )
    yield genuine(
        "body-debug-td",
        "tdx4",
        body(td_attributes=1 | 1 << 28),
        exit=DENIED,
        facts={"claims.debug": True},
    )
    yield genuine("body-migratable-td", "tdx15", body(td_attributes=1 << 28 | 1 << 29), exit=DENIED)
    yield genuine("body-service-td", "tdx15", body(mr_service_td=bytes([9] * 48)), exit=DENIED)
    yield genuine("body-without-sept-ve-disable", "tdx4", body(td_attributes=0), exit=None)
    yield genuine(
        "body-all-config-ids",
        "tdx4",
        body(
            mr_config_id=bytes([1] * 48), mr_owner=bytes([2] * 48), mr_owner_config=bytes([3] * 48)
        ),
        facts={
            "claims.mr_config_id": "01" * 48,
            "claims.mr_owner": "02" * 48,
            "claims.mr_owner_config": "03" * 48,
        },
    )
    yield genuine(
        "body-kss",
        "sgx3",
        body(
            flags=0x85,
            config_id=bytes([4] * 64),
            config_svn=0x1234,
            isv_ext_prod_id=bytes([5] * 16),
            isv_family_id=bytes([6] * 16),
        ),
    )
    yield genuine(
        "body-large-numbers",
        "sgx3",
        body(isv_prod_id=65535, isv_svn=65534, misc_select=0xFFFFFFFF),
        facts={"claims.isv_prod_id": 65535, "claims.isv_svn": 65534},
    )
    yield genuine(
        "body-xfam-and-pks", "tdx4", body(td_attributes=1 << 28 | 1 << 30 | 1 << 63, xfam=0x61AE7)
    )


def _headers():
    for kind in ("sgx3", "tdx4", "tdx15"):
        bad = "evidence.format"
        for version in (0, 1, 2, 6, 65535):
            yield refused(
                f"header-version-{version}-{kind}",
                kind,
                _patch(0, struct.pack("<H", version)),
                bad,
                exit=FINAL,
            )
        yield refused(
            f"header-key-type-3-{kind}",
            kind,
            quote(key_type=3),
            f"{bad}|quote.signature",
            exit=FINAL,
        )
        yield refused(
            f"header-vendor-{kind}",
            kind,
            quote(vendor=bytes(16)),
            "quote.qe_vendor|evidence.format",
            exit=FINAL,
        )
        yield refused(f"header-tee-1-{kind}", kind, quote(tee=1), bad, exit=FINAL)
    yield refused("header-tee-tdx-in-v3", "sgx3", quote(tee=0x81), "evidence.format", exit=FINAL)
    yield refused("header-tee-sgx-with-td", "tdx15", quote(tee=0), "evidence.format", exit=FINAL)
    yield refused(
        "header-tee-tdx-with-enclave", "sgx5", quote(tee=0x81), "evidence.format", exit=FINAL
    )
    for kind, value in ((0, 384), (2, 648), (3, 584), (4, 648), (3, 0xFFFFFFFF)):
        yield refused(
            f"header-body-type-{kind}-of-{value}",
            "tdx15",
            _patch(48, struct.pack("<HI", kind, value)),
            "evidence.format",
            exit=FINAL,
        )
    yield refused("empty-evidence", "sgx3", _edit(lambda q: b""), "evidence.format", exit=FINAL)


def scenarios():
    for part in (_kinds, _types, _brought_chains, _pem_text, _qe, _padding, _bodies, _headers):
        yield from part()
