# SPDX-License-Identifier: Apache-2.0
"""`attest quote` on machines that are played: what is quoted verifies, and what goes wrong is said."""
import base64
import hashlib
import os
import pty
import struct
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli")]

import machines  # noqa: E402  (needs the path above)
from attest_cli import conforms, one_line  # noqa: E402
from machines import NO_ANSWER, OK, REFUSED, REPORT_DATA, USAGE, Evidence, attest  # noqa: E402

HEX = REPORT_DATA.hex()
MACHINES = [("occlum", "occlum", "sgx3"), ("gramine", "gramine", "sgx3"), ("gramine", "gramine", "sgx5"),
            ("tsm:tdx_guest", "tsm", "tdx4"), ("tsm:tdx_guest", "tsm", "tdx15"),
            ("tdx-guest", "tdx-guest", "tdx4")]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder, done = tmp_path_factory.mktemp("evidence"), {}

    def make(kind):
        if kind not in done:
            done[kind] = Evidence(folder / kind, kind)
        return done[kind]
    return make


def snp_report(report_data=bytes(64)):
    """AMD 56860, ATTESTATION_REPORT, version 3, of a Milan."""
    r = bytearray(1184)
    struct.pack_into("<IIQ", r, 0, 3, 1, 0x3001F)
    struct.pack_into("<I", r, 0x34, 1)
    r[0x50:0x90] = report_data
    r[0x90:0xC0] = bytes([0x4D] * 48)
    r[0x188:0x18B] = bytes([0x19, 1, 1])
    r[0x1A0:0x1E0] = bytes(range(64))
    r[0x2A0:0x2D0] = bytes([0x51] * 48)
    return bytes(r)


VCEK = bytes.fromhex("63da758de6644564adc5f4b93be8accd")
ARK = bytes.fromhex("c0b406a4a80349529743 3fb6014cd0ae".replace(" ", ""))


def cert_table():
    return VCEK + struct.pack("<II", 72, 100) + ARK + struct.pack("<II", 172, 50) + bytes(24) + bytes([7] * 150)


@pytest.fixture(scope="session")
def snp(tmp_path_factory):
    folder = tmp_path_factory.mktemp("snp")
    (folder / "report").write_bytes(snp_report())
    (folder / "certs").write_bytes(cert_table())
    return {"report": folder / "report", "certs": folder / "certs"}


@pytest.mark.parametrize("words, attester, kind", MACHINES, ids=[f"{a}-{k}" for _, a, k in MACHINES])
def test_what_is_quoted_verifies(made, tmp_path, words, attester, kind):
    given = made(kind)
    faults = "tdx.driver=v3" if attester == "tdx-guest" else ""
    quote = attest("quote", "--report-data", HEX, words=words, faults=faults, given=given.given, exit=OK)
    assert quote.raw == given.bytes and quote.err == ""
    (tmp_path / "q").write_bytes(quote.raw)
    verify = attest("verify", tmp_path / "q", "--report-data", HEX, "--collateral", given.collateral, "--root",
                    given.root, "--time", given.now, "-o", "json", exit=OK)
    assert verify.json["accepted"] and verify.json["bound"]


def test_forms(made, tmp_path):
    given = made("sgx3")
    on = dict(words="gramine", given=given.given, exit=OK)
    text = attest("quote", "--report-data", HEX, "-o", "hex", **on).out
    assert bytes.fromhex(text) == given.bytes and text.endswith("\n")
    said = attest("quote", "--report-data", HEX, "-o", "json", **on).json
    conforms(said, "quote")
    assert base64.b64decode(said["evidence"]) == given.bytes and said["certificates"] is None
    assert (said["attester"], said["tee"], said["kind"], said["report_data"]) == ("gramine", "sgx", "sgx-quote", HEX)
    answer = attest("quote", "--report-data", HEX, "--out", tmp_path / "q", **on)
    assert answer.raw == b"" and (tmp_path / "q").read_bytes() == given.bytes


