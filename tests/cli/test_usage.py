# SPDX-License-Identifier: Apache-2.0
"""Misuse, help, version, completion, manual pages: all of them made from the same tables."""
import re
import subprocess

import pytest

from attest_cli import BINARY, NO_ANSWER, OK, ROOT, USAGE, attest, conforms, golden

MISUSE = [
    ([], "a command is missing"),
    (["verif"], "did you mean 'verify'?"),
    (["frobnicate"], "unknown command 'frobnicate'"),
    (["-x"], "unknown option '-x'"),
    (["policy"], "'attest policy' needs one of: init check"),
    (["policy", "chek"], "unknown command 'policy chek'"),
    (["verify"], "FILE is missing"),
    (["verify", "a", "b"], "unexpected argument 'b'"),
    (["verify", "q", "--collatral", "c"], "did you mean '--collateral'?"),
    (["verify", "q", "--frobnicate"], "unknown option '--frobnicate'"),
    (["verify", "q", "-x"], "unknown option '-x'"),
    (["verify", "q", "--collateral"], "option '--collateral' needs a value"),
    (["verify", "q", "--verbose=yes"], "option '--verbose' takes no value"),
    (["verify", "q", "-o", "xml"], "option '--output' is one of: text json ear; not 'xml'"),
    (["verify", "q", "-o", "jso"], "did you mean 'json'?"),
    (["verify", "q", "-c", "c", "--time", "1", "--time", "2"], "option '--time' is given twice"),
    (["verify", "q", "-c", "c", "--allow", "Revoked"], "option '--allow' is one of"),
    (["verify", "q", "-c", "c", "--allow", "uptodate"], "option '--allow'"),
    (["verify", "-", "-c", "-"], "'-' (standard input) can be given once"),
    (["verify", "q", "-c", "c", "-o", "ear"], "-o ear needs --sign-key"),
    (["verify", "q", "-c", "c", "-o", "ear", "--sign-key", "k"], "-o ear needs --nonce"),
    (["verify", "q", "-c", "c", "-o", "ear", "--sign-key", "k", "--nonce", "00"], "--nonce is 8 to 64 bytes"),
    (["verify", "q", "-c", "c", "-o", "ear", "--sign-key", "k", "--nonce", "zz" * 8], "--nonce: "),
    (["verify", "q", "-c", "c", "-o", "ear", "--sign-key", "k", "--nonce", "00" * 8, "--ear-lifetime", "0"],
     "--ear-lifetime is 1 to"),
    (["verify", "q", "-c", "c", "--sign-key", "k"], "--sign-key goes with -o ear"),
    (["verify", "q", "-c", "c", "--nonce", "00" * 8], "--nonce goes with -o ear"),
    (["inspect"], "FILE is missing"),
    (["policy", "init"], "--from is missing"),
    (["policy", "check"], "FILE is missing"),
    (["token", "t"], "--key is missing"),
    (["token", "-", "-k", "-"], "'-' (standard input) can be given once"),
    (["token", "t", "-k", "k", "--time", "noon"], "such as 2025-06-15T12:00:00Z"),
    (["token", "t", "-k", "k", "--nonce", "00"], "--nonce is 8 to 64 bytes"),
    (["collateral", "show"], "FILE|DIR is missing"),
    (["completion"], "SHELL is missing"),
    (["completion", "tcsh"], "no completion for 'tcsh'"),
    (["help", "frobnicate"], "unknown command 'frobnicate'"),
]


@pytest.mark.parametrize("argv, says", MISUSE, ids=[" ".join(a) or "(nothing)" for a, _ in MISUSE])
def test_misuse(argv, says):
    answer = attest(*argv, exit=USAGE)
    assert answer.out == ""
    first, hint = answer.err.splitlines()
    assert first.startswith("attest: error: ") and says in first
    assert re.fullmatch(r"attest: try 'attest ([a-z]+ )*--help'", hint)


@pytest.mark.parametrize("options, says", [
    (["--time", "noon"], "--time 'noon'"),
    (["--time", "2025-02-30T00:00:00Z"], "--time '2025-02-30T00:00:00Z'"),
    (["--time", "99999999999999999999"], "beyond the year 9999"),
    (["--report-data", ""], "--report-data is 2 to 128 hex digits, not 0"),
    (["--report-data", "abc"], "--report-data is 2 to 128 hex digits, not 3"),
    (["--report-data", "00" * 65], "not 130"),
    (["--report-data", "0g"], "--report-data: "),
    (["--report-data", "00", "--report-data-sha256", "x"], "exclude each other"),
])
def test_misuse_beside_a_whole_quote(sgx, options, says):
    answer = attest("verify", sgx.quote, "-c", sgx.collateral, *options, exit=USAGE)
    assert answer.out == "" and says in answer.err


