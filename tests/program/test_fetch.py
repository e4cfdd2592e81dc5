# SPDX-License-Identifier: Apache-2.0
"""`attest verify --pccs` and `attest collateral …` against a service of Python's, well-behaved and hostile: whatever it
answers, the verdict is never wrong. Time is --time; no test waits for a clock."""
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "oracle")]

from attest_oracle.collateral import LevelSpec, answers  # noqa: E402  (needs the path above)
from attest_oracle.keys import TestKey  # noqa: E402
from attest_oracle.pki import Pki, SgxExtension, pem  # noqa: E402
from attest_oracle.world import World  # noqa: E402
from pccs_double import Double, Reply, percent, tls_certificate, well_behaved  # noqa: E402

PROGRAMS = ROOT / "build" / "src" / "programs"
BINARY = os.environ.get("ATTEST_BIN") or str(PROGRAMS / "attest")
ACCEPTED, USAGE, REFUSED, NO_ANSWER, DENIED = 0, 1, 2, 3, 4
DAY = 86400


class Case:
    def __init__(self, folder, kind="sgx3", change=None):
        self.folder = folder
        self.world = World(kind)
        if change:
            change(self.world)
        made = self.world.make()
        self.items, self.now = made.items, made.time
        self.quote, self.root = folder / "quote.dat", folder / "root.pem"
        self.quote.write_bytes(made.quote)
        self.root.write_text(made.root)
        self.cache = folder / "cache.db"

    def again(self, **changes):
        """The same platform's collateral, issued anew."""
        for name, value in changes.items():
            for spec in (self.world.tcb, self.world.qe_identity):
                setattr(spec, name, value)
        return self.world.make().items


class Done:
    def __init__(self, done):
        self.exit, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def sources(self):
        return [s["source"] for s in self.json["fetched"]]


def run(*argv, env=None, **how):
    base = {k: v for k, v in os.environ.items() if k.upper() not in
            ("PCCS_URL", "QCNL_CONF_PATH", "HTTPS_PROXY", "NO_PROXY", "ATTEST_SIM_ROOT", "AZDCAP_CACHE",
             "XDG_CACHE_HOME", "HOME")}
    done = subprocess.run([BINARY, *map(str, argv)], capture_output=True, text=True, timeout=60, check=False,
                          env={**base, **(env or {})}, **how)
    assert done.returncode in range(5), f"{argv}: {done.returncode}: {done.stderr}"
    return Done(done)


def verify(case, *options, at=None, env=None, **how):
    return run("verify", case.quote, "--root", case.root, "--time", at or case.now, "-o", "json", *options, env=env, **how)


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


@pytest.fixture
def pccs(case):
    with Double(case.items) as double:
        yield double


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return tls_certificate(tmp_path_factory.mktemp("tls"))


# --- A service that behaves ---

@pytest.mark.parametrize("kind", ["sgx3", "tdx15"])
def test_what_is_fetched_verifies(tmp_path, kind):
    case = Case(tmp_path, kind)
    with Double(case.items) as double:
        done = verify(case, "--pccs", double.url)
    assert done.exit == ACCEPTED, done.err
    tee = "tdx" if kind.startswith("tdx") else "sgx"
    assert [s["what"].split()[-1] for s in done.json["fetched"]] == ["pckcrl", "rootcacrl", "tcb", "qe/identity"]
    assert set(done.sources) == {"network"} and all(s["taken"] for s in done.json["fetched"])
    assert f"/{tee}/certification/v4/tcb?fmspc=00906ed50000" in double.asked
    ca = "platform" if tee == "tdx" else "processor"
    assert f"/sgx/certification/v4/pckcrl?ca={ca}&encoding=der" in double.asked
    assert len(double.connections) == 1, "the connection is kept"
    assert done.json["fetched"][2]["request_id"] == "abc123"


def test_the_text_form_says_where_it_came_from(case, pccs):
    done = run("verify", case.quote, "--root", case.root, "--time", case.now, "--pccs", pccs.url)
    assert done.exit == ACCEPTED
    assert "Fetched     pckcrl from the network: http://localhost:" in done.out


def test_over_tls_with_a_ca(case, tls):
    both, ca = tls
    with Double(case.items, both) as double:
        assert verify(case, "--pccs", double.url, "--pccs-ca", ca).exit == ACCEPTED
        assert len(double.asked) == 4
        refused = verify(case, "--pccs", double.url)
    assert refused.exit == NO_ANSWER and "TLS certificate is not trusted" in refused.err
    assert len(double.asked) == 4, "nothing is asked of a service that nobody vouches for"


def test_a_certificate_of_another_host(case, tmp_path):
    both, ca = tls_certificate(tmp_path, "elsewhere.example")
    with Double(case.items, both) as double:
        done = verify(case, "--pccs", double.url, "--pccs-ca", ca)
    assert done.exit == NO_ANSWER and not double.asked


def test_services_from_the_environment(case, pccs):
    done = verify(case, env={"PCCS_URL": pccs.url})
    assert done.exit == ACCEPTED and set(done.sources) == {"network"}


QCNL = [
    '// a comment\n{{"pccs_url": "{url}" // where\n, "retry_times": 0}}\n',
    "# old form\nPCCS_URL={url}\nUSE_SECURE_CERT=TRUE\nRETRY_TIMES=0\n",
]