def test_what_it_is_bound_to(made, tmp_path):
    given = {"quote": made("sgx3").quote}
    (tmp_path / "key").write_bytes(b"a public key")
    digest = hashlib.sha256(b"a public key").hexdigest()
    for options, data in ((["--nonce", "00112233445566aa"], "00112233445566aa"), (["--report-data", "ab"], "ab"),
                          (["--report-data-sha256", tmp_path / "key"], digest), (["--nonce", HEX], HEX)):
        answer = attest("quote", *options, "-o", "json", words="occlum", given=given, exit=OK)
        assert answer.json["report_data"] == data.ljust(128, "0")
        assert ("zeros behind" in answer.err) == (len(data) < 128)
        at = 48 + 320
        assert base64.b64decode(answer.json["evidence"])[at:at + 64].hex() == data.ljust(128, "0")


def test_no_binary_to_a_terminal(made):
    parent, child = pty.openpty()
    env = machines.environment("gramine", given=made("sgx3").given)
    env["LD_PRELOAD"] = machines.preloads()
    done = subprocess.run([machines.BINARY, "quote", "--report-data", HEX], stdout=child, stderr=subprocess.PIPE,
                          env=env, timeout=60, check=False)
    os.close(child)
    os.close(parent)
    assert done.returncode == USAGE and b"this is a terminal" in done.stderr


@pytest.mark.parametrize("argv, says", [
    ([], "one of --report-data, --report-data-sha256 and --nonce"),
    (["--report-data", "00", "--nonce", "00" * 8], "one of --report-data"),
    (["--report-data", "0"], "2 to 128 hex digits, not 1"),
    (["--report-data", "00" * 65], "2 to 128 hex digits, not 130"),
    (["--report-data", "xx"], "--report-data: "),
    (["--nonce", "00" * 7], "--nonce is 16 to 128 hex digits, not 14"),
    (["--report-data", "00", "--timeout", "0"], "--timeout is 1 to"),
    (["--report-data", "00", "--timeout", "1h"], "--timeout is 1 to"),
    (["--report-data", "00", "-a", "tpm"], "option '--attester' can not be 'tpm'"),
])
def test_misuse(argv, says):
    answer = attest("quote", *argv, exit=USAGE)
    assert answer.raw == b"" and says in answer.err


FAILURES = [
    ("", "", "auto", "no interface that makes evidence"),
    ("", "", "occlum", "/dev/sgx"),
    ("", "", "sim", "ATTEST_SIM_CPU"),
    ("", "", "aesm", "aesm.socket"),
    ("gramine", "gramine.quote=EACCES", "auto", "could not sign"),
    ("gramine", "gramine.type=none", "auto", "sgx.remote_attestation"),
    ("tsm:tdx_guest", "tsm.mkdir=ENXIO", "auto", "no provider"),
    ("tsm:tdx_guest", "tsm.mkdir=EACCES", "auto", "needs root"),
    ("tsm:tdx_guest", "tsm.outblob=ENXIO", "auto", "vanished"),
    ("tsm:tdx_guest", "tsm.size=600", "auto", "no evidence"),
    ("tdx-guest", "", "auto", "one alone is no quote"),
    ("tdx-guest", "open.tdx_guest=EACCES", "auto", "Permission denied"),
    ("occlum", "occlum.8=EINVAL", "auto", "could not sign"),
]


@pytest.mark.parametrize("words, faults, attester, says", FAILURES, ids=[f"{w}-{f}-{a}" for w, f, a, _ in FAILURES])
def test_failures_are_said_in_one_line(made, words, faults, attester, says):
    answer = attest("quote", "-a", attester, "--report-data", HEX, words=words, faults=faults,
                    given=made("tdx4" if "t" in words[:1] else "sgx3").given, exit=NO_ANSWER)
    assert answer.raw == b"" and says in one_line(answer.err)


def test_the_platform_s_report_data_must_be_ours(made):
    answer = attest("quote", "--report-data", "11" * 64, words="gramine", given=made("sgx3").given, exit=NO_ANSWER)
    assert "other report data than what was asked for" in one_line(answer.err)


def test_nothing_half_written(made, tmp_path):
    (tmp_path / "q").write_text("before")
    attest("quote", "--report-data", HEX, "--out", tmp_path / "q", words="gramine", faults="gramine.quote=EIO",
           given=made("sgx3").given, exit=NO_ANSWER)
    assert [p.name for p in tmp_path.iterdir()] == ["q"] and (tmp_path / "q").read_text() == "before"


