# SPDX-License-Identifier: Apache-2.0
"""Where the real vectors are: $ATTEST_VECTORS, else ../shared/vectors beside the project."""
import os
from pathlib import Path


def folder():
    """The vectors' folder, or None; with ATTEST_DEMAND_VECTORS=1 their absence is an error."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "vectors"
    found = Path(os.environ.get("ATTEST_VECTORS") or beside)
    if (found / "dcap" / "cases").is_dir():
        return found
    if os.environ.get("ATTEST_DEMAND_VECTORS") == "1":
        raise FileNotFoundError(f"the vectors are demanded, and {found} has none")
    return None


def dcap(kind):
    """The folder of "cases" or "derived", or None."""
    found = folder()
    return found / "dcap" / kind if found else None


# The open mutations ("expect.authentic" null), as this project decides them.
OPEN_MUTATIONS = {
    "certtype_4": False,
    "chain_reversed": False,
    "other_tcbinfo": False,
    "tcbinfo_whitespace": False,
    "trailing_64": False,
    "time_at_nextupdate": True,
}


def authentic(case):
    """What a vector expects, an open mutation decided."""
    stated = case.expect["authentic"]
    return OPEN_MUTATIONS[case.meta["mutation"]] if stated is None else stated
