# SPDX-License-Identifier: Apache-2.0
"""dcap-qvl as a client of a PCCS: argv is the service's URL, a quote, the root in DER and a time. It fetches the
collateral itself and verifies with it. Runs inside the virtual environment that has it."""
import asyncio
import json
import sys
from pathlib import Path

import dcap_qvl


async def main(url, quote, root, now):
    raw = Path(quote).read_bytes()
    collateral = await dcap_qvl.get_collateral(url, raw)
    report = dcap_qvl.verify_with_root_ca(raw, collateral, Path(root).read_bytes(), int(now))
    return {"status": report.status, "advisories": sorted(report.advisory_ids)}


try:
    answer = asyncio.run(main(*sys.argv[1:]))
except BaseException as e:  # a Rust panic is no Exception
    answer = {"error": f"{type(e).__name__}: {e}"[:300]}
print(json.dumps(answer))
