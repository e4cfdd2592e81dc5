# SPDX-License-Identifier: Apache-2.0
"""Certificates: roots, constraints, algorithms, chains of the wrong shape, the SGX extension,
simulated roots."""
from dataclasses import replace

from .. import der
from ..keys import TestKey
from ..pck import BASE as SGX_BASE
from ..pki import (
    CA_CN,
    CRL_SIGN,
    DIGITAL_SIGNATURE,
    KEY_CERT_SIGN,
    ROOT_CN,
    SIGNER_CN,
    CertSpec,
    Pki,
    SgxExtension,
    extension,
    pem,
)
from .table import FINAL, genuine, refused

# The two marks of simulated roots (doc/architecture.md): an extension, or the prefix of the key id.
SIM_MARKER = "2.999.97.116.116.101.115.116.1"
SIM_KEY_ID = b"attest-sim" + bytes(range(10))


def spec(which, **members):
    """Changes certificates of the PKI; what they sign changes with them."""

    def change(world):
        for name in which.split():
            setattr(world.pki, name, replace(getattr(world.pki, name), **members))
        world.quote.pck_key = world.pki.leaf.key

    return change


def other_root(world, **members):
    """The same PKI under a root of another key; pinned is the first one."""
    old = pem(world.pki.root.der())
    root = CertSpec(
        ROOT_CN,
        TestKey("another root"),
        serial=0x1002,
        ca=True,
        path_len=1,
        usage=(KEY_CERT_SIGN, CRL_SIGN),
        **members,
    )
    world.pki.root = root
    for name in ("intermediate", "tcb_signer", "qe_signer"):
        setattr(world.pki, name, replace(getattr(world.pki, name), issuer_key=root.key))
    world.pki.root_crl = replace(world.pki.root_crl, key=root.key)
    world.root = old


def _roots():
    yield refused("root-not-pinned", "sgx3", other_root, "pck.root", exit=FINAL)
    yield refused("root-not-pinned-td", "tdx4", other_root, "pck.root", exit=FINAL)

    def reissued(world):
        old = pem(world.pki.root.der())
        world.pki.root = replace(world.pki.root, serial=0x1009)
        world.root = old

    yield genuine("root-issued-again-with-the-pinned-key", "sgx3", reissued)

    def two_roots(world):
        """The quote's chain ends in one certificate of the root key, the collateral's in
        another."""
        world.chain = world.pki.pck_chain()[:2] + [replace(world.pki.root, serial=0x1009).der()]

    yield genuine("root-of-the-quote-is-another-certificate-of-the-key", "sgx3", two_roots)

    def only_collateral(world):
        """A genuine quote, collateral wholly of somebody else."""
        forged = Pki()
        fake = CertSpec(
            ROOT_CN, TestKey("another root"), ca=True, path_len=1, usage=(KEY_CERT_SIGN, CRL_SIGN)
        )
        signer = replace(forged.tcb_signer, issuer_key=fake.key, key=TestKey("another signer"))

        def change(items):
            for text in ("tcb_info", "qe_identity"):
                items[f"{text}_issuer_chain"] = pem(signer.der()) + pem(fake.der())
                items[f"{text}_signature"] = signer.key.sign_raw(items[text].encode()).hex()

        world.after.append(change)

    yield refused(
        "root-of-the-signers-not-pinned",
        "sgx3",
        only_collateral,
        "tcb_signer.root",
        "qe_signer.root",
    )

    def stolen_name(world):
        """The pinned root appended to a chain that another key signed."""
        real = world.pki.root
        other_root(world)
        world.chain = world.pki.pck_chain()[:2] + [real.der()]
        world.after.append(
            lambda items: items.update(
                {
                    n: items[n].replace(pem(world.pki.root.der()), pem(real.der()))
                    for n in items
                    if n.endswith("chain")
                }
            )
        )

    yield refused(
        "root-pinned-but-signs-nothing",
        "sgx3",
        stolen_name,
        "pck.chain_signatures",
        "tcb_signer.chain_signatures",
        exit=FINAL,
    )
    marker = (extension(SIM_MARKER, b"\x05\0"),)
    yield genuine("root-simulated-by-extension", "sgx3", spec("root", extra=marker), simulated=True)

    def by_key_id(world):
        world.pki.root = replace(world.pki.root, key_id=SIM_KEY_ID)
        for name in ("intermediate", "tcb_signer", "qe_signer"):
            setattr(world.pki, name, replace(getattr(world.pki, name), issuer_key_id=SIM_KEY_ID))
        world.pki.root_crl.issuer_key_id = SIM_KEY_ID

    yield genuine("root-simulated-by-key-id", "tdx4", by_key_id, simulated=True)