@pytest.mark.parametrize("text", QCNL, ids=["json", "key-value"])
def test_services_from_the_qcnl_file(case, pccs, text):
    path = case.folder / "qcnl.conf"
    path.write_text(text.format(url=pccs.url))
    done = verify(case, env={"QCNL_CONF_PATH": str(path)})
    assert done.exit == ACCEPTED and len(pccs.asked) == 4 and done.err == ""


def test_an_insecure_service_is_said_loudly(case, tls):
    path = case.folder / "qcnl.conf"
    with Double(case.items, tls[0]) as double:
        path.write_text(json.dumps({"pccs_url": double.url, "use_secure_cert": False}))
        done = verify(case, env={"QCNL_CONF_PATH": str(path)})
    assert done.exit == ACCEPTED and "use_secure_cert false: nobody checks which service answers" in done.err


def test_the_collateral_service_is_another(case, pccs):
    path = case.folder / "qcnl.conf"
    path.write_text(json.dumps({"pccs_url": "https://localhost:1/", "collateral_service": pccs.url}))
    assert verify(case, env={"QCNL_CONF_PATH": str(path)}).exit == ACCEPTED
    assert len(pccs.asked) == 4


@pytest.mark.parametrize("text, words", [
    ('{"pccs_url": "https://localhost:8081/",\n "retry_times": "soon"}', "retry_times: expected a number, seen 'soon'"),
    ('{"pccs_url": }', "line 1"),
    ("PCCS_URL=https://localhost/\nnonsense\n", "line 2: configuration: expected KEY=VALUE"),
    ("PCCS_URL=ftp://localhost/\n", "line 1: PCCS_URL: expected an address"),
    ("PCCS_URL=http://pccs.example:8081/\n", "http:// goes to this machine"),
])
def test_a_configuration_that_is_none(case, text, words):
    path = case.folder / "qcnl.conf"
    path.write_text(text)
    done = verify(case, env={"QCNL_CONF_PATH": str(path)})
    assert done.exit == USAGE and words in done.err and "qcnl.conf" in done.err or words in done.err


def test_nothing_configured_is_as_before_with_a_hint(case):
    done = verify(case)
    assert done.exit == USAGE and "--collateral is missing" in done.err and "--pccs URL" in done.err


def test_a_pipe_is_read_by_who_fetches(case, pccs):
    with open(case.quote, "rb") as quote:
        done = run("verify", "-", "--root", case.root, "--time", case.now, "-o", "json", "--pccs", pccs.url, stdin=quote)
    assert done.exit == ACCEPTED


def test_what_a_file_lacks_is_fetched(case, pccs):
    some = {k: v for k, v in case.items.items() if not k.startswith("qe_identity")}
    path = case.folder / "some.json"
    path.write_text(json.dumps(some))
    done = verify(case, "--collateral", path, "--pccs", pccs.url)
    assert done.exit == ACCEPTED and done.json["fetched"]
    path.write_text(json.dumps(case.items))
    asked = len(pccs.asked)
    assert verify(case, "--collateral", path, "--pccs", pccs.url).exit == ACCEPTED
    assert len(pccs.asked) == asked, "nothing was missing"


def test_a_saved_file_is_judged_by_itself(case, pccs):
    saved = case.folder / "saved.json"
    assert verify(case, "--pccs", pccs.url, "--save", saved).exit == ACCEPTED
    asked = len(pccs.asked)
    again = run("verify", saved, "--own-roots", "-o", "json", env={"PCCS_URL": pccs.url})
    assert again.exit == ACCEPTED and "fetched" not in again.json and again.json["saved_verdict"]["result"] == "equal"
    assert len(pccs.asked) == asked
    fresh = run("verify", saved, "--root", case.root, "--time", case.now, "-o", "json", "--pccs", pccs.url)
    assert fresh.exit == ACCEPTED and len(pccs.asked) == asked + 4


def test_collateral_from_a_pccs_of_version_3(case):
    case.world.tcb.version = 2
    with Double(case.world.make().items) as double:
        tcb = double.replies["tcb"]
        tcb.headers["SGX-TCB-Info-Issuer-Chain"] = tcb.headers.pop("TCB-Info-Issuer-Chain")
        done = verify(case, "--pccs", double.url.replace("v4", "v3"))
    assert done.exit == ACCEPTED and double.asked[0].startswith("/sgx/certification/v3/")


@pytest.mark.parametrize("form", ["der", "pem", "hex"])
def test_every_encoding_of_revocation_lists(case, pccs, form):
    der = answers(case.items)["pck_crl"]
    pccs.replies["pckcrl"].body = {"der": der, "hex": der.hex().encode(), "pem": pem(der, "X509 CRL").encode()}[form]
    assert verify(case, "--pccs", pccs.url).exit == ACCEPTED


# --- Sets ---

