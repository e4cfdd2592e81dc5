# SPDX-License-Identifier: Apache-2.0
"""What `make install` leaves is whole: a program outside the tree builds, links and runs against it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = r"""
#include <attest/attest.h>
#include <stdio.h>

int main(void)
{
	att_evidence *ev = NULL;
	att_err err;

	if (att_evidence_parse(att_bytes_of("no quote", 8), &ev, &err) == ATT_OK || ev)
		return 1;
	printf("%s %s\n", att_version(), err.msg);
	return 0;
}
"""


def run(*argv, **kwargs):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False, **kwargs)
    assert done.returncode == 0, f"{argv}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The build at hand, installed under a staging directory; returns it and the prefix inside."""
    build = os.environ["ATTEST_BUILD"]
    where = tmp_path_factory.mktemp("stage")
    run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", where)
    found = list(where.rglob("bin/attest"))
    assert len(found) == 1, "no installed attest"
    return where, found[0].parent.parent


def installed(prefix, pattern):
    found = sorted(prefix.rglob(pattern))
    assert found, pattern
    return found


def test_stage_is_whole(stage):
    _, prefix = stage
    headers = {p.name for p in installed(prefix, "include/attest/*.h")}
    assert headers == {p.name for p in (ROOT / "include/attest").glob("*.h")}
    names = {p.name for p in installed(prefix, "libattest.so*")}
    assert {"libattest.so", "libattest.so.0"} < names
    installed(prefix, "pkgconfig/libattest.pc")
    installed(prefix, "man1/attest.1*")


def test_nothing_else_is_installed(stage):
    where, prefix = stage
    allowed = ("bin/attest", "include/attest/", "lib", "share/man/", "share/bash-completion/completions/attest",
               "share/fish/vendor_completions.d/attest.fish", "share/zsh/site-functions/_attest")
    other = [str(p.relative_to(prefix)) for p in where.rglob("*")
             if not p.is_dir() and not str(p.relative_to(prefix)).startswith(allowed)]
    assert not other


def test_binaries_name_no_build_path(stage):
    where, prefix = stage
    for binary in (prefix / "bin/attest", installed(prefix, "libattest.so.0.*")[0]):
        data = binary.read_bytes()
        for path in (str(ROOT), os.environ["ATTEST_BUILD"], str(where)):
            assert path.encode() + b"/" not in data, f"{binary.name}: {path}"
        assert "RUNPATH" not in run("readelf", "-d", binary)


def test_a_program_builds_with_pkg_config(stage, tmp_path):
    where, prefix = stage
    pc = installed(prefix, "libattest.pc")[0].parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(pc), PKG_CONFIG_SYSROOT_DIR=str(where))
    flags = run("pkg-config", "--cflags", "--libs", "libattest", env=env).split()
    assert "crypto" not in " ".join(flags), "libcrypto is the library's own affair"
    source = tmp_path / "program.c"
    source.write_text(PROGRAM)
    sanitize = ["-fsanitize=address,undefined"] if "asan" in os.environ["ATTEST_BUILD"] else []
    run("gcc", "-Wall", "-Wextra", "-Werror", *sanitize, "-o", tmp_path / "program", source, *flags)
    library = installed(prefix, "libattest.so.0")[0].parent
    out = run(tmp_path / "program", env=dict(os.environ, LD_LIBRARY_PATH=str(library)))
    version = run("pkg-config", "--modversion", "libattest", env=env).strip()
    assert out.startswith(version + " ")


def test_the_installed_command_runs(stage):
    _, prefix = stage
    library = installed(prefix, "libattest.so.0")[0].parent
    out = run(prefix / "bin/attest", "--version", env=dict(os.environ, LD_LIBRARY_PATH=str(library)))
    assert out.startswith("attest ")