def _constraints():
    unknown = (extension("1.3.6.1.4.1.99999.1", der.octets(b"x"), True),)
    known = (extension("1.3.6.1.4.1.99999.1", der.octets(b"x"), False),)
    broken = {
        "path-length": ("root", {"path_len": 0}),
        "root-is-no-ca": ("root", {"ca": False, "path_len": None}),
        "ca-is-no-ca": ("intermediate", {"ca": False, "path_len": None}),
        "ca-without-basic-constraints": ("intermediate", {"ca": None, "path_len": None}),
        "ca-may-not-sign": ("intermediate", {"usage": (DIGITAL_SIGNATURE, CRL_SIGN)}),
        "root-may-not-sign": ("root", {"usage": (DIGITAL_SIGNATURE, CRL_SIGN)}),
        "pck-is-a-ca": ("leaf", {"ca": True}),
        "pck-may-not-sign": ("leaf", {"usage": (KEY_CERT_SIGN,)}),
        "pck-critical-extension": ("leaf", {"extra": unknown}),
        "ca-critical-extension": ("intermediate", {"extra": unknown}),
        "root-critical-extension": ("root", {"extra": unknown}),
    }

    def under_the_good_root(which, members):
        def change(world):
            world.root = pem(world.pki.root.der())
            spec(which, **members)(world)

        return change

    for label, (which, members) in broken.items():
        for kind in ("sgx3", "tdx4"):
            yield refused(
                f"constraints-{label}-{kind}",
                kind,
                under_the_good_root(which, members),
                "pck.chain_constraints",
                exit=FINAL,
            )
    for label, members in (
        ("is-a-ca", {"ca": True}),
        ("may-not-sign", {"usage": (KEY_CERT_SIGN,)}),
        ("critical-extension", {"extra": unknown}),
    ):
        yield refused(
            f"constraints-tcb-signer-{label}",
            "sgx3",
            spec("tcb_signer", **members),
            "tcb_signer.chain_constraints",
        )
        yield refused(
            f"constraints-qe-signer-{label}",
            "sgx3",
            spec("qe_signer", **members),
            "qe_signer.chain_constraints",
        )
    yield genuine(
        "constraints-unknown-extension-not-critical",
        "sgx3",
        spec("leaf intermediate root tcb_signer qe_signer", extra=known),
    )


def _algorithms():
    for which, checks, exit in (
        ("leaf", ("pck.chain_format",), FINAL),
        ("tcb_signer", ("tcb_signer.chain_format",), 3),
        ("qe_signer", ("qe_signer.chain_format",), 3),
        ("intermediate", ("pck.chain_format",), FINAL),
    ):
        yield refused(
            f"algorithm-sha384-{which}", "sgx3", spec(which, digest="sha384"), *checks, exit=exit
        )

    def root384(world):
        world.root = pem(world.pki.root.der())
        spec("root", digest="sha384")(world)

    yield refused("algorithm-sha384-root", "sgx3", root384, "pck.chain_format", exit=FINAL)

    def leaf384(world):
        world.pki.leaf = replace(world.pki.leaf, key=TestKey("pck 384", "P-384"))

    yield refused("algorithm-p384-pck", "sgx3", leaf384, "pck.chain_format", exit=FINAL)

    def signer384(world):
        signer = replace(world.pki.tcb_signer, key=TestKey("signer 384", "P-384"))
        world.after.append(
            lambda items: items.__setitem__(
                "tcb_info_issuer_chain", pem(signer.der()) + pem(world.pki.root.der())
            )
        )

    yield refused("algorithm-p384-tcb-signer", "sgx3", signer384, "tcb_signer.chain_format")


