# SPDX-License-Identifier: Apache-2.0
"""Bad input: one clear line with field and offset, the right exit code, no crash, no hang, at most 16 MiB
(every run of the command here is held to that)."""
import base64
import json
import re
import struct

import pytest

from attest_cli import NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, one_line

def patch(at, data):
    return lambda q: q[:at] + data + q[at + len(data):]


# (name, what becomes of the quote, what the line says); offsets are of a v3 quote
EVIDENCE = [
    ("empty", lambda q: b"", "quote header: truncated in version @0"),
    ("one byte", lambda q: q[:1], "truncated in version @0"),
    ("header only", lambda q: q[:48], "@48"),
    ("cut in the body", lambda q: q[:100], r"truncated in [\w.]+ @"),
    ("cut in the signature data", lambda q: q[:700], r"truncated in signature_data @"),
    ("cut by one byte", lambda q: q[:-1], r"truncated in signature_data @"),
    ("version 2", patch(0, b"\2\0"), r"version is 2\b.* @0"),
    ("version 6", patch(0, b"\6\0"), "version is 6"),
    ("key type 3", patch(2, b"\3\0"), "@2"),
    ("signature length too large", patch(432, b"\xff\xff\xff\xff"), "truncated in signature_data @"),
    ("signature length too small", patch(432, struct.pack("<I", 600)), r"@\d+"),
    ("auth data length too large", patch(1012, b"\xff\xff"), r"truncated in [\w.]+ @"),
    ("certification data type 9", patch(1046, b"\x09\0"), r"@1046"),
    ("certification data length too large", patch(1048, b"\xff\xff\xff\x7f"), r"truncated in [\w.]+ @"),
    ("trailing bytes", lambda q: q + b"\0\0\xaa", "byte 0xaa behind the signature data"),
    ("all zeros", lambda q: bytes(5000), "version is 0"),
    ("all ones", lambda q: b"\xff" * 5000, "version is 65535"),
    ("hex with a bad digit", lambda q: q.hex()[:-1].encode() + b"g", r"@\d+"),
    ("hex of odd length", lambda q: q.hex()[:-1].encode(), ""),
    ("base64 cut off", lambda q: base64.b64encode(q)[:-3], ""),
    ("PEM without an end", lambda q: b"-----BEGIN QUOTE-----\n" + base64.b64encode(q), ""),
    ("PEM of nothing", lambda q: b"-----BEGIN QUOTE-----\n-----END QUOTE-----\n", ""),
    ("hex of hex", lambda q: q.hex().encode().hex().encode(), "version is "),
    ("too large", lambda q: q + bytes(300 << 10), "at most 262144"),
    ("far too large", lambda q: bytes(9 << 20), "larger than 1048576 bytes"),
    ("JSON", lambda q: b'{"quote": 1}', ""),
]


@pytest.mark.parametrize("change, says", [e[1:] for e in EVIDENCE], ids=[e[0] for e in EVIDENCE])
def test_evidence(sgx, tmp_path, change, says):
    (tmp_path / "q").write_bytes(change(sgx.quote.read_bytes()))
    answer = attest("verify", tmp_path / "q", *sgx.options(), "-o", "json", exit=REFUSED)
    conforms(answer.json, "verdict")
    assert not answer.json["authentic"] and answer.failed() == ["evidence.format"]
    assert re.search(says, one_line(answer.err))
    inspected = attest("inspect", tmp_path / "q", exit=REFUSED)
    assert inspected.out == "" and re.search(says, one_line(inspected.err))


def text_of(**changes):
    def make(items):
        return json.dumps({**items, **changes}).encode()
    return make


def nested(items):
    return json.dumps(items)[:-1].encode() + b', "x": ' + b"[" * 60000 + b"]" * 60000 + b"}"


