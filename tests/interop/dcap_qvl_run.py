# SPDX-License-Identifier: Apache-2.0
"""dcap-qvl over cases: one JSON line in, one out. Runs inside the virtual environment that has
it."""
import json
import sys

import dcap_qvl


def judge(case):
    with open(case["quote"], "rb") as f:
        quote = f.read()
    with open(case["collateral"], encoding="utf-8") as f:
        collateral = dcap_qvl.QuoteCollateralV3.from_json(f.read())
    if not case["root"]:
        return dcap_qvl.verify(quote, collateral, case["time"])
    with open(case["root"], "rb") as f:
        return dcap_qvl.verify_with_root_ca(quote, collateral, f.read(), case["time"])


def main():
    for line in sys.stdin:
        case = json.loads(line)
        try:
            report = judge(case)
            answer = {"status": report.status, "advisories": sorted(report.advisory_ids)}
        except BaseException as e:  # a Rust panic is no Exception
            answer = {"error": f"{type(e).__name__}: {e}"[:300]}
        print(json.dumps({"name": case["name"], **answer}), flush=True)


main()