def _shapes():
    def chain(order):
        def change(world):
            made = world.pki.pck_chain()
            world.chain = [made[i] for i in order]

        return change

    for label, order, check in (
        ("of-two", (0, 1), "pck.chain_format"),
        ("of-four", (0, 1, 2, 2), "pck.chain_format"),
        ("of-leaf", (0,), "pck.chain_format"),
        ("without-intermediate", (0, 2, 2), "pck.chain_issuers"),
        ("reversed", (2, 1, 0), "pck.chain_format|pck.chain_issuers|pck.chain_constraints"),
        ("swapped-cas", (0, 2, 1), "pck.chain_format|pck.chain_issuers|pck.chain_constraints"),
    ):
        for kind in ("sgx3", "tdx4"):
            yield refused(f"chain-{label}-{kind}", kind, chain(order), check, exit=FINAL)
    yield refused(
        "chain-pck-signed-by-another",
        "sgx3",
        spec("leaf", issuer_key=TestKey("another")),
        "pck.chain_signatures|pck.chain_issuers",
        exit=FINAL,
    )
    yield refused(
        "chain-pck-names-another-issuer",
        "sgx3",
        spec("leaf", issuer=CA_CN["platform"]),
        "pck.chain_issuers",
        exit=FINAL,
    )
    yield refused(
        "chain-ca-names-another-issuer",
        "sgx3",
        spec("intermediate", issuer="Intel SGX Root CA 2"),
        "pck.chain_issuers",
        exit=FINAL,
    )
    yield refused(
        "chain-pck-of-another-name",
        "sgx3",
        spec("leaf", subject="Some Certificate"),
        "pck.chain_issuers|pck.chain_format|pck.chain_constraints",
        exit=FINAL,
    )

    def signer_chain(*which):
        def change(world):
            ders = [getattr(world.pki, n).der() for n in which]
            world.after.append(
                lambda items: items.__setitem__(
                    "tcb_info_issuer_chain", "".join(pem(d) for d in ders)
                )
            )

        return change

    yield refused(
        "chain-tcb-signer-alone", "sgx3", signer_chain("tcb_signer"), "tcb_signer.chain_format"
    )
    yield refused(
        "chain-tcb-signer-three",
        "sgx3",
        signer_chain("tcb_signer", "intermediate", "root"),
        "tcb_signer.chain_format",
    )
    yield refused(
        "chain-tcb-signer-reversed",
        "sgx3",
        signer_chain("root", "tcb_signer"),
        "tcb_signer.chain_format|tcb_signer.chain_issuers|tcb_signer.chain_constraints",
    )
    # A certificate under the pinned root that is no TCB signer must not sign TCB info.
    yield refused(
        "chain-tcb-signer-of-another-name",
        "sgx3",
        spec("tcb_signer", subject="Intel SGX PCK Processor CA"),
        "tcb_signer.chain_issuers|tcb_signer.chain_format|tcb_signer.chain_constraints",
    )

    def pck_signs(world):
        """The platform's own key signs its TCB info, with its own chain."""

        def change(items):
            for text in ("tcb_info", "qe_identity"):
                items[f"{text}_issuer_chain"] = "".join(pem(d) for d in world.pki.pck_chain())
                items[f"{text}_signature"] = world.pki.leaf.key.sign_raw(items[text].encode()).hex()

        world.after.append(change)

    yield refused(
        "chain-tcb-info-signed-by-the-pck",
        "sgx3",
        pck_signs,
        "tcb_signer.chain_format|tcb_signer.chain_issuers",
        "qe_signer.chain_format|qe_signer.chain_issuers",
    )

    def ca_signs(world):
        def change(items):
            items["tcb_info_issuer_chain"] = pem(world.pki.intermediate.der()) + pem(
                world.pki.root.der()
            )
            items["tcb_info_signature"] = world.pki.intermediate.key.sign_raw(
                items["tcb_info"].encode()
            ).hex()

        world.after.append(change)

    yield refused(
        "chain-tcb-info-signed-by-the-pck-ca",
        "sgx3",
        ca_signs,
        "tcb_signer.chain_format|tcb_signer.chain_issuers|tcb_signer.chain_constraints",
    )

    def self_signed(world):
        fake = CertSpec(SIGNER_CN, TestKey("another signer"))

        def change(items):
            items["tcb_info_issuer_chain"] = pem(fake.der()) + pem(world.pki.root.der())
            items["tcb_info_signature"] = fake.key.sign_raw(items["tcb_info"].encode()).hex()

        world.after.append(change)

    yield refused("chain-tcb-signer-signs-itself", "sgx3", self_signed, "tcb_signer.chain_issuers")


