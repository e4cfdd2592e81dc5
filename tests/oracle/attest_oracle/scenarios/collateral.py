# SPDX-License-Identifier: Apache-2.0
"""Collateral: dates, CRLs, revocation, the CRL issuer chain, missing items, the forms it travels
in."""
import json
from dataclasses import replace

from ..keys import TestKey
from ..pki import CA_CN, CRL_SIGN, KEY_CERT_SIGN, CertSpec, Pki, pem, utc
from ..verify import REQUIRED
from ..world import NOW
from .table import FINAL, MENDED, genuine, refused

DAY = 86400


def _at(t):
    def change(world):
        world.now = t

    return change


def _dates(name, get, first, last, check, exit=MENDED):
    """One object around both its bounds: the bounds are inside."""

    def bounds(a, b):
        def change(world):
            setattr(get(world), first, a)
            setattr(get(world), last, b)

        return change

    yield genuine(f"dates-{name}-from-now", "sgx3", bounds(NOW, NOW + DAY))
    yield genuine(f"dates-{name}-until-now", "sgx3", bounds(NOW - DAY, NOW))
    yield refused(
        f"dates-{name}-in-the-future",
        "sgx3",
        bounds(NOW + 1, NOW + DAY),
        *check,
        exit=exit,
        status="UpToDate",
    )
    yield refused(
        f"dates-{name}-expired",
        "sgx3",
        bounds(NOW - DAY, NOW - 1),
        *check,
        exit=exit,
        status="UpToDate",
    )


def _all_dates():
    for tdx, kind in ((False, "sgx3"), (True, "tdx4")):

        def expired(world):
            world.tcb.next_update = world.qe_identity.next_update = NOW - 1

        yield refused(
            f"dates-both-texts-expired-{kind}",
            kind,
            expired,
            "tcb_info.dates",
            "qe_identity.dates",
            status="UpToDate",
        )
    yield from _dates("tcb-info", lambda w: w.tcb, "issue", "next_update", ("tcb_info.dates",))
    yield from _dates(
        "qe-identity", lambda w: w.qe_identity, "issue", "next_update", ("qe_identity.dates",)
    )
    yield from _dates(
        "root-crl", lambda w: w.pki.root_crl, "this_update", "next_update", ("root_crl.dates",)
    )
    yield from _dates(
        "pck-crl", lambda w: w.pki.pck_crl, "this_update", "next_update", ("pck_crl.dates",)
    )
    for name, get, check, exit in (
        ("tcb-signer", lambda w: w.pki.tcb_signer, ("tcb_signer.chain_dates",), MENDED),
        ("qe-signer", lambda w: w.pki.qe_signer, ("qe_signer.chain_dates",), MENDED),
        ("pck", lambda w: w.pki.leaf, ("pck.chain_dates",), FINAL),
        (
            "pck-ca",
            lambda w: w.pki.intermediate,
            ("pck.chain_dates", "pck_crl_issuer.chain_dates"),
            FINAL,
        ),
        (
            "root",
            lambda w: w.pki.root,
            ("pck.chain_dates", "tcb_signer.chain_dates", "qe_signer.chain_dates"),
            FINAL,
        ),
    ):
        yield from _dates(name, get, "not_before", "not_after", check, exit)

    def after_2050(world):
        world.pki.root.not_after = world.pki.leaf.not_after = utc("2051-06-01")

    yield genuine("dates-generalized-time-of-2051", "sgx3", after_2050)
    yield refused(
        "dates-long-ago",
        "sgx3",
        _at(utc("1970-01-02")),
        "pck.chain_dates",
        "tcb_info.dates",
        exit=FINAL,
    )
    yield refused(
        "dates-far-ahead",
        "sgx3",
        _at(utc("2100-01-01")),
        "pck.chain_dates",
        "tcb_info.dates",
        exit=FINAL,
    )


def _revoke(crl, *serials):
    def change(world):
        getattr(world.pki, crl).revoked = serials

    return change


