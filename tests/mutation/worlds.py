# SPDX-License-Identifier: Apache-2.0
"""Platforms with exactly one fault, where the oracle's own scenarios have more than one or none."""
import hashlib
import struct
from dataclasses import replace

from attest_oracle import der
from attest_oracle.collateral import IsvLevelSpec, LevelSpec
from attest_oracle.keys import TestKey
from attest_oracle.pki import (
    CA_CN,
    CRL_SIGN,
    DIGITAL_SIGNATURE,
    KEY_CERT_SIGN,
    ROOT_CN,
    CertSpec,
    key_id,
    pem,
)
from attest_oracle.quote import QE_SIGNER
from attest_oracle.scenarios.table import genuine, refused
from attest_oracle.world import NOW

OTHER = TestKey("another")
CRL_NUMBER = der.oid("2.5.29.20")
QE_REPORT_AT = 564  # in a quote of version 3
PPID = bytes(range(16)) + bytes([5] * 16) + struct.pack("<H", 13) + b"\0\0"


def _forged(world, which):
    """A certificate that names the right key as its signer's, and is signed by another."""
    good = getattr(world.pki, which)
    return replace(good, issuer_key=OTHER, issuer_key_id=key_id(good.issuer_key))


def _other_root():
    return CertSpec(ROOT_CN, OTHER, ca=True, path_len=1, usage=(KEY_CERT_SIGN, CRL_SIGN))


def _put(world, **items):
    world.after.append(lambda made: made.update(items))


def _chain(*certs):
    return "".join(pem(c.der()) for c in certs)


def _pck():
    def signed_by_another(world):
        world.pki.leaf = _forged(world, "leaf")

    yield refused("pck-signed-by-another", "sgx3", signed_by_another)

    def another_platform(world):
        """A PCK certificate as good as the first, whose key did not sign this QE report."""
        world.pki.leaf = replace(world.pki.leaf, key=TestKey("pck of another platform"))

    yield refused("pck-of-another-platform", "sgx3", another_platform)

    def forged_ca(world):
        ca = _forged(world, "intermediate")
        world.chain = [world.pki.leaf.der(), ca.der(), world.pki.root.der()]
        return ca

    yield refused("pck-ca-forged-in-the-quote", "sgx3", forged_ca)

    def forged_twice(world):
        _put(world, pck_crl_issuer_chain=_chain(forged_ca(world), world.pki.root))

    yield refused("pck-ca-forged-in-both-chains", "sgx3", forged_twice)

    def without_extension(world):
        """All that is compared with the extension is zero in the TCB info."""
        world.pki.leaf.sgx = None
        world.tcb.fmspc, world.tcb.pce_id = bytes(6), bytes(2)
        world.tcb.levels = [LevelSpec("UpToDate", (0,) * 16, 0)]

    yield refused("pck-without-extension", "sgx3", without_extension)

    def platform_manifest(world):
        world.quote.cert_type, world.quote.cert_data, world.bring_chain = 7, PPID, True

    yield refused("certification-data-of-type-7-beside-a-chain", "sgx3", platform_manifest)


def _issuer_chain():
    def intermediate(**members):
        def change(world):
            ca = replace(world.pki.intermediate, **members)
            _put(world, pck_crl_issuer_chain=_chain(ca, world.pki.root))

        return change

    for name, members in (
        ("names-another-issuer", {"issuer": "Another Root CA"}),
        ("may-not-sign-certificates", {"usage": (DIGITAL_SIGNATURE, CRL_SIGN)}),
        ("expired", {"not_after": NOW - 1}),
    ):
        yield refused(f"issuer-chain-{name}", "sgx3", intermediate(**members))

    def signed_by_another(world):
        ca = _forged(world, "intermediate")
        _put(world, pck_crl_issuer_chain=_chain(ca, world.pki.root))

    yield refused("issuer-chain-signed-by-another", "sgx3", signed_by_another)

    def under_another_root(world):
        root = _other_root()
        ca = replace(world.pki.intermediate, issuer_key=root.key)
        crl = replace(world.pki.root_crl, key=root.key)
        _put(world, pck_crl_issuer_chain=_chain(ca, root), root_ca_crl=crl.der().hex())

    yield refused("issuer-chain-of-another-root-with-its-crl", "sgx3", under_another_root)

    def namesake(world):
        """An authority that the same root certified under the same name; its CRL lists others."""
        ca = replace(world.pki.intermediate, key=OTHER)
        crl = replace(world.pki.pck_crl, key=OTHER)
        _put(world, pck_crl_issuer_chain=_chain(ca, world.pki.root), pck_crl=crl.der().hex())

    yield refused("issuer-chain-and-crl-of-a-namesake", "sgx3", namesake)

    def same_key_other_name(world):
        ca = replace(world.pki.intermediate, subject=CA_CN["platform"])
        crl = replace(world.pki.pck_crl, issuer=CA_CN["platform"])
        _put(world, pck_crl_issuer_chain=_chain(ca, world.pki.root), pck_crl=crl.der().hex())

    yield refused("issuer-chain-and-crl-of-the-key-by-another-name", "sgx3", same_key_other_name)