def _sgx_extension():
    def value(make):
        return lambda world: spec("leaf", sgx=make(SgxExtension()))(world)

    def members(edit):
        """Rebuilds the extension from its members after an edit of their list."""

        def make(sgx):
            items = [
                der.tlv(tag, content)
                for tag, content in der.read_all(der.read_one(sgx.der(), 0x30))
            ]
            edit(items)
            return der.seq(*items)

        return value(make)

    no = "pck.sgx_extension"
    yield refused("extension-absent", "sgx3", spec("leaf", sgx=None), no, exit=FINAL)
    yield refused("extension-empty", "sgx3", spec("leaf", sgx=der.seq()), no, exit=FINAL)
    yield refused(
        "extension-no-der",
        "sgx3",
        spec("leaf", sgx=b"\x30\x05\x01"),
        f"{no}|pck.chain_format",
        exit=FINAL,
    )
    for i, label in enumerate(("ppid", "tcb", "pceid", "fmspc", "type")):
        yield refused(
            f"extension-without-{label}",
            "sgx3",
            members(lambda items, i=i: items.pop(i)),
            no,
            exit=FINAL,
        )
        yield refused(
            f"extension-with-two-{label}",
            "sgx3",
            members(lambda items, i=i: items.append(items[i])),
            no,
            exit=FINAL,
        )
    yield refused(
        "extension-fmspc-short",
        "sgx3",
        value(lambda s: replace(s, fmspc=bytes(5)).der()),
        no,
        exit=FINAL,
    )
    yield refused(
        "extension-component-256",
        "sgx3",
        value(lambda s: replace(s, components=(5,) * 15 + (256,)).der()),
        no,
        exit=FINAL,
    )
    yield refused(
        "extension-15-components",
        "sgx3",
        value(lambda s: replace(s, components=(5,) * 15).der()),
        no,
        exit=FINAL,
    )
    yield refused(
        "extension-pcesvn-65536",
        "sgx3",
        value(lambda s: replace(s, pce_svn=65536).der()),
        no,
        exit=FINAL,
    )
    yield refused(
        "extension-type-3", "sgx3", value(lambda s: replace(s, sgx_type=3).der()), no, exit=FINAL
    )
    extra = der.seq(der.oid(f"{SGX_BASE}.8"), der.octets(b"x"))
    yield refused(
        "extension-of-six", "sgx3", members(lambda items: items.append(extra)), no, exit=FINAL
    )
    yield genuine("extension-platform-ca", "sgx3", lambda w: None, ca="platform")
    yield genuine(
        "extension-scalable-with-integrity",
        "tdx4",
        lambda w: None,
        ca="platform",
        extension={"sgx_type": 2},
    )
    yield genuine(
        "extension-platform-ca-some-flags",
        "sgx3",
        lambda w: None,
        ca="platform",
        extension={"configuration": {3: False}},
    )


def scenarios():
    for part in (_roots, _constraints, _algorithms, _shapes, _sgx_extension):
        yield from part()