def test_early_standard_and_pinned(case, pccs):
    early, pinned = well_behaved(case.again(evaluation=18)), well_behaved(case.again(evaluation=16))
    standard = dict(pccs.replies)

    def choose(route):
        def reply(query):
            if query.get("update") == ["early"]:
                return early[route]
            if query.get("tcbEvaluationDataNumber") == ["16"]:
                return pinned[route]
            if "tcbEvaluationDataNumber" in query:
                return Reply(status=410 if query["tcbEvaluationDataNumber"] == ["1"] else 404)
            return standard[route]
        return reply
    for route in ("tcb", "qe/identity"):
        pccs.replies[route] = choose(route)
    number = lambda done: done.json["collateral"]["tcb_evaluation_number"]
    assert number(verify(case, "--pccs", pccs.url)) == 17
    assert number(verify(case, "--pccs", pccs.url, "--update", "standard")) == 17
    assert number(verify(case, "--pccs", pccs.url, "--update", "early")) == 18
    assert number(verify(case, "--pccs", pccs.url, "--evaluation-number", "16")) == 16
    gone = verify(case, "--pccs", pccs.url, "--evaluation-number", "1")
    assert gone.exit == NO_ANSWER and "410: this evaluation number is over" in gone.err
    unknown = verify(case, "--pccs", pccs.url, "--evaluation-number", "99")
    assert unknown.exit == NO_ANSWER and "404: this evaluation number does not exist" in unknown.err
    path = case.folder / "qcnl.conf"
    path.write_text(json.dumps({"pccs_url": pccs.url, "tcb_update_type": "early"}))
    assert number(verify(case, env={"QCNL_CONF_PATH": str(path)})) == 18
    both = verify(case, "--pccs", pccs.url, "--update", "early", "--evaluation-number", "16")
    assert both.exit == USAGE


def test_a_service_that_answers_another_number(case, pccs):
    done = verify(case, "--pccs", pccs.url, "--evaluation-number", "16")
    assert done.exit == NO_ANSWER and "asked for evaluation number 16, the answer has another" in done.err


# --- A service that does not behave ---

def of_another_root(world):
    """The same platform under keys of somebody else's."""
    world.pki = Pki("processor", SgxExtension(), seed="somebody else")
    world.quote.pck_key = world.pki.leaf.key
    return world


def swapped(double, case):
    double.replies["tcb"] = well_behaved(of_another_root(World()).make().items)["tcb"]


def half_swapped(double, case):
    other = well_behaved(of_another_root(World()).make().items)["tcb"]
    double.replies["tcb"].headers.update(other.headers)


def other_fmspc(double, case):
    case.world.tcb.fmspc = bytes.fromhex("00606a000000")
    double.replies["tcb"] = well_behaved(case.world.make().items)["tcb"]


def body(route, make):
    def change(double, case):
        double.replies[route].body = make(double.replies[route].body)
    return change


def reply(route, new):
    def change(double, case):
        double.replies[route] = new
    return change


def header(route, name, value):
    def change(double, case):
        if value is None:
            del double.replies[route].headers[name]
        else:
            double.replies[route].headers[name] = value
    return change


def tdx_info(double, case):
    case.world.tcb.id = "TDX"
    double.replies["tcb"] = well_behaved(case.world.make().items)["tcb"]


