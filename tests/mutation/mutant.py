# SPDX-License-Identifier: Apache-2.0
"""Programs of the build, linked once more with one source file compiled differently.

The build's own commands are repeated: its flags, its sanitizers, its static layers. An object named
before the archives takes the place of the archive's own."""
import json
import os
import shlex
import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build").resolve()
ATTEST = "src/programs/attest"
LIMIT_S = 120


class NoLongerApplies(Exception):
    """The line to change is not in the source file, or is there more than once."""


def _run(argv):
    done = subprocess.run(
        argv, cwd=BUILD, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, argv))}\n{done.stdout}{done.stderr}"
    return done.stdout


@lru_cache
def _compile_commands():
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    return {(BUILD / e["file"]).resolve(): shlex.split(e["command"]) for e in entries}


def compile_as(source, text_of, out, *more):
    """Compiles text_of the way the build compiles the library's source."""
    argv, kept = list(_compile_commands()[(ROOT / source).resolve()]), []
    while argv:
        word = argv.pop(0)
        if word in ("-MQ", "-MF", "-o", "-c"):
            argv.pop(0)
        elif word != "-MD":
            kept.append(word)
    _run([*kept, *more, "-o", str(out), "-c", str(text_of)])


def link_as(program, out, *objects):
    """Links a program of the build with these objects first. What comes from libattest.so there
    comes from the static layers here, which have the same objects."""
    argv = shlex.split(_run(["ninja", "-t", "commands", program]).splitlines()[-1])
    layers = sorted(str(p.relative_to(BUILD)) for p in BUILD.glob("src/libatt_*.a"))
    at = argv.index("-o")
    linked = [*argv[:at], "-o", str(out), *map(str, objects)]
    for word in argv[at + 2 :]:
        linked += layers if word.startswith("src/libattest.so") else [word]
    _run(linked)


def passing_over(folder):
    """`attest` that passes over the checks named in ATTEST_PASS_OVER."""
    report, chooser, out = folder / "report.o", folder / "pass_over.o", folder / "attest"
    source = "src/verify/report.c"
    hook = ("-include", str(HERE / "pass_over.h"), "-DATT_MUTATION=att_passed_over((int)c)")
    compile_as(source, ROOT / source, report, *hook)
    compile_as(source, HERE / "pass_over.c", chooser)
    link_as(ATTEST, out, report, chooser)
    return out


def changed(file, line, becomes):
    """The text of a source file with one line changed; leading white space counts for nothing."""
    lines = (ROOT / file).read_text().splitlines()
    found = [i for i, text in enumerate(lines) if text.strip() == line]
    if len(found) != 1:
        raise NoLongerApplies(f"{file} has {len(found)} lines `{line}`: mutation no longer applies")
    lines[found[0]] = becomes
    return "\n".join(lines) + "\n"


def with_line(folder, program, file, line, becomes):
    """A program of the build with one line of one source file changed."""
    folder.mkdir(parents=True)
    text, out = folder / Path(file).name, folder / Path(program).name
    text.write_text(changed(file, line, becomes))
    compile_as(file, text, folder / "mutant.o", "-w")
    link_as(program, out, folder / "mutant.o")
    return out
