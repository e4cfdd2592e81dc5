# SPDX-License-Identifier: Apache-2.0
"""`attest policy init` and `attest policy check`."""
import json

import pytest

from attest_cli import DENIED, NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, golden


@pytest.mark.parametrize("kind", ["sgx3", "tdx4", "tdx15"])
def test_init_and_verify(made, tmp_path, kind):
    case = made(kind)
    answer = attest("policy", "init", "--from", case.quote, exit=OK)
    assert "nothing was verified" in answer.err
    golden(f"policy-{kind}.json", answer.out)
    assert attest("policy", "init", "--from", case.quote, "-o", "json", exit=OK).out == answer.out
    (tmp_path / "p.json").write_text(answer.out)
    said = case.json("--policy", tmp_path / "p.json", exit=OK)
    assert said["pinned"] and said["policy"]["source"] == "file" and "builtin_policy" not in said["defaults_used"]
    assert "nothing was pinned" not in case.verify("--policy", tmp_path / "p.json", exit=OK).out


def test_another_measurement_is_denied(made, tmp_path):
    def other(world):
        world.quote.body.mr_enclave = bytes([7] * 32)
    (tmp_path / "p.json").write_text(attest("policy", "init", "--from", made("sgx3").quote, exit=OK).out)
    said = made("sgx3", "other", other).json("--policy", tmp_path / "p.json", exit=DENIED)
    assert "mr_enclave" in said["policy"]["reasons"][0] and not said["pinned"]


def test_init_warns_of_debug(made):
    def debug(world):
        world.quote.body.td_attributes |= 1
    answer = attest("policy", "init", "--from", made("tdx4", "debug", debug).quote, exit=OK)
    assert "warning: " in answer.err and "debug TD" in answer.err


def test_init_from_what_is_no_evidence(tmp_path):
    (tmp_path / "q").write_bytes(b"no quote")
    assert attest("policy", "init", "--from", tmp_path / "q", exit=REFUSED).out == ""
    assert attest("policy", "init", "--from", tmp_path / "none", exit=NO_ANSWER).out == ""


def test_check(tmp_path, made):
    path = tmp_path / "p.json"
    path.write_text(attest("policy", "init", "--from", made("sgx3").quote, exit=OK).out)
    answer = attest("policy", "check", path, "-o", "json", exit=OK)
    conforms(answer.json, "policy-check")
    assert answer.json["pins"] and answer.json["warnings"] == []
    assert attest("policy", "check", path, exit=OK).out.startswith(f"{path}: valid, pins measurements\n")
    path.write_text(json.dumps(answer.json["canonical"]))
    again = attest("policy", "check", path, "-o", "json", exit=OK).json
    assert again["canonical"] == answer.json["canonical"]


def test_check_warns(tmp_path):
    path = tmp_path / "p.json"
    path.write_text('{"version": 1, "any_of": [{}]}')
    answer = attest("policy", "check", path, "-o", "json", exit=OK)
    conforms(answer.json, "policy-check")
    assert answer.json["warnings"] and not answer.json["pins"]
    assert "warning: " in attest("policy", "check", path, exit=OK).out


def test_verify_warns_of_such_a_policy(sgx, tmp_path):
    (tmp_path / "p.json").write_text('{"version": 1, "any_of": [{}]}')
    answer = sgx.verify("--policy", tmp_path / "p.json", exit=DENIED)
    assert "attest: warning: policy: " in answer.err


@pytest.mark.parametrize("text", [
    "", "{", "[]", '{"version": 2, "any_of": [{}]}',
    '{"version": 1, "any_of": [{"mr_enclave": "00"}]}', '{"version": 1, "any_of": [{"debug": "maybe"}]}',
    '{"version": 1, "version": 1, "any_of": [{"any_measurement": true}]}', '{"version": 1, "any_of": [{}]} x',
    '{"version": 1, "any_of": [{"any_measurement": "\\ud800"}]}', "[" * 100, " " * 70000,
], ids=lambda text: text[:40])
def test_malformed_is_misuse(sgx, tmp_path, text):
    path = tmp_path / "p.json"
    path.write_text(text)
    answer = attest("policy", "check", path, "-o", "json", exit=USAGE)
    conforms(answer.json, "policy-check")
    assert not answer.json["valid"] and answer.json["error"] in answer.err
    assert attest("policy", "check", path, exit=USAGE).out == ""
    assert sgx.verify("--policy", path, exit=USAGE).out == ""


def test_check_reads_standard_input():
    attest("policy", "check", "-", stdin=b'{"version": 1, "any_of": [{"any_measurement": true}]}', exit=OK)
    assert attest("policy", "check", "/nonexistent/p.json", exit=NO_ANSWER).out == ""
