# SPDX-License-Identifier: Apache-2.0
"""Every parser has a fuzz harness, and every harness is built."""

import re

PARSER = re.compile(r"\b(att_\w*(?:parse|decode|reparse|split|_next)\w*)\s*\(")


def harnesses(house):
    text = (house.root / "fuzz/meson.build").read_text()
    return re.findall(r"^\s*'(\w+)':", text, re.M)


def table(house):
    rows = (house.root / "tests/lint/parsers.txt").read_text().splitlines()
    return {row.split()[0]: row.split()[1] for row in rows if row and not row.startswith("#")}


def test_harnesses_and_files_agree(house):
    files = {p.stem.removeprefix("fuzz_") for p in house.files(".c", under="fuzz/fuzz_")}
    assert files == set(harnesses(house)) and files


def test_every_parser_has_a_harness(house):
    """It is called in a harness, or the table names the harness that reaches it."""
    texts = {name: (house.root / f"fuzz/fuzz_{name}.c").read_text() for name in harnesses(house)}
    rows = table(house)
    parsers = {name for p in house.files(".h", under="include/") + house.library() if p.suffix == ".h"
               for name in PARSER.findall(house.code(p))}
    bad = []
    for name in sorted(parsers):
        direct = [h for h, text in texts.items() if re.search(rf"\b{name}\s*\(", text)]
        if not direct and rows.get(name) not in texts:
            bad.append(f"{name}: no harness calls it, and tests/lint/parsers.txt names none")
    bad += [f"{name}: in the table, and no such parser" for name in rows if name not in parsers]
    assert parsers and not bad, "\n".join(bad)
