# SPDX-License-Identifier: Apache-2.0
"""TDX event logs against the quote's registers. The logs and their replay are made here, in Python."""
import hashlib
import struct

import pytest

from attest_cli import NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, golden, one_line

EV_NO_ACTION, EV_SEPARATOR, EV_EFI_VARIABLE, EV_IPL = 3, 4, 0x80000001, 0xD
EVENTS = [(1, EV_EFI_VARIABLE, b"SecureBoot"), (1, EV_SEPARATOR, bytes(4)), (2, EV_IPL, b"grub.cfg\0"),
          (2, EV_SEPARATOR, bytes(4)), (3, EV_IPL, b"linux root=/dev/vda \x1b[31m"), (4, EV_IPL, b"a container")]


def make_log(events):
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBB", 0, 0, 2, 0, 2) + struct.pack("<IHH", 1, 0xC, 48) + b"\0"
    log = struct.pack("<II20sI", 1, EV_NO_ACTION, bytes(20), len(spec)) + spec
    for index, kind, data in events:
        log += struct.pack("<IIIH", index, kind, 1, 0xC) + hashlib.sha384(data).digest()
        log += struct.pack("<I", len(data)) + data
    return log


def replay(events):
    rtmr = [bytes(48)] * 4
    for index, _, data in events:
        rtmr[index - 1] = hashlib.sha384(rtmr[index - 1] + hashlib.sha384(data).digest()).digest()
    return rtmr


@pytest.fixture(scope="module")
def case(made):
    def change(world):
        world.quote.body.rtmr = tuple(replay(EVENTS))
    return made("tdx15", "eventlog", change)


def judge(case, tmp_path, events, *options, **kwargs):
    (tmp_path / "ccel").write_bytes(make_log(events))
    return case.verify("--eventlog", tmp_path / "ccel", *options, **kwargs)


def test_replays(case, tmp_path):
    said = judge(case, tmp_path, EVENTS, "-o", "json", exit=OK).json
    conforms(said, "verdict")
    log = said["eventlog"]
    assert [r["result"] for r in log["rtmr"]] == ["pass"] * 4 and log["first_mismatch"] is None
    assert log["event_count"] == len(EVENTS) + 1 and [r["last_event"] for r in log["rtmr"]] == [2, 4, 5, 6]
    assert [r["replayed"] for r in log["rtmr"]] == [r.hex() for r in replay(EVENTS)]
    assert log["events"][1]["data"] == b"SecureBoot".hex() and log["events"][1]["rtmr"] == 0
    checks = {c["id"]: c["result"] for c in said["checks"] if c["id"].startswith("eventlog.")}
    assert checks == {f"eventlog.{n}": "pass" for n in ("format", "rtmr0", "rtmr1", "rtmr2", "rtmr3")}
    answer = judge(case, tmp_path, EVENTS, exit=OK)
    assert "\x1b" not in answer.out
    golden("verify-eventlog.txt", answer.out)


@pytest.mark.parametrize("at, register", [(0, 0), (1, 0), (2, 1), (4, 2)])
def test_a_changed_event(case, tmp_path, at, register):
    events = list(EVENTS)
    events[at] = (*events[at][:2], b"something else")
    answer = judge(case, tmp_path, events, "-o", "json", exit=REFUSED)
    said = answer.json
    conforms(said, "verdict")
    assert not said["authentic"] and not said["accepted"] and said["claims"] is None
    assert answer.failed() == [f"eventlog.rtmr{register}"]
    assert said["eventlog"]["first_mismatch"]["index"] == register
    assert f"RTMR{register}" in one_line(answer.err)


def test_missing_and_added_events(case, tmp_path):
    answer = judge(case, tmp_path, EVENTS[1:], exit=REFUSED)
    golden("verify-eventlog-refused.txt", answer.out)
    answer = judge(case, tmp_path, [*EVENTS, (1, EV_IPL, b"one more")], "-o", "json", exit=REFUSED)
    assert answer.failed() == ["eventlog.rtmr0"]
    answer = judge(case, tmp_path, [e for e in EVENTS if e[0] != 3], "-o", "json", exit=REFUSED)
    assert answer.json["eventlog"]["first_mismatch"]["last_event"] is None


def test_rtmr3_is_reported_only(case, tmp_path):
    answer = judge(case, tmp_path, EVENTS[:-1], "-o", "json", exit=OK)
    assert answer.json["accepted"] and answer.json["eventlog"]["rtmr"][3]["result"] == "warn"


def test_registers_of_a_false_quote_are_not_compared(case, tmp_path):
    quote = bytearray(case.quote.read_bytes())
    quote[400] ^= 1
    (tmp_path / "q").write_bytes(quote)
    (tmp_path / "ccel").write_bytes(make_log(EVENTS))
    said = attest("verify", tmp_path / "q", *case.options(), "--eventlog", tmp_path / "ccel", "-o", "json",
                  exit=REFUSED).json
    conforms(said, "verdict")
    assert [r["result"] for r in said["eventlog"]["rtmr"]] == ["not-run"] * 4
    waits = {c["waits_for"] for c in said["checks"] if c["id"].startswith("eventlog.rtmr")}
    assert len(waits) == 1 and waits <= {c["id"] for c in said["checks"] if c["result"] == "fail"}


@pytest.mark.parametrize("change", [lambda t: t[:40], lambda t: t[:-3], lambda t: b"", lambda t: b"x" * 100,
                                    lambda t: t + b"\1\2\3\4\5\6\7\x08"])
def test_malformed(case, tmp_path, change):
    (tmp_path / "ccel").write_bytes(change(make_log(EVENTS)))
    answer = case.verify("--eventlog", tmp_path / "ccel", "-o", "json", exit=REFUSED)
    conforms(answer.json, "verdict")
    assert answer.failed() == ["eventlog.format"] and "event log: " in one_line(answer.err)


def test_unreadable_is_no_answer(case, tmp_path):
    answer = case.verify("--eventlog", tmp_path / "none", "-o", "json", exit=NO_ANSWER)
    conforms(answer.json, "verdict")
    assert not answer.json["authentic"] and "No such file" in one_line(answer.err)


def test_beside_sgx_it_is_misuse(sgx, tmp_path):
    (tmp_path / "ccel").write_bytes(make_log(EVENTS))
    answer = sgx.verify("--eventlog", tmp_path / "ccel", exit=USAGE)
    assert "goes with a TDX quote" in answer.err and answer.out == ""


def test_saved_with_the_rest(case, tmp_path):
    record = tmp_path / "record.json"
    for events, code in ((EVENTS, OK), (EVENTS[1:], REFUSED)):
        first = judge(case, tmp_path, events, "-o", "json", "--save", record, exit=code).json
        again = attest("verify", record, "--own-roots", "-o", "json", exit=code).json
        assert again["saved_verdict"]["result"] == "equal" and again["eventlog"] == first["eventlog"]


def test_long_logs_are_cut_in_print_only(case, tmp_path):
    many = EVENTS + [(4, EV_IPL, b"%d" % i) for i in range(5000)]
    said = judge(case, tmp_path, many, "-o", "json", exit=OK).json
    conforms(said, "verdict")
    assert said["eventlog"]["event_count"] == len(many) + 1 and len(said["eventlog"]["events"]) == 4096
    assert "more" in judge(case, tmp_path, many, exit=OK).out
