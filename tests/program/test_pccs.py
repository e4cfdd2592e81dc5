# SPDX-License-Identifier: Apache-2.0
"""attestd pccs as a process: routes, fill modes, hostile upstreams, bad disks, time, TLS, kills."""
import http.client
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pccs_rig import (ADMIN, ATTEST, ATTESTD, DAY, FMSPC, PPID, QE_ID, RAW_PCE, RAW_SVN,  # noqa: E402
                      SANITIZED, TOKEN, Clock, Pccs, Upstream, World, pckcert, pem, preload, sha512)

TCB = "tcb?fmspc=" + FMSPC
PLATFORM = {"qe_id": QE_ID, "pce_id": "0000", "cpu_svn": RAW_SVN, "pce_svn": RAW_PCE, "enc_ppid": PPID,
            "platform_manifest": ""}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return preload(tmp_path_factory.mktemp("preload"))


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "clock")


@pytest.fixture
def upstream(clock):
    up = Upstream(clock.now)
    yield up
    up.close()


def at(clock, library):
    return {"LD_PRELOAD": str(library), "PCCS_CLOCK": str(clock.path)}


# --- Routes ---

DOCUMENTS = [
    (TCB, False, "TCB-Info-Issuer-Chain"),
    (TCB + "&update=early", False, "TCB-Info-Issuer-Chain"),
    (TCB + "&tcbEvaluationDataNumber=16", False, "TCB-Info-Issuer-Chain"),
    (TCB, True, "TCB-Info-Issuer-Chain"),
    ("qe/identity", False, "SGX-Enclave-Identity-Issuer-Chain"),
    ("qe/identity?update=early", True, "SGX-Enclave-Identity-Issuer-Chain"),
    ("qve/identity", False, "SGX-Enclave-Identity-Issuer-Chain"),
    ("qae/identity", False, "SGX-Enclave-Identity-Issuer-Chain"),
    ("pckcrl?ca=processor", False, "SGX-PCK-CRL-Issuer-Chain"),
    ("pckcrl?ca=platform&encoding=der", False, "SGX-PCK-CRL-Issuer-Chain"),
    ("rootcacrl", False, None),
    ("fmspcs", False, None),
    ("tcbevaluationdatanumbers", False, "TCB-Evaluation-Data-Numbers-Issuer-Chain"),
    ("tcbevaluationdatanumbers", True, "TCB-Evaluation-Data-Numbers-Issuer-Chain"),
]