HOSTILE = {
    "oversized": (body("tcb", lambda b: b + b" " * (1 << 20)), "larger than 1048576 bytes"),
    "empty": (body("tcb", lambda b: b""), "the answer is empty"),
    "malformed JSON": (body("tcb", lambda b: b[:-10]), "JSON of the answer"),
    "not JSON": (body("tcb", lambda b: b"<html>login</html>"), "JSON of the answer"),
    "another member": (body("qe/identity", lambda b: b.replace(b"enclaveIdentity", b"enclaveidentity")), "no member enclaveIdentity"),
    "changed text": (body("tcb", lambda b: b.replace(b"UpToDate", b"UpToDat3")), "its signature does not hold"),
    "one space more": (body("tcb", lambda b: b.replace(b'"version":3', b'"version": 3')), "its signature does not hold"),
    "signature of zeros": (body("tcb", lambda b: b[:-130] + b"0" * 128 + b'"}'), "its signature does not hold"),
    "mismatched FMSPC": (other_fmspc, "fmspc: asked for 00906ed50000"),
    "TDX info for SGX": (tdx_info, "id: asked for SGX"),
    "swapped issuer chain and document": (swapped, "a root that is not trusted here"),
    "swapped issuer chain alone": (half_swapped, "not trusted here"),
    "no chain": (header("tcb", "TCB-Info-Issuer-Chain", None), "lacks the header TCB-Info-Issuer-Chain"),
    "chain of nonsense": (header("tcb", "TCB-Info-Issuer-Chain", "%2D%2D"), "issuer chain"),
    "chain of bad encoding": (header("tcb", "TCB-Info-Issuer-Chain", "-----BEGIN%20CERT%zz"), "tcb_info_issuer_chain"),
    "CRL of nonsense": (body("pckcrl", lambda b: b"revoked: nobody"), "revocation list"),
    "CRL changed": (body("pckcrl", lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:]), "PCK CRL"),
    "root CRL cut": (body("rootcacrl", lambda b: b[:-2]), "revocation list"),
    "root CRL of another": (lambda d, c: d.replies.update(rootcacrl=well_behaved(of_another_root(World()).make().items)["rootcacrl"]),
                            "signed by no root that is trusted here"),
    "redirect": (reply("tcb", Reply(status=302, headers={"Location": "http://attacker.example/"})), "which is not followed"),
    "404": (reply("tcb", Reply(status=404)), "404: no TCB info for this FMSPC"),
    "400": (reply("tcb", Reply(status=400, headers={"Error-Code": "InvalidFmspc"})), "(InvalidFmspc)"),
    "401": (reply("tcb", Reply(status=401)), "subscription key"),
    "403": (reply("tcb", Reply(status=403)), "403:"),
    "460": (reply("tcb", Reply(status=460)), "460: the service found its own data damaged"),
    "461": (reply("tcb", Reply(status=461)), "461: the service does not know this platform"),
    "462": (reply("tcb", Reply(status=462)), "462: Intel has no certificates"),
    "500": (reply("tcb", Reply(status=500)), "500: the service failed"),
    "502": (reply("tcb", Reply(status=502)), "502: the service can not reach Intel's"),
    "503": (reply("tcb", Reply(status=503)), "503: the service is not available"),
    "418": (reply("tcb", Reply(status=418)), "418:"),
    "half an answer": (lambda d, c: d.replies["tcb"].tricks.update(promise=100), "no answer"),
    "garbage": (reply("tcb", Reply(garbage=True)), "no HTTP"),
    "unprintable header": (header("tcb", "TCB-Info-Issuer-Chain", "caf\xe9"), "not printable"),
    "a header of 70 KiB": (header("tcb", "TCB-Info-Issuer-Chain", "x" * 70000), "header"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_costs_the_request_and_no_more(case, pccs, name):
    spoil, words = HOSTILE[name]
    spoil(pccs, case)
    done = verify(case, "--pccs", pccs.url, "--retries", "0")
    assert done.exit == NO_ANSWER, done.out
    assert words in done.err and "tcb_info" not in done.json["checks"][0]["id"]
    assert not done.json["authentic"] and not done.json["accepted"]


@pytest.mark.parametrize("name", ["changed text", "redirect", "404", "503", "garbage", "swapped issuer chain and document",
                                  "CRL changed", "mismatched FMSPC", "oversized"])
def test_the_next_endpoint_has_better(case, pccs, name):
    with Double(case.items) as good:
        HOSTILE[name][0](pccs, case)
        done = verify(case, "--pccs", pccs.url, "--pccs", good.url)
    assert done.exit == ACCEPTED, done.err
    assert [s["taken"] for s in done.json["fetched"]].count(False) == 1


def test_a_dead_endpoint_is_asked_last(case, pccs):
    done = verify(case, "--pccs", "http://127.0.0.1:1/", "--pccs", pccs.url)
    assert done.exit == ACCEPTED
    dead = [s for s in done.json["fetched"] if not s["taken"]]
    assert len(dead) == 1 and "no answer" in dead[0]["words"]


def test_retry_after_is_honoured(case, pccs):
    good = pccs.replies["tcb"]
    pccs.replies["tcb"] = [Reply(status=429, headers={"Retry-After": "1"}), good]
    done = verify(case, "--pccs", pccs.url, "--retries", "1")
    assert done.exit == ACCEPTED
    first = next(s for s in done.json["fetched"] if not s["taken"])
    assert (first["status"], first["retry_after"]) == (429, 1)


def test_retry_after_beyond_the_deadline_is_not_waited_for(case, pccs):
    pccs.replies["tcb"] = Reply(status=429, headers={"Retry-After": "3600"})
    done = verify(case, "--pccs", pccs.url, "--retries", "5", "--timeout", "20")
    assert done.exit == NO_ANSWER and "429" in done.err
    assert pccs.routes().count("tcb") == 1


def test_a_slow_service_costs_the_deadline(case, pccs):
    pccs.replies["pckcrl"].tricks["wait"] = True
    done = verify(case, "--pccs", pccs.url, "--retries", "0", "--timeout", "0.3")
    assert done.exit == NO_ANSWER and "no whole answer in time" in done.err


def test_bad_evidence_is_bad_whatever_services_say(case, pccs):
    case.quote.write_bytes(case.quote.read_bytes()[:500])
    done = verify(case, "--pccs", pccs.url)
    assert done.exit == REFUSED and not pccs.asked


def test_an_expired_answer_is_no_answer(case, pccs):
    done = verify(case, "--pccs", pccs.url, at=case.now + 60 * DAY)
    assert done.exit == NO_ANSWER and not done.json["authentic"]


# --- The cache ---

def cached(case, pccs, *options, at=None, **how):
    return verify(case, "--pccs", pccs.url, "--cache", case.cache, "--retries", "0", *options, at=at, **how)


def test_the_second_time_nothing_is_asked(case, pccs):
    assert set(cached(case, pccs).sources) == {"network"}
    done = cached(case, pccs)
    assert done.exit == ACCEPTED and set(done.sources) == {"cache"} and len(pccs.asked) == 4
    assert oct(case.cache.stat().st_mode & 0o777) == "0o600"


def test_offline_lives_on_the_cache_alone(case, pccs):
    assert cached(case, pccs).exit == ACCEPTED
    asked = len(pccs.asked)
    done = run("collateral", "check", case.quote, "--root", case.root, "--time", case.now, "--offline", "--cache",
               case.cache, "-o", "json")
    assert done.exit == ACCEPTED, done.err
    assert len(pccs.asked) == asked


def test_it_is_refreshed_before_it_expires(case, pccs):
    cached(case, pccs)
    near = case.world.tcb.next_update - DAY
    pccs.replies = well_behaved(case.again(issue=near - DAY, next_update=near + 29 * DAY))
    done = cached(case, pccs, at=near)
    assert done.exit == ACCEPTED, done.err
    by = {s["what"]: s["source"] for s in done.json["fetched"]}
    assert by["tcb"] == "network" and by["qe/identity"] == "network"


def test_an_outage_is_not_seen_while_the_cache_is_in_date(case, pccs):
    cached(case, pccs)
    for route in pccs.replies:
        pccs.replies[route] = Reply(status=503)
    late = case.now + 8 * DAY  # beyond a week all is asked for again
    done = cached(case, pccs, at=late)
    assert done.exit == ACCEPTED and done.sources.count("cache") == 4
    assert "still in date" in done.json["fetched"][1]["words"]
    over = cached(case, pccs, at=case.world.tcb.next_update + DAY)
    assert over.exit == NO_ANSWER and "503" in over.err


@pytest.mark.parametrize("what", ["evaluation number", "date of issue", "CRL number"])
def test_nothing_goes_back(case, pccs, what):
    good = dict(pccs.replies)
    cached(case, pccs)
    if what == "CRL number":
        case.world.pki.pck_crl.number -= 1
        older = case.again()
    else:
        older = case.again(**({"evaluation": 16} if what == "evaluation number" else {"issue": case.world.tcb.issue - DAY}))
    pccs.replies = well_behaved(older)
    late = case.now + 8 * DAY
    done = cached(case, pccs, at=late)
    assert done.exit == ACCEPTED
    refused = [s for s in done.json["fetched"] if not s["taken"]]
    assert refused and all(f"it went back: an older {what}" in s["words"] for s in refused)
    assert done.json["collateral"]["tcb_evaluation_number"] == 17
    with Double(case.items) as other:
        other.replies = good
        done = cached(case, pccs, "--pccs", other.url, at=late)
    assert done.exit == ACCEPTED and "still in date" not in done.out, "the second endpoint has not gone back"
    assert verify(case, "--pccs", pccs.url, at=late).exit == ACCEPTED, "without a memory nobody can tell"


def test_only_what_is_authentic_is_kept(case, pccs):
    swapped(pccs, case)
    assert cached(case, pccs).exit == NO_ANSWER
    with sqlite3.connect(case.cache) as db:
        keys = [k for (k,) in db.execute("select key from entry")]
    assert len(keys) == 2 and not any("/tcb" in k for k in keys)


def test_what_is_kept_is_not_believed(case, pccs):
    cached(case, pccs)
    with sqlite3.connect(case.cache) as db:
        db.execute("update entry set body = replace(body, 'UpToDate', 'Revoked') where key like '%/tcb%'")
        db.execute("update entry set expires = 99999999999")
    done = cached(case, pccs)
    assert done.exit == ACCEPTED and "an entry was not used" in done.err
    assert {s["what"]: s["source"] for s in done.json["fetched"]}["tcb"] == "network"


def test_other_roots_have_entries_of_their_own(case, pccs, tmp_path):
    cached(case, pccs)
    (tmp_path / "other").mkdir()
    other = Case(tmp_path / "other", change=of_another_root)
    with Double(other.items) as double:
        done = verify(other, "--pccs", double.url, "--cache", case.cache)
    assert done.exit == ACCEPTED and set(done.sources) == {"network"}


def corrupt(path):
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)


