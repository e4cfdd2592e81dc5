# SPDX-License-Identifier: Apache-2.0
"""TCB info and QE identity: signatures, strictness, and whether they are this platform's."""
import json

from ..collateral import LevelSpec, compact
from ..keys import TestKey
from .table import FINAL, MENDED, genuine, refused


def _text(name, edit):
    """Replaces the signed text, and signs what comes out."""

    def change(world):
        spec = world.tcb if name == "tcb_info" else world.qe_identity
        world.texts[name] = edit(spec.text())

    return change


def _object(name, edit):
    def on_text(text):
        o = json.loads(text)
        edit(o)
        return compact(o)

    return _text(name, on_text)


def _set(**members):
    return lambda o: o.update(members)


def _without(member):
    return lambda o: o.pop(member)


def _strict():
    """Both texts: whatever is signed and wrong is refused after its signature held."""
    for name, ident in (("tcb_info", "tcb"), ("qe_identity", "qe")):
        bad = f"{name}.format"
        for label, edit in (
            ("duplicate-member", lambda t: t[:-1] + ',"version":3}'),
            ("duplicate-unknown-member", lambda t: t[:-1] + ',"x":1,"x":1}'),
            ("duplicate-member-escaped", lambda t: t[:-1] + ',"\\u0076ersion":3}'),
            (
                "duplicate-member-inside",
                lambda t: t.replace('"tcbDate":', '"tcbStatus":"UpToDate","tcbDate":', 1),
            ),
            ("trailing-text", lambda t: t + "x"),
            ("trailing-object", lambda t: t + "{}"),
            ("cut", lambda t: t[:-1]),
            ("array", lambda t: "[" + t + "]"),
            ("no-json", lambda t: "tcb"),
            ("deep", lambda t: t[:-1] + ',"x":' + "[" * 5000 + "]" * 5000 + "}"),
            ("not-a-number", lambda t: t[:-1] + ',"x":NaN}'),
            ("single-quotes", lambda t: t[:-1] + ",'x':1}"),
            ("comment", lambda t: t[:-1] + "/* */}"),
        ):
            yield refused(f"{ident}-{label}", "sgx3", _text(name, edit), bad)
        for label, edit in (
            ("no-levels", _set(tcbLevels=[])),
            ("levels-no-array", _set(tcbLevels={})),
            ("level-no-object", _set(tcbLevels=[1])),
            ("evaluation-as-text", _set(tcbEvaluationDataNumber="17")),
            ("evaluation-negative", _set(tcbEvaluationDataNumber=-1)),
            ("evaluation-fraction", _set(tcbEvaluationDataNumber=17.5)),
            ("date-without-zone", _set(nextUpdate="2025-07-02T00:00:00")),
            ("date-of-no-day", _set(nextUpdate="2025-06-31T00:00:00Z")),
            ("date-number", _set(issueDate=1)),
            ("version-text", _set(version="3")),
            ("version-unknown", _set(version=9)),
            ("version-0", _set(version=0)),
        ):
            yield refused(f"{ident}-{label}", "sgx3", _object(name, edit), bad)
        yield genuine(
            f"{ident}-unknown-member",
            "sgx3",
            _object(name, _set(somethingNew={"a": [1, {"b": None}]})),
        )
        yield genuine(
            f"{ident}-spaces-that-were-signed",
            "sgx3",
            _text(name, lambda t: json.dumps(json.loads(t), indent=2) + "\n"),
        )
    for member in (
        "issueDate",
        "nextUpdate",
        "fmspc",
        "pceId",
        "tcbType",
        "tcbEvaluationDataNumber",
        "tcbLevels",
        "version",
        "id",
    ):
        yield refused(
            f"tcb-without-{member}",
            "sgx3",
            _object("tcb_info", _without(member)),
            "tcb_info.format",
        )
    for member in (
        "issueDate",
        "nextUpdate",
        "id",
        "version",
        "tcbEvaluationDataNumber",
        "miscselect",
        "miscselectMask",
        "attributes",
        "attributesMask",
        "mrsigner",
        "isvprodid",
        "tcbLevels",
    ):
        yield refused(
            f"qe-without-{member}",
            "sgx3",
            _object("qe_identity", _without(member)),
            "qe_identity.format",
        )


