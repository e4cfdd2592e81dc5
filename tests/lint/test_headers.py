# SPDX-License-Identifier: Apache-2.0
"""The public headers and what the libraries export are one and the same list, documented and hardened."""

import re
import shutil

import pytest

SIZE_KIB = 500
DECLARED = re.compile(r"^ATT_API\b[^;{]*?\b(att_\w+)\s*\(", re.M)
LANGUAGES = {
    "c": ["gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"],
    "c++": ["g++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"],
}


# The headers whose functions libattest-io.so has; all others are libattest.so's.
IO_HEADERS = {"attester.h", "fetch.h"}
LIBRARIES = {"libattest": False, "libattest-io": True}


def declared(house, io):
    return {name for path in house.files(".h", under="include/") if (path.name in IO_HEADERS) == io
            for name in DECLARED.findall(house.code(path))}


@pytest.fixture(scope="session")
def library(build):
    return build / "src/libattest.so"


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_headers_compile_alone(house, tool, tmp_path, language):
    for path in house.files(".h", under="include/"):
        source = tmp_path / f"alone.{language.replace('+', 'x')}"
        source.write_text(f'#include "attest/{path.name}"\n#include "attest/{path.name}"\n')
        tool(*LANGUAGES[language], "-fsyntax-only", "-I", house.root / "include", source)


def test_internal_headers_compile_alone(house, tool, tmp_path):
    for path in house.files(".h", under="src/"):
        source = tmp_path / "alone.c"
        source.write_text(f'#include "{path.relative_to(house.root / "src")}"\n')
        tool("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
             "-fsyntax-only", "-I", house.root / "include", "-I", house.root / "src", source)


@pytest.mark.parametrize("name", LIBRARIES)
def test_exports_are_the_headers(house, build, tool, name):
    exported = {line.split()[0].split("@")[0]
                for line in tool("nm", "-D", "-P", "--defined-only", build / f"src/{name}.so").splitlines()
                if line.split()[1] in "TDRBVWi"}
    assert exported == declared(house, LIBRARIES[name])


@pytest.mark.parametrize("name", LIBRARIES)
def test_exports_carry_the_version(build, tool, name):
    node = "ATTEST_IO_0" if LIBRARIES[name] else "ATTEST_0"
    texts = [line for line in tool("objdump", "-T", build / f"src/{name}.so").splitlines()
             if re.search(r"\s\.text\s", line)]
    assert texts and all(node in line for line in texts)


def test_map_exports_nothing_else(house):
    text = re.sub(r"/\*.*?\*/", "", (house.root / "src/libattest.map").read_text(), flags=re.S)
    assert re.sub(r"\s+", " ", text).strip() == "ATTEST_0 { global: att_*; local: *; };"


def paragraphs(text):
    """(text of a paragraph, the line before it that is not empty)."""
    before = ""
    for part in re.split(r"\n\s*\n", text):
        yield part, before
        before = part.strip().splitlines()[-1] if part.strip() else before


def test_public_functions_are_documented(house):
    """A comment stands in the paragraph of the declaration, or a section heading right before it."""
    bad = []
    for path in house.files(".h", under="include/"):
        for part, before in paragraphs(path.read_text()):
            if "/*" in part or before.startswith("/* ---"):
                continue
            bad += [f"{path.name}: {name}" for name in DECLARED.findall(part) if not name.endswith("_free")]
    assert not bad, "\n".join(bad)


def test_every_symbol_is_prefixed(house):
    bad = []
    for path in house.files(".h", under="include/"):
        code = house.code(path)
        bad += [f"{path.name}: {n}" for n in re.findall(r"^#\s*define\s+(\w+)", code, re.M)
                if not n.startswith(("ATT_", "ATTEST_"))]
        bad += [f"{path.name}: {n}" for n in re.findall(r"^(?:struct|enum)\s+(\w+)", code, re.M)
                if not n.startswith("att_")]
    assert not bad, "\n".join(bad)


def test_soname_and_needs(library, tool):
    dynamic = tool("readelf", "-d", library)
    assert re.search(r"SONAME.*\[libattest\.so\.0\]", dynamic)
    needed = set(re.findall(r"NEEDED.*\[(.*?)\]", dynamic))
    assert needed <= {"libcrypto.so.3", "libc.so.6"}, needed


def test_stripped_size(library, tool, tmp_path):
    copy = tmp_path / "libattest.so"
    shutil.copy(library, copy)
    tool("strip", "--strip-unneeded", copy)
    assert copy.stat().st_size <= SIZE_KIB * 1024


@pytest.mark.parametrize("binary", ["src/libattest.so", "src/libattest-io.so", "src/programs/attest", "src/programs/attest-io",
                                    "src/programs/attestd"])
def test_hardening(build, tool, binary):
    path = build / binary
    program = tool("readelf", "-lW", path)
    dynamic = tool("readelf", "-dW", path)
    assert "GNU_RELRO" in program and re.search(r"FLAGS.*\bNOW\b", dynamic)
    assert re.search(r"GNU_STACK\s.*\sRW\s", program), "the stack is executable"
    assert not re.search(r"LOAD\s.*\sRWE\s", program)
    assert re.search(r"Type:\s+DYN", tool("readelf", "-h", path)), "not position-independent"
    imports = tool("nm", "-D", "-u", path)
    assert "__stack_chk_fail" in imports, "no stack protector"
    assert re.search(r"__\w+_chk\b", imports.replace("__stack_chk_fail", "")), "no fortified calls"
    if "X86-64" in tool("readelf", "-h", path):
        assert b"\xf3\x0f\x1e\xfa" in path.read_bytes(), "no landing pads (endbr64) for indirect branches"


def test_offline_command_loads_little(build, tool):
    """`attest verify` needs libattest and libcrypto, and nothing that talks to a network."""
    needed = set(re.findall(r"NEEDED.*\[(.*?)\]", tool("readelf", "-d", build / "src/programs/attest")))
    assert needed <= {"libattest.so.0", "libcrypto.so.3", "libc.so.6"}, needed
