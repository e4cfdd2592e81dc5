# SPDX-License-Identifier: Apache-2.0
"""The command under test, and the comparison of its answer with an expected one."""
import calendar
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import jsonschema

from attest_oracle.parse import Malformed, TdBody, parse_quote

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ATTEST_BIN") or str(ROOT / "build" / "src" / "programs" / "attest")
STATUSES = (
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
)
EVERY_STATUS = tuple(word for s in STATUSES for word in ("--allow", s))
ACCEPTED, DENIED = 0, 4
LIMIT_S = 20
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "doc" / "verdict.schema.json").read_text())
)


@dataclass
class Answer:
    exit: int
    said: dict
    errors: str

    @property
    def failed(self):
        return {c["id"] for c in self.said["checks"] if c["result"] == "fail"}

    def get(self, path):
        """The member at a dotted path; None where a part of it is null."""
        at = self.said
        for name in path.split("."):
            at = at[name] if at is not None else None
        return at


def verify(case, *options):
    argv = [
        BINARY,
        "verify",
        str(case.quote_file),
        "--collateral",
        str(case.collateral_file),
        "--time",
        str(case.time),
        "-o",
        "json",
        *options,
    ]
    if case.root_file:
        argv += ["--root", str(case.root_file)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode in (0, 2, 3, 4), f"exit {done.returncode}: {done.stderr}"
    said = json.loads(done.stdout)
    SCHEMA.validate(said)
    return Answer(done.returncode, said, done.stderr)


def seconds(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")) if stamp else 0


def denied_by_default(case):
    """Does the built-in policy refuse what this quote's body says (debug, migratable, served by
    another TD)?"""
    try:
        body = parse_quote(case.quote_file.read_bytes()).body
    except Malformed:
        return False
    if body.debug:
        return True
    if not isinstance(body, TdBody):
        return False
    migratable = body.td_attributes[3] & 0x20
    service = len(body.raw) == 648 and any(body.raw[600:648])
    return bool(migratable or service)


def differences(answer, seen):
    """Where the answer departs from the oracle, as far as the oracle has no doubt about the
    case."""
    pairs = [("authentic", answer.said["authentic"], seen.authentic)]
    if seen.firm:
        pairs += [
            ("tcb_status", answer.said["tcb_status"], seen.tcb_status),
            ("advisory_ids", answer.said["advisory_ids"], seen.advisories),
        ]
        for name in ("platform", "module", "qe"):
            part, told = getattr(seen, name), answer.said["tcb"][name] or {
                "status": None,
                "date": None,
                "advisories": [],
            }
            pairs += [
                (f"{name} status", told["status"], part.status),
                (f"{name} date", seconds(told["date"]), part.date),
                (f"{name} advisories", told["advisories"], part.advisories),
            ]
    if seen.authentic:
        facts = answer.said["collateral"]
        pairs += [
            ("earliest_issue", seconds(facts["earliest_issue"]), min(seen.issued)),
            ("latest_issue", seconds(facts["latest_issue"]), max(seen.issued)),
            ("earliest_expiration", seconds(facts["earliest_expiration"]), min(seen.expires)),
        ]
    return [
        f"{name} is {told}, the oracle says {expected}"
        for name, told, expected in pairs
        if told != expected
    ]
