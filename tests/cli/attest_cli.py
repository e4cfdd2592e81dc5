# SPDX-License-Identifier: Apache-2.0
"""The command under test, cases that the oracle makes for it, and what its answers are held against."""
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jsonschema
from attest_oracle.world import World
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).resolve().parent / "golden"
BINARY = os.environ.get("ATTEST_BIN") or str(ROOT / "build" / "src" / "programs" / "attest")
SANITIZED = "asan" in BINARY
LIMIT_S = 60 if SANITIZED else 20
# 16 MiB in all: the heap and everything else that is written to, the stack, and the code of libcrypto and libc.
# (The peak of a child that Python starts can not be measured: it begins with Python's own.)
LIMITS = [] if SANITIZED else ["sh", "-c", 'ulimit -d 10240 && ulimit -s 1024 && exec "$0" "$@"']

OK, USAGE, REFUSED, NO_ANSWER, DENIED = range(5)


@dataclass
class Answer:
    exit: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    def failed(self):
        return [c["id"] for c in self.json["checks"] if c["result"] == "fail"]


def attest(*argv, stdin=None, cwd=None, env=None, exit=None):
    """Runs the command with a clean environment, and with no more memory than it may use; `exit`, when given,
    must be its exit code."""
    base = {k: v for k, v in os.environ.items() if k not in ("ATTEST_SIM_ROOT", "NO_COLOR", "TERM")}
    done = subprocess.run([*LIMITS, BINARY, *map(str, argv)], input=stdin or b"", capture_output=True, cwd=cwd,
                          env={**base, "TERM": "xterm", **(env or {})}, timeout=LIMIT_S, check=False)
    answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "out of memory" not in answer.err
    assert answer.exit in range(5), f"{argv}: exit {answer.exit}: {answer.err}"
    if exit is not None:
        assert answer.exit == exit, f"{argv}: exit {answer.exit}, not {exit}:\n{answer.err}{answer.out}"
    return answer


@dataclass
class Case:
    folder: Path
    quote: Path
    collateral: Path
    root: Path
    time: int
    items: dict

    def options(self):
        return ["--collateral", self.collateral, "--root", self.root, "--time", self.time]

    def verify(self, *options, **kwargs):
        return attest("verify", self.quote, *self.options(), *options, **kwargs)

    def json(self, *options, **kwargs):
        return self.verify("-o", "json", *options, **kwargs).json


class Maker:
    def __init__(self, folder):
        self.folder, self.done = folder, {}

    def __call__(self, kind, name="plain", change=None):
        """The case of that kind and name; `change` gets the world before its bytes are taken."""
        key = (kind, name, change)
        if key not in self.done:
            world = World(kind, "platform" if kind.startswith("tdx") else "processor")
            if change:
                change(world)
            made = world.make()
            folder = self.folder / f"{kind}-{name}-{len(self.done)}"
            folder.mkdir()
            (folder / "quote.dat").write_bytes(made.quote)
            (folder / "collateral.json").write_text(json.dumps(made.items))
            (folder / "root.pem").write_text(made.root)
            self.done[key] = Case(folder, folder / "quote.dat", folder / "collateral.json",
                                  folder / "root.pem", made.time, made.items)
        return self.done[key]


def schema(name):
    text = json.loads((ROOT / "doc" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(text)
    return jsonschema.Draft202012Validator(text)


def conforms(value, name):
    wrong = [f"{e.json_path}: {e.message[:200]}" for e in schema(name).iter_errors(value)]
    assert not wrong, "\n".join(wrong)


def golden(name, text):
    """Compares with golden/NAME; ATTEST_UPDATE_GOLDEN=1 writes it, for review in the diff."""
    path = GOLDEN / name
    if os.environ.get("ATTEST_UPDATE_GOLDEN") == "1":
        path.write_text(text)
    assert text == path.read_text(), f"differs from {path.name}; ATTEST_UPDATE_GOLDEN=1 writes it anew"


def key_pair(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = folder / "key.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))
    private.chmod(0o600)
    public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM,
                                                     serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def one_line(text):
    """The single line for people that a failure leaves on standard error."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("attest: error: ")
    return lines[0]