def _signatures():
    other = TestKey("another")
    for name, ident in (("tcb_info", "tcb"), ("qe_identity", "qe")):
        check = f"{name}.signature"
        signature = f"{name}_signature"

        def after(edit):
            return lambda world: world.after.append(edit)

        yield refused(
            f"{ident}-signed-by-another-key",
            "sgx3",
            after(
                lambda i, n=name, s=signature: i.__setitem__(s, other.sign_raw(i[n].encode()).hex())
            ),
            check,
        )
        yield refused(
            f"{ident}-text-changed",
            "sgx3",
            after(lambda i, n=name: i.__setitem__(n, i[n].replace("UpToDate", "OutOfDate"))),
            check,
        )
        yield refused(
            f"{ident}-white-space-added",
            "sgx3",
            after(lambda i, n=name: i.__setitem__(n, i[n].replace(":", ": ", 1))),
            check,
        )
        yield refused(
            f"{ident}-newline-at-the-end",
            "sgx3",
            after(lambda i, n=name: i.__setitem__(n, i[n] + "\n")),
            check,
        )
        yield refused(
            f"{ident}-signature-of-zeros",
            "sgx3",
            after(lambda i, s=signature: i.__setitem__(s, "00" * 64)),
            check,
        )
        yield refused(
            f"{ident}-signature-short",
            "sgx3",
            after(lambda i, s=signature: i.__setitem__(s, i[s][:-2])),
            check,
        )
        yield refused(
            f"{ident}-signature-no-hex",
            "sgx3",
            after(lambda i, s=signature: i.__setitem__(s, "z" * 128)),
            check,
        )
        yield genuine(
            f"{ident}-signature-in-upper-case",
            "sgx3",
            after(lambda i, s=signature: i.__setitem__(s, i[s].upper())),
        )

    def swapped(items):
        for a, b in (("tcb_info", "qe_identity"), ("tcb_info_signature", "qe_identity_signature")):
            items[a], items[b] = items[b], items[a]

    yield refused(
        "tcb-and-qe-texts-swapped",
        "sgx3",
        lambda w: w.after.append(swapped),
        "tcb_info.format",
        "qe_identity.format",
    )


