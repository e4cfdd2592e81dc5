# SPDX-License-Identifier: Apache-2.0
"""`attest doctor` on machines that are played. What processor and kernel say differs by machine and is looked at by
its form only; all else is compared whole."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli"), str(HERE.parent / "oracle")]

import machines  # noqa: E402  (needs the path above)
import pccs_double  # noqa: E402
from attest_cli import conforms, golden  # noqa: E402
from machines import NO_ANSWER, OK, USAGE, Evidence, attest  # noqa: E402
from pccs_double import Double, Reply, tls_certificate  # noqa: E402

ZEROS = bytes(64)
STATES = {"ok", "warn", "missing", "-"}


@pytest.fixture(scope="module")
def sgx(tmp_path_factory):
    return Evidence(tmp_path_factory.mktemp("doctor") / "sgx", "sgx3", ZEROS)


@pytest.fixture(scope="module")
def tdx(tmp_path_factory):
    return Evidence(tmp_path_factory.mktemp("doctor") / "tdx", "tdx4", ZEROS)


@pytest.fixture
def pccs(sgx, monkeypatch):
    monkeypatch.setattr(pccs_double.Handler, "date_time_string", lambda *_: "Sun, 15 Jun 2025 12:00:00 GMT")
    with Double(sgx.items) as double:
        yield double


def doctor(*argv, exit=None, **on):
    return attest("doctor", *argv, exit=exit, **on)


def checks(answer):
    conforms(answer.json, "doctor")
    return {c["id"]: c for c in answer.json["checks"]}


def steady(text):
    """Without what this very machine's processor and kernel say."""
    keep, lines = True, []
    for line in text.splitlines():
        word = line[10:32].strip()
        if line.startswith("  ") and line[2:10].strip() in STATES:
            keep = not word.startswith(("cpu", "kernel"))
        elif not line.startswith("  "):
            keep = True
        if keep:
            lines.append(line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name, words, faults", [
    ("nothing", "", ""), ("gramine", "gramine sgx_enclave sgx_provision", ""),
    ("gramine-none", "gramine", "gramine.type=none"),
    ("sgx-host", "sgx_enclave sgx_provision", "open.sgx_provision=EACCES"),
    ("older-driver", "sgx/enclave sgx/provision", ""), ("tdx", "tsm:tdx_guest tdx-guest", ""),
    ("tdx-no-tsm", "tdx-guest", ""), ("tsm-busy", "tsm:tdx_guest", "tsm.mkdir=EACCES")])
def test_golden(sgx, tdx, name, words, faults):
    given = tdx if "tdx" in words else sgx
    good = name in ("gramine", "tdx")
    on = dict(words=words, faults=faults, given={"quote": given.quote}, EMULATE_TIME=given.now)
    answer = doctor("--offline", **on, exit=OK if good else NO_ANSWER)
    golden(f"doctor-{name}.txt", steady(answer.out))
    assert answer.err == ""
    said = doctor("--offline", "-o", "json", **on, exit=OK if good else NO_ANSWER)
    assert said.json["can_quote"] is good
    ids = checks(said)
    assert ids["quote"]["state"] == ("ok" if good else "missing")
    assert all(c["remedy"] for c in ids.values() if c["state"] in ("warn", "missing")
               and not c["id"].startswith("interface."))


def test_processor_and_kernel_are_told(sgx):
    ids = checks(doctor("--offline", "-o", "json"))
    assert {"cpu.sgx", "cpu.tdx_guest", "cpu.snp_guest", "kernel.cpuinfo", "kernel.config"} <= set(ids) or "cpu" in ids


def on_service(sgx, pccs, *argv, words="occlum", now=None, **env):
    return checks(doctor(*(argv or ("--pccs", pccs.url)), "-o", "json", words=words, given=sgx.given, exit=OK,
                         EMULATE_TIME=now or sgx.now, ATTEST_SIM_ROOT=sgx.root, **env))


def test_a_good_service(sgx, pccs):
    ids = on_service(sgx, pccs)
    assert ids["pccs"]["state"] == "ok" and pccs.url in ids["pccs"]["said"]
    assert ids["collateral.dates"]["state"] == "ok"
    assert ids["platform.collateral"]["state"] == "ok"
    assert ids["platform.tcb"] == {"id": "platform.tcb", "state": "ok", "remedy": None, "said": "UpToDate"}
    assert ids["clock.service"]["state"] == "ok" and ids["clock.certificate"]["state"] == "ok"
    assert {"qe/identity", "tcb", "pckcrl", "rootcacrl"} == set(pccs.routes())


def test_without_a_quote_the_service_is_looked_at_all_the_same(sgx, pccs):
    answer = doctor("--pccs", pccs.url, "-o", "json", exit=NO_ANSWER, EMULATE_TIME=sgx.now, ATTEST_SIM_ROOT=sgx.root)
    ids = checks(answer)
    assert ids["pccs"]["state"] == "ok" and ids["platform.collateral"]["state"] == "aside"


