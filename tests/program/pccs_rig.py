# SPDX-License-Identifier: Apache-2.0
"""What tests of attestd pccs stand on: a provisioning service written by hand over the oracle's
PKI, the service as a process, PostgreSQL in a directory of its own, a clock that is moved."""
import hashlib
import json
import os
import pwd
import re
import shutil
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

from attest_oracle.collateral import QeIdentitySpec, TcbInfoSpec, compact, stamp  # noqa: E402
from attest_oracle.pki import CA_CN, CrlSpec, Pki, SgxExtension, key_id, pem, utc  # noqa: E402
from attest_oracle.keys import TestKey  # noqa: E402
from attest_oracle.world import World  # noqa: E402

BUILD = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build")
ATTESTD = BUILD / "src" / "programs" / "attestd"
ATTEST = os.environ.get("ATTEST_BIN") or str(BUILD / "src" / "programs" / "attest")
STORE = BUILD / "tests" / "program" / "pccs_store"
TOKEN = "a user's token"
ADMIN = "an administrator's token"
DAY = 86400
FMSPC = "00906ed50000"
QE_ID = "00112233445566778899aabbccddeeff"
PPID = "ab" * 384
RAW_SVN, RAW_PCE = "05" * 16, "0d00"


# A sanitizer's runtime is loaded before anything else, and looks for leaks in ways that no sandbox allows.
SANITIZED = "asan" in str(BUILD)


def preload(folder):
    library = Path(folder) / "pccs_preload.so"
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O2", "-D_GNU_SOURCE", "-o", library,
                    ROOT / "tests/program/pccs_preload.c", "-ldl"], check=True)
    first = [subprocess.run(["gcc", f"-print-file-name=lib{n}.so"], capture_output=True, text=True,
                            check=True).stdout.strip() for n in ("asan", "ubsan")] if SANITIZED else []
    return " ".join([*first, str(library)])


