# SPDX-License-Identifier: Apache-2.0
"""`attest verify`: exit codes, the text an auditor reads, the JSON, what options change."""
import hashlib
import json
import os
import pty
import re
import shutil
import subprocess

import pytest

from attest_oracle.pki import pem
from attest_cli import BINARY, DENIED, NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, golden, one_line

PLACE = re.compile(r"(?<![\w.])/\S*/(?=[\w.-]+)")


def outdated(world):
    world.tcb.levels[0].status = "OutOfDate"
    world.tcb.levels[0].advisories = ("INTEL-SA-00828", "INTEL-SA-00615")


def debug(world):
    world.quote.body.flags |= 2


def short_serials(world):
    """The same names everywhere, one signature wrong: the quote's."""
    world.after_quote.append(lambda q: q[:500] + bytes([q[500] ^ 1]) + q[501:])


@pytest.mark.parametrize("kind", ["sgx3", "sgx4", "sgx5", "tdx4", "tdx5", "tdx15"])
def test_accepted(made, kind):
    case = made(kind)
    answer = case.verify(exit=OK)
    golden(f"verify-{kind}.txt", answer.out)
    assert answer.err == ""
    said = case.json(exit=OK)
    conforms(said, "verdict")
    assert said["authentic"] and said["accepted"] and said["error"] is None
    assert said["defaults_used"] == ["unbound_report_data", "builtin_policy"]
    assert not said["bound"] and not said["pinned"]
    assert "nothing was pinned" in answer.out


def test_denied(made):
    case = made("sgx3", "outdated", outdated)
    answer = case.verify(exit=DENIED)
    golden("verify-denied.txt", answer.out)
    assert "denied by policy: alternative 1: tcb_status" in one_line(answer.err)
    said = case.json(exit=DENIED)
    conforms(said, "verdict")
    assert said["authentic"] and not said["accepted"] and said["tcb_status"] == "OutOfDate"
    assert said["advisory_ids"] == ["INTEL-SA-00615", "INTEL-SA-00828"]
    assert said["policy"]["decision"] == "denied" and said["policy"]["reasons"]
    assert said["tcb"]["platform"]["status"] == "OutOfDate" and said["tcb"]["qe"]["status"] == "UpToDate"
    assert case.json("--allow", "OutOfDate", exit=OK)["accepted"]


@pytest.mark.parametrize("bit", [0, 5, 7])
def test_a_td_under_debug_is_said_to_be(made, bit):
    """Any bit of the group TUD, in the claims and in the policy's words alike."""
    def under_debug(world):
        world.quote.body.td_attributes |= 1 << bit
    said = made("tdx4", f"tud-{bit}", under_debug).json(exit=DENIED)
    assert said["claims"]["debug"] is True and "a debug TD" in said["policy"]["reasons"][0]


def test_debug_is_denied(made):
    case = made("sgx3", "debug", debug)
    assert "debug" in case.json(exit=DENIED)["policy"]["reasons"][0]


def test_refused(made):
    case = made("sgx3", "signature", short_serials)
    answer = case.verify(exit=REFUSED)
    golden("verify-refused.txt", answer.out)
    one_line(answer.err)
    said = case.json(exit=REFUSED)
    conforms(said, "verdict")
    assert not said["authentic"] and not said["accepted"]
    assert said["claims"] is None and said["platform"] is None
    assert said["policy"]["decision"] == "not-evaluated"


def test_no_answer(sgx, tmp_path):
    items = dict(sgx.items)
    del items["pck_crl"], items["tcb_info"]
    (tmp_path / "c.json").write_text(json.dumps(items))
    argv = ["verify", sgx.quote, "-c", tmp_path / "c.json", "--root", sgx.root, "-t", sgx.time]
    answer = attest(*argv, exit=NO_ANSWER)
    golden("verify-no-answer.txt", answer.out)
    assert "pck_crl, tcb_info" in one_line(answer.err)
    conforms(attest(*argv, "-o", "json", exit=NO_ANSWER).json, "verdict")


