# SPDX-License-Identifier: Apache-2.0
"""What greps can hold: form of the files, who touches wire bytes, functions that are banned."""

import re
import subprocess

FILE_LINES = 650
FUNCTION_LINES = 70
COLUMNS = 100
TAB = 8

# Written in two halves, so that this file does not hold what it looks for.
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE = re.compile(r"(?<![\w.-])/(work" r"/(main|shared)|ro" r"ot/|ho" r"me/(?!attest\b)\w+|tm" r"p/plan)")

EVERYWHERE = """strcpy strcat sprintf vsprintf strtok gets atoi atol atoll atof alloca system popen mktemp tmpnam
    localtime gmtime ctime asctime rand srand scanf sscanf setjmp longjmp""".split()
# No library prints, ends the process or reads its environment; the pure one does not touch the world at all.
LIBRARY = """printf fprintf vprintf vfprintf puts fputs putchar putc perror exit abort getenv secure_getenv
    setenv localtime_r gmtime_r signal dlopen syslog assert setlocale""".split()
PURE = LIBRARY + """_exit time clock clock_gettime gettimeofday fopen open openat read write close socket sigaction
    pthread_create""".split()

WRITABLE = re.compile(r"\.(data|bss|tdata|tbss)(\.(?!rel\.ro).*)?")
# What libcrypto can do is a fact about the process, learnt once.
STATE_ALLOWED = {"crypto_p256.c.o": 1}
TEXT = (".c", ".h", ".py", ".sh", ".md", ".build", ".txt", ".yml", ".ini", ".map", ".1", ".7", ".json", "")


def sources(house):
    return house.files(".c", ".h")


# Rules of test_only_the_reader_touches_wire_bytes that a file may break, and why.
WIRE_ALLOWED = {
    "src/base/text.c": {"an integer put together by shifts": "base64: three bytes of text are no wire integer"},
    "src/codec/json.c": {"an integer put together by shifts": "a \\u escape, already decoded from hex",
                         "an integer read with memcpy": "the hash of a member name"},
    "src/verify/cache.c": {"an integer read with memcpy": "the hash of a cache key"},
}


def calls(names):
    return r"(?<![\w>.])(?:" + "|".join(map(re.escape, names)) + r")\s*\("


def test_spdx_line_on_top(house):
    wants = house.files(".c", ".h", ".py", ".sh", ".build") + [house.root / "Makefile"]
    bad = [house.name(p) for p in wants
           if "SPDX-License-Identifier: Apache-2.0" not in "".join(p.read_text().splitlines(True)[:2])]
    assert not bad, "\n".join(bad)


def test_files_are_one_subject_long(house):
    long = {house.name(p): p.read_text().count("\n") for p in sources(house)}
    bad = [f"{name}: {lines} lines" for name, lines in long.items() if lines > FILE_LINES]
    assert not bad, "\n".join(bad)


def functions(code):
    """(name, first line, lines) of each function definition: a `{` alone in column one to its `}`."""
    lines = code.splitlines()
    for i, line in enumerate(lines):
        if line != "{" or i == 0:
            continue
        head = i - 1
        while head > 0 and lines[head][:1] in (" ", "\t"):
            head -= 1
        name = re.search(r"(\w+)\(", lines[head])
        end = next((j for j in range(i, len(lines)) if lines[j].startswith("}")), len(lines))
        if name:
            yield name.group(1), head + 1, end - i


def test_functions_fit_a_screen(house):
    bad = [f"{house.name(p)}:{line}: {name}: {length} lines" for p in sources(house)
           for name, line, length in functions(house.code(p)) if length > FUNCTION_LINES]
    assert not bad, "\n".join(bad)


def test_functions_are_found(house):
    """The rule above looks at something: nearly every file that has code has a function it sees."""
    blind = [house.name(p) for p in house.library() if p.suffix == ".c" and not list(functions(house.code(p)))]
    assert len(blind) <= 3, blind


def test_lines_are_within_100_columns(house):
    bad = [f"{house.name(p)}:{n}: {len(line.expandtabs(TAB))} columns" for p in sources(house)
           for n, line in enumerate(p.read_text().splitlines(), 1) if len(line.expandtabs(TAB)) > COLUMNS]
    assert not bad, "\n".join(bad)


def test_text_ends_cleanly(house):
    bad = []
    for p in house.files(*TEXT):
        data = p.read_bytes()
        if p.stat().st_size and not data.endswith(b"\n"):
            bad.append(f"{house.name(p)}: no line end at the end")
        bad += [f"{house.name(p)}:{n}: white space at the end" for n, line in enumerate(data.split(b"\n"), 1)
                if line.rstrip(b" \t\r") != line and p.suffix in (".c", ".h", ".py", ".build")]
    assert not bad, "\n".join(bad)


def test_nothing_is_left_for_later(house):
    bad = [f"{house.name(p)}:{n}" for p in house.files(*TEXT)
           for n, line in enumerate(p.read_text(errors="replace").splitlines(), 1) if LATER.search(line)]
    assert not bad, "\n".join(bad)


