#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes seed files for the fuzz harnesses: OUT/NAME/ for one harness, OUT/any/ for all.

usage: fuzz_seeds.py SIMGEN OUT

The material is what SIMGEN generates and, where ATTEST_VECTORS (or ../shared/vectors) is a directory, the
real quotes, collateral and certificates in it, taken apart into the pieces the parsers read.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.S)
SEED_MAX = 300_000
SGX_EXTENSION = bytes.fromhex("06092a864886f84d010d01")


def put(out, name, data):
    if data and len(data) <= SEED_MAX:
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def octets(der, at):
    """Contents of the OCTET STRING at an offset, its length in the long form of two bytes."""
    return der[at + 4:at + 4 + int.from_bytes(der[at + 2:at + 4], "big")]


def put_pem(out, text):
    put(out, "pem", text)
    for label, body in PEM.findall(text):
        if label == b"CERTIFICATE":
            der = base64.b64decode(body)
            put(out, "cert", der)
            put(out, "x509", der)
            put(out, "der", der)
            at = der.find(SGX_EXTENSION)
            if at > 0:
                put(out, "pckext", octets(der, at + len(SGX_EXTENSION)))


def put_crl(out, text):
    try:
        der = bytes.fromhex(text.decode())
    except ValueError:
        return
    put(out, "crl", der)
    put(out, "der", der)


def put_collateral(out, data):
    put(out, "collateral", data)
    put(out, "json", data)
    items = {k: v.encode() for k, v in json.loads(data).items() if isinstance(v, str)}
    for name, text in items.items():
        if name.endswith("_chain"):
            put_pem(out, text)
        elif name.endswith("_crl"):
            put_crl(out, text)
        elif not name.endswith("_signature"):
            put(out, "json", text)
            put(out, "identity" if "identity" in name else "tcbinfo", text)


def put_case(out, case):
    quote = (case / "quote.dat").read_bytes()
    collateral = (case / "collateral.json").read_bytes()
    put(out, "evidence", quote)
    put(out, "quote", quote)
    for text in (base64.b64encode(quote), quote.hex().encode()):
        put(out, "evidence", text)
        put(out, "text", text)
    put_collateral(out, collateral)
    put(out, "verify", len(quote).to_bytes(4, "little") + quote + collateral)
    for text in PEM.finditer(quote):
        put_pem(out, text.group(0))


def put_enclaves(out):
    """Enclave files of the oracle, small ones: what they do not have is what a fuzzer finds."""
    sys.path.insert(0, str(ROOT / "tests" / "oracle"))
    from attest_oracle import enclaves, measure
    put(out, "image", enclaves.program())
    for copies, version in (((), (2, 4)), (((1, 4),), (2, 4)), ((), (1, 3)), ((), (12, 4))):
        put(out, "image", enclaves.Sdk(signed=False, copies=copies, version=version,
                                       elrange=(0x10000, 0, 0x1000000)).make())
    put(out, "image", measure.make_sgxs(measure.elf_pages(enclaves.program())))


def put_sim(out):
    """What a simulated world is asked, and what is saved of one."""
    fmspc, ppid = "0053494d0000", "00" * 384
    for target in (f"/sgx/certification/v4/tcb?fmspc={fmspc}&update=early", f"/sgx/certification/v3/tcb?fmspc={fmspc}",
                   f"/tdx/certification/v4/tcb?fmspc={fmspc}&tcbEvaluationDataNumber=17",
                   "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "/sgx/certification/v4/rootcacrl",
                   "/sgx/certification/v4/qve/identity", "/sgx/certification/v4/fmspcs", "/IntelSGXRootCA.der",
                   f"/sgx/certification/v4/pckcert?encrypted_ppid={ppid}&cpusvn={'05' * 16}&pcesvn=0d00&pceid=0000"):
        for first in b"\0\1":
            put(out, "sim_answers", bytes([first]) + f"GET {target}\nOcp-Apim-Subscription-Key:k\n\n".encode())
    body = '{"platformManifest":"00","cpusvn":"%s","pcesvn":"0d00","pceid":"0000"}' % ("05" * 16)
    put(out, "sim_answers", b"\0POST /sgx/certification/v4/pckcerts\nOcp-Apim-Subscription-Key:k\n\n" + body.encode())
    put(out, "sim_answers", b"\0POST /sgx/registration/v1/platform\nContent-Type:application/octet-stream\n\nmanifest")
    put(out, "sim_epid", b"\1\0\0\1")
    put(out, "sim_epid", b"\0" + bytes.fromhex("0002000e0000000b0000000100000001") + bytes(192))
    put(out, "sim_world", json.dumps({"format": "attest-sim-world/1", "secret": "01" * 32, "born": 1750000000,
                                      "intel_sim": False, "processor_ca": True, "boots": 1, "answers": 2,
                                      "epid_quotes": 3, "dial": {"tcb": "revoked", "upstream": "429:3"}}).encode())


def put_cpu(out):
    """A session with the simulated processor: an enclave and a TD, from launch to quote."""
    from attest_oracle import enclaves, measure, sgx_cpu
    image = measure.make_sgxs(measure.elf_pages(enclaves.program()))
    terms = sgx_cpu.Terms(mr_enclave=hashlib.sha256(image).digest())
    sigstruct = sgx_cpu.Key.derive(b"fuzz", b"").sign(terms)
    put(out, "sigstruct", sigstruct)

    def says(op, body=b"", *memories):
        message = bytes([1, op, 0, 0]) + body
        parts = [bytes([len(memories)])] + [len(m).to_bytes(2, "little") + m for m in (message, *memories)]
        return b"".join(parts)

    e = sgx_cpu.Secs()
    enclave = [says(1, bytes(87), image, sigstruct), says(2, e.target() + bytes(64)),
               says(3, sgx_cpu.Request().wire()), says(4), says(5, bytes(65))]
    td = [says(6, bytes(8) + b"\3" + bytes(151) + b"\1" + bytes(8), bytes(4096)), says(7, b"\1" + bytes(48)),
          says(8, bytes(64)), says(5, b"\3" + bytes(64))]
    for session in (b"".join(enclave), b"".join(td), *enclave, *td):
        put(out, "cpu", session)