def test_no_collateral_for_a_quote(sgx):
    answer = attest("verify", sgx.quote, exit=USAGE)
    assert "--collateral is missing" in answer.err


@pytest.fixture(scope="module")
def tables():
    answer = attest("help", "-o", "json", exit=OK)
    conforms(answer.json, "help")
    return answer.json["commands"]


def test_help_of_every_command(tables):
    for command in tables:
        words = command["name"].split()
        texts = {attest(*argv, exit=OK).out for argv in ([*words, "--help"], [*words, "-h"], ["help", *words])}
        assert len(texts) == 1
        text = texts.pop()
        golden(f"help-{'-'.join(words)}.txt", text)
        assert all(len(line) <= 80 for line in text.splitlines())
        for option in command["options"]:
            assert f"--{option['name']}" in text


def test_help_wins_over_what_is_missing():
    assert attest("verify", "--help", exit=OK).out.startswith("Usage: attest verify FILE")


def test_help_of_a_group_is_a_list(tables):
    for group in {c["name"].split()[0] for c in tables if " " in c["name"]}:
        texts = {attest(*argv, exit=OK).out for argv in ([group, "--help"], [group, "-h"], ["help", group])}
        assert len(texts) == 1
        lines = texts.pop().splitlines()
        assert lines[0] == f"Usage: attest {group} COMMAND [ARGUMENT]..."
        for command in tables:
            words = command["name"].split()
            if words[0] == group:
                assert any(line.startswith(f"  {words[1]} ") for line in lines), words
        assert lines[-1] == f"`attest help {group} COMMAND` has the options of each."
        assert len(lines) <= 24


def test_overview_and_version(tables):
    text = attest("--help", exit=OK).out
    assert text == attest("-h", exit=OK).out == attest("help", exit=OK).out
    golden("help.txt", text)
    assert all(f"  {c['name']} " in text for c in tables)
    version = attest("--version", exit=OK).out
    assert re.fullmatch(r"attest \d+\.\d+\.\d+\n", version) and attest("-V", exit=OK).out == version


def test_every_option_is_in_its_manual_page(tables):
    for command in tables:
        page = (ROOT / "man" / f"{command['page']}.1").read_text()
        if " " in command["name"]:
            assert f".Cm {command['name'].split()[1]}" in page
        for option in command["options"]:
            name = option["name"].replace("-", r"\-?")
            assert re.search(rf"-{name}\b", page), f"{command['page']}: --{option['name']}"
            if option["letter"]:
                assert re.search(rf"Fl {option['letter']}\b", page), f"{command['page']}: -{option['letter']}"


def test_manual_pages_name_no_other_option(tables):
    for page in {c["page"] for c in tables}:
        known = {o["name"] for c in tables if c["page"] == page for o in c["options"]} | {"version"}
        text = (ROOT / "man" / f"{page}.1").read_text()
        items = {m for m in re.findall(r"^\.It Fl (?:\w , )?-([a-z0-9-]+)", text, re.M)}
        assert items <= known, f"{page}: {items - known}"
        if page != "attest":
            assert items == known - {"version"}, page


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_word(tables, shell):
    text = attest("completion", shell, exit=OK).out
    for command in tables:
        assert all(word in text for word in command["name"].split())
        for option in command["options"]:
            assert option["name"] in text
            assert all(word in text for word in option["choices"])
    assert attest("completion", shell, "-o", "json", exit=OK).json == {"shell": shell, "script": text}


@pytest.mark.parametrize("line, wants", [
    (["ver"], {"verify"}),
    (["policy", ""], {"init", "check"}),
    (["policy", "init", "--fr"], {"--from"}),
    (["verify", "quote", "--sa"], {"--save"}),
    (["verify", "quote", "-o", ""], {"text", "json", "ear"}),
    (["verify", "quote", "--allow", "OutOfDateC"], {"OutOfDateConfigurationNeeded"}),
    (["completion", ""], {"bash", "zsh", "fish"}),
])
def test_bash_completes(line, wants):
    words = " ".join(f"'{w}'" for w in ["attest", *line])
    script = (attest("completion", "bash", exit=OK).out +
              f"COMP_WORDS=({words}); COMP_CWORD={len(line)}; _attest; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == wants


def test_a_full_disk_is_no_success(sgx):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([BINARY, "inspect", sgx.quote], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == NO_ANSWER and "standard output: " in done.stderr


def test_a_flag_may_be_given_twice():
    assert attest("completion", "bash", "-h", "-h", exit=OK).out == attest("completion", "bash", "-h", exit=OK).out