@pytest.mark.parametrize("item", ["pck_crl_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain", "tcb_info",
                                  "tcb_info_signature", "qe_identity_issuer_chain", "qe_identity",
                                  "qe_identity_signature"])
def test_each_missing_item_is_named(sgx, tmp_path, item):
    items = {k: v for k, v in sgx.items.items() if k != item}
    (tmp_path / "c.json").write_text(json.dumps(items))
    answer = attest("verify", sgx.quote, "-c", tmp_path / "c.json", "--root", sgx.root, "-t", sgx.time, exit=NO_ANSWER)
    assert item in one_line(answer.err)


def test_evidence_outweighs_collateral(made, tmp_path):
    """Where 2 and 3 both apply it is 2, also when the collateral can not even be read."""
    case = made("sgx3", "signature", short_serials)
    (tmp_path / "c.json").write_text("{")
    for collateral in (tmp_path / "c.json", tmp_path / "none.json"):
        good = attest("verify", made("sgx3").quote, "-c", collateral, "--root", case.root, "-t", case.time, "-o", "json",
                      exit=NO_ANSWER)
        conforms(good.json, "verdict")
        assert good.failed() == ["collateral.format"]
    (tmp_path / "q.dat").write_bytes(case.quote.read_bytes()[:600])
    answer = attest("verify", tmp_path / "q.dat", "-c", tmp_path / "none.json", "-o", "json", exit=REFUSED)
    conforms(answer.json, "verdict")
    assert answer.json["kind"] is None and answer.failed() == ["evidence.format"]


def test_another_root_is_not_trusted(sgx, tdx):
    answer = attest("verify", sgx.quote, "-c", sgx.collateral, "-t", sgx.time, "-o", "json", exit=REFUSED)
    assert "pck.root" in answer.failed() and answer.json["defaults_used"][0] == "intel_root"
    both = attest("verify", sgx.quote, "-c", sgx.collateral, "-t", sgx.time, "--root", tdx.root, "--root", sgx.root)
    assert both.exit == OK


def test_the_present_is_the_default_time(sgx):
    answer = attest("verify", sgx.quote, "-c", sgx.collateral, "--root", sgx.root, "-o", "json", exit=NO_ANSWER)
    assert "present_time" in answer.json["defaults_used"] and answer.json["time"] > "2026"


@pytest.mark.parametrize("text", ["1749988800", "2025-06-15T12:00:00Z", "2025-06-15T14:00:00+02:00"])
def test_times(sgx, text):
    said = attest("verify", sgx.quote, "-c", sgx.collateral, "--root", sgx.root, "-t", text, "-o", "json", exit=OK).json
    assert said["time"] == "2025-06-15T12:00:00Z"


def with_report_data(data):
    def change(world):
        world.quote.body.report_data = data + bytes(64 - len(data))
    return change


def test_report_data(made, tmp_path):
    (tmp_path / "key.der").write_bytes(b"a public key")
    digest = hashlib.sha256(b"a public key").digest()
    case = made("sgx3", "bound", with_report_data(digest))
    said = case.json("--report-data-sha256", tmp_path / "key.der", exit=OK)
    assert said["bound"] and said["defaults_used"] == ["builtin_policy"]
    assert case.json("--report-data", digest.hex(), exit=OK)["bound"]
    assert case.json("--report-data", digest.hex() + "00" * 32, exit=OK)["bound"]
    for wrong in (digest[:31].hex(), digest.hex() + "01", "00" + digest[1:].hex()):
        said = case.json("--report-data", wrong, exit=REFUSED)
        assert not said["bound"] and not said["authentic"]
    assert case.verify("--report-data-sha256", tmp_path / "none", exit=NO_ANSWER).out == ""


def simulated(world):
    world.pki.root.simulated = True