def test_every_document_is_what_the_service_gave(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        for what, tdx, chain in DOCUMENTS:
            a = p.v4(what, tdx)
            assert a.status == 200, (what, a.body)
            assert a.headers["Request-ID"]
            if chain:
                assert "BEGIN CERTIFICATE" in urllib.parse.unquote(a.headers[chain])
            if a.body[:1] == b"{":
                assert b'"signature":"' in a.body
        asked = len(upstream.asked)
        upstream.fault = lambda path: "drop"
        for what, tdx, _ in 2 * DOCUMENTS:
            assert p.v4(what, tdx).status == 200
        assert len(upstream.asked) == asked
        assert p.metric("memory_answers_total") >= len(DOCUMENTS)
        v3 = p.ask("/sgx/certification/v3/" + TCB)
        assert v3.status == 502
        upstream.fault = lambda path: None
        v3 = p.ask("/sgx/certification/v3/" + TCB)
        assert v3.status == 200 and json.loads(v3.body)["tcbInfo"]["version"] == 2
        assert v3.headers["SGX-TCB-Info-Issuer-Chain"]
        p.stop()


def test_a_platform_and_its_certificate(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(pckcert(encrypted_ppid=None)).status == 461
        a = p.v4(pckcert())
        assert a.status == 200 and a.body.startswith(b"-----BEGIN CERTIFICATE")
        assert a.headers["SGX-TCBm"] == RAW_SVN + RAW_PCE
        assert a.headers["SGX-FMSPC"] == FMSPC
        assert a.headers["SGX-PCK-Certificate-CA-Type"] == "processor"
        lower = p.v4(pckcert(encrypted_ppid=None, cpusvn="04" * 16))
        assert lower.headers["SGX-TCBm"] == "03" * 16 + "0d00"
        older = p.v4(pckcert(encrypted_ppid=None, pcesvn="0c00"))
        assert older.headers["SGX-TCBm"] == "03" * 16 + "0a00"
        assert p.v4(pckcert(encrypted_ppid=None, cpusvn="02" * 16)).status == 404
        assert p.v4(pckcert(qeid="ff")).status == 200
        upstream.not_available = 3
        assert p.v4(pckcert(qeid="fe")).status == 462
        assert p.v4(pckcert(qeid="fd", encrypted_ppid="0" * 768)).status == 461


@pytest.mark.parametrize("mode", ["LAZY", "REQ", "OFFLINE"])
def test_fill_modes(tmp_path, upstream, mode):
    with Pccs(tmp_path, upstream=upstream, config={"CachingFillMode": mode}) as p:
        assert p.v4(TCB).status == (200 if mode == "LAZY" else 404)
        assert p.v4("platforms", method="POST", body=b"{}").status == 401
        assert p.v4("platforms", method="POST", body=b"{}", token=TOKEN).status == 400
        done = p.v4("platforms", method="POST", body=json.dumps(PLATFORM).encode(), token=TOKEN)
        assert done.status == 200
        offline = mode == "OFFLINE"
        assert p.v4(pckcert(encrypted_ppid=None)).status == (461 if offline else 200)
        assert p.v4(TCB).status == (404 if offline else 200)
        assert bool(upstream.asked) is not offline
        queue = p.v4("platforms", token=ADMIN)
        assert queue.status == 200 and len(queue.json()) == int(queue.headers["platform-count"]) == offline
        assert p.v4("refresh", token=ADMIN).status == (503 if offline else 200)
        assert p.v4("refresh?type=certs", method="POST", token=ADMIN).status == (503 if offline else 200)
        assert p.v4("platforms", token=TOKEN).status == 401


def collateral(upstream):
    """A file as Intel's administration tool writes it: objects written anew, with white space."""
    q = urllib.parse.quote
    chain = lambda who, root: q(pem(who.der()) + pem(root.der()))  # noqa: E731
    pki = upstream.pki["processor"]
    tcb = json.loads(upstream.tcb(False, 4, FMSPC, 17))
    tdx = json.loads(upstream.tcb(True, 4, FMSPC, 17))
    return {
        "platforms": [PLATFORM],
        "collaterals": {
            "version": 4,
            "pck_certs": [{**PLATFORM, "certs": json.loads(upstream.certs())}],
            "tcbinfos": [{"fmspc": FMSPC, "sgx_tcbinfo": tcb, "tdx_tcbinfo": tdx}],
            "pckcacrl": {"processorCrl": upstream.crl("processor").hex()},
            "qeidentity": upstream.identity("QE", 17).decode(),
            "tdqeidentity": upstream.identity("TD_QE", 17).decode(),
            "qveidentity": upstream.identity("QVE", 17).decode(),
            "certificates": {
                "SGX-PCK-Certificate-Issuer-Chain": {"PROCESSOR": chain(pki.intermediate, pki.root)},
                "TCB-Info-Issuer-Chain": chain(pki.tcb_signer, pki.root),
                "SGX-Enclave-Identity-Issuer-Chain": chain(pki.tcb_signer, pki.root),
            },
            "rootcacrl": upstream.crl(None).hex(),
        },
    }


def test_an_upload_fills_everything(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream, config={"CachingFillMode": "OFFLINE"}) as p:
        text = json.dumps(collateral(upstream), indent=2).encode()
        assert p.v4("platformcollateral", method="PUT", body=text).status == 401
        done = p.v4("platformcollateral", method="PUT", body=text, token=ADMIN)
        assert done.status == 200, done.body
        for what, tdx in ((TCB, False), (TCB, True), ("qe/identity", False), ("qe/identity", True),
                          ("qve/identity", False), ("rootcacrl", False), ("pckcrl?ca=processor", False),
                          (pckcert(encrypted_ppid=None), False)):
            assert p.v4(what, tdx).status == 200, what
        listed = p.v4(f"platforms?source=%5B{FMSPC}%5D", token=ADMIN).json()
        assert [x["qe_id"] for x in listed] == [QE_ID]
        assert upstream.asked == []
        forged = text.replace(b'"UpToDate"', b'"Upgraded"', 1)
        assert p.v4("platformcollateral", method="PUT", body=forged, token=ADMIN).status == 460


def test_a_bundle_serves_without_a_network(tmp_path, upstream):
    world = tmp_path / "world"
    world.mkdir()
    bundle = tmp_path / "bundle" / "one"
    bundle.mkdir(parents=True)
    with Pccs(world, upstream=upstream) as p:
        for what, name in ((TCB, "tcb.json"), ("qe/identity", "qe_identity.json"),
                           ("pckcrl?ca=processor&encoding=der", "pckcrl.der"), ("rootcacrl", "rootcacrl.der")):
            a = p.v4(what)
            (bundle / name).write_bytes(bytes.fromhex(a.body.decode()) if what == "rootcacrl" else a.body)
        chain = lambda what, header: urllib.parse.unquote(p.v4(what).headers[header]).encode()  # noqa: E731
        (bundle / "tcb_info_issuer_chain.pem").write_bytes(chain(TCB, "TCB-Info-Issuer-Chain"))
        (bundle / "qe_identity_issuer_chain.pem").write_bytes(
            chain("qe/identity", "SGX-Enclave-Identity-Issuer-Chain"))
        (bundle / "pck_crl_issuer_chain.pem").write_bytes(
            chain("pckcrl?ca=processor", "SGX-PCK-CRL-Issuer-Chain"))
    asked = len(upstream.asked)
    with Pccs(tmp_path, "--offline-bundle", tmp_path / "bundle", upstream=upstream,
              config={"CachingFillMode": "OFFLINE"}) as p:
        for what in (TCB, "qe/identity", "rootcacrl", "pckcrl?ca=processor"):
            assert p.v4(what).status == 200, p.log.read_text()
        assert "refused" not in p.log.read_text()
    assert len(upstream.asked) == asked


# --- Hostile upstreams ---

def forged(path, headers, body):
    return headers, body.replace(b"UpToDate", b"UpToDatE")


def of_another_root(other):
    def change(path, headers, body):
        _, headers, body = other.answer(*path_of(path))
        return headers, body
    return change


def path_of(target):
    path, _, query = target.partition("?")
    return path, dict(urllib.parse.parse_qsl(query))


def without_chain(path, headers, body):
    return {}, body


def of_the_other_signer(up):
    return lambda path, headers, body: ({k: up.chain("processor") for k in headers}, body)


def of_another_tee(up):
    return lambda path, headers, body: (headers, up.tcb(True, 4, FMSPC, 17))


def of_another_fmspc(up):
    return lambda path, headers, body: (headers, up.tcb(False, 4, "00a06ed50000", 17))


HOSTILE = {
    "forged": (lambda up, other: forged, 460),
    "another root": (lambda up, other: of_another_root(other), 460),
    "no chain": (lambda up, other: without_chain, (460, 502)),
    "swapped chain": (lambda up, other: of_the_other_signer(up), 460),
    "another TEE": (lambda up, other: of_another_tee(up), 460),
    "another FMSPC": (lambda up, other: of_another_fmspc(up), 460),
    "empty": (lambda up, other: lambda path, h, b: (h, b""), (460, 502)),
    "garbage": (lambda up, other: lambda path, h, b: (h, os.urandom(500)), (460, 502)),
    "huge": (lambda up, other: lambda path, h, b: (h, b"[" * (4 << 20)), 502),
    "deep": (lambda up, other: lambda path, h, b: (h, b"[" * 100000), (460, 502)),
    "bad chain": (lambda up, other: lambda path, h, b: ({k: "%2" for k in h}, b), (460, 502)),
}


def test_a_hostile_upstream_costs_a_request(tmp_path, upstream, clock):
    other = Upstream(clock.now, seed="other")
    with Pccs(tmp_path, upstream=upstream) as p:
        for name, (make, status) in HOSTILE.items():
            upstream.change = make(upstream, other)
            a = p.v4(TCB)
            assert a.status in (status if isinstance(status, tuple) else (status,)), (name, a.status, a.body)
        for fault, status in (("drop", 502), ("half", 502), ((404, {}, b""), 404), ((410, {}, b""), 410),
                              ((500, {}, b""), 502), ((302, {"Location": "http://127.0.0.1/"}, b""), 502)):
            upstream.fault = lambda path, fault=fault: fault
            assert p.v4("qve/identity").status == status, fault
        upstream.fault = lambda path: (503, {"Retry-After": "3600"}, b"")
        held = p.v4("qve/identity")
        assert held.status == 503 and 3500 < int(held.headers["Retry-After"]) <= 3600
        asked = len(upstream.asked)
        assert p.v4(TCB).status == 503
        assert len(upstream.asked) == asked
        assert p.metric("refused_total") >= 4
        upstream.fault, upstream.change = lambda path: None, lambda path, h, b: (h, b)
        p.stop()
    with Pccs(tmp_path, upstream=upstream) as p:  # nothing of it was kept
        assert p.v4(TCB).status == 200
        assert b"UpToDate" in p.v4(TCB).body
    other.close()


def test_certificates_of_another_platform_family_are_refused(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        upstream.change = lambda path, h, b: ({**h, "SGX-FMSPC": "00a06ed50000"} if "pckcerts" in path else h, b)
        assert p.v4(pckcert()).status == 460
        upstream.change = lambda path, h, b: (h, b.replace(b'"tcbm": "05', b'"tcbm": "06'))
        assert p.v4(pckcert()).status == 460
        upstream.change = lambda path, h, b: (h, b)
        assert p.v4(pckcert()).status == 200


def test_older_collateral_never_comes_back(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        new = p.v4(TCB).body
        upstream.evaluation = 16
        assert p.v4("refresh", token=ADMIN).status == 503
        assert p.metric("rollbacks_total") == 1
        assert p.v4(TCB).body == new
        upstream.evaluation = 18
        assert p.v4("refresh", token=ADMIN).status == 200
        assert json.loads(p.v4(TCB).body)["tcbInfo"]["tcbEvaluationDataNumber"] == 18


# --- Time ---

def until(condition):
    """Waits for what another thread of the service does."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def verifies(folder, p, when):
    """Fetches a whole set and has `attest` verify the oracle's quote with it."""
    names = {"tcb_info": TCB, "qe_identity": "qe/identity", "pck_crl": "pckcrl?ca=processor",
             "root_ca_crl": "rootcacrl"}
    chains = {"tcb_info": "TCB-Info-Issuer-Chain", "qe_identity": "SGX-Enclave-Identity-Issuer-Chain",
              "pck_crl": "SGX-PCK-CRL-Issuer-Chain"}
    items = {}
    for item, what in names.items():
        a = p.v4(what)
        if a.status != 200:
            return False
        items[item] = a.body.decode()
        if item in chains:
            items[item + "_issuer_chain"] = urllib.parse.unquote(a.headers[chains[item]])
    (folder / "collateral.json").write_text(json.dumps(items))
    done = subprocess.run([ATTEST, "verify", folder / "quote.dat", "--collateral", folder / "collateral.json",
                           "--root", folder / "root.pem", "--time", str(when), "-o", "json"],
                          capture_output=True, check=False, timeout=60)
    return json.loads(done.stdout)["authentic"]


def fill(p):
    for what in (TCB, "qe/identity", "pckcrl?ca=processor", "rootcacrl"):
        assert p.v4(what).status == 200


def world_quote(folder, upstream):
    """A quote of a platform that the upstream's PKI certified: the oracle's keys are the same."""
    world = World("sgx3")
    world.pki = upstream.pki["processor"]
    world.quote.pck_key = world.pki.leaf.key
    (folder / "quote.dat").write_bytes(world.make().quote)


@pytest.mark.parametrize("hours,step", [(24, 3600), pytest.param(24, 300, marks=pytest.mark.long)])
def test_a_day_of_faults_is_not_seen(tmp_path, upstream, clock, library, hours, step):
    chance = random.Random("faults")
    faults = [None, "drop", "half", (503, {}, b""), (429, {"Retry-After": "900"}, b""), (404, {}, b""),
              (500, {}, b""), (200, {}, b"garbage"), "forged"]
    failed = rounds = 0
    world_quote(tmp_path, upstream)
    with Pccs(tmp_path, upstream=upstream, env=at(clock, library)) as p:
        fill(p)
        assert verifies(tmp_path, p, clock.now())
        clock.move(23 * DAY)  # from here on entries are due for refreshing
        for _ in range(hours * 3600 // step):
            fault = chance.choice(faults)
            upstream.fault = lambda path, fault=fault: None if fault == "forged" else fault
            upstream.change = forged if fault == "forged" else lambda path, h, b: (h, b)
            clock.move(step)
            failed += not verifies(tmp_path, p, clock.now())
            rounds += 1
        upstream.fault, upstream.change = lambda path: None, lambda path, h, b: (h, b)
        while p.metric("refreshes_total") < 4 and p.metric("refresh_failures_total") < 400:  # an attempt a minute: some may have a fault's answer under way
            clock.move(90)
            for _ in range(50):
                if p.metric("refreshes_total") < 4:
                    threading.Event().wait(0.02)
        print(f"{rounds} rounds, {failed} failed, {p.metric('refreshes_total')} refreshed, "
              f"{p.metric('refresh_failures_total')} times in vain")
        assert failed == 0 and p.metric("refreshes_total") >= 4
        p.stop()


def test_an_upstream_that_hangs_holds_up_nobody_else(tmp_path, upstream):
    release, statuses = threading.Event(), []
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(TCB).status == 200
        upstream.fault = lambda path: release.wait(60) and None
        asked = len(upstream.asked)
        clients = [threading.Thread(target=lambda n=n: statuses.append(p.v4(f"tcb?fmspc=11{n:010x}").status))
                   for n in range(24)]
        for c in clients:
            c.start()
        while p.metric("http_waiting") < len(clients) or len(upstream.asked) == asked:
            pass
        request = urllib.request.Request(p.url + "/sgx/certification/v4/" + TCB + "&update=standard")
        with urllib.request.urlopen(request, timeout=5) as known, \
                urllib.request.urlopen(p.url + "/readyz", timeout=5) as ready:
            assert known.status == ready.status == 200
        # Its end waits for those that are being asked about, and not for all of the queue.
        p.process.send_signal(signal.SIGTERM)
        while "stopping" not in p.log.read_text():
            pass
        release.set()
        for c in clients:
            c.join()
        assert p.process.wait(30) == 0
    assert len(upstream.asked) - asked < len(clients) and statuses.count(503) > len(clients) // 2


def test_refreshed_by_schedule_without_traffic(tmp_path, upstream, clock, library):
    with Pccs(tmp_path, upstream=upstream, env=at(clock, library),
              config={"RefreshSchedule": "0 0 1 * * *"}) as p:
        fill(p)
        clock.move(DAY + 3600)
        until(lambda: p.metric("refreshes_total") >= 4)
        before = json.loads(p.v4(TCB).body)["tcbInfo"]["issueDate"]
        clock.move(24 * DAY)  # and what is about to expire, whatever the schedule says
        until(lambda: p.metric("refreshes_total") >= 8)
        assert json.loads(p.v4(TCB).body)["tcbInfo"]["issueDate"] > before


def test_a_clock_that_is_behind_is_said(tmp_path, upstream, clock, library):
    with Pccs(tmp_path, upstream=upstream, env=at(clock, library)) as p:
        fill(p)
        clock.move(-3 * DAY)
        ready = p.ask("/readyz")
        assert ready.status == 503 and b"clock" in ready.body
        assert p.metric("clock_behind") == 1
        assert p.v4("qve/identity").status == 503
        assert p.v4(TCB).status == 200


# --- Bad disks and databases ---

def test_a_full_disk_loses_nothing(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(TCB).status == 200
        p.stop()
    size = max((tmp_path / "pccs.db").stat().st_size, 4096)
    limited = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Pccs(tmp_path, upstream=upstream) as p:
        resource.prlimit(p.process.pid, resource.RLIMIT_FSIZE, (size, limited[1]))
        for what in ("qe/identity", "qve/identity", "fmspcs", "pckcrl?ca=processor", "rootcacrl"):
            assert p.v4(what).status == 200  # authentic, so it is given, kept or not
        assert p.metric("store_failures_total") >= 1
        assert p.v4(TCB).status == 200
        p.stop()
    assert "store: " in p.log.read_text()
    with Pccs(tmp_path, upstream=upstream) as p:
        upstream.fault = lambda path: "drop"
        assert p.v4(TCB).status == 200


def test_a_locked_database_is_said(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(TCB).status == 200
        other = sqlite3.connect(tmp_path / "pccs.db")
        other.execute("BEGIN EXCLUSIVE")
        assert p.v4(TCB).status == 200
        assert p.v4("qe/identity").status == 200
        assert "another process holds the database's lock" in p.log.read_text()
        other.rollback()
        other.close()
        assert p.v4("qve/identity").status == 200


def test_a_damaged_database_is_moved_aside(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(TCB).status == 200
        p.stop()
    with open(tmp_path / "pccs.db", "r+b") as f:
        f.write(b"\0" * 4096)
        f.seek(100)
        f.write(os.urandom(3000))
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(TCB).status == 200
        assert "the database was damaged: it was moved to" in p.log.read_text()
        assert list(tmp_path.glob("pccs.db.damaged-*"))


def killed(tmp_path, library, upstream, where):
    """Kills the service at its where-th call that changes something; returns what it had given."""
    given = {}
    p = Pccs(tmp_path, upstream=upstream, env={"LD_PRELOAD": str(library), "PCCS_DIE_AT": str(where)})
    try:
        for what in (TCB, "qe/identity", "rootcacrl", pckcert()) if p.url else ():
            given[what] = p.v4(what).body
    except (OSError, http.client.HTTPException):
        pass
    p.process.kill()
    p.process.wait(30)
    return given


def survives(tmp_path, library, upstream, times, seed):
    chance, whole = random.Random(seed), 0
    for n in range(times):
        folder = tmp_path / str(n)
        folder.mkdir()
        with Pccs(folder, upstream=upstream) as p:
            p.stop()
        upstream.fault = lambda path: None
        given = killed(folder, library, upstream, chance.randrange(2, 60))
        upstream.fault = lambda path: "drop"
        with Pccs(folder, upstream=upstream) as p:
            assert not list(folder.glob("*.damaged-*"))
            for what, body in given.items():
                assert p.v4(what).body == body, (n, what)
                whole += 1
            p.stop()
    print(f"{times} kills, {whole} answers there again")


def test_a_killed_service_keeps_what_it_gave(tmp_path, upstream, library):
    survives(tmp_path, library, upstream, 4, "kill")


@pytest.mark.long
def test_hundreds_of_killed_services(tmp_path, upstream, library):
    survives(tmp_path, library, upstream, 250, "kill, long")


# --- The program ---

def test_tls_is_made_and_renewed(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream, tls=True) as p:
        assert p.ask("/healthz").body == b"alive\n"
        first = (tmp_path / "pccs.crt").read_bytes()
        for name in ("pccs.crt", "pccs.key", "pccs.crt.ca"):
            (tmp_path / name).unlink()
        p.process.send_signal(signal.SIGHUP)
        until(lambda: "configuration read again" in p.log.read_text())
        assert (tmp_path / "pccs.crt").read_bytes() != first
        assert p.ask("/healthz").body == b"alive\n"  # under the new authority
        assert (tmp_path / "pccs.key").stat().st_mode & 0o777 == 0o600
        p.stop()


def test_tokens_are_read_again(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        config = json.loads((tmp_path / "pccs.json").read_text())
        (tmp_path / "pccs.json").write_text(json.dumps({**config, "AdminTokenHash": sha512("another")}))
        assert p.v4("platforms", token=ADMIN).status == 200
        p.process.send_signal(signal.SIGHUP)
        until(lambda: "configuration read again" in p.log.read_text())
        assert p.v4("platforms", token=ADMIN).status == 401
        (tmp_path / "pccs.json").write_text("{")
        p.process.send_signal(signal.SIGHUP)
        until(lambda: "configuration not taken over" in p.log.read_text())
        assert p.v4("platforms", headers={"admin-token": "another"}).status == 200
        text = p.log.read_text()
        assert TOKEN not in text and ADMIN not in text and sha512(ADMIN) not in text


def usage(*options):
    done = subprocess.run([str(o) for o in (ATTESTD, *options)], capture_output=True, text=True, timeout=20,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def test_what_the_program_is_told_wrongly(tmp_path):
    assert usage() == (1, "", "attestd: error: a service is missing\nattestd: try 'attestd --help'\n")
    assert usage("ias")[0] == 1
    code, out, _ = usage("pccs", "--help")
    assert code == 0 and out.startswith("Usage: attestd pccs [OPTION]...")
    assert usage("--version")[1].startswith("attestd ")
    code, _, err = usage("pccs", "--store", "postgresql://me:secret@host/db")
    assert code == 1 and "secret" not in err and "no password on the command line" in err
    (tmp_path / "bad.json").write_text('{"HTTPS_PORT": -1}')
    code, _, err = usage("pccs", "--config", tmp_path / "bad.json")
    assert code == 1 and "HTTPS_PORT: expected a number from 0 to 65535" in err
    assert usage("pccs", "--config", tmp_path / "missing.json")[0] == 3
    assert usage("pccs", "--http", "--listen", "nowhere")[0] == 1
    assert usage("pccs", "--tls-cert", "x", "--store", tmp_path / "s.db", "--listen", "127.0.0.1:0")[0] == 1


def test_every_thread_is_in_the_sandbox(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream) as p:
        assert p.v4(TCB).status == 200
        tasks = [path.read_text() for path in Path(f"/proc/{p.process.pid}/task").glob("*/status")]
        assert len(tasks) > 1
        for status in tasks:
            said = dict(line.split(":\t", 1) for line in status.splitlines())
            assert said["NoNewPrivs"] == "1" and int(said["CapEff"], 16) == 0
            assert said["Seccomp"] == ("0" if SANITIZED else "2")


def test_limits_of_a_request(tmp_path, upstream):
    with Pccs(tmp_path, upstream=upstream, config={"MaxRequestBodySize": 1000}) as p:
        assert p.v4("platforms", method="POST", body=b"x" * 1001, token=TOKEN).status == 413
        assert p.v4("platforms", method="POST", body=b"x" * 1000, token=TOKEN).status == 400
        assert p.ask("/sgx/certification/v4/tcb?fmspc=" + "0" * 70000).status in (400, 414, 431)
