# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "oracle")]

import attest_cli  # noqa: E402


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Makes cases in a folder of the session, each once."""
    return attest_cli.Maker(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="session")
def sgx(made):
    return made("sgx3")


@pytest.fixture(scope="session")
def tdx(made):
    return made("tdx15")


@pytest.fixture(scope="session")
def key_pair(tmp_path_factory):
    """Paths of a P-256 private key and its public key, both PEM."""
    return attest_cli.key_pair(tmp_path_factory.mktemp("keys"))
