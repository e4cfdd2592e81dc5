#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast attestd pccs answers what it has in memory: wrk on one core, the service on the other, 32 connections,
a TCB info of about 4 KB; beside it, in the same run, nginx with the same bytes. JSON lines, as bench/run prints.

    bench/pccs.py BUILD [SECONDS]
"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "program"))
if len(sys.argv) > 1:
    os.environ["ATTEST_BUILD"] = str(Path(sys.argv[1]).resolve())

from pccs_rig import FMSPC, Pccs, Upstream, World  # noqa: E402  (needs the path above)
from attest_oracle.collateral import LevelSpec  # noqa: E402

SECONDS = sys.argv[2] if len(sys.argv) > 2 else "5"
TARGET = f"/sgx/certification/v4/tcb?fmspc={FMSPC}"
SERVER, CLIENT = "0", "1"
CONNECTIONS = "32"
GOALS = {"http": 50000, "https": 35000}
LATENCY_MS, RSS_MIB = 2.0, 32


class Large(Upstream):
    """TCB info of the usual size: levels until the answer is 4 KB."""

    def tcb(self, tdx, version, fmspc, number):
        issued, until = self.dates()
        levels = [LevelSpec("UpToDate")]
        while True:
            text = self.signed("tcbInfo", replace(World("sgx3").tcb, issue=issued, next_update=until,
                                                  evaluation=number, levels=levels).text())
            if len(text) >= 4000:
                return text
            levels.append(LevelSpec("OutOfDate", sgx=(4,) * 15 + (200 - len(levels),)))


def wrk(url):
    out = subprocess.run(["taskset", "-c", CLIENT, "wrk", "-t1", "-c", CONNECTIONS, "-d", SECONDS, "--latency", url],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def rss_mib(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) / 1024


def pin(pid):
    subprocess.run(["taskset", "-a", "-p", "-c", SERVER, str(pid)], check=True, stdout=subprocess.DEVNULL)


def say(name, value, unit, at_least=None, at_most=None):
    """A JSON line on standard output, the same with its goal on standard error, as bench/goals.c has them."""
    print(json.dumps({"name": name, "value": round(value, 2), "unit": unit}), flush=True)
    goal = ""
    if at_least is not None:
        goal = f"goal >= {at_least:g}: {'ok' if value >= at_least else 'below'}"
    elif at_most is not None:
        goal = f"goal <= {at_most:g}: {'ok' if value <= at_most else 'below'}"
    print(f"  {name:30} {value:12.6g} {unit:6}   {goal}", file=sys.stderr)


def service(folder, upstream, tls):
    with Pccs(folder, upstream=upstream, tls=tls, config={"LogLevel": "info"}) as p:
        pin(p.process.pid)
        for _ in range(3):  # fetched, stored, kept
            answer = p.ask(TARGET)
            assert answer.status == 200 and len(answer.body) >= 4000
        rate, p99 = wrk(p.url + TARGET)
        return rate, p99, rss_mib(p.process.pid), answer


def nginx(folder, answer, tls):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    (folder / "tcb").write_bytes(answer.body)
    cert = f"ssl_certificate {folder}/pccs.crt; ssl_certificate_key {folder}/pccs.key;" if tls else ""
    chain = answer.headers["TCB-Info-Issuer-Chain"]
    (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; user root;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000; sendfile on; open_file_cache max=10;
  server {{ listen 127.0.0.1:{port}{' ssl' if tls else ''}; {cert}
    location = /sgx/certification/v4/tcb {{ alias {folder}/tcb; default_type application/json;
      add_header TCB-Info-Issuer-Chain "{chain}"; }} }} }}
""")
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder])
    try:
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            pin(child)
        return wrk(f"http{'s' if tls else ''}://127.0.0.1:{port}{TARGET}")
    finally:
        process.terminate()
        process.wait(20)


def main():
    upstream = Large(lambda: int(time.time()))
    for kind, goal in GOALS.items():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            rate, p99, rss, answer = service(folder, upstream, kind == "https")
            reference, reference_p99 = nginx(folder, answer, kind == "https")
        say(f"pccs_{kind}_get_per_s", rate, "1/s", at_least=goal)
        say(f"pccs_{kind}_p99_ms", p99, "ms", at_most=LATENCY_MS)
        say(f"pccs_{kind}_rss_mib", rss, "MiB", at_most=RSS_MIB)
        say(f"nginx_{kind}_get_per_s", reference, "1/s")
        say(f"nginx_{kind}_p99_ms", reference_p99, "ms")
        say(f"ratio_pccs_{kind}_to_nginx", rate / reference, "1")
    upstream.close()


if __name__ == "__main__":
    main()