def test_simulated(made, tmp_path):
    from attest_oracle import maker, scenarios
    scenario = next(s for s in scenarios.everything() if s.name == "root-simulated-by-key-id")
    maker.write(scenario, tmp_path)
    folder = tmp_path / scenario.name
    time = json.loads((folder / "case.json").read_text())["time"]
    argv = ["verify", folder / "quote.dat", "-c", folder / "collateral.json", "-t", time, "-o", "json"]
    said = attest(*argv, "--root", folder / "root.pem", exit=DENIED).json
    assert said["simulated"] and said["root"]["simulated"]
    assert attest(*argv, "--root", folder / "root.pem", "--allow-simulated", exit=OK).json["accepted"]
    env = {"ATTEST_SIM_ROOT": str(folder / "root.pem")}
    said = attest(*argv, "--allow-simulated", env=env, exit=OK).json
    assert said["root"]["label"] == "ATTEST_SIM_ROOT" and said["simulated"]
    attest(*argv, env=env, exit=DENIED)
    attest(*argv, "--allow-simulated", exit=REFUSED)


def test_the_environment_adds_simulated_roots_only(sgx, tmp_path):
    argv = ["verify", sgx.quote, "-c", sgx.collateral, "-t", sgx.time]
    answer = attest(*argv, env={"ATTEST_SIM_ROOT": str(sgx.root)}, exit=USAGE)
    assert "is not one simulated root" in one_line(answer.err) and answer.out == ""
    (tmp_path / "root.pem").write_text("no certificate")
    attest(*argv, env={"ATTEST_SIM_ROOT": str(tmp_path / "root.pem")}, exit=USAGE)
    attest(*argv, env={"ATTEST_SIM_ROOT": str(tmp_path / "none.pem")}, exit=NO_ANSWER)
    attest(*argv, "--root", sgx.root, env={"ATTEST_SIM_ROOT": ""}, exit=OK)


def test_malformed_root_or_policy_is_misuse(sgx, tmp_path):
    (tmp_path / "root.pem").write_text("no certificate")
    argv = ["verify", sgx.quote, "-c", sgx.collateral, "-t", sgx.time]
    assert "root root.pem" in one_line(attest(*argv, "--root", tmp_path / "root.pem", exit=USAGE).err)
    (tmp_path / "policy.json").write_text('{"version": 1, "any_of": [{"frobnicate": 1}]}')
    answer = sgx.verify("--policy", tmp_path / "policy.json", exit=USAGE)
    assert f"{tmp_path}/policy.json: policy: " in answer.err and "frobnicate" in answer.err and answer.out == ""
    assert sgx.verify("--policy", tmp_path / "none.json", exit=NO_ANSWER).out == ""


@pytest.mark.parametrize("form", ["hex", "upper-hex", "base64", "pem"])
def test_encodings(sgx, tmp_path, form):
    raw = sgx.quote.read_bytes()
    armour = pem(raw)
    text = {"hex": raw.hex(), "upper-hex": raw.hex().upper() + "\n", "pem": armour,
            "base64": "".join(armour.splitlines()[1:-1])}[form]
    (tmp_path / "q").write_text(text)
    attest("verify", tmp_path / "q", *sgx.options(), exit=OK)
    said = attest("inspect", tmp_path / "q", "-o", "json", exit=OK).json
    assert said["read_as"] == form.removeprefix("upper-")


def test_standard_input(sgx):
    attest("verify", "-", *sgx.options(), stdin=sgx.quote.read_bytes(), exit=OK)
    attest("verify", sgx.quote, "-c", "-", "--root", sgx.root, "-t", sgx.time, stdin=sgx.collateral.read_bytes(), exit=OK)
    answer = attest("verify", "-", *sgx.options(), stdin=b"", exit=REFUSED)
    assert "truncated" in one_line(answer.err)


NAMES = {"pck_crl_issuer_chain": "pckcrl_issuer_chain.pem", "root_ca_crl": "rootcacrl.hex", "pck_crl": "pckcrl.hex",
         "tcb_info_issuer_chain": "tcb_issuer_chain.pem", "qe_identity_issuer_chain": "identity_issuer_chain.pem"}