def test_https(sgx, tmp_path, monkeypatch):
    monkeypatch.setattr(pccs_double.Handler, "date_time_string", lambda *_: "Sun, 15 Jun 2025 12:00:00 GMT")
    both, ca = tls_certificate(tmp_path)
    with Double(sgx.items, both) as double:
        ids = on_service(sgx, double, "--pccs", double.url, "--pccs-ca", ca)
        assert ids["pccs"]["state"] == "ok" and "its certificate is trusted" in ids["pccs"]["said"]
        ids = on_service(sgx, double)
        assert ids["pccs"]["state"] == "missing" and "certificate" in ids["pccs"]["said"]
        assert "--pccs-ca" in ids["pccs"]["remedy"] and "platform.collateral" not in ids
        (tmp_path / "qcnl").write_text(json.dumps({"pccs_url": double.url, "use_secure_cert": False}))
        ids = on_service(sgx, double, "-a", "auto", QCNL_CONF_PATH=tmp_path / "qcnl")
        assert ids["qcnl"]["state"] == "warn" and "certificates are not checked" in ids["qcnl"]["said"]
        assert ids["pccs"]["state"] == "warn" and ids["platform.collateral"]["state"] == "ok"


def test_a_service_that_fails(sgx, pccs):
    pccs.replies["qe/identity"] = Reply(status=404)
    ids = on_service(sgx, pccs)
    assert ids["pccs"]["state"] == "missing" and "404" in ids["pccs"]["said"]
    pccs.replies["qe/identity"] = Reply(b'{"enclaveIdentity":{},"signature":"00"}')
    assert on_service(sgx, pccs)["pccs"]["state"] == "missing"


def test_a_service_that_lacks_this_platform(sgx, pccs):
    pccs.replies["tcb"] = Reply(status=404)
    ids = on_service(sgx, pccs)
    assert ids["pccs"]["state"] == "ok" and ids["platform.collateral"]["state"] == "missing"
    assert "platform.tcb" not in ids


def test_another_root(sgx, pccs):
    ids = checks(doctor("--pccs", pccs.url, "-o", "json", words="occlum", given=sgx.given, EMULATE_TIME=sgx.now))
    assert ids["pccs"]["state"] == "missing" and "ATTEST_SIM_ROOT" in ids["pccs"]["remedy"]


def test_a_wrong_clock(sgx, pccs):
    ids = on_service(sgx, pccs, now=sgx.now - 3600)
    assert ids["clock.service"]["state"] == "warn" and "3600 seconds behind" in ids["clock.service"]["said"]
    ids = on_service(sgx, pccs, now=sgx.now + 40 * 86400)
    assert ids["collateral.dates"]["state"] == "warn" and ids["clock.service"]["state"] == "warn"
    ids = on_service(sgx, pccs, now=sgx.now + 50 * 365 * 86400)
    assert ids["clock.certificate"]["state"] == "warn"


@pytest.mark.parametrize("text, state, says", [
    ('{"pccs_url": "%s"} // as Intel has it', "ok", "(JSON): "),
    ("PCCS_URL=%s\nUSE_SECURE_CERT=TRUE\n", "ok", "(KEY=VALUE): "),
    ('{"pccs_url": "%s", "pccs_ulr": 1}', "warn", "unknown key pccs_ulr"),
    ('{"pccs_url": ', "missing", ""),
])
def test_qcnl(sgx, pccs, tmp_path, text, state, says):
    (tmp_path / "qcnl").write_text(text % pccs.url if "%" in text else text)
    answer = doctor("-o", "json", words="occlum", given=sgx.given, EMULATE_TIME=sgx.now, ATTEST_SIM_ROOT=sgx.root,
                    QCNL_CONF_PATH=tmp_path / "qcnl", exit=OK)
    ids = checks(answer)
    assert ids["qcnl"]["state"] == state and says in ids["qcnl"]["said"]
    assert ids["pccs"]["state"] == ("missing" if state == "missing" else "ok")


def test_a_named_file_that_is_not_there(sgx, tmp_path):
    ids = checks(doctor("-o", "json", QCNL_CONF_PATH=tmp_path / "none"))
    assert ids["qcnl"]["state"] == "missing" and "No such file" in ids["qcnl"]["said"]


def test_a_simulated_world():
    """Nothing is played here: the world's own processor, aesmd and service answer."""
    done = subprocess.run([machines.BINARY, "sim", "run", "--", machines.BINARY, "doctor", "-o", "json"],
                          capture_output=True, env=machines.environment(), timeout=120, check=False)
    assert done.returncode == OK, done.stderr
    said = json.loads(done.stdout)
    conforms(said, "doctor")
    states = {c["id"]: c for c in said["checks"]}
    assert said["attester"] == "sim" and states["interface.sim"]["state"] == "ok"
    for name in ("quote", "qcnl", "pccs", "collateral.dates", "platform.collateral", "platform.tcb", "clock.certificate"):
        assert states[name]["state"] == "ok", states[name]
    assert "simulated: proves nothing about hardware" in states["platform.tcb"]["said"]


def test_offline_asks_nobody(sgx, pccs, tmp_path):
    ids = checks(doctor("--offline", "-o", "json", PCCS_URL=pccs.url))
    assert ids["pccs"]["state"] == "aside" and pccs.asked == []


@pytest.mark.parametrize("argv", [["--offline", "--pccs", "https://localhost/"], ["x"], ["-a", "tpm"]])
def test_misuse(argv):
    assert doctor(*argv, exit=USAGE).raw == b""


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://localhost/", "nonsense"])
def test_addresses_that_are_none(url):
    ids = checks(doctor("--pccs", url, "-o", "json", exit=NO_ANSWER))
    assert ids["pccs"]["state"] == "missing" and ids["pccs"]["remedy"]
