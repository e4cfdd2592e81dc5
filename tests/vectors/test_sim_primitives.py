# SPDX-License-Identifier: Apache-2.0
"""The simulated processor and the oracle's model of it against what Intel's own code answered
(vectors/ladh): REPORTs, every EGETKEY result, byte for byte."""
import json

import pytest

import shared_vectors
from attest_oracle.sgx_cpu import Cpu, Request, Secs
from sim_cpu import SimCpu

INTEL = Cpu(intel=True)
FOLDER = shared_vectors.folder()
# What the harness that made the vectors gives an enclave unless a row says otherwise.
DEFAULT = {"flags": 7, "xfrm": 3}


def rows(op):
    if not FOLDER:
        return []
    text = (FOLDER / "ladh" / "sim_primitives.json").read_text()
    return [pytest.param(r, id=r.get("name", op)) for r in json.loads(text) if r["op"] == op]


def secs(row):
    e = DEFAULT | row["enclave"]
    return Secs(
        misc_select=e.get("misc", 0),
        flags=e["flags"],
        xfrm=e["xfrm"],
        mr_enclave=bytes.fromhex(e["mrenclave"]),
        mr_signer=bytes.fromhex(e["mrsigner"]),
        config_id=bytes.fromhex(e.get("configid", "")).ljust(64, b"\0"),
        isv_prod_id=e["prodid"],
        isv_svn=e["isvsvn"],
        config_svn=e.get("configsvn", 0),
        family_id=bytes.fromhex(e.get("familyid", "")).ljust(16, b"\0"),
        ext_prod_id=bytes.fromhex(e.get("extprodid", "")).ljust(16, b"\0"),
    )


@pytest.fixture(scope="module")
def cpu():
    with SimCpu(INTEL) as driver:
        yield driver


@pytest.mark.parametrize("row", rows("ereport"))
def test_ereport(row, cpu):
    e, target = secs(row), bytes.fromhex(row["target"])
    expected, data = bytes.fromhex(row["report"]), bytes.fromhex(row["report_data"])
    assert cpu.ask("ereport", e.wire(), target, data) == (0, expected)
    assert INTEL.ereport(e, target, data) == expected
    assert INTEL.report_key(e, expected[384:416]).hex() == row["report_key"]
    assert e.target() == target
    assert cpu.ask("verify", e.wire(), expected) == (0, b"")


@pytest.mark.parametrize("row", rows("egetkey"))
def test_egetkey(row, cpu):
    e, request = secs(row), Request.of(bytes.fromhex(row["request"]))
    code, _, key = row["result"].partition(" ")
    expected = int(code, 16), bytes.fromhex(key) or None
    assert request.wire() == bytes.fromhex(row["request"])
    assert INTEL.egetkey(e, request) == expected
    assert cpu.egetkey(e, request) == expected


def transcripts():
    if not FOLDER:
        return []
    return [pytest.param(p, id=p.stem) for p in sorted((FOLDER / "ladh").glob("lav*.json"))]


@pytest.mark.parametrize("path", transcripts())
def test_reports_of_local_attestation(path, cpu):
    """Both REPORTs of an exchange. LAv2 puts other report data on the wire than what is in the
    MAC."""
    said = json.loads(path.read_text())
    derived = {k: bytes.fromhex(v) for k, v in said["derived"].items()}
    msg1, msg2, msg3 = (bytes.fromhex(said[name]) for name in ("msg1", "msg2", "msg3"))
    made = [
        (said["initiator_enclave"], msg1[64:576], derived["msg2_report_data_maced"], msg2[64:496]),
        (said["responder_enclave"], derived["target_info_derived_by_responder"],
         derived["msg3_report_data_maced"], msg3[16:448]),
    ]
    for enclave, target, data, wire in made:
        expected = wire[:320] + data + wire[384:]
        e = secs({"enclave": enclave})
        assert cpu.ask("ereport", e.wire(), target, data) == (0, expected)
        assert INTEL.ereport(e, target, data) == expected
