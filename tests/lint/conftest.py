# SPDX-License-Identifier: Apache-2.0
"""What the lint tests share: the tracked files, C text without comments, the build at hand."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"corpus", "__pycache__", ".git", ".venv", ".pytest_cache"}
TOKEN = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


class House:
    root = ROOT

    def __init__(self):
        if (ROOT / ".git").exists():
            listed = subprocess.run(
                ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                check=True, capture_output=True).stdout.decode()
            found = {ROOT / name for name in listed.split("\0") if name}
        else:
            found = {p for p in ROOT.rglob("*")
                     if not any(part in GENERATED or part.startswith("build")
                                for part in p.relative_to(ROOT).parts)}
        self._files = sorted(p for p in found if p.is_file())
        self.layers = (ROOT / "src/LAYERS").read_text().split()

    def files(self, *suffixes, under=""):
        return [p for p in self._files
                if (not suffixes or p.suffix in suffixes) and self.name(p).startswith(under)]

    def name(self, path):
        return path.relative_to(ROOT).as_posix()

    def layer(self, path):
        """The layer a file of src/ belongs to; None for any other file."""
        parts = path.relative_to(ROOT).parts
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def is_pure(self, layer):
        """Is it a layer of libattest.so, which only computes?"""
        return self.layers.index(layer) <= self.layers.index("appraise")

    def library(self):
        """Sources of the layers below the command."""
        below = self.layers[:self.layers.index("cli")]
        return [p for p in self.files(".c", ".h", under="src/") if self.layer(p) in below]

    def code(self, path):
        """C text, comments blanked and literals emptied; offsets and line numbers stay."""
        def blank(match):
            text = match.group(0)
            if text[0] in "\"'":
                return text[0] + " " * (len(text) - 2) + text[0]
            return re.sub(r"[^\n]", " ", text)
        return TOKEN.sub(blank, path.read_text())

    def grep(self, pattern, paths):
        """`file:line: text` for each match in the code of the files."""
        found = []
        for path in paths:
            code = self.code(path)
            lines = path.read_text().splitlines()
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start())
                found.append(f"{self.name(path)}:{line + 1}: {lines[line].strip()}")
        return found


@pytest.fixture(scope="session")
def house():
    return House()


@pytest.fixture(scope="session")
def build():
    where = os.environ.get("ATTEST_BUILD")
    assert where, "ATTEST_BUILD must name the build directory (make test sets it)"
    return Path(where)


@pytest.fixture(scope="session")
def archives(build):
    """The static libraries of a layer, bottom first: libatt_LAYER.a and what it keeps apart beside it."""
    def find(layer):
        found = sorted((build / "src").glob(f"libatt_{layer}*.a"))
        assert found, f"no archive of {layer}"
        return found
    return find


@pytest.fixture(scope="session")
def tool():
    """Runs a program and returns its standard output; its failure fails the test."""
    def run(*argv, **kwargs):
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False, **kwargs)
        assert done.returncode == 0, f"{' '.join(map(str, argv))}:\n{done.stdout}{done.stderr}"
        return done.stdout
    return run