def _tcb_info():
    def tcb(**members):
        def change(world):
            for name, value in members.items():
                setattr(world.tcb, name, value)

        return change

    def level(**members):
        return lambda o: o["tcbLevels"][0]["tcb"].update(members)

    yield genuine("tcb-version-2", "sgx3", tcb(version=2))
    yield genuine("tcb-version-2-with-sgx4", "sgx4", tcb(version=2))
    yield refused("tcb-version-2-with-td", "tdx4", tcb(version=2, id="SGX"), "tcb_info.kind")
    yield refused("tcb-of-sgx-with-td", "tdx4", tcb(id="SGX"), "tcb_info.kind")
    yield refused(
        "tcb-of-tdx-with-sgx",
        "sgx3",
        tcb(id="TDX", levels=[LevelSpec("UpToDate", tdx=(0,))]),
        "tcb_info.kind",
    )
    yield refused(
        "tcb-of-tdx-with-sgx4",
        "sgx4",
        tcb(id="TDX", levels=[LevelSpec("UpToDate", tdx=(0,))]),
        "tcb_info.kind",
    )
    yield refused(
        "tcb-other-fmspc", "sgx3", tcb(fmspc=bytes.fromhex("00a067110000")), "tcb_info.fmspc"
    )
    yield refused(
        "tcb-other-fmspc-of-a-td",
        "tdx4",
        tcb(fmspc=bytes.fromhex("00a067110000")),
        "tcb_info.fmspc",
    )
    yield refused("tcb-other-pce-id", "sgx3", tcb(pce_id=b"\1\0"), "tcb_info.pce_id")
    yield genuine(
        "tcb-fmspc-in-lower-case",
        "sgx3",
        _object("tcb_info", lambda o: o.update(fmspc=o["fmspc"].lower())),
    )
    yield genuine(
        "tcb-evaluation-numbers-differ",
        "sgx3",
        tcb(evaluation=18),
        facts={"collateral.tcb_evaluation_number": 18, "collateral.qe_evaluation_number": 17},
    )
    for label, edit in (
        ("type-1", _set(tcbType=1)),
        ("id-unknown", _set(id="SNP")),
        ("fmspc-short", _set(fmspc="00906ED500")),
        ("fmspc-no-hex", _set(fmspc="00906ED5000G")),
        ("tdx-module-in-sgx", _set(tdxModule={})),
        ("svn-256", level(pcesvn=65536)),
        ("15-components", lambda o: o["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].pop()),
        (
            "component-256",
            lambda o: o["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].__setitem__(3, {"svn": 256}),
        ),
        (
            "component-negative",
            lambda o: o["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].__setitem__(3, {"svn": -1}),
        ),
        (
            "component-fraction",
            lambda o: o["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].__setitem__(3, {"svn": 1.5}),
        ),
        (
            "component-true",
            lambda o: o["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].__setitem__(3, {"svn": True}),
        ),
        (
            "17-components",
            lambda o: o["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].append({"svn": 0}),
        ),
        ("without-pcesvn", lambda o: o["tcbLevels"][0]["tcb"].pop("pcesvn")),
        ("without-tcb", lambda o: o["tcbLevels"][0].pop("tcb")),
        ("without-status", lambda o: o["tcbLevels"][0].pop("tcbStatus")),
        ("without-date", lambda o: o["tcbLevels"][0].pop("tcbDate")),
        ("advisories-no-text", lambda o: o["tcbLevels"][0].update(advisoryIDs=[1])),
        ("level-twice", lambda o: o["tcbLevels"].append(o["tcbLevels"][0])),
    ):
        yield refused(f"tcb-{label}", "sgx3", _object("tcb_info", edit), "tcb_info.format")
    yield refused(
        "tcb-status-unknown",
        "sgx3",
        _object("tcb_info", lambda o: o["tcbLevels"][0].update(tcbStatus="Fine")),
        "tcb_info.format|tcb.status|tcb.sgx_level",
        exit=None,
    )
    for label, edit in (
        ("without-module", _without("tdxModule")),
        ("module-without-signer", lambda o: o["tdxModule"].pop("mrsigner")),
        ("identity-without-id", lambda o: o["tdxModuleIdentities"][0].pop("id")),
        ("identity-no-levels", lambda o: o["tdxModuleIdentities"][0].update(tcbLevels=[])),
        ("15-tdx-components", lambda o: o["tcbLevels"][0]["tcb"]["tdxtcbcomponents"].pop()),
        ("without-tdx-components", lambda o: o["tcbLevels"][0]["tcb"].pop("tdxtcbcomponents")),
    ):
        yield refused(f"tcb-tdx-{label}", "tdx4", _object("tcb_info", edit), "tcb_info.format")


def _qe_identity():
    def qe(**members):
        def change(world):
            for name, value in members.items():
                setattr(world.qe_identity, name, value)

        return change

    yield refused(
        "qe-version-1", "sgx3", _object("qe_identity", _set(version=1)), "qe_identity.format"
    )
    yield refused(
        "qe-id-unknown", "sgx3", _object("qe_identity", _set(id="XE")), "qe_identity.format"
    )
    yield refused("qe-identity-of-qve", "sgx3", qe(id="QVE"), "qe_identity.kind")
    yield refused("qe-identity-of-td-qe-with-sgx", "sgx3", qe(id="TD_QE"), "qe_identity.kind")
    yield refused("qe-identity-of-td-qe-with-sgx4", "sgx4", qe(id="TD_QE"), "qe_identity.kind")
    yield refused("qe-identity-of-qe-with-td", "tdx4", qe(id="QE"), "qe_identity.kind")
    for kind in ("sgx3", "tdx4"):
        yield refused(
            f"qe-miscselect-{kind}", kind, qe(misc_select="01000000"), "qe.misc_select", exit=FINAL
        )
        yield refused(
            f"qe-attributes-{kind}",
            kind,
            qe(attributes="13" + "00" * 15),
            "qe.attributes",
            exit=FINAL,
        )
        yield refused(
            f"qe-mr-signer-{kind}", kind, qe(mr_signer=bytes([1] * 32)), "qe.mr_signer", exit=FINAL
        )
        yield refused(
            f"qe-isv-prod-id-{kind}", kind, qe(isv_prod_id=3), "qe.isv_prod_id", exit=FINAL
        )

    def report(**members):
        def change(world):
            for name, value in members.items():
                setattr(world.quote.qe, name, value)

        return change

    yield genuine("qe-attributes-outside-the-mask", "sgx3", report(flags=0x15, xfrm=0xE7))
    yield refused("qe-debug", "sgx3", report(flags=0x13), "qe.attributes", exit=FINAL)
    yield refused(
        "qe-attribute-above-byte-0", "sgx3", report(flags=0x111), "qe.attributes", exit=FINAL
    )
    yield refused(
        "qe-miscselect-of-the-report", "sgx3", report(misc_select=1), "qe.misc_select", exit=FINAL
    )
    # Text order is memory order: the low byte of the number first.
    yield genuine(
        "qe-miscselect-in-memory-order",
        "sgx3",
        lambda w: (qe(misc_select="01000000")(w), report(misc_select=1)(w)),
    )
    yield genuine(
        "qe-miscselect-outside-the-mask",
        "sgx3",
        lambda w: (qe(misc_mask="FEFFFFFF")(w), report(misc_select=1)(w)),
    )
    yield genuine("qe-svn-above-all-levels", "sgx3", report(isv_svn=9))


def scenarios():
    for part in (_strict, _signatures, _tcb_info, _qe_identity):
        yield from part()
