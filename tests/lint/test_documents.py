# SPDX-License-Identifier: Apache-2.0
"""Documents say what is so: their commands run, their links lead somewhere, their tests exist.

A block fenced as ```sh test is run, all blocks of a document in one shell, in a copy-free directory of its own
with the built programs on PATH, and `set -e`. A line "# exit N" behind a command says the code it must end with.
"""

import os
import re
import subprocess

DOCUMENTS = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "doc/architecture.md", "doc/threat-model.md"]
BLOCK = re.compile(r"^```sh test\n(.*?)^```$", re.M | re.S)
CITED = re.compile(r"`(tests/[\w./-]+?)(?:::(\w+))?`")


def documents(house):
    return house.files(".md")


def test_the_documents_are_there(house):
    for name in (*DOCUMENTS, "LICENSE", "NEWS"):
        assert (house.root / name).stat().st_size > 200, name


def test_the_licence_is_apache_2(house):
    text = (house.root / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS" in text


def test_links_lead_somewhere(house):
    bad = []
    for path in documents(house):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
            if not target.startswith(("http://", "https://")) and not (path.parent / target).exists():
                bad.append(f"{house.name(path)}: {target}")
    assert not bad, "\n".join(bad)


def test_documents_named_in_the_code_exist(house):
    bad = [f"{house.name(p)}: {name}" for p in house.files(".c", ".h", ".py", ".sh", ".build")
           for name in re.findall(r"\bdoc/[\w-]+\.(?:md|json)\b", p.read_text())
           if not (house.root / name).exists()]
    assert not bad, "\n".join(bad)


def test_make_targets_exist(house):
    targets = set(re.findall(r"^([a-z-]+):", (house.root / "Makefile").read_text(), re.M))
    bad = [f"{house.name(p)}: make {t}" for p in documents(house)
           for t in re.findall(r"`make ([a-z-]+)", p.read_text()) if t not in targets]
    assert not bad, "\n".join(bad)


def shell(block):
    """The block as a script: `set -e`, with the exit codes that lines announce."""
    lines = ["set -e"]
    for line in block.splitlines():
        code = re.search(r"#\s*exit (\d+)\s*$", line)
        lines.append(f"code=0; {line[:code.start()].rstrip()} || code=$?; test $code -eq {code.group(1)}"
                     if code else line)
    return "\n".join(lines) + "\n"


def test_marked_commands_run(house, build, tmp_path):
    ran = 0
    env = dict(os.environ, LC_ALL="C.UTF-8", PATH=f"{build / 'src/programs'}:{os.environ['PATH']}")
    for path in documents(house):
        blocks = BLOCK.findall(path.read_text())
        if not blocks:
            continue
        where = tmp_path / house.name(path).replace("/", "_")
        where.mkdir()
        done = subprocess.run(["sh", "-c", shell("".join(blocks))], cwd=where, env=env, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, f"{house.name(path)}:\n{done.stdout}\n{done.stderr}"
        ran += 1
    assert ran > 0, "no document has a marked block"


def claims(text):
    """Rows of the tables whose last column is headed "test"."""
    headed = False
    for line in text.splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            headed = False
        elif cells[-1] == "test":
            headed = True
        elif headed and not set(cells[-1]) <= set("-: "):
            yield cells


def test_each_claim_of_the_threat_model_names_its_test(house):
    rows = list(claims((house.root / "doc/threat-model.md").read_text()))
    assert len(rows) >= 20
    bad = [row[0] for row in rows if not CITED.search(row[-1])]
    assert not bad, "\n".join(bad)


def test_named_tests_exist(house):
    bad = []
    for path in documents(house):
        for name, function in CITED.findall(path.read_text()):
            target = house.root / name
            if not target.exists():
                bad.append(f"{house.name(path)}: {name}")
            elif function and (target.is_dir() or not re.search(rf"\b{function}\b", target.read_text())):
                bad.append(f"{house.name(path)}: {name}::{function}")
    assert not bad, "\n".join(bad)


def programs(house):
    text = (house.root / "src/programs/meson.build").read_text()
    return [name for name, rest in re.findall(r"^\s*'([\w-]+)':\s*(\{.*)$", text, re.M)
            if "'install': true" in rest]


def test_every_program_has_a_page(house):
    assert programs(house)
    # attest-io is no command of its own: `attest` starts it.
    bad = [name for name in programs(house) if name != "attest-io" and
           not any((house.root / f"man/{name}.{section}").exists() for section in (1, 8))]
    assert not bad, bad


def pages_of(house):
    return [p for p in house.files(under="man/") if re.fullmatch(r"\.[1-8]", p.suffix)]


def test_every_page_is_installed(house):
    listed = re.findall(r"'([\w-]+\.[1-8])'", (house.root / "man/meson.build").read_text())
    assert sorted(listed) == sorted(p.name for p in pages_of(house))


def test_pages_are_clean(house):
    pages = pages_of(house)
    assert pages
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_in_one_place(house):
    version = re.search(r"project\('attest'.*?version: '([\d.]+)'",
                        (house.root / "meson.build").read_text()).group(1)
    others = [house.name(p) for p in house.files(".c", ".h", ".build", ".py", ".sh")
              if house.name(p) != "meson.build" and re.search(rf"['\"]{re.escape(version)}['\"]", p.read_text())]
    assert not others
    assert f"attest {version}" in (house.root / "NEWS").read_text()