def _without_number(crl):
    """The same CRL without its number, signed again."""
    tbs, algorithm, _ = der.read_all(der.read_one(crl.der(), 0x30))
    *fields, (_, extensions) = der.read_all(tbs[1])
    kept = [
        der.tlv(*e)
        for e in der.read_all(der.read_one(extensions, 0x30))
        if not e[1].startswith(CRL_NUMBER)
    ]
    again = der.seq(*(der.tlv(*f) for f in fields), der.explicit(0, der.seq(*kept)))
    return der.seq(again, der.tlv(*algorithm), der.bits(crl.key.sign_der(again)))


def _crls():
    for which, item in (("root_crl", "root_ca_crl"), ("pck_crl", "pck_crl")):

        def change(world, which=which):
            good = getattr(world.pki, which)
            forged = replace(good, key=OTHER, issuer_key_id=key_id(good.key))
            setattr(world.pki, which, forged)

        yield refused(f"{which}-signed-by-another", "sgx3", change)

        def key_id_of_another(world, which=which):
            good = getattr(world.pki, which)
            setattr(world.pki, which, replace(good, issuer_key_id=key_id(OTHER)))

        yield refused(f"{which}-names-another-key", "sgx3", key_id_of_another)

        def no_number(world, which=which, item=item):
            _put(world, **{item: _without_number(getattr(world.pki, which)).hex()})

        yield refused(f"{which}-without-number", "sgx3", no_number)


def _signers():
    for which, item in (("tcb_signer", "tcb_info"), ("qe_signer", "qe_identity")):
        chain = f"{item}_issuer_chain"

        def issuer(world, which=which):
            setattr(world.pki, which, replace(getattr(world.pki, which), issuer="Another Root CA"))

        yield refused(f"{which}-names-another-issuer", "sgx3", issuer)

        def signature(world, which=which):
            setattr(world.pki, which, _forged(world, which))

        yield refused(f"{which}-signed-by-another", "sgx3", signature)

        def root(world, which=which, chain=chain):
            other = _other_root()
            signer = replace(getattr(world.pki, which), issuer_key=other.key)
            _put(world, **{chain: _chain(signer, other)})

        yield refused(f"{which}-under-another-root", "sgx3", root)

        def revoked(world, which=which):
            setattr(world.pki, which, replace(getattr(world.pki, which), serial=0x4003))
            world.pki.root_crl.revoked = (0x4003,)

        yield refused(f"{which}-revoked", "sgx3", revoked)


def _documents():
    def sgx_for_td(world):
        """A module of version 0 needs nothing that TCB info of SGX has not."""
        world.tcb.id, world.quote.body.tee_tcb_svn = "SGX", (5, 0, 3)

    yield refused("tcb-info-of-sgx-for-a-td", "tdx4", sgx_for_td)

    def td_qe_for_sgx(world):
        qe = world.qe_identity
        qe.id, qe.mr_signer, qe.isv_prod_id, qe.levels = "TD_QE", QE_SIGNER, 1, [IsvLevelSpec(8)]

    yield refused("qe-identity-of-td-qe-for-sgx", "sgx3", td_qe_for_sgx)


def _quote():
    def unbound(world):
        """Another key signs the quote than the one the QE vouches for."""
        quote, vouched = world.quote, world.quote.attestation_key

        def report():
            digest = hashlib.sha256(vouched.xy + quote.auth).digest()
            quote.qe.report_data = digest + bytes(32)
            return quote.qe.bytes()

        quote.qe_report, quote.attestation_key = report, OTHER

    for kind in ("sgx3", "tdx4"):
        yield refused(f"attestation-key-not-vouched-for-{kind}", kind, unbound)

    def changed(quote):
        """A bit of the QE's CPUSVN, which nothing else compares."""
        at = QE_REPORT_AT
        return quote[:at] + bytes([quote[at] ^ 1]) + quote[at + 1 :]

    def vendor(world):
        world.quote.vendor = world.quote.vendor[:-1] + bytes([world.quote.vendor[-1] ^ 1])

    yield refused("vendor-differs-in-its-last-byte", "sgx3", vendor)

    def qe_signer(world):
        world.quote.qe.mr_signer = QE_SIGNER[:-1] + bytes([QE_SIGNER[-1] ^ 1])

    yield refused("qe-mr-signer-differs-in-its-last-byte", "sgx3", qe_signer)
    yield refused("qe-report-changed", "sgx3", lambda world: world.after_quote.append(changed))

    def qe_level(status):
        def change(world):
            for level in world.qe_identity.levels or [IsvLevelSpec(8)]:
                world.qe_identity.levels = [replace(level, status=status)]

        return change

    yield refused("qe-revoked", "sgx3", qe_level("Revoked"))

    def below_every_level(world):
        world.qe_identity.levels = [IsvLevelSpec(9)]

    yield refused("qe-below-every-level", "sgx3", below_every_level)


def everything():
    """Scenarios that must be refused, and two genuine ones for what a caller may ask beside."""
    yield genuine("genuine-enclave", "sgx3")
    yield genuine("genuine-td", "tdx4")
    for part in (_pck, _issuer_chain, _crls, _signers, _documents, _quote):
        yield from part()
