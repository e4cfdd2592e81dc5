# SPDX-License-Identifier: Apache-2.0
"""A client that others wrote fetches its collateral from attestd pccs and verifies with it."""
import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "program"))

from pccs_rig import BUILD, Pccs, Upstream, World  # noqa: E402  (needs the path above)

INSTALL_S = 900


@pytest.fixture(scope="module")
def dcap_qvl():
    """Python with the package, in a virtual environment; the one of test_interop.py where it is there."""
    venv = BUILD / "interop" / "venv"
    if not (venv / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True, timeout=INSTALL_S)
    subprocess.run([venv / "bin" / "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "-r",
                    HERE / "requirements.txt"], check=True, timeout=INSTALL_S)
    return venv / "bin" / "python"


def ask(python, p, folder, now):
    done = subprocess.run([str(a) for a in (python, HERE / "dcap_qvl_fetch.py", p.url, folder / "quote.dat",
                                            folder / "root.der", now)],
                          capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, "NO_PROXY": "127.0.0.1"})
    return json.loads(done.stdout)


def make_quote(kind, upstream, folder):
    world = World(kind)
    if kind.startswith("tdx"):  # the upstream's platform is one of the Processor CA
        world.pki.root, world.pki.root_crl = (upstream.pki["processor"].root, upstream.pki["processor"].root_crl)
    else:
        world.pki = upstream.pki["processor"]
    (folder / "quote.dat").write_bytes(world.make().quote)
    pem = upstream.root.split("-----")[2]
    (folder / "root.der").write_bytes(base64.b64decode(pem))


@pytest.mark.parametrize("kind", ["sgx3", "tdx4"])
def test_dcap_qvl_fetches_and_verifies(tmp_path, dcap_qvl, kind):
    now = int(time.time())
    upstream = Upstream(lambda: now)
    make_quote(kind, upstream, tmp_path)
    with Pccs(tmp_path, upstream=upstream) as p:
        assert ask(dcap_qvl, p, tmp_path, now) == {"status": "UpToDate", "advisories": []}
        upstream.fault = lambda path: "drop"  # from here on only what is kept
        assert ask(dcap_qvl, p, tmp_path, now) == {"status": "UpToDate", "advisories": []}
        assert p.metric("memory_answers_total") + p.metric("upstream_requests_total") > 0
    upstream.close()