def test_no_path_of_one_machine(house):
    bad = [f"{house.name(p)}:{n}: {line.strip()[:80]}" for p in house.files()
           for n, line in enumerate(p.read_text(errors="replace").splitlines(), 1) if MACHINE.search(line)]
    assert not bad, "\n".join(bad)


def test_clang_format_changes_nothing(house):
    bad = []
    for p in sources(house):
        done = subprocess.run(["clang-format-14", "--style=file", str(p)], capture_output=True, text=True,
                              check=True, cwd=house.root)
        if done.stdout != p.read_text():
            bad.append(house.name(p))
    assert not bad, "make fmt: " + " ".join(bad)


def test_only_the_reader_touches_wire_bytes(house):
    """The layers that see input; appraise works on what they have parsed."""
    wire = [p for p in house.library()
            if house.name(p) != "src/base/reader.c" and house.layer(p) != "appraise"]
    rules = {
        "a packed struct": r"\bpacked\b",
        "a cast of bytes to integers": r"\(\s*(?:const\s+)?u?int(?:16|32|64)_t\s*(?:const\s*)?\*\s*\)",
        "a cast of bytes to a struct": r"\(\s*(?:const\s+)?struct\s+\w+\s*\*\s*\)\s*\(?\s*\w*"
                                       r"(?:ptr|data|bytes|buf|wire)\b",
        "an integer read with memcpy": r"\bmemcpy\(\s*&",
        "byte order by hand": r"\b(?:ntoh|hton)[sl]\b|\b[bl]e\d\dtoh\b|\bhto[bl]e\d\d\b|\b__builtin_bswap",
        "an integer put together by shifts": r"\w\[[^][]+\]\s*<<\s*(?:8|16|24|32|40|48|56)\b",
    }
    bad = [f"{what}: {hit}" for what, rule in rules.items() for p in wire
           if what not in WIRE_ALLOWED.get(house.name(p), {}) for hit in house.grep(rule, [p])]
    assert not bad, "\n".join(bad)


def test_banned_functions(house):
    bad = house.grep(calls(EVERYWHERE), house.files(".c", ".h", under="src/"))
    assert not bad, "\n".join(bad)


def test_library_does_not_print_exit_or_ask_the_world(house, archives, tool):
    """Seen from the objects, where no macro hides a call and no local name looks like one."""
    bad = []
    for layer in house.layers[:house.layers.index("cli")]:
        for line in tool("nm", "-P", "-u", *archives(layer)).splitlines():
            name = line.split()[0] if line.split() else ""
            plain = re.sub(r"^__(\w+)_chk$", r"\1", name).removeprefix("__isoc99_")
            if plain in EVERYWHERE + (PURE if house.is_pure(layer) else LIBRARY):
                bad.append(f"{layer}: {name}")
    assert not bad, "\n".join(bad)


def test_library_keeps_no_state(house, archives, tool):
    """No object of the library has writable data: const tables only."""
    bad = []
    for layer in house.layers[:house.layers.index("cli")]:
        for line in tool("size", "-A", *archives(layer)).splitlines():
            section = re.fullmatch(r"(\.\S+)\s+(\d+)\s+\d+", line)
            if "(ex " in line:
                unit = line.split()[0].rsplit("/")[-1]
            elif section and WRITABLE.fullmatch(section[1]) \
                    and int(section[2]) > STATE_ALLOWED.get(unit, 0):
                bad.append(f"{layer}: {unit}: {section[1]} {section[2]} bytes")
    assert not bad, "\n".join(bad)


def test_no_test_skips(house):
    """A test that can not run fails."""
    skips = re.compile(r"pytest\.(?:skip|xfail|importorskip)|mark\.(?:skip|xfail)|\bskip\(\)|\b(?:exit|return) 77\b")
    bad = [f"{house.name(p)}:{n}: {line.strip()}" for p in house.files(".py", ".c", ".sh", under="tests/")
           if not house.name(p).startswith("tests/lint/")
           for n, line in enumerate(p.read_text().splitlines(), 1) if skips.search(line)]
    assert not bad, "\n".join(bad)


def test_every_source_file_is_built(house):
    lists = {layer: "".join(p.read_text() for p in house.files(".build", under=f"src/{layer}/"))
             for layer in house.layers}
    bad = [house.name(p) for p in house.files(".c", under="src/")
           if house.layer(p) and f"{p.name}'" not in lists[house.layer(p)]]
    assert not bad, "\n".join(bad)


def test_every_source_file_has_its_unit_test(house):
    """One test program per source file of the library, unless the table says which one covers it."""
    table = dict(line.split()[:2] for line in
                 (house.root / "tests/lint/unit_tests.txt").read_text().splitlines()
                 if line and not line.startswith("#"))
    bad = []
    for p in house.library():
        if p.suffix != ".c":
            continue
        test = house.root / "tests/unit" / house.layer(p) / f"test_{p.stem}.c"
        other = table.pop(house.name(p), None)
        if other and test.exists():
            bad.append(f"{house.name(p)}: has its own test and is in the table")
        elif not (house.root / other if other else test).exists():
            bad.append(f"{house.name(p)}: no {house.name(test)}")
    bad += [f"{name}: in the table, and no source file" for name in table]
    assert not bad, "\n".join(bad)