@pytest.fixture
def directory(sgx, tmp_path):
    folder = tmp_path / "answers"
    folder.mkdir()
    for item, name in NAMES.items():
        (folder / name).write_text(sgx.items[item])
    for item, member, name in (("tcb_info", "tcbInfo", "tcb.json"), ("qe_identity", "enclaveIdentity", "identity.json")):
        signature = sgx.items[item + "_signature"]
        (folder / name).write_text(f'{{"{member}":{sgx.items[item]},"signature":"{signature}"}}')
    (folder / "README").write_text("any other file is passed over")
    return folder


@pytest.mark.parametrize("make", [os.mkfifo, lambda p: p.symlink_to("/dev/zero"), lambda p: p.mkdir()],
                         ids=["fifo", "device", "directory"])
def test_collateral_directory_of_other_than_files(sgx, directory, make):
    """Nothing to wait for, nothing without an end."""
    (directory / "tcb.json").unlink()
    make(directory / "tcb.json")
    answer = attest("verify", sgx.quote, "-c", directory, "--root", sgx.root, "-t", sgx.time, exit=NO_ANSWER)
    assert "tcb.json: is no regular file" in one_line(answer.err)


def test_collateral_directory(sgx, directory):
    argv = ["verify", sgx.quote, "-c", directory, "--root", sgx.root, "-t", sgx.time]
    attest(*argv, exit=OK)
    shutil.copy(directory / "tcb.json", directory / "tcb_info.json")
    answer = attest(*argv, exit=USAGE)
    assert "tcb.json and tcb_info.json both hold the item tcb_info" in answer.err
    (directory / "tcb_info.json").unlink()
    (directory / "tcb.json").write_text("")
    answer = attest(*argv, exit=NO_ANSWER)
    assert "tcb.json: empty" in one_line(answer.err)


def test_collateral_directory_of_large_files(sgx, directory):
    """Together they have a bound, for they are all held at once."""
    for file in directory.iterdir():
        file.write_text("5" * (1 << 20))
    answer = attest("verify", sgx.quote, "-c", directory, "--root", sgx.root, "-t", sgx.time, exit=NO_ANSWER)
    assert "of other items, at most 2097152 in all" in one_line(answer.err)


def on_a_terminal(argv, env):
    """Standard output and error on one pseudo-terminal."""
    parent, child = pty.openpty()
    base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "ATTEST_SIM_ROOT")}
    with subprocess.Popen([BINARY, *map(str, argv)], stdin=subprocess.DEVNULL, stdout=child, stderr=child,
                          env={**base, "TERM": "xterm", **env}) as process:
        os.close(child)
        seen = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        process.wait()
    os.close(parent)
    return seen


def test_colours_on_a_terminal_only(made):
    case = made("sgx3", "outdated", outdated)
    argv = ["verify", case.quote, *case.options()]
    assert b"\033[" in on_a_terminal(argv, {})
    assert b"\033[" not in on_a_terminal(argv, {"NO_COLOR": "1"})
    assert b"\033[" not in on_a_terminal(argv, {"TERM": "dumb"})
    assert b"\033[" not in on_a_terminal([*argv, "-o", "json"], {"NO_COLOR": "1"})
    answer = case.verify(exit=DENIED)
    assert "\033" not in answer.out + answer.err


def test_verbose_lists_every_check(sgx):
    said = sgx.json(exit=OK)
    text = sgx.verify("--verbose", exit=OK).out
    assert all(f"({c['id']})" in text for c in said["checks"])
    assert len(sgx.verify(exit=OK).out.splitlines()) <= 40
    assert len({c["id"] for c in said["checks"]}) == len(said["checks"])


def test_what_was_not_run_says_what_it_waits_for(made):
    said = made("sgx3", "signature", short_serials).json(exit=REFUSED)
    ids = {c["id"] for c in said["checks"]}
    assert all(c["waits_for"] is None or c["waits_for"] in ids for c in said["checks"])
    assert all(c["waits_for"] is None for c in said["checks"] if c["result"] != "not-run")
    assert all(c["remedy"] for c in said["checks"] if c["result"] == "fail")
    assert all(c["clause"] for c in said["checks"])