def put_services(out):
    """A first byte says in which pieces the rest comes."""
    for text in (b"GET /sgx/certification/v4/tcb?fmspc=00a065510000&update=early HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
                 b"POST /b HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: r\r\n\r\n"):
        put(out, "http", b"\x07" + text)
    for text in (b'{"do":"status"}', b'{"do":"fault","reset":true,"set":{"tcb":"outdated"}}'):
        put(out, "control", text)


def put_fetch(out):
    """Request targets, both forms of qcnl.conf, and answers: route, status, chain's line, body."""
    v4 = b"/sgx/certification/v4/"
    for target in (v4 + b"tcb?fmspc=00a065510000&update=standard", b"/tdx/certification/v4/qe/identity?update=early",
                   b"/sgx/certification/v3/pckcrl?ca=platform&encoding=der", v4 + b"crl?uri=https%3A%2F%2Fx.invalid%2Fa.der",
                   v4 + b"pckcert?encrypted_ppid=%s&cpusvn=%s&pcesvn=0d00&pceid=0000" % (b"ab" * 384, b"05" * 16)):
        put(out, "pcs", target)
    put(out, "qcnl", b"# a comment\nPCCS_URL=https://localhost:8081/sgx/certification/v4/\nUSE_SECURE_CERT=FALSE\n")
    put(out, "qcnl", b'{ // a comment\n"pccs_url": "https://localhost:8081/sgx/certification/v4/",\n'
                     b'"use_secure_cert": true, "tcb_update_type": "early", "retry_times": 6 }')
    chain = b"-----BEGIN%20CERTIFICATE-----%0AMAA%3D%0A-----END%20CERTIFICATE-----%0A\n"
    for route in (0, 3, 4, 5, 9, 132, 133):
        put(out, "fetch_answer", bytes([route, 0]) + chain + b'{"tcbInfo":{"version":3},"signature":"00"}')
    put(out, "fetch_answer", b"\x04\x03120\n")


def put_pccs(out):
    """A byte that chooses method, mode and upstream; a line: target or schedule; body, answer, configuration."""
    v4 = b"/sgx/certification/v4/"
    platform = b'{"qe_id":"00","pce_id":"0000","cpu_svn":"%s","pce_svn":"0000","enc_ppid":"%s"}' % (b"00" * 16, b"ab" * 384)
    upload = (b'{"platforms":[],"collaterals":{"pck_certs":[],"tcbinfos":[{"fmspc":"00906ed50000","tcbinfo":'
              b'{"tcbInfo":{},"signature":""}}],"certificates":{"TCB-Info-Issuer-Chain":"x"},"rootcacrl":"30"}}')
    for first, line, rest in ((0, v4 + b"tcb?fmspc=00906ed50000", b'{"tcbInfo":{},"signature":"00"}'),
                              (0, v4 + b"pckcrl?ca=platform", b"0\x00"), (0x40, v4 + b"qe/identity", b"{}"),
                              (0, v4 + b"fmspcs", b'[{"fmspc":"00906ed50000","platform":"E5"}]'),
                              (0, v4 + b"pckcert?qeid=00&cpusvn=%s&pcesvn=0000&pceid=0000&encrypted_ppid=%s"
                               % (b"00" * 16, b"ab" * 384), b'[{"tcb":{},"tcbm":"00","cert":"x"}]'),
                              (1, v4 + b"platforms", platform), (9, v4 + b"platforms", platform),
                              (8, v4 + b"platforms?source=reg", b""), (2, v4 + b"platformcollateral", upload),
                              (2, v4 + b"appraisalpolicy", b'{"policy":"e30.e30.","is_default":true,"fmspc":"00906ed50000"}'),
                              (0, b"0 0 1 * * MON-FRI", b'{"HTTPS_PORT": 8081, /* x */ "CachingFillMode": "REQ",}')):
        put(out, "pccs", bytes([first]) + line + b"\n" + rest)


def main(simgen, out):
    out = Path(out)
    (out / "any").mkdir(parents=True, exist_ok=True)
    put(out, "any", b"{}")
    put_enclaves(out)
    put_sim(out)
    put_cpu(out)
    put_services(out)
    put_fetch(out)
    put_pccs(out)
    roots = [Path(os.environ.get("ATTEST_VECTORS") or ROOT.parent / "shared" / "vectors")]
    with tempfile.TemporaryDirectory() as made:
        if Path(simgen).exists():
            subprocess.run([simgen, made], check=True)
            roots.append(Path(made))
        for quote in sorted(q for r in roots if r.is_dir() for q in r.rglob("quote.dat")):
            if (quote.parent / "collateral.json").exists():
                put_case(out, quote.parent)
        for root in roots:
            for token in sorted(root.rglob("*.jwt")):
                put(out, "jose", token.read_bytes())
                put(out, "ear", token.read_bytes())
            for frame in sorted(root.rglob("aesm-frames/re*.bin")):
                put(out, "aesm", frame.read_bytes())
            for report in sorted((root / "snp").rglob("*attestation_report.bin")):
                put(out, "snp", report.read_bytes())
                put(out, "evidence", report.read_bytes())
            for log in sorted(root.rglob("*ccel*")):
                put(out, "eventlog", log.read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