def no_database(path):
    path.write_text("these are my notes\n" * 100)


def foreign(path):
    with sqlite3.connect(path) as db:
        db.execute("pragma user_version = 7")


def directory(path):
    path.mkdir()


@pytest.mark.parametrize("spoil, words", [(corrupt, "damaged"), (no_database, "damaged"), (foreign, "version 7"),
                                          (directory, "cache")])
def test_a_cache_that_is_none_is_said_and_gone_without(case, pccs, spoil, words):
    spoil(case.cache)
    done = cached(case, pccs)
    assert done.exit == ACCEPTED and words in done.err and "going on without it" in done.err
    assert set(done.sources) == {"network"}


def test_pages_of_the_cache_are_damaged(case, pccs):
    cached(case, pccs)
    with sqlite3.connect(case.cache) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    data = bytearray(case.cache.read_bytes())
    for at in range(4096, len(data), 512):
        data[at:at + 64] = b"\xa5" * 64
    case.cache.write_bytes(data)
    done = cached(case, pccs)
    assert done.exit == ACCEPTED and "going on without it" in done.err


def test_a_locked_cache(case, pccs):
    cached(case, pccs)
    db = sqlite3.connect(case.cache, isolation_level=None)
    db.execute("begin exclusive")
    done = cached(case, pccs, at=case.now + 8 * DAY)
    db.execute("rollback")
    assert done.exit == ACCEPTED and "locked" in done.err and set(done.sources) == {"network"}


def test_a_full_disk(case, pccs):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write then fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
    done = cached(case, pccs, preexec_fn=limit)
    assert done.exit == ACCEPTED, (done.exit, done.err)
    assert "going on without it" in done.err
    assert cached(case, pccs).exit == ACCEPTED


def test_a_cache_that_can_not_be_written(case, pccs):
    cached(case, pccs)
    with tempfile.TemporaryDirectory() as folder:  # that somebody else may look into
        for name in ("quote.dat", "root.pem", "cache.db"):
            shutil.copy(case.folder / name, folder)
            os.chmod(f"{folder}/{name}", 0o444)
        os.chmod(folder, 0o555)
        case.quote, case.root, case.cache = (Path(folder) / n for n in ("quote.dat", "root.pem", "cache.db"))
        as_nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        done = cached(case, pccs, at=case.now + 8 * DAY, **as_nobody)
        os.chmod(folder, 0o755)
    assert done.exit == ACCEPTED and "going on without it" in done.err, done.err