class Clock:
    """Seconds that the service's clocks are ahead of this machine's."""

    def __init__(self, path):
        self.path, self.ahead = Path(path), 0
        self.path.write_bytes(struct.pack("<q", 0))

    def move(self, seconds):
        self.ahead += seconds
        with open(self.path, "r+b") as f:
            f.write(struct.pack("<q", self.ahead))

    def now(self):
        return int(time.time()) + self.ahead


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away is no event."""


class Upstream:
    """Intel's service, version 3 and 4, for one FMSPC and any platform."""

    def __init__(self, now, seed=""):
        self.now = now
        self.fault = lambda path: None
        self.asked = []
        self.evaluation = 17
        self.certificates = [(5, 13), (3, 13), (3, 10)]
        self.not_available = 0
        self.pki = {ca: Pki(ca, SgxExtension(), seed) for ca in CA_CN}
        self.root = pem(self.pki["processor"].root.der())
        self.change = lambda path, headers, body: (headers, body)
        self.issue_ago = 3600
        self.server = Server(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def dates(self):
        issued = self.now() - self.issue_ago
        return issued, issued + 30 * DAY

    def signed(self, member, text):
        rs = self.pki["processor"].tcb_signer.key.sign_raw(text.encode()).hex()
        return f'{{"{member}":{text},"signature":"{rs}"}}'.encode()

    def chain(self, ca=None):
        pki = self.pki[ca or "processor"]
        first = pki.intermediate if ca else pki.tcb_signer
        return urllib.parse.quote(pem(first.der()) + pem(pki.root.der()))

    def tcb(self, tdx, version, fmspc, number):
        issued, until = self.dates()
        world = World("tdx4" if tdx else "sgx3")
        return self.signed("tcbInfo", replace(
            world.tcb, version=2 if version == 3 else 3, issue=issued, next_update=until,
            fmspc=bytes.fromhex(fmspc), evaluation=number).text())

    def identity(self, ident, number):
        issued, until = self.dates()
        return self.signed("enclaveIdentity", QeIdentitySpec(
            ident, issue=issued, next_update=until, evaluation=number).text())

    def crl(self, ca):
        issued, until = self.dates()
        pki = self.pki[ca or "processor"]
        spec = pki.pck_crl if ca else pki.root_crl
        return replace(spec, this_update=issued, next_update=until, number=issued).der()

    def certs(self):
        pki, out = self.pki["processor"], []
        for i, (svn, pce) in enumerate(self.certificates):
            ext = SgxExtension(components=(svn,) * 16, pce_svn=pce)
            cert = "Not available"
            if i >= self.not_available:
                cert = urllib.parse.quote(pem(replace(pki.leaf, serial=0x3001 + i, sgx=ext.der()).der()))
            out.append({"tcb": {**{f"sgxtcbcomp{n:02d}svn": svn for n in range(1, 17)}, "pcesvn": pce},
                        "tcbm": bytes([svn] * 16).hex() + struct.pack("<H", pce).hex(), "cert": cert})
        return json.dumps(out).encode()

    def answer(self, path, query):
        """(status, headers, body) of Intel's API."""
        if path == "/IntelSGXRootCA.der":
            return 200, {}, self.crl(None)
        m = re.fullmatch(r"/(sgx|tdx)/certification/v([34])/(.*)", path)
        if not m:
            return 404, {}, b""
        tdx, version, what = m[1] == "tdx", int(m[2]), m[3]
        number = int(query.get("tcbEvaluationDataNumber") or
                     self.evaluation + (query.get("update") == "early"))
        if what == "tcb":
            if query.get("fmspc", "").lower() != FMSPC:
                return 404, {}, b""
            header = "SGX-TCB-Info-Issuer-Chain" if version == 3 else "TCB-Info-Issuer-Chain"
            return 200, {header: self.chain()}, self.tcb(tdx, version, FMSPC, number)
        idents = {"qe/identity": "TD_QE" if tdx else "QE", "qve/identity": "QVE", "qae/identity": "QAE"}
        if what in idents:
            return 200, {"SGX-Enclave-Identity-Issuer-Chain": self.chain()}, self.identity(idents[what], number)
        if what == "pckcrl":
            return 200, {"SGX-PCK-CRL-Issuer-Chain": self.chain(query["ca"])}, self.crl(query["ca"])
        if what == "pckcerts":
            return 200, {"SGX-PCK-Certificate-Issuer-Chain": self.chain("processor"), "SGX-FMSPC": FMSPC,
                         "SGX-PCK-Certificate-CA-Type": "processor"}, self.certs()
        if what == "fmspcs":
            return 200, {}, json.dumps([{"fmspc": FMSPC.upper(), "platform": "E5"}]).encode()
        if what == "tcbevaluationdatanumbers":
            issued, until = self.dates()
            text = compact({"id": m[1].upper(), "version": 1, "issueDate": stamp(issued),
                            "nextUpdate": stamp(until), "tcbEvalNumbers": [
                                {"tcbEvaluationDataNumber": number, "tcbDate": stamp(issued),
                                 "tcbRecoveryEventDate": stamp(issued)}]})
            return 200, {"TCB-Evaluation-Data-Numbers-Issuer-Chain": self.chain()}, \
                self.signed("tcbEvaluationDataNumbers", text)
        return 404, {}, b""

    def handler(up):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                size = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(size)
                path, _, query = self.path.partition("?")
                up.asked.append(self.path)
                fault = up.fault(self.path)
                if fault == "drop":
                    self.close_connection = True
                    return
                if isinstance(fault, tuple):
                    status, headers, body = fault
                else:
                    status, headers, body = up.answer(path, dict(urllib.parse.parse_qsl(query)))
                    headers, body = up.change(self.path, dict(headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Request-ID", "0123456789")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if fault == "half" else body)
                if fault == "half":
                    self.close_connection = True

            do_GET = do_POST = serve

            def log_message(self, *args):
                pass

        return Handler


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Pccs:
    """attestd pccs at a free port."""

    def __init__(self, folder, *options, upstream=None, config=None, tls=False, env=None, root=None, store=None):
        self.folder = Path(folder)
        hashes = {"UserTokenHash": sha512(TOKEN), "AdminTokenHash": sha512(ADMIN)}
        (self.folder / "pccs.json").write_text(json.dumps({**hashes, "LogLevel": "debug", **(config or {})}))
        argv = [ATTESTD, "pccs", "--config", self.folder / "pccs.json", "--listen", "127.0.0.1:0",
                "--store", store or self.folder / "pccs.db"]
        argv += [] if tls else ["--http"]
        argv += ["--no-sandbox"] if SANITIZED else []
        if upstream:
            (self.folder / "root.pem").write_text(upstream.root)
            argv += ["--upstream", upstream.url + "/sgx/certification/v4/", "--root", root or self.folder / "root.pem"]
        self.log = self.folder / "pccs.log"
        before = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(a) for a in [*argv, *options]], stderr=log,
                                            env={**os.environ, **(env or {})})
        self.url = None
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline and not self.url:
            found = re.search(r'listening at (https?://[^"]+)"', self.log.read_bytes()[before:].decode())
            self.url = found and found[1]
            if not self.url:
                threading.Event().wait(0.01)

    def ask(self, target, method="GET", body=None, token=None, headers=None):
        headers = dict(headers or {})
        if token:
            headers["admin-token" if token == ADMIN else "user-token"] = token
        request = urllib.request.Request(self.url + target, data=body, method=method, headers=headers)
        context = None
        if self.url.startswith("https"):
            context = ssl.create_default_context(cafile=self.folder / "pccs.crt.ca")
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as r:
                return Answer(r.status, r.headers, r.read())
        except urllib.error.HTTPError as e:
            return Answer(e.code, e.headers, e.read())

    def v4(self, what, tdx=False, **rest):
        return self.ask(f"/{'tdx' if tdx else 'sgx'}/certification/v4/{what}", **rest)

    def metric(self, name):
        text = self.ask("/metrics").body.decode()
        return int(re.search(rf"^attest_pccs_{name} (\d+)$", text, re.M)[1])

    def stop(self, signal=15, code=0):
        if self.process.poll() is None:
            self.process.send_signal(signal)
        assert self.process.wait(30) == code, self.log.read_text()

    def __enter__(self):
        assert self.url, self.log.read_text()
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill() if kind else self.process.terminate()
        self.process.wait(30)


def sha512(text):
    return hashlib.sha512(text.encode()).hexdigest()


def pckcert(**changes):
    q = {"qeid": QE_ID, "cpusvn": RAW_SVN, "pcesvn": RAW_PCE, "pceid": "0000", "encrypted_ppid": PPID, **changes}
    return "pckcert?" + urllib.parse.urlencode({k: v for k, v in q.items() if v is not None})


class Postgres:
    """PostgreSQL of Debian's package, on a Unix socket, as a user without rights. Processes die here and the
    kernel does not: what a process wrote is there without fsync, which would take most of the tests' time."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            who = pwd.getpwnam(self.user)
            for f in [self.folder, *self.folder.parents]:
                if f == Path("/tmp") or f == Path("/"):
                    break
                os.chmod(f, 0o755)
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        self.data = self.folder / "data"
        self.run("initdb", "-D", self.data, "-U", "attest", "-A", "trust", "-N")
        self.start()
        self.url = f"postgresql://attest@/postgres?host={self.folder}"

    def run(self, program, *args):
        argv = [str(self.bin / program), *map(str, args)]
        if os.geteuid() == 0:
            argv = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *argv]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log",
                 "-o", f"-k {self.folder} -c listen_addresses= -c fsync=off", "start")

    def crash(self):
        """No process gets to finish anything."""
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def close(self):
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)
