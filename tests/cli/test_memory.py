# SPDX-License-Identifier: Apache-2.0
"""Want of memory, at every allocation of ours: the answer is the same as ever, or there is none."""
import os
import subprocess

import pytest

from attest_cli import BINARY, NO_ANSWER, OK, ROOT, SANITIZED, attest


@pytest.fixture(scope="module")
def preload(tmp_path_factory):
    library = tmp_path_factory.mktemp("preload") / "fail_alloc.so"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1", "-o", library,
                    ROOT / "tests/cli/fail_alloc.c"], check=True)
    return library


def run(preload, argv, **env):
    return subprocess.run([BINARY, *map(str, argv)], capture_output=True, check=False, timeout=60,
                          env={**os.environ, "LD_PRELOAD": str(preload), **env})


def walk(preload, tmp_path, argv):
    """Every allocation in turn; how often the command went without it, and how often it gave up."""
    good = run(preload, argv, COUNT_ALLOC=str(tmp_path / "count"))
    assert good.returncode == OK
    count = int((tmp_path / "count").read_text())
    went_on = 0
    for k in range(1, count + 1):
        seen = run(preload, argv, FAIL_ALLOC=str(k))
        assert seen.returncode in (OK, NO_ANSWER), f"allocation {k}: exit {seen.returncode}: {seen.stderr.decode()}"
        if seen.returncode == OK:
            assert seen.stdout == good.stdout, f"allocation {k}: another answer"
            went_on += 1
        else:
            assert seen.stderr and b'"authentic": true' not in seen.stdout, f"allocation {k}"
    return count, went_on


COMMANDS = ["verify", "verify-saved", "inspect", "collateral-show", "policy-init", "policy-check", "help"]


@pytest.mark.parametrize("name", COMMANDS)
def every_allocation(tdx, preload, tmp_path, name):
    record, policy = tmp_path / "record.json", tmp_path / "policy.json"
    tdx.verify("--save", record, exit=OK)
    policy.write_text(attest("policy", "init", "--from", tdx.quote, exit=OK).out)
    argv = {
        "verify": ["verify", tdx.quote, *tdx.options(), "-o", "json", "--policy", policy, "--save", tmp_path / "new"],
        "verify-saved": ["verify", record, "--own-roots"],
        "inspect": ["inspect", tdx.quote],
        "collateral-show": ["collateral", "show", tdx.collateral, "-o", "json"],
        "policy-init": ["policy", "init", "--from", record],
        "policy-check": ["policy", "check", policy, "-o", "json"],
        "help": ["help", "-o", "json"],
    }[name]
    count, went_on = walk(preload, tmp_path, argv)
    print(f"{name}: {count} allocations, {went_on} of them not needed")
    assert count > 3 and went_on < count / 2


if not SANITIZED:       # a sanitizer wants the allocator for itself
    test_every_allocation = every_allocation