def test_where_the_cache_is_unless_told(case, pccs):
    for variable, below in (("AZDCAP_CACHE", ""), ("XDG_CACHE_HOME", ""), ("HOME", ".cache")):
        home = case.folder / variable
        home.mkdir()
        assert verify(case, "--pccs", pccs.url, env={variable: str(home)}).exit == ACCEPTED
        assert (home / below / "attest" / "collateral.db").exists()
        fresh = verify(case, "--pccs", pccs.url, "--no-cache", env={variable: str(home)})
        assert set(fresh.sources) == {"network"}


# --- Never the network ---

def deny_sockets():
    """In the child: a socket is death."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    kill_process, allow = 0x80000000, 0x7fff0000
    filter_ = seccomp.seccomp_init(allow)
    for name in (b"socket", b"connect"):
        assert seccomp.seccomp_rule_add(filter_, kill_process, seccomp.seccomp_syscall_resolve_name(name), 0) == 0
    assert seccomp.seccomp_load(filter_) == 0


def test_offline_opens_no_socket(case, pccs):
    collateral_file = case.folder / "collateral.json"
    collateral_file.write_text(json.dumps(case.items))
    assert cached(case, pccs).exit == ACCEPTED
    asked = len(pccs.asked)
    env = {"PCCS_URL": pccs.url}
    quiet = lambda *argv: subprocess.run([BINARY, *map(str, argv)], capture_output=True, timeout=60, check=False,
                                         env={**os.environ, **env}, preexec_fn=deny_sockets).returncode
    common = ("--root", case.root, "--time", case.now)
    assert quiet("verify", case.quote, *common) == -31, "the guard works: without --offline this would ask"
    assert quiet("verify", case.quote, *common, "--collateral", collateral_file) == ACCEPTED
    assert quiet("verify", case.quote, *common, "--collateral", collateral_file, "--offline") == ACCEPTED
    assert quiet("verify", case.quote, *common, "--offline") == USAGE
    assert quiet("collateral", "check", case.quote, *common, "--offline", "--cache", case.cache) == ACCEPTED
    assert len(pccs.asked) == asked


# --- attest collateral ---

def collateral(command, case, *options, at=None):
    return run("collateral", command, *options, "--root", case.root, "--time", at or case.now)


def test_fetch_gives_collateral_to_verify_with(case, pccs):
    done = collateral("fetch", case, case.quote, "--pccs", pccs.url)
    assert done.exit == ACCEPTED and "tcb: http://localhost" in done.err
    path = case.folder / "fetched.json"
    path.write_text(done.out)
    assert verify(case, "--collateral", path).exit == ACCEPTED
    folder = case.folder / "dir"
    assert collateral("fetch", case, "--fmspc", "00906ED50000", "--to", folder, "--pccs", pccs.url).exit == ACCEPTED
    assert verify(case, "--collateral", folder).exit == ACCEPTED
    failed = collateral("fetch", case, "--fmspc", "00906ED50000", "--ca", "platform", "--pccs", pccs.url)
    assert failed.exit == NO_ANSWER and "asked for that of the Platform CA" in failed.err
    assert collateral("fetch", case, "--pccs", pccs.url).exit == USAGE
    assert collateral("fetch", case, "--fmspc", "zz", "--pccs", pccs.url).exit == USAGE


def test_check_says_what_each_answer_is_worth(case, pccs):
    check = lambda at=None, *o: collateral("check", case, case.quote, "--pccs", pccs.url, "-o", "json", *o, at=at)
    done = check()
    assert done.exit == ACCEPTED, done.err
    assert [i["state"] for i in done.json["platforms"][0]["items"]] == ["ok"] * 7
    assert len(done.json["platforms"][0]["requests"]) == 4
    soon = check(case.world.tcb.next_update - 2 * DAY)
    assert soon.exit == DENIED and soon.json["expires_soon"] and soon.json["good"]
    over = check(case.world.tcb.next_update + 1)
    assert over.exit == NO_ANSWER
    assert {i["item"]: i["state"] for i in over.json["platforms"][0]["items"]}["tcb_info"] == "expired"
    early = check(case.world.tcb.issue - 1)
    assert {i["item"]: i["state"] for i in early.json["platforms"][0]["items"]}["tcb_info"] == "not-yet-valid"
    pccs.replies["tcb"] = Reply(status=404)
    missing = check(None, "--retries", "0")
    states = {i["item"]: i["state"] for i in missing.json["platforms"][0]["items"]}
    assert missing.exit == NO_ANSWER and states["tcb_info"] == "missing" and states["qe_identity"] == "ok"
    assert "404: no TCB info for this FMSPC" in missing.err


def test_check_finds_two_sets_mixed(case, pccs):
    pccs.replies["qe/identity"] = well_behaved(case.again(evaluation=16))["qe/identity"]
    done = collateral("check", case, case.quote, "--pccs", pccs.url, "-o", "json")
    states = {i["item"]: i["state"] for i in done.json["platforms"][0]["items"]}
    assert done.exit == NO_ANSWER and states["qe_identity"] == "mismatch"


def test_forecast(case, pccs):
    standard = dict(pccs.replies)
    case.world.tcb.levels = [LevelSpec("UpToDate", sgx=(6,) * 16, date="2025-05-14"),
                             LevelSpec("OutOfDate", advisories=("INTEL-SA-00001",))]
    next_set = well_behaved(case.again(evaluation=18))
    for route in ("tcb", "qe/identity"):
        pccs.replies[route] = lambda q, r=route: (next_set if q.get("update") == ["early"] else standard)[r]
    done = collateral("forecast", case, case.quote, "--pccs", pccs.url, "-o", "json")
    assert done.exit == DENIED, done.err
    one = done.json["platforms"][0]
    assert (one["now"]["tcb_status"], one["then"]["tcb_status"]) == ("UpToDate", "OutOfDate")
    assert one["worse"] and one["then"]["newer_level_since"] == "2025-05-14T00:00:00Z"
    assert (one["now"]["evaluation_number"], one["then"]["evaluation_number"]) == (17, 18)
    pck = case.folder / "pck.pem"
    quote = case.quote.read_bytes()
    pck.write_bytes(quote[quote.index(b"-----BEGIN"):].rstrip(b"\0"))
    platform = collateral("forecast", case, "--pck", pck, "--pccs", pccs.url, "-o", "json")
    assert platform.exit == DENIED, platform.err
    for when in ("now", "then"):
        assert platform.json["platforms"][0][when] == one[when]
    table = collateral("forecast", case, case.quote, "--pck", pck, "--pccs", pccs.url).out
    assert len(re.findall(r"UpToDate +17 +OutOfDate +18 +worse", table)) == 2
    assert collateral("forecast", case, "--pccs", pccs.url).exit == USAGE
    assert collateral("forecast", case, "--pck", case.quote, "--pccs", pccs.url).exit == NO_ANSWER
    assert collateral("forecast", case, "--pck", case.root, "--pccs", pccs.url).exit == NO_ANSWER
    late = collateral("forecast", case, "--pck", pck, "--pccs", pccs.url, at=case.world.tcb.next_update + 1)
    assert late.exit == NO_ANSWER
    same = collateral("forecast", case, case.quote, "--update", "standard", "--pccs", pccs.url, "-o", "json")
    assert same.exit == ACCEPTED and not same.json["worse"]
    pccs.replies["tcb"] = Reply(status=404)
    assert collateral("forecast", case, case.quote, "--pccs", pccs.url).exit == NO_ANSWER


def test_export_makes_a_bundle(case, pccs):
    to = case.folder / "bundle"
    done = collateral("export", case, case.quote, "--fmspc", "00906ed50000", "--to", to, "--pccs", pccs.url, "-o", "json")
    assert done.exit == ACCEPTED, done.err
    assert [p["directory"] for p in done.json["platforms"]] == ["sgx-00906ed50000-processor"] * 2
    assert verify(case, "--collateral", to / "sgx-00906ed50000-processor").exit == ACCEPTED
    whole = verify(case, "--collateral", to)
    assert whole.exit == ACCEPTED, whole.err
    lacking = collateral("export", case, case.quote, "--fmspc", "00606a000000", "--to", to, "--pccs", pccs.url)
    assert lacking.exit == NO_ANSWER and "00606a000000" in lacking.err


# --- Quotes that do not carry their PCK certificate ---

def names_its_platform(world):
    """Certification data of type 3: the PPID encrypted to Intel, CPUSVN, PCESVN, PCE id."""
    world.quote.cert_type = 3
    world.quote.cert_data = bytes(range(256)) + bytes(128) + bytes(range(16)) + b"\x0d\0" + b"\0\0"


def test_the_pck_certificate_is_asked_for(tmp_path):
    case = Case(tmp_path, change=names_its_platform)
    leaf, *above = (pem(d) for d in case.world.pki.pck_chain())
    with Double(case.items) as double:
        double.replies["pckcert"] = Reply(leaf.encode(), {"SGX-PCK-Certificate-Issuer-Chain": percent("".join(above)),
                                                          "SGX-FMSPC": "00906ED50000"})
        done = verify(case, "--pccs", double.url)
        assert done.exit == ACCEPTED, done.err
        asked = double.asked[0]
        assert f"cpusvn={bytes(range(16)).hex()}&pcesvn=0d00&pceid=0000" in asked
        assert f"encrypted_ppid={bytes(range(256)).hex()}{'00' * 128}" in asked and "qeid=" in asked
        assert "..." in done.json["fetched"][0]["url"], "long parameters are shortened"
        to = tmp_path / "bundle"
        assert collateral("export", case, case.quote, "--to", to, "--pccs", double.url).exit == ACCEPTED
        assert verify(case, "--collateral", to).exit == ACCEPTED
        double.replies["pckcert"] = Reply(status=461)
        unknown = verify(case, "--pccs", double.url)
        assert unknown.exit == NO_ANSWER and "461: the service does not know this platform: register it" in unknown.err


def test_no_proxy_is_asked_for_this_machine(case, pccs):
    """A proxy's loopback is another machine's: http:// would leave this one unprotected."""
    done = verify(case, "--pccs", pccs.url, "--retries", "0", env={"https_proxy": "http://127.0.0.1:1"})
    assert done.exit == ACCEPTED, done.err