def _revocation():
    yield refused("revoked-pck", "sgx3", _revoke("pck_crl", 0x3001), "pck.revocation", exit=FINAL)
    yield refused(
        "revoked-pck-of-a-td", "tdx4", _revoke("pck_crl", 0x3001), "pck.revocation", exit=FINAL
    )
    yield refused(
        "revoked-pck-last-of-many",
        "sgx3",
        _revoke("pck_crl", *range(0x3101, 0x3165), 0x3001),
        "pck.revocation",
        exit=FINAL,
    )
    yield refused(
        "revoked-pck-ca",
        "sgx3",
        _revoke("root_crl", 0x2001),
        "pck.intermediate_revocation",
        exit=FINAL,
    )
    yield refused(
        "revoked-tcb-signer",
        "sgx3",
        _revoke("root_crl", 0x4001),
        "tcb_signer.revocation",
        "qe_signer.revocation",
    )

    def only_qe_signer(world):
        world.pki.qe_signer = replace(world.pki.qe_signer, serial=0x4002)
        world.pki.root_crl.revoked = (0x4002,)

    yield refused("revoked-qe-signer", "sgx3", only_qe_signer, "qe_signer.revocation")
    yield genuine(
        "revoked-others", "sgx3", _revoke("pck_crl", 0x3002, 0x30, 0x300100, 0x2001, 0x4001)
    )
    yield genuine("revoked-pck-serial-on-the-root-crl", "sgx3", _revoke("root_crl", 0x3001))

    def long_serial(world):
        world.pki.leaf.serial = int("f" * 38, 16)
        world.pki.pck_crl.revoked = (int("f" * 38, 16),)

    yield refused("revoked-pck-long-serial", "sgx3", long_serial, "pck.revocation", exit=FINAL)

    def almost(world):
        world.pki.leaf.serial = 0x80FF
        world.pki.pck_crl.revoked = (0xFF, 0x80, 0x80FE, 0x7F80FF)

    yield genuine("revoked-serials-that-look-alike", "sgx3", almost)


def _items(**members):
    """Replaces members of the finished JSON form; None removes one."""

    def change(world):
        def apply(items):
            for name, value in members.items():
                value = value(items) if callable(value) else value
                if value is None:
                    items.pop(name)
                else:
                    items[name] = value

        world.after.append(apply)

    return change


def _crls():
    other = TestKey("another")

    def wrong_key(crl):
        def change(world):
            getattr(world.pki, crl).key = other

        return change

    def wrong_issuer(crl, cn):
        def change(world):
            getattr(world.pki, crl).issuer = cn

        return change

    def endless(crl):
        def change(world):
            getattr(world.pki, crl).next_update = None

        return change

    for crl, item, cn in (
        ("root_crl", "root_ca_crl", CA_CN["processor"]),
        ("pck_crl", "pck_crl", CA_CN["platform"]),
    ):
        yield refused(
            f"crl-{crl}-other-key", "sgx3", wrong_key(crl), f"{crl}.signature|{crl}.issuer"
        )
        yield refused(f"crl-{crl}-other-issuer", "sgx3", wrong_issuer(crl, cn), f"{crl}.issuer")
        yield refused(f"crl-{crl}-without-next-update", "sgx3", endless(crl), f"{crl}.format")
        yield refused(f"crl-{crl}-is-no-crl", "sgx3", _items(**{item: "00" * 40}), f"{crl}.format")
        yield refused(
            f"crl-{crl}-odd-hex",
            "sgx3",
            _items(**{item: lambda items, i=item: items[i] + "0"}),
            f"{crl}.format",
        )
        yield refused(
            f"crl-{crl}-cut",
            "sgx3",
            _items(**{item: lambda items, i=item: items[i][:-2]}),
            f"{crl}.format",
        )
        yield refused(
            f"crl-{crl}-longer",
            "sgx3",
            _items(**{item: lambda items, i=item: items[i] + "01"}),
            f"{crl}.format",
        )
        yield genuine(
            f"crl-{crl}-in-pem",
            "sgx3",
            _items(**{item: lambda items, i=item: pem(bytes.fromhex(items[i]), "X509 CRL")}),
        )
        yield genuine(
            f"crl-{crl}-in-upper-case-hex",
            "sgx3",
            _items(**{item: lambda items, i=item: items[i].upper()}),
        )

    def swap(items):
        items["root_ca_crl"], items["pck_crl"] = items["pck_crl"], items["root_ca_crl"]

    yield refused(
        "crl-swapped", "sgx3", lambda w: w.after.append(swap), "root_crl.issuer", "pck_crl.issuer"
    )

    def no_crl_sign(world):
        world.pki.intermediate.usage = (KEY_CERT_SIGN,)

    yield refused(
        "crl-issuer-may-not-sign-crls",
        "sgx3",
        no_crl_sign,
        "pck_crl.issuer|pck.chain_constraints|pck_crl_issuer.chain_constraints",
        exit=None,
    )


