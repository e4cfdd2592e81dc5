# SPDX-License-Identifier: Apache-2.0
"""A genuine enclave: the one that the crate sgxs-tools carries for its own tests, with the SIGSTRUCT of its author.

Its MRENCLAVE was computed and signed by others' tools; ours must come to the same. cargo brings the crate, which is
neither built nor kept. A cargo that can not (1.82 or later does) is a failure, not a skip."""
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CRATE = "sgxs-tools@0.10.0"
FILES = {
    "test_enclave.sgxs": "784acfd7d5096a8f0fbd3265760bff21b120f62407a9a9e5ba31aa3c8ed198fc",
    "test_enclave.sig": "daf4af439a7263ad591f43a20704f252ee6e4e53b65a83378efde2caa5964653",
}
ROOT = Path(__file__).resolve().parents[2]
ATTEST = os.environ.get("ATTEST_BIN") or str(ROOT / "build" / "src" / "programs" / "attest")


@pytest.fixture(scope="module")
def enclave():
    """The folder with the two files."""
    assert shutil.which("cargo"), "cargo is not installed"
    done = subprocess.run(["cargo", "info", CRATE], capture_output=True, text=True, check=False, timeout=300, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    found, = home.glob("registry/src/*/" + CRATE.replace("@", "-"))
    folder = found / "src" / "sgx_detect" / "tests"
    for name, digest in FILES.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    return folder


def measure(*argv):
    done = subprocess.run([ATTEST, "measure", *map(str, argv), "-o", "json"], capture_output=True, text=True,
                          check=False, timeout=60)
    return done.returncode, json.loads(done.stdout)


def test_genuine_enclave(enclave):
    code, said = measure(enclave / "test_enclave.sgxs", "--sigstruct", enclave / "test_enclave.sig")
    by, = said["sigstructs"]
    assert code == 0 and by["matches"] and by["signature_ok"]
    assert said["mr_enclave"] == by["enclave_hash"] == (enclave / "test_enclave.sig").read_bytes()[960:992].hex()


def test_one_byte_changed(enclave, tmp_path):
    stream = bytearray((enclave / "test_enclave.sgxs").read_bytes())
    stream[64 + 64 + 64 + 5] ^= 1  # in the first chunk
    (tmp_path / "x.sgxs").write_bytes(stream)
    code, said = measure(tmp_path / "x.sgxs", "--sigstruct", enclave / "test_enclave.sig")
    assert code == 2 and said["sigstructs"][0]["matches"] is False
