# SPDX-License-Identifier: Apache-2.0
"""`attest inspect` and `attest collateral show`: what files say, told as such."""
import json
import struct

import pytest

from attest_oracle.quote import SgxBodySpec
from attest_cli import NO_ANSWER, OK, REFUSED, attest, conforms, golden, one_line


@pytest.mark.parametrize("kind", ["sgx3", "sgx4", "sgx5", "tdx4", "tdx5", "tdx15"])
def test_inspect(made, kind):
    case = made(kind)
    text = attest("inspect", case.quote, exit=OK).out
    golden(f"inspect-{kind}.txt", text)
    assert text.startswith("Nothing below was verified")
    said = attest("inspect", case.quote, "-o", "json", exit=OK).json
    conforms(said, "inspect")
    assert said["verified"] is False and said["header"]["version"] == int(kind[3:4] if kind != "tdx15" else 5)
    chain = said["signature_data"]["certification_data"]["certificates"]
    assert [c["subject"] for c in chain][0] == "Intel SGX PCK Certificate" and len(chain) == 3
    assert chain[0]["sgx_extension"]["fmspc"] and chain[2]["sgx_extension"] is None


def test_inspect_agrees_with_verify(tdx):
    body = attest("inspect", tdx.quote, "-o", "json", exit=OK).json["body"]
    claims = tdx.json(exit=OK)["claims"]
    for name, value in claims.items():
        assert body[name] == value or body[name]["value"] == value, name


def test_every_bit_has_its_meaning(made):
    def many(world):
        world.quote.body.flags = 0xB7 | 1 << 40
    case = made("sgx3", "bits", many)
    bits = attest("inspect", case.quote, "-o", "json", exit=OK).json["body"]["attributes"]["bits"]
    told = {b["bit"]: b for b in bits}
    assert [b for b in sorted(told) if told[b]["set"]] == [0, 1, 2, 4, 5, 7, 40]
    assert told[1]["name"] == "DEBUG" and told[1]["meaning"] and told[40]["name"] is None
    assert not told[6]["set"] and told[6]["meaning"]


def test_report(tmp_path):
    """A bare REPORT: body, key id, MAC; it can be looked at, and is refused as evidence of anything."""
    report = SgxBodySpec().bytes() + bytes(range(32)) + bytes([9] * 16)
    (tmp_path / "report").write_bytes(report)
    said = attest("inspect", tmp_path / "report", "-o", "json", exit=OK).json
    conforms(said, "inspect")
    assert said["kind"] == "sgx-report" and said["mac"] == "09" * 16 and said["key_id"] == bytes(range(32)).hex()
    golden("inspect-report.txt", attest("inspect", tmp_path / "report", exit=OK).out)


def test_inspect_padding(sgx, tmp_path):
    (tmp_path / "q").write_bytes(sgx.quote.read_bytes() + bytes(7))
    assert attest("inspect", tmp_path / "q", "-o", "json", exit=OK).json["padding"] == 7


def test_inspect_names_the_pck_certificate(made):
    def type_1(world):
        world.quote.cert_type = 1
        world.quote.cert_data = bytes(range(16)) + bytes([5] * 16) + struct.pack("<HH", 13, 0)
    case = made("sgx3", "type-1", type_1)
    data = attest("inspect", case.quote, "-o", "json", exit=OK).json
    conforms(data, "inspect")
    data = data["signature_data"]["certification_data"]
    assert data["pck_name"]["ppid"] == bytes(range(16)).hex() and data["pck_name"]["pce_svn"] == 13
    assert data["certificates"] is None


def test_inspect_bad_certificates(made):
    def broken(world):
        world.quote.cert_data = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    case = made("sgx3", "broken-chain", broken)
    answer = attest("inspect", case.quote, "-o", "json", exit=REFUSED)
    conforms(answer.json, "inspect")
    assert answer.json["signature_data"]["certification_data"]["certificates_error"]


def test_inspect_what_is_no_quote(tmp_path):
    (tmp_path / "q").write_bytes(b"no quote")
    answer = attest("inspect", tmp_path / "q", exit=REFUSED)
    assert answer.out == ""
    one_line(answer.err)
    assert "No such file" in one_line(attest("inspect", tmp_path / "none", exit=NO_ANSWER).err)


def test_text_from_outside_is_escaped(made):
    """Terminal controls and letters beyond ASCII, in the name of a certificate and in an advisory id."""
    def change(world):
        world.tcb.levels[0].advisories = ["INTEL-\u001b[31mred\u202e"]
    case = made("sgx3", "escapes", change)
    for options in ([], ["-o", "json"], ["--verbose"]):
        answer = case.verify(*options)
        assert (answer.out + answer.err).isascii() and "\x1b" not in answer.out + answer.err


@pytest.mark.parametrize("kind", ["sgx3", "tdx15"])
def test_collateral_show(made, kind):
    case = made(kind)
    golden(f"collateral-{kind}.txt", attest("collateral", "show", case.collateral, exit=OK).out)
    said = attest("collateral", "show", case.collateral, "-o", "json", exit=OK).json
    conforms(said, "collateral-show")
    assert said["complete"] and said["missing"] == []
    assert said["items"]["tcb_info"]["tee"] == ("SGX" if kind == "sgx3" else "TDX")


def test_collateral_show_missing(sgx, tmp_path):
    items = {k: v for k, v in sgx.items.items() if k not in ("pck_crl", "qe_identity_signature")}
    (tmp_path / "c.json").write_text(json.dumps(items))
    answer = attest("collateral", "show", tmp_path / "c.json", "-o", "json", exit=NO_ANSWER)
    conforms(answer.json, "collateral-show")
    assert answer.json["missing"] == ["pck_crl", "qe_identity_signature"] and not answer.json["complete"]
    assert "pck_crl is missing" in answer.err


@pytest.mark.parametrize("item", ["pck_crl_issuer_chain", "root_ca_crl", "tcb_info", "qe_identity"])
def test_collateral_show_bad_item(sgx, tmp_path, item):
    (tmp_path / "c.json").write_text(json.dumps({**sgx.items, item: "{"}))
    answer = attest("collateral", "show", tmp_path / "c.json", "-o", "json", exit=NO_ANSWER)
    conforms(answer.json, "collateral-show")
    assert answer.json["items"][item]["error"] and not answer.json["complete"]


def test_collateral_show_what_is_none(tmp_path):
    (tmp_path / "c.json").write_text("[]")
    assert attest("collateral", "show", tmp_path / "c.json", exit=NO_ANSWER).out == ""
    assert attest("collateral", "show", tmp_path / "none", exit=NO_ANSWER).out == ""
