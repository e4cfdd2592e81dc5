# SPDX-License-Identifier: Apache-2.0
"""The simulated processor of the project, driven over a pipe (tests/program/sim_cpu.c)."""
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build") / "tests" / "program" / "sim_cpu"


class SimCpu:
    def __init__(self, model):
        self.pipe = subprocess.Popen([str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True)
        self.send(model.line())
        assert self.answer() == (0, b"")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pipe.stdin.close()
        assert self.pipe.wait(timeout=20) == 0
        self.pipe.stdout.close()

    def send(self, line):
        self.pipe.stdin.write(line + "\n")
        self.pipe.stdin.flush()

    def answer(self):
        code, _, text = self.pipe.stdout.readline().strip().partition(" ")
        return int(code), bytes.fromhex(text)

    def ask(self, command, *words):
        self.send(" ".join([command, *(w.hex() or "-" for w in words)]))
        return self.answer()

    def egetkey(self, secs, request):
        code, key = self.ask("egetkey", secs.wire(), request.wire())
        return code, key or None
