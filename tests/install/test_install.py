# SPDX-License-Identifier: Apache-2.0
"""What `make install` leaves is whole: a program outside the tree builds, links and runs against it."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CPP_PROGRAM = r"""
#include <attest/attest.h>
#include <cstdio>

int main()
{
	att_evidence *ev = nullptr;
	att_verifier *v = nullptr;
	att_err err;
	att_bytes unbound = ATT_UNBOUND;

	if (att_evidence_parse(att_bytes_of("no quote", 8), &ev, &err) == ATT_OK || ev)
		return 1;
	std::printf("%s %s\n", att_version(), err.msg);
	att_rc rc = att_verifier_new(ATT_VERIFIER_DEFAULTS, &v, &err);
	att_verifier_free(v);
	return rc == ATT_OK && unbound.len == SIZE_MAX ? 0 : 1;
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
    installed(prefix, "libattest-io.so.0")
    installed(prefix, "libexec/attest/attest-io")
    installed(prefix, "pkgconfig/libattest.pc")
    installed(prefix, "pkgconfig/libattest-io.pc")
    installed(prefix, "man1/attest.1*")
    for page in ("bash-completion/completions/attest", "vendor_completions.d/attest.fish", "site-functions/_attest"):
        assert "collateral" in installed(prefix, page)[0].read_text()
        assert "offline-bundle" in installed(prefix, page.replace("attest", "attestd"))[0].read_text()


def test_the_unit_starts_what_is_installed(stage):
    where, prefix = stage
    unit, = installed(prefix, "lib/systemd/system/attestd-pccs.service")
    program = re.search(r"^ExecStart=(\S+)", unit.read_text(), re.M)[1]
    assert Path(f"{where}{program}") == prefix / "bin/attestd" and Path(f"{where}{program}").exists()


def test_nothing_else_is_installed(stage):
    where, prefix = stage
    allowed = ("bin/attest", "bin/attestd", "libexec/attest/attest-io", "include/attest/", "lib", "share/doc/attest/",
               "share/man/", "share/bash-completion/completions/attest",
               "share/fish/vendor_completions.d/attest", "share/zsh/site-functions/_attest")
    other = [str(p.relative_to(prefix)) for p in where.rglob("*")
             if not p.is_dir() and not str(p.relative_to(prefix)).startswith(allowed)]
    assert not other


def test_the_installed_command_finds_its_other_half(stage):
    _, prefix = stage
    library = installed(prefix, "libattest.so.0")[0].parent
    env = dict(os.environ, LD_LIBRARY_PATH=str(library))
    assert "attest sim" in run(prefix / "bin/attest", "help", "sim", "up", env=env)


def test_binaries_name_no_build_path(stage):
    where, prefix = stage
    for binary in (prefix / "bin/attest", prefix / "bin/attestd", prefix / "libexec/attest/attest-io",
                   installed(prefix, "libattest.so.0.*")[0], installed(prefix, "libattest-io.so.0.*")[0]):
        data = binary.read_bytes()
        for path in (str(ROOT), os.environ["ATTEST_BUILD"], str(where)):
            assert path.encode() + b"/" not in data, f"{binary.name}: {path}"
        assert "RUNPATH" not in run("readelf", "-d", binary)


def pkg_config(stage, *argv):
    where, prefix = stage
    pc = installed(prefix, "libattest.pc")[0].parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(pc), PKG_CONFIG_SYSROOT_DIR=str(where))
    return run("pkg-config", *argv, "libattest", env=env).split()


def compiled(stage, source, *compiler):
    """The program built from the source as pkg-config says, and the environment it runs in."""
    flags = pkg_config(stage, "--cflags", "--libs")
    assert "crypto" not in " ".join(flags), "libcrypto is the library's own affair"
    sanitize = ["-fsanitize=address,undefined"] if "asan" in os.environ["ATTEST_BUILD"] else []
    program = source.parent / "program"
    run(*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", *sanitize, "-o", program, source, *flags)
    library = installed(stage[1], "libattest.so.0")[0].parent
    return program, dict(os.environ, LD_LIBRARY_PATH=str(library))


@pytest.mark.parametrize("standard", ["c++11", "c++17"])
def test_a_cpp_program_builds_with_pkg_config(stage, tmp_path, standard):
    source = tmp_path / "program.cc"
    source.write_text(CPP_PROGRAM)
    program, env = compiled(stage, source, "g++", f"-std={standard}")
    version, = pkg_config(stage, "--modversion")
    assert run(program, env=env).startswith(version + " ")


def test_the_example_judges(stage, tmp_path):
    """examples/verify.c, built as its comment says, accepts what its policy pins and nothing else."""
    source = tmp_path / "verify.c"
    shutil.copy(ROOT / "examples/verify.c", source)
    program, env = compiled(stage, source, "gcc", "-std=c11")
    demo = tmp_path / "demo"
    run(os.environ["ATTEST_SIMGEN"], demo)
    policies = {}
    for kind in ("sgx", "tdx"):
        text = json.loads(run(os.environ["ATTEST_BIN"], "policy", "init", "--from", demo / kind / "quote.dat"))
        for alternative in text["any_of"]:
            alternative["allow_simulated"] = True
        policies[kind] = tmp_path / f"{kind}.json"
        policies[kind].write_text(json.dumps(text))

    def judged(quote, collateral, policy, *root):
        argv = [program, quote, collateral, policy, *root]
        done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, check=False, env=env)
        assert done.returncode == (0 if done.stdout.startswith("accepted: ") else 1), done
        return done.stdout + done.stderr

    sgx = demo / "sgx/quote.dat", demo / "sgx/collateral.json"
    root = demo / "root.pem"
    assert judged(*sgx, policies["sgx"], root) == "accepted: sgx-quote, TCB UpToDate\n"
    assert "refused: ATT_E_DENIED: " in judged(*sgx, policies["tdx"], root)
    assert "refused: ATT_E_CHAIN: " in judged(*sgx, policies["sgx"])
    assert "refused: ATT_E_MISMATCH: " in judged(sgx[0], demo / "tdx/collateral.json", policies["sgx"], root)
    assert "refused: ATT_E_TRUNCATED: " in judged(tmp_path / "absent", sgx[1], policies["sgx"], root)
    assert "refused: ATT_E_FORMAT: " in judged(*sgx, policies["sgx"], sgx[0])


def test_the_installed_command_runs(stage):
    _, prefix = stage
    library = installed(prefix, "libattest.so.0")[0].parent
    out = run(prefix / "bin/attest", "--version", env=dict(os.environ, LD_LIBRARY_PATH=str(library)))
    assert out.startswith("attest ")
