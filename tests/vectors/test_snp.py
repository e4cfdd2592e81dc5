# SPDX-License-Identifier: Apache-2.0
"""Real SEV-SNP reports: what `attest inspect` reads, against fields taken out here by the offsets of AMD's document
and against the certificate of the key that signed each: AMD puts the TCB and the chip's id into both."""
import json
import os
import struct
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ATTEST_BIN") or str(ROOT / "build" / "src" / "programs" / "attest")
VECTORS = Path(os.environ["ATTEST_VECTORS"]) / "snp" if os.environ.get("ATTEST_VECTORS") else None
MS = "microsoft-tee-attestation-verification"
REPORTS = {"milan": (f"{MS}/milan_attestation_report.bin", f"{MS}/milan_vcek.pem"),
           "genoa": (f"{MS}/genoa_attestation_report.bin", f"{MS}/genoa_vcek.pem"),
           "turin": (f"{MS}/turin_attestation_report.bin", f"{MS}/turin_vcek.pem"),
           "milan-v2": ("virtee-sev/report_milan.hex", "virtee-sev/vcek_milan.der")}
AMD = "1.3.6.1.4.1.3704.1."
COMPONENTS = {"boot_loader": "3.1", "tee": "3.2", "snp": "3.3", "microcode": "3.8", "fmc": "3.9"}


def raw(name):
    data = (VECTORS / name).read_bytes()
    return bytes.fromhex(data.decode()) if name.endswith(".hex") else data


def certificate(name):
    data = (VECTORS / name).read_bytes()
    return x509.load_pem_x509_certificate(data) if data.startswith(b"-----") else x509.load_der_x509_certificate(data)


def inspect(path, *options):
    return subprocess.run([BINARY, "inspect", str(path), *options], capture_output=True, timeout=60, check=False)


def extension(cert, oid):
    """The DER of AMD's extension; small INTEGERs and the chip's id without a header."""
    return next((e.value.value for e in cert.extensions if e.oid.dotted_string == AMD + oid), None)


@pytest.fixture(params=REPORTS if VECTORS else [])
def report(request):
    name, vcek = REPORTS[request.param]
    done = inspect(VECTORS / name, "-o", "json")
    assert done.returncode == 0, done.stderr
    return raw(name), certificate(vcek), json.loads(done.stdout)


def test_fields_by_offset(report):
    data, _, said = report
    body = said["body"]
    assert said["kind"] == "snp-report" and said["size"] == len(data) == 1184 and said["verified"] is False
    version, svn, policy = struct.unpack_from("<IIQ", data)
    assert (body["version"], body["guest_svn"], int(body["policy"]["value"], 16)) == (version, svn, policy)
    for name, at, size in (("family_id", 0x10, 16), ("image_id", 0x20, 16), ("report_data", 0x50, 64),
                           ("measurement", 0x90, 48), ("host_data", 0xC0, 32), ("id_key_digest", 0xE0, 48),
                           ("author_key_digest", 0x110, 48), ("report_id", 0x140, 32), ("report_id_ma", 0x160, 32),
                           ("chip_id", 0x1A0, 64)):
        assert body[name] == data[at:at + size].hex(), name
    for name, at in (("current_tcb", 0x38), ("reported_tcb", 0x180), ("committed_tcb", 0x1E0), ("launch_tcb", 0x1F0)):
        assert body[name]["value"] == data[at:at + 8].hex(), name
    assert int(body["platform_info"]["value"], 16) == struct.unpack_from("<Q", data, 0x40)[0]
    assert said["signature"]["r"] == data[0x2A0:0x2E8].hex() and said["signature"]["s"] == data[0x2E8:0x330].hex()
    assert body["reserved_zero"] and not body["debug"] and body["signing_key"] == "VCEK"
    cpu = [body[f"cpuid_{n}"] for n in ("family", "model", "stepping")]
    assert cpu == (list(data[0x188:0x18B]) if version >= 3 else [None] * 3)
    mitigations = [body["launch_mitigations"], body["current_mitigations"]]
    assert mitigations == ([hex(v) for v in struct.unpack_from("<QQ", data, 0x1F8)] if version >= 5 else [None] * 2)


def test_the_tcb_is_the_certificate_s(report):
    """The layout of TCB versions differs by product; the certificate names each component."""
    _, cert, said = report
    tcb = said["body"]["reported_tcb"]
    for name, oid in COMPONENTS.items():
        value = extension(cert, oid)
        assert tcb[name] == (int.from_bytes(value[2:], "big") if value else None), name
    chip = extension(cert, "4")
    assert said["body"]["chip_id"].startswith(chip[-8 if len(chip) < 64 else -64:].hex())


def test_the_signature_is_the_certificate_s(report):
    """What is printed as r and s does sign what stands before it."""
    data, cert, said = report
    r, s = (int.from_bytes(bytes.fromhex(said["signature"][n]), "little") for n in "rs")
    cert.public_key().verify(utils.encode_dss_signature(r, s), data[:0x2A0], ec.ECDSA(hashes.SHA384()))


def test_all_are_there_and_cut_ones_are_none(tmp_path):
    if VECTORS is None:
        return
    assert {raw(name)[0] for name, _ in REPORTS.values()} == {2, 3, 5}
    data = raw(REPORTS["turin"][0])
    for cut in (0x40, 0x188, 0x2A0, 1183):
        (tmp_path / "cut").write_bytes(data[:cut])
        done = inspect(tmp_path / "cut")
        assert done.returncode == 2 and b"SEV-SNP report: truncated" in done.stderr
    (tmp_path / "more").write_bytes(data + b"x")
    assert inspect(tmp_path / "more").returncode == 2