@pytest.mark.parametrize("words, attester", [("tsm:sev_guest", "tsm"), ("sev-guest", "sev-guest")])
def test_snp_reports(snp, tmp_path, words, attester):
    on = dict(words=words, given=snp, exit=OK)
    said = attest("quote", "--report-data", HEX, "-o", "json", **on).json
    conforms(said, "quote")
    assert (said["attester"], said["tee"], said["kind"]) == (attester, "snp", "snp-report")
    assert base64.b64decode(said["evidence"]) == snp_report(REPORT_DATA)
    assert base64.b64decode(said["certificates"]) == cert_table()
    assert attest("quote", "--report-data", HEX, **on).raw == snp_report(REPORT_DATA)
    both = attest("quote", "--report-data", HEX, "--with-certificates", **on).raw
    assert both == snp_report(REPORT_DATA) + cert_table()
    (tmp_path / "both").write_bytes(both)
    tree = attest("inspect", tmp_path / "both", "-o", "json", exit=OK).json
    conforms(tree, "inspect")
    assert [(c["name"], c["offset"], c["size"]) for c in tree["certificates"]] == [("VCEK", 72, 100), ("ARK", 172, 50)]
    assert tree["certificates"][0]["guid"] == "63da758d-e664-4564-adc5-f4b93be8accd"
    assert tree["certificates"][0]["sha256"] == hashlib.sha256(bytes([7] * 100)).hexdigest()
    assert tree["body"]["report_data"] == HEX


def test_verify_says_that_it_can_not(made, snp):
    sgx = made("sgx3")
    answer = attest("verify", snp["report"], "--collateral", sgx.collateral, "--root", sgx.root, "-o", "json",
                    exit=REFUSED)
    conforms(answer.json, "verdict")
    assert answer.json["kind"] == "snp-report" and not answer.json["authentic"]
    assert "can be printed and not yet be verified" in answer.err
    assert [c["id"] for c in answer.json["checks"] if c["result"] == "fail"] == ["evidence.kind"]
    assert NO_ANSWER == attest("policy", "init", "--from", snp["report"]).exit


def test_trees_of_gramine_and_configfs_behind_a_kernel(made, snp, tmp_path):
    """Where /dev/fuse opens, the same trees as file systems; else before libc once more. The line says which."""
    fuse = machines.fuse_opens()
    print(f"emulated by {'FUSE in a mount namespace' if fuse else 'interposition alone: /dev/fuse does not open'}")

    def run(prefix, *argv, **on):
        if fuse:
            return machines.attest_on_files(tmp_path, prefix, *argv, **on)
        return attest(*argv, **on)

    quote = ["quote", "--report-data", HEX]
    sgx, tdx = made("sgx3"), made("tdx4")
    for faults in ("", "short=7", "gramine.type=absent"):
        answer = run("/dev/attestation", *quote, words="gramine", given=sgx.given, faults=faults, exit=OK)
        assert answer.raw == sgx.bytes
    answer = run("/dev/attestation", *quote, words="gramine", given=sgx.given, faults="gramine.quote=EACCES",
                 exit=NO_ANSWER)
    assert "could not sign" in one_line(answer.err)
    tsm = "/sys/kernel/config"
    for faults in ("", "short=7", "tsm.race=1:2", "tsm.lost=1:2", "tsm.outblob=EBUSY:2", "tsm.rmdir=EBUSY:1"):
        answer = run(tsm, *quote, words="tsm:tdx_guest", given=tdx.given, faults=faults, exit=OK)
        assert answer.raw == tdx.bytes
    assert run(tsm, *quote, words="tsm:sev_guest", given=snp, exit=OK).raw == snp_report(REPORT_DATA)
    for faults, says in (("tsm.mkdir=ENXIO", "no provider"), ("tsm.outblob=ENXIO", "vanished"),
                         ("tsm.outblob=EIO", "Input/output error"), ("tsm.size=0", "empty")):
        answer = run(tsm, *quote, words="tsm:tdx_guest", given=tdx.given, faults=faults, exit=NO_ANSWER)
        assert says in one_line(answer.err)
    left = run(tsm, *quote, "--timeout", 1, words="tsm:tdx_guest", given=tdx.given, faults="tsm.race=1",
               exit=NO_ANSWER)
    assert "did not move by one" in left.err