def test_a_line_too_long_is_no_want_of_memory(tmp_path):
    """libcurl says the same of both: the next service is asked, and what is in the cache still serves."""
    case = Case(tmp_path)
    with Double(case.items) as hostile, Double(case.items) as honest:
        for route in hostile.replies:
            hostile.replies[route] = Reply(headers={"X-Long": "a" * 200000})
        both = ("--pccs", hostile.url, "--pccs", honest.url, "--retries", "0", "--cache", case.cache)
        done = verify(case, *both)
        assert done.exit == ACCEPTED, done.err
        again = verify(case, *both[:2], *both[4:], at=case.now + 8 * DAY)
        assert again.exit == ACCEPTED and "out of memory" not in again.err, again.err


def test_the_certificate_of_another_platform_is_not_kept(tmp_path):
    """Genuine, of the same FMSPC and TCB, and newer: only the quote says that it is another's."""
    case = Case(tmp_path, change=names_its_platform)
    pki = case.world.pki
    other = replace(pki.leaf, key=TestKey("another platform"), serial=0x4001, not_before=pki.leaf.not_before + DAY)
    leaf, *above = (pem(d) for d in pki.pck_chain())
    chain = {"SGX-PCK-Certificate-Issuer-Chain": percent("".join(above))}
    cache = ("--cache", case.cache)
    with Double(case.items) as hostile, Double(case.items) as honest:
        hostile.replies["pckcert"] = Reply(pem(other.der()).encode(), chain)
        honest.replies["pckcert"] = Reply(leaf.encode(), chain)
        done = verify(case, "--pccs", hostile.url, *cache)
        assert done.exit == REFUSED, done.err
        assert verify(case, "--pccs", honest.url, *cache).exit == ACCEPTED
        # What is in a cache all the same (of a program before this one) is asked for again.
        with sqlite3.connect(case.cache) as db:
            changed = db.execute("UPDATE entry SET body = ?, issued = issued + 86400 WHERE key LIKE '%pckcert%'",
                                 (pem(other.der()).encode(),)).rowcount
        assert changed == 1
        own = honest.replies.pop("pckcert")
        assert verify(case, "--pccs", honest.url, *cache).exit == NO_ANSWER
        honest.replies["pckcert"] = own
        assert verify(case, "--pccs", honest.url, *cache).exit == ACCEPTED
        del honest.replies["pckcert"]
        assert verify(case, "--pccs", honest.url, *cache).exit == ACCEPTED