def _issuer_chain():
    item = "pck_crl_issuer_chain"

    def only(*which):
        def change(world):
            world.after.append(
                lambda items: items.__setitem__(
                    item, "".join(pem(getattr(world.pki, n).der()) for n in which)
                )
            )

        return change

    yield refused("issuer-chain-missing", "sgx3", _items(**{item: None}), "collateral.complete")
    yield refused(
        "issuer-chain-without-intermediate", "sgx3", only("root"), "pck_crl_issuer.chain_format"
    )
    yield refused(
        "issuer-chain-without-root", "sgx3", only("intermediate"), "pck_crl_issuer.chain_format"
    )
    yield refused(
        "issuer-chain-reversed",
        "sgx3",
        only("root", "intermediate"),
        "pck_crl_issuer.chain_issuers|pck_crl_issuer.chain_format|pck_crl_issuer.intermediate",
    )
    yield refused(
        "issuer-chain-with-leaf",
        "sgx3",
        only("leaf", "intermediate", "root"),
        "pck_crl_issuer.chain_format",
    )

    def platform_ca(world):
        other = Pki("platform")
        world.after.append(
            lambda items: items.__setitem__(
                item, pem(other.intermediate.der()) + pem(other.root.der())
            )
        )

    yield refused(
        "issuer-chain-of-the-other-ca", "sgx3", platform_ca, "pck_crl_issuer.intermediate"
    )

    def reissued(*revoked):
        def change(world):
            old = replace(world.pki.intermediate, serial=0x2009)
            world.pki.root_crl.revoked = revoked
            world.after.append(
                lambda items: items.__setitem__(item, pem(old.der()) + pem(world.pki.root.der()))
            )

        return change

    yield genuine("issuer-chain-of-the-ca-issued-again", "sgx3", reissued())
    yield refused(
        "issuer-chain-of-the-ca-issued-again-and-revoked",
        "sgx3",
        reissued(0x2009),
        "pck.intermediate_revocation",
        exit=MENDED,
    )

    def other_ca_crl_too(world):
        platform_ca(world)
        other = Pki("platform")
        world.after.append(lambda items: items.__setitem__("pck_crl", other.pck_crl.der().hex()))

    yield refused(
        "issuer-chain-and-crl-of-the-other-ca",
        "sgx3",
        other_ca_crl_too,
        "pck_crl_issuer.intermediate",
    )

    def other_root(world):
        root = CertSpec(
            "Intel SGX Root CA",
            TestKey("another"),
            ca=True,
            path_len=1,
            usage=(KEY_CERT_SIGN, CRL_SIGN),
        )
        inter = replace(world.pki.intermediate, issuer_key=root.key)
        world.after.append(
            lambda items: items.__setitem__(item, pem(inter.der()) + pem(root.der()))
        )

    yield refused(
        "issuer-chain-under-another-root",
        "sgx3",
        other_root,
        "pck_crl_issuer.root|pck_crl_issuer.intermediate",
    )


def _missing():
    for name in REQUIRED:
        yield refused(f"missing-{name}", "sgx3", _items(**{name: None}), "collateral.complete")
        yield refused(f"empty-{name}", "tdx4", _items(**{name: ""}), "collateral.complete")
    for name in ("tcb_info_issuer_chain", "qe_identity_issuer_chain", "pck_crl_issuer_chain"):
        check = {"tcb": "tcb_signer", "qe_": "qe_signer", "pck": "pck_crl_issuer"}[
            name[:3]
        ] + ".chain_format"
        yield refused(f"garbage-{name}", "sgx3", _items(**{name: "no PEM\n"}), check)


def _again(member):
    def change(text):
        return text[: text.rindex("}")] + f', "{member}": "x"}}'

    return change


def _containers():
    for name, change in (
        ("duplicate-member", _again("tcb_info")),
        ("cut", lambda t: t[:-3]),
        ("trailing", lambda t: t + "{}"),
        ("array", lambda t: "[" + t + "]"),
        ("empty-file", lambda t: ""),
        ("number-member", lambda t: json.dumps({**json.loads(t), "tcb_info": 5})),
        ("deep", lambda t: "[" * 100000),
    ):
        yield refused(
            f"container-{name}", "sgx3", lambda w: None, "collateral.format", container=change
        )


def _forms():
    for kind in ("sgx3", "sgx4", "tdx4", "tdx15"):
        yield genuine(
            f"form-directory-{kind}", kind, lambda w: None, form="directory", ca="platform"
        )
        yield genuine(
            f"form-directory-with-headers-and-pem-crls-{kind}",
            kind,
            lambda w: None,
            form="directory-pem",
        )
    yield genuine("form-oe-endorsements", "sgx3", lambda w: None, form="oe")
    yield genuine("form-intel-flat-tdx", "tdx4", lambda w: None, form="flat")
    yield genuine("form-intel-flat-tdx-15", "tdx15", lambda w: None, form="flat")

    def late(world):
        world.tcb.next_update = NOW - 1

    for form in ("directory", "oe"):
        yield refused(
            f"form-{form}-expired", "sgx3", late, "tcb_info.dates", form=form, status="UpToDate"
        )


def scenarios():
    for part in (_all_dates, _revocation, _crls, _issuer_chain, _missing, _containers, _forms):
        yield from part()
