# SPDX-License-Identifier: Apache-2.0
"""Both stores do the same, and lose nothing when whoever writes is killed at any moment."""
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pccs_rig import FMSPC, STORE, Pccs, Postgres, Upstream, preload  # noqa: E402  (needs the path above)

CASES = 7


@pytest.fixture(scope="module")
def postgres():
    server = Postgres(tempfile.mkdtemp(prefix="attest-pg-", dir="/tmp"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return preload(tmp_path_factory.mktemp("preload"))


def run(*argv, env=None):
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, **(env or {})})


def conforms(where):
    done = run(STORE, where)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ok ") == CASES


def test_sqlite_does_what_a_store_does(tmp_path):
    conforms(tmp_path / "store.db")


def database(postgres, name):
    postgres.run("createdb", "-h", postgres.folder, "-U", "attest", name)
    return postgres.url.replace("/postgres?", f"/{name}?")


def test_postgresql_does_what_a_store_does(postgres):
    conforms(database(postgres, "conforms"))


def killed_at(library, where, at, count):
    """The greatest number that was said to be committed before the writer was killed."""
    done = run(STORE, where, "fill", count, env={"LD_PRELOAD": str(library), "PCCS_DIE_AT": str(at)})
    assert done.returncode in (0, -9), done.stderr
    lines = done.stdout.split()
    return int(lines[-1]) if lines else 0, done.returncode == -9


def is_whole(where, committed):
    done = run(STORE, where, "count")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) in (committed, committed + 1)  # the last may be committed and not said


def kills(library, fresh, times, seed, most):
    chance, hits = random.Random(seed), 0
    for n in range(times):
        where = fresh(n)
        committed, died = killed_at(library, where, chance.randrange(1, most), 12)
        hits += died
        is_whole(where, committed)
        conforming, _ = killed_at(library, where, -1, 3)
        assert conforming == 3
    print(f"{hits} of {times} writers killed")
    assert hits > times // 3


def test_a_killed_writer_leaves_sqlite_whole(library, tmp_path):
    kills(library, lambda n: tmp_path / f"{n}.db", 12, "sqlite", 120)


def test_a_killed_writer_leaves_postgresql_whole(library, postgres):
    kills(library, lambda n: database(postgres, f"kill{n}"), 6, "postgresql", 60)


def test_a_killed_postgresql_loses_nothing(postgres):
    where = database(postgres, "crash")
    done = run(STORE, where, "fill", 20)
    assert done.returncode == 0, done.stderr
    postgres.crash()
    postgres.start()
    is_whole(where, 20)


def test_a_postgresql_that_says_nothing_is_not_waited_for(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        done = run(STORE, f"postgresql://nobody@127.0.0.1:{mute.getsockname()[1]}/none")
    assert done.returncode not in (0, -9)


@pytest.mark.long
def test_hundreds_of_killed_writers(library, postgres, tmp_path):
    kills(library, lambda n: tmp_path / f"{n}.db", 300, "sqlite, long", 120)
    kills(library, lambda n: database(postgres, f"long{n}"), 100, "postgresql, long", 60)


def test_replicas_share_what_one_of_them_fetched(postgres, tmp_path):
    upstream = Upstream(lambda: int(time.time()))
    where = database(postgres, "replicas")
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    certificate = [("--tls-cert", f / "tls.crt", "--tls-key", f / "tls.key") for f in folders]
    with Pccs(folders[0], *certificate[0], upstream=upstream, store=where) as a, \
            Pccs(folders[1], *certificate[1], upstream=upstream, store=where) as b:
        first = a.v4("tcb?fmspc=" + FMSPC)
        upstream.fault = lambda path: "drop"
        assert first.status == 200 and b.v4("tcb?fmspc=" + FMSPC).body == first.body
        postgres.crash()
        assert a.ask("/readyz").status == 503
        assert a.v4("qe/identity").status in (502, 503)
        postgres.start()
        assert a.ask("/readyz").status == 200
        assert b.v4("tcb?fmspc=" + FMSPC).body == first.body
        upstream.fault = lambda path: None
        assert a.v4("qe/identity").status == 200
    upstream.close()
