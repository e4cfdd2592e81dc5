# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "oracle")]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder for what the oracle makes."""
    return tmp_path_factory.mktemp("made")
