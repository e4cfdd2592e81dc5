# SPDX-License-Identifier: Apache-2.0
"""python3 -m attest_oracle make DIR [SUBSTRING] | verify QUOTE COLLATERAL.json --time T [--root
PEM]"""
import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from . import maker, scenarios
from .store import collateral_of_json
from .verify import INTEL_ROOT_POINT, verify
from .x509 import chain_of_pem, point


def make(args):
    for scenario in scenarios.everything():
        if args.substring in scenario.name:
            maker.write(scenario, Path(args.folder))
    return 0


def check(args):
    roots = [INTEL_ROOT_POINT]
    if args.root:
        roots = [point(c.key) for c in chain_of_pem(Path(args.root).read_bytes())]
    out = verify(
        Path(args.quote).read_bytes(),
        collateral_of_json(Path(args.collateral).read_bytes()),
        roots,
        args.time,
    )
    json.dump(
        {
            "authentic": out.authentic,
            "tcb_status": out.tcb_status,
            "advisory_ids": out.advisories,
            "faults": [asdict(f) for f in out.faults],
            "platform": asdict(out.platform),
            "module": asdict(out.module),
            "qe": asdict(out.qe),
        },
        sys.stdout,
        indent=1,
    )
    print()
    return out.exit_code


def main():
    parser = argparse.ArgumentParser(prog="attest_oracle", description=__doc__)
    commands = parser.add_subparsers(required=True)
    p = commands.add_parser("make")
    p.add_argument("folder")
    p.add_argument("substring", nargs="?", default="")
    p.set_defaults(run=make)
    p = commands.add_parser("verify")
    p.add_argument("quote")
    p.add_argument("collateral")
    p.add_argument("--time", type=int, required=True)
    p.add_argument("--root")
    p.set_defaults(run=check)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
