# SPDX-License-Identifier: Apache-2.0
"""Writes scenarios as folders: quote.dat, collateral (in the form asked for), root.pem and
case.json."""
import json

from . import collateral
from .store import collateral_of_json
from .verify import Fault, Outcome, verify
from .x509 import chain_of_pem, point

# File names of a directory of service answers (doc/collateral.md).
DIRECTORY = {
    "directory": {
        "tcb_info": "tcb.json",
        "tcb_info_issuer_chain": "tcb_issuer_chain.pem",
        "qe_identity": "identity.json",
        "qe_identity_issuer_chain": "identity_issuer_chain.pem",
        "pck_crl": "pckcrl.der",
        "pck_crl_issuer_chain": "pckcrl_issuer_chain.pem",
        "root_ca_crl": "rootcacrl.der",
    },
    "directory-pem": {
        "tcb_info": "tcb_info.json",
        "tcb_info_issuer_chain": "tcb_info_issuer_chain.pem",
        "qe_identity": "qe_identity.json",
        "qe_identity_issuer_chain": "qe_identity_issuer_chain.pem",
        "pck_crl": "pck_crl.pem",
        "pck_crl_issuer_chain": "pck_crl_issuer_chain.pem",
        "root_ca_crl": "root_ca_crl.hex",
    },
}


def container_text(scenario, items):
    text = json.dumps(items, indent=1)
    return scenario.container(text) if scenario.container else text


def judge(made, text):
    """The oracle's own outcome."""
    try:
        items = collateral_of_json(text.encode())
    except ValueError as e:
        outcome = Outcome(firm=False)
        outcome.faults.append(Fault("collateral.format", True, str(e)))
        return outcome
    roots = [point(c.key) for c in chain_of_pem(made.root.encode())]
    return verify(made.quote, items, roots, made.time)


def _write_form(scenario, items, folder):
    """The name of what to hand to --collateral."""
    if scenario.form == "json":
        return "collateral.json"
    if scenario.form in DIRECTORY:
        answers = collateral.answers(items)
        (folder / "answers").mkdir(exist_ok=True)
        for item, name in DIRECTORY[scenario.form].items():
            data = answers[item]
            if name.endswith(".hex"):
                data = data.hex().encode() + b"\n"
            elif item == "pck_crl" and name.endswith(".pem"):
                data = collateral.pem(data, "X509 CRL").encode()
            (folder / "answers" / name).write_bytes(data)
        return "answers"
    blob = (
        collateral.oe_endorsements(items)
        if scenario.form == "oe"
        else collateral.intel_flat(items, 0x81 if scenario.kind.startswith("tdx") else 0)
    )
    (folder / "collateral.bin").write_bytes(blob)
    return "collateral.bin"


def write(scenario, folder):
    """One case; returns the oracle's outcome."""
    folder = folder / scenario.name
    folder.mkdir(parents=True)
    made = scenario.world().make()
    text = container_text(scenario, made.items)
    (folder / "quote.dat").write_bytes(made.quote)
    (folder / "collateral.json").write_text(text)
    (folder / "root.pem").write_text(made.root)
    outcome = judge(made, text)
    expect = {
        "authentic": scenario.authentic,
        "checks": list(scenario.checks),
        "exit": scenario.exit,
        "simulated": scenario.simulated,
        "facts": scenario.facts,
    }
    if scenario.status is not None:
        expect["tcb_status"] = scenario.status
    if scenario.authentic:
        expect["advisories"] = list(scenario.advisories)
    case = {
        "name": scenario.name,
        "kind": scenario.kind,
        "root": "root.pem",
        "time": made.time,
        "expect": expect,
        "collateral": _write_form(scenario, made.items, folder),
        "oracle": {
            "authentic": outcome.authentic,
            "tcb_status": outcome.tcb_status,
            "advisories": outcome.advisories,
            "faults": [[f.family, f.text] for f in outcome.faults],
            "firm": outcome.firm,
        },
    }
    (folder / "case.json").write_text(json.dumps(case, indent=1, sort_keys=True) + "\n")
    return outcome
