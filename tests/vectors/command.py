# SPDX-License-Identifier: Apache-2.0
"""The command under test, and the comparison of its answer with an expected one."""
import calendar
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from attest_oracle.parse import Malformed, TdBody, parse_quote

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ATTEST_BIN") or str(ROOT / "build" / "src" / "programs" / "attest")
STATUSES = ("UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate",
            "OutOfDateConfigurationNeeded", "TDRelaunchAdvised", "TDRelaunchAdvisedConfigurationNeeded")
EVERY_STATUS = tuple(word for s in STATUSES for word in ("--allow", s))
ACCEPTED, DENIED = 0, 4
LIMIT_S = 20


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
    argv = [BINARY, "verify", str(case.quote_file), "--collateral", str(case.collateral_file), "--time", str(case.time),
            "-o", "json", *options]
    if case.root_file:
        argv += ["--root", str(case.root_file)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode in (0, 2, 3, 4), f"exit {done.returncode}: {done.stderr}"
    return Answer(done.returncode, json.loads(done.stdout), done.stderr)


def seconds(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")) if stamp else 0


def denied_by_default(case):
    """Does the built-in policy refuse what this quote's body says (debug, migratable, served by another TD)?"""
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


def compare_with_oracle(answer, seen):
    """Everything the oracle says of a case it has no doubt about."""
    assert answer.said["authentic"] == seen.authentic, (seen.faults, answer.failed)
    if not seen.firm:
        return
    assert answer.said["tcb_status"] == seen.tcb_status
    assert answer.said["advisory_ids"] == seen.advisories
    for name in ("platform", "module", "qe"):
        part, told = getattr(seen, name), answer.said["tcb"][name]
        assert (told or {}).get("status") == part.status, name
        if part.date:
            assert seconds(told["date"]) == part.date, name
            assert told["advisories"] == part.advisories, name
    if seen.authentic:
        facts = answer.said["collateral"]
        assert seconds(facts["earliest_issue"]) == min(seen.issued)
        assert seconds(facts["latest_issue"]) == max(seen.issued)
        assert seconds(facts["earliest_expiration"]) == min(seen.expires)