def test_options_of_the_qcnl_file_for_certificates(tmp_path):
    case = Case(tmp_path, change=names_its_platform)
    leaf, *above = (pem(d) for d in case.world.pki.pck_chain())
    path = tmp_path / "qcnl.conf"
    with Double(case.items) as double:
        double.replies["pckcert"] = Reply(leaf.encode(), {"SGX-PCK-Certificate-Issuer-Chain": percent("".join(above))})
        path.write_text(json.dumps({"pccs_url": double.url, "custom_request_options": {
            "get_cert": {"headers": {"X-Which": "ours"}, "params": {"tenant": "a b"}}}}))
        done = verify(case, env={"QCNL_CONF_PATH": str(path)})
    assert done.exit == ACCEPTED, done.err
    assert double.asked[0].endswith("&tenant=a%20b") and double.headers[0]["X-Which"] == "ours"
    assert "X-Which" not in double.headers[1] and "tenant" not in done.out


def test_a_certificate_alone(tmp_path):
    def leaf_only(world):
        world.quote.cert_type = 4
        world.quote.cert_data = pem(world.pki.pck_chain()[0]).encode()
    case = Case(tmp_path, change=leaf_only)
    with Double(case.items) as double:
        assert verify(case, "--pccs", double.url).exit == ACCEPTED
        assert "pckcert" not in double.routes(), "the CRL's issuer is the certificate's"


# --- Want of memory ---

@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 9])
def allocations_that_fail(case, pccs, step):
    """Each allocation of ours in turn (CI: some): the answer is the same as ever, or there is none."""
    library, count = case.folder / "fail_alloc.so", case.folder / "count"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1", "-o", library, ROOT / "tests/cli/fail_alloc.c"],
                   check=True)
    binary = str(Path(BINARY).with_name("attest-io"))

    def attempt(**env):
        for path in case.folder.glob("cache.db*"):
            path.unlink()
        return subprocess.run([binary, "verify", case.quote, "--root", case.root, "--time", str(case.now), "-o", "json",
                               "--pccs", pccs.url, "--retries", "0", "--cache", case.cache], capture_output=True,
                              env={**os.environ, "LD_PRELOAD": str(library), **env}, timeout=60, check=False)
    assert attempt(COUNT_ALLOC=str(count)).returncode == ACCEPTED
    total = int(count.read_text())
    went_on = 0
    for k in range(1, total + 1, step):
        seen = attempt(FAIL_ALLOC=str(k))
        assert seen.returncode in (ACCEPTED, NO_ANSWER), f"allocation {k}: {seen.returncode}: {seen.stderr}"
        went_on += seen.returncode == ACCEPTED
        if seen.returncode != ACCEPTED:
            assert seen.stderr and b'"authentic": true' not in seen.stdout, f"allocation {k}"
    assert total > 50 and went_on < total / step / 2


if "asan" not in BINARY:  # a sanitizer wants the allocator for itself
    test_allocations_that_fail = allocations_that_fail
