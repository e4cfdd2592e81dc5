#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs stages of the test suite and counts what their runners report.

usage: suite.py STAGE...

The last line is `N passed, N failed`. A stage that can not run, or runs no test, counts as one failure.
ATTEST_VECTORS names the directory of real vectors (default: ../shared/vectors where it exists);
ATTEST_DEMAND_VECTORS=1 makes their absence, and every skipped test, a failure.
"""

import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMAND = os.environ.get("ATTEST_DEMAND_VECTORS") == "1"
REPLAYS = 3000
VALGRIND = "valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible"
SANITIZE = {
    "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=99",
}


class Failed(Exception):
    """A stage could not do its work."""


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        skipped = f" ({self.skipped} skipped)" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def one(passed):
    return Count(passed=1) if passed else Count(failed=1)


def environment():
    env = dict(os.environ, **SANITIZE)
    default = ROOT.parent / "shared" / "vectors"
    vectors = Path(env.get("ATTEST_VECTORS") or default).absolute()
    env.pop("ATTEST_VECTORS", None)
    if vectors.is_dir():
        env["ATTEST_VECTORS"] = str(vectors)
    elif DEMAND:
        raise Failed(f"the vectors are demanded, and there is no directory {vectors}")
    return env


def command(argv, env=None, allowed=(0,)):
    done = subprocess.run([str(a) for a in argv], cwd=ROOT, env=env, check=False)
    if done.returncode not in allowed:
        raise Failed(f"{' '.join(map(str, argv[:3]))} … ended with {done.returncode}")
    return done.returncode


def build(name, *options, env=None):
    """Configures (again, where it was already) and compiles; returns the directory."""
    where = ROOT / name
    again = ["--reconfigure"] if (where / "build.ninja").exists() else []
    env = dict(os.environ, **(env or {}))
    for argv in (["meson", "setup", *again, where, ROOT, *options], ["ninja", "-k", "0", "-C", where]):
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(re.sub(r"^\[\d+/\d+\] (?:Compiling|Linking|Generating) .*\n", "", done.stdout, flags=re.M),
                  done.stderr, file=sys.stderr)
            raise Failed(f"{argv[0]} … {name} ended with {done.returncode}")
    return where


def count_junit(path):
    if not path.exists():
        raise Failed(f"no report {path.name}")
    total = Count()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            total.failed += 1
        elif case.find("skipped") is not None:
            total.skipped += 1
            total.failed += DEMAND
        else:
            total.passed += 1
    if total.passed + total.failed == 0:
        raise Failed("not one test ran")
    return total


def meson_tests(where, suite, wrapper=None):
    """Runs the unit tests. Programs report their single tests (TAP); one that ends badly without naming a
    failed test (a crash, a sanitizer's or valgrind's finding, a timeout) counts as a failure of its own."""
    for old in where.glob("meson-logs/testlog*"):
        old.unlink()
    wrap = ["--wrapper", wrapper, "--timeout-multiplier", "10"] if wrapper else []
    command(["meson", "test", "-C", where, "--no-rebuild", "--print-errorlogs", "--suite", suite, *wrap],
            environment(), allowed=range(256))
    name = "testlog" + (f"-{wrapper.split()[0]}" if wrapper else "")
    junit, log = where / f"meson-logs/{name}.junit.xml", where / f"meson-logs/{name}.json"
    total = count_junit(junit)
    named = {s.get("name").split(".", 1)[1] for s in ElementTree.parse(junit).getroot().iter("testsuite")
             if int(s.get("failures", 0))}
    for test in map(json.loads, log.read_text().splitlines()):
        program = test["name"].rsplit(" ", 1)[-1]
        if test["result"] != "OK" and program not in named:
            print(f"{program}: {test['result']}", file=sys.stderr)
            total.failed += 1
    return total


def pytest(where, name, *argv):
    env = environment()
    env.update(ATTEST_BUILD=str(where), ATTEST_BIN=str(where / "src/programs/attest"),
               ATTEST_SIMGEN=str(where / "src/programs/attest-simgen"), PYTHONDONTWRITEBYTECODE="1")
    report = where / f"pytest-{name}.xml"
    report.unlink(missing_ok=True)
    command([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *argv],
            env, allowed=range(256))
    return count_junit(report)


def stage_unit():
    return meson_tests(build("build", "-Dtests=true"), "unit")


def stage_programs(where=None, name="programs", *more):
    where = where or build("build", "-Dtests=true")
    return pytest(where, name, "-m", "not long", "tests", "--ignore=tests/lint", "--ignore=tests/interop", *more)


def stage_replay(where=None):
    """Every fuzz harness over its seeds and a fixed number of changes of them."""
    where = where or build("build", "-Dtests=true")
    env = environment()
    seeds = where / "seeds"
    command([sys.executable, "scripts/fuzz_seeds.py", where / "src/programs/attest-simgen", seeds], env)
    total = Count()
    for program in sorted(where.glob("fuzz/replay_*")):
        if not program.is_file():
            continue
        name = program.name.removeprefix("replay_")
        code = command([program, REPLAYS, seeds / "any", seeds / name], env, allowed=range(-64, 256))
        print(f"{'passed' if code == 0 else 'FAILED'}: fuzz/{name}", flush=True)
        total.add(one(code == 0))
    if total.passed + total.failed == 0:
        raise Failed("no harness")
    return total


def stage_rules():
    return pytest(build("build", "-Dtests=true"), "rules", "tests/lint")


def stage_analyzer():
    """A build whose only aim is the compiler's own path analysis; every finding is an error."""
    build("build-analyzer", "-Dtests=false", "-Dc_args=-fanalyzer")
    return one(True)


def stage_clang():
    build("build-clang", "-Dtests=true", env={"CC": "clang-14"})
    return one(True)


def stage_asan():
    where = build("build-asan", "-Dtests=true", "-Db_sanitize=address,undefined")
    total = meson_tests(where, "unit")
    total.add(stage_replay(where))
    # Mutants are compiled anew, one by one: once is enough.
    total.add(stage_programs(where, "asan", "--ignore=tests/mutation"))
    return total


def stage_tsan():
    return meson_tests(build("build-tsan", "-Dtests=true", "-Db_sanitize=thread"), "threads")


def stage_valgrind():
    return meson_tests(build("build", "-Dtests=true"), "memcheck", VALGRIND)


def stage_long():
    where = build("build", "-Dtests=true")
    return pytest(where, "long", "-m", "long", "tests", "--ignore=tests/lint", "--ignore=tests/interop")


def stage_interop():
    return pytest(build("build", "-Dtests=true"), "interop", "tests/interop")


STAGES = {name[len("stage_"):]: function for name, function in globals().items()
          if name.startswith("stage_")}


def main(names):
    unknown = [n for n in names if n not in STAGES]
    if unknown or not names:
        print(f"usage: suite.py STAGE...\nstages: {' '.join(STAGES)}", file=sys.stderr)
        return 1
    total = Count()
    lines = []
    for name in names:
        start = time.monotonic()
        try:
            count = STAGES[name]()
        except (Failed, OSError, ElementTree.ParseError) as e:
            print(f"{name}: can not run: {e}", file=sys.stderr)
            count = Count(failed=1)
        lines.append(f"{name:10} {count}, {time.monotonic() - start:.0f} s")
        total.add(count)
    print("\n" + "\n".join(lines))
    if total.skipped:
        print(f"{total.skipped} skipped")
    print(f"{total.passed} passed, {total.failed} failed", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