# (name, what becomes of the collateral's text, what the line says)
COLLATERAL = [
    ("empty", lambda i: b"", ""),
    ("an array", lambda i: b"[]", r"@\d+"),
    ("cut off", lambda i: json.dumps(i).encode()[:-1], r"@\d+"),
    ("trailing text", lambda i: json.dumps(i).encode() + b" x", r"@\d+"),
    ("a duplicate member", lambda i: b'{"tcb_info":"",' + json.dumps(i).encode()[1:], r"\"tcb_info\" stands twice @\d+"),
    ("deeply nested", nested, r"@\d+"),
    ("a number for text", text_of(pck_crl=1), "pck_crl"),
    ("bad UTF-8", lambda i: json.dumps(i).encode()[:-1] + b', "x": "\xff"}', r"@\d+"),
    ("a lone surrogate", lambda i: json.dumps(i).encode()[:-1] + b', "x": "\\ud800"}', r"@\d+"),
    ("a byte order mark", lambda i: b"\xef\xbb\xbf" + json.dumps(i).encode(), ""),
    ("too large", lambda i: b'{"x": "' + b"a" * (3 << 19) + b'"}', "at most"),
    ("far too large", lambda i: bytes(40 << 20), "larger than 2097152 bytes"),
    ("an odd CRL", text_of(pck_crl="abc"), r"pck_crl\.format"),
    ("a CRL of another encoding", text_of(root_ca_crl="MIIB"), r"root_crl\.format"),
    ("a chain that is none", text_of(tcb_info_issuer_chain="-----BEGIN CERTIFICATE-----"), r"tcb_signer\.chain_format"),
    ("a signature too short", text_of(tcb_info_signature="00" * 63), "tcb_info"),
    ("no TCB info but a list", text_of(tcb_info="[]"), "tcb_info"),
    ("many items", lambda i: json.dumps({f"m{n}": n for n in range(100000)}).encode(), ""),
]


@pytest.mark.parametrize("change, says", [e[1:] for e in COLLATERAL], ids=[e[0] for e in COLLATERAL])
def test_collateral(sgx, tmp_path, change, says):
    (tmp_path / "c.json").write_bytes(change(sgx.items))
    answer = attest("verify", sgx.quote, "-c", tmp_path / "c.json", "--root", sgx.root, "-t", sgx.time, "-o", "json",
                    exit=NO_ANSWER)
    conforms(answer.json, "verdict")
    assert not answer.json["authentic"] and re.search(says, one_line(answer.err))
    shown = attest("collateral", "show", tmp_path / "c.json")
    assert shown.exit in (OK, NO_ANSWER)


@pytest.mark.parametrize("when, code", [("2015-01-01T00:00:00Z", (REFUSED, NO_ANSWER)), ("2055-01-01T00:00:00Z", (REFUSED, NO_ANSWER)),
                                        ("0", (REFUSED, NO_ANSWER)), ("253402300799", (REFUSED, NO_ANSWER))])
def test_wrong_time(sgx, when, code):
    answer = attest("verify", sgx.quote, "-c", sgx.collateral, "--root", sgx.root, "-t", when, "-o", "json")
    assert answer.exit in code
    conforms(answer.json, "verdict")
    assert any(f.endswith("dates") for f in answer.failed())


def test_wrong_order(made, tmp_path):
    """Certificates in the wrong order: in the quote, and in the collateral."""
    def reverse(world):
        world.chain = world.pki.pck_chain()[::-1]
    answer = made("sgx3", "reversed", reverse).verify("-o", "json", exit=REFUSED)
    assert any(f.startswith("pck.") for f in answer.failed())
    case = made("sgx3")
    blocks = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n", case.items["tcb_info_issuer_chain"], re.S)
    (tmp_path / "c.json").write_text(json.dumps({**case.items, "tcb_info_issuer_chain": "".join(blocks[::-1])}))
    answer = attest("verify", case.quote, "-c", tmp_path / "c.json", "--root", case.root, "-t", case.time, "-o", "json",
                    exit=NO_ANSWER)
    assert any(f.startswith("tcb_signer.") for f in answer.failed())


def test_directory_for_a_file(sgx, tmp_path):
    answer = attest("verify", tmp_path, *sgx.options(), exit=NO_ANSWER)
    assert "Is a directory" in one_line(answer.err)


def test_a_stream_without_end_is_not_read_on(sgx):
    for argv in (["verify", "/dev/zero", *sgx.options()], ["inspect", "/dev/zero"]):
        answer = attest(*argv, exit=REFUSED)
        assert "larger than" in one_line(answer.err)
    attest("verify", sgx.quote, "-c", "/dev/zero", "--root", sgx.root, "-t", sgx.time, exit=NO_ANSWER)
    attest("policy", "check", "/dev/zero", exit=USAGE)
