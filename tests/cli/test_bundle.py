# SPDX-License-Identifier: Apache-2.0
"""Files that --save makes: judged again alone they say the same, and no change of them goes unseen."""
import base64
import json
import os

import pytest
import shared_vectors

from attest_cli import DENIED, NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, one_line


def outdated(world):
    world.tcb.levels[0].status = "OutOfDate"


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def replay(path, *options, **kwargs):
    """As the file states it, its own roots included."""
    return attest("verify", path, "--own-roots", *options, **kwargs)


def save(case, path, *options, **kwargs):
    answer = case.verify("-o", "json", "--save", path, *options, **kwargs)
    conforms(json.loads(path.read_text()), "bundle")
    return answer


def same_but_for_saved(a, b):
    return {**a, "saved_verdict": None} == {**b, "saved_verdict": None}


def real():
    folder = shared_vectors.dcap("cases")
    return [pytest.param(p, id=p.name) for p in sorted(folder.iterdir())] if folder else []


@pytest.mark.parametrize("folder", real())
def test_round_trip_of_real_evidence(folder, tmp_path):
    case = json.loads((folder / "case.json").read_text())
    root = [] if case["root"] == "intel" else ["--root", folder / case["root"]]
    path = tmp_path / "record.json"
    first = attest("verify", folder / "quote.dat", "-c", folder / "collateral.json", "-t", case["time"], *root, "-o", "json",
                   "--save", path)
    assert first.json["authentic"] == case["expect"]["authentic"]
    conforms(first.json, "verdict")
    if first.json["kind"] is None:
        assert not path.exists() and "not written" in first.err
        return
    conforms(json.loads(path.read_text()), "bundle")
    again = replay(path, "-o", "json", exit=first.exit)
    assert again.json["saved_verdict"]["result"] == "equal" and same_but_for_saved(first.json, again.json)


@pytest.mark.parametrize("kind", ["sgx3", "tdx15"])
def test_round_trip(made, tmp_path, kind):
    path = tmp_path / "record.json"
    first = save(made(kind), path, exit=OK)
    again = replay(path, "-o", "json", exit=OK)
    conforms(again.json, "verdict")
    assert again.json["saved_verdict"] == {"result": "equal", "difference": None}
    assert same_but_for_saved(first.json, again.json)
    assert "equal to the verdict saved in it" in replay(path, exit=OK).out
    assert path.stat().st_mode & 0o777 == 0o644 & ~umask() and os.listdir(tmp_path) == ["record.json"]


def test_everything_that_was_given_comes_back(made, tmp_path):
    case = made("sgx3", "outdated", outdated)
    policy = tmp_path / "p.json"
    policy.write_text('{"version": 1, "any_of": [{"any_measurement": true}]}')
    path = tmp_path / "record.json"
    data = json.loads(json.dumps(case.json(exit=DENIED)["claims"]))["report_data"]
    first = save(case, path, "--policy", policy, "--allow", "OutOfDate", "--report-data", data, exit=OK)
    again = replay(path, "-o", "json", exit=OK).json
    assert same_but_for_saved(first.json, again) and again["bound"] and again["defaults_used"] == []


@pytest.mark.parametrize("change, code", [(outdated, DENIED),
                                          (lambda w: w.after_quote.append(lambda q: q[:60] + b"\xff" + q[61:]), REFUSED)])
def test_refusals_are_kept_too(made, tmp_path, change, code):
    case = made("tdx4", f"kept-{code}", change)
    path = tmp_path / "record.json"
    first = save(case, path, exit=code)
    again = replay(path, "-o", "json", exit=code)
    assert again.json["saved_verdict"]["result"] == "equal" and same_but_for_saved(first.json, again.json)


def test_standard_input(sgx, tmp_path):
    save(sgx, tmp_path / "record.json", exit=OK)
    replay("-", stdin=(tmp_path / "record.json").read_bytes(), exit=OK)


def test_laid_out_anew_it_still_says_the_same(sgx, tmp_path):
    path = tmp_path / "record.json"
    save(sgx, path, exit=OK)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    assert replay(path, "-o", "json", exit=OK).json["saved_verdict"]["result"] == "equal"


@pytest.fixture
def record(sgx, tmp_path):
    """(path, its content) of a record to tamper with."""
    save(sgx, tmp_path / "record.json", exit=OK)
    return tmp_path / "record.json", json.loads((tmp_path / "record.json").read_text())


def leaves(value, path=()):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from leaves(v, (*path, k))
    elif isinstance(value, list):
        for i, v in enumerate(value):
            yield from leaves(v, (*path, i))
    else:
        yield path, value


def changed(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "x"
    return value[:-1] + ("0" if value[-1:] != "0" else "1") if value else "x"


def test_every_leaf_of_the_saved_verdict_counts(record):
    path, text = record
    pristine = json.dumps(text)
    every = [p for p, _ in leaves(text["verdict"]) if p[0] != "checks"]
    checks = [p for p, _ in leaves(text["verdict"]) if p[0] == "checks"]
    for at in every + checks[::17]:
        tampered = json.loads(pristine)
        place = tampered["verdict"]
        for part in at[:-1]:
            place = place[part]
        place[at[-1]] = changed(place[at[-1]])
        path.write_text(json.dumps(tampered))
        answer = replay(path, "-o", "json", exit=REFUSED)
        conforms(answer.json, "verdict")
        assert answer.json["saved_verdict"]["result"] == "differs", at
        assert answer.json["saved_verdict"]["difference"].startswith(str(at[0])), at
        assert not answer.json["authentic"] and not answer.json["accepted"]


def test_the_difference_is_said(record):
    path, text = record
    text["verdict"]["accepted"] = False
    path.write_text(json.dumps(text))
    answer = replay(path, exit=REFUSED)
    assert "DIFFERS from the verdict saved in the file: accepted: saved false, now true" in answer.out
    assert "not this evidence's: accepted: saved false, now true" in one_line(answer.err)


@pytest.mark.parametrize("member, value", [
    ("time", "2025-06-15T12:00:01Z"), ("report_data", "00"), ("defaults_used", []),
    ("policy", {"text": None, "allow": ["OutOfDate"], "allow_simulated": False}),
])
def test_what_it_was_judged_by_counts(record, member, value):
    path, text = record
    text[member] = value
    path.write_text(json.dumps(text))
    replay(path, exit=REFUSED)


def test_evidence_and_collateral_count(record):
    path, text = record
    quote = bytearray(base64.b64decode(text["evidence"]))
    quote[100] ^= 1
    path.write_text(json.dumps({**text, "evidence": base64.b64encode(quote).decode()}))
    replay(path, exit=REFUSED)
    for item, content in text["collateral"].items():
        if isinstance(content, str):
            path.write_text(json.dumps({**text, "collateral": {**text["collateral"], item: content[:-40]}}))
            assert replay(path).exit in (REFUSED, NO_ANSWER), item


def test_another_version_may_have_other_words(record):
    path, text = record
    text["made_by"] = "0.0.9"
    text["verdict"]["checks"] = []
    del text["verdict"]["saved_verdict"]
    path.write_text(json.dumps(text))
    assert replay(path, "-o", "json", exit=OK).json["saved_verdict"]["result"] == "equal"
    text["verdict"]["tcb_status"] = "OutOfDate"
    path.write_text(json.dumps(text))
    replay(path, exit=REFUSED)
    del text["verdict"]["tcb_status"]
    path.write_text(json.dumps(text))
    replay(path, exit=REFUSED)


@pytest.mark.parametrize("change, says", [
    (lambda t: t.pop("evidence"), "member evidence is missing"),
    (lambda t: t.pop("collateral"), "member collateral is missing"),
    (lambda t: t.pop("verdict"), "member verdict is missing"),
    (lambda t: t.pop("roots"), "member roots is missing"),
    (lambda t: t.update(version=2), "version is 2, expected 1"),
    (lambda t: t.update(time="noon"), "member time is not a time"),
    (lambda t: t.update(evidence="***"), "member evidence is not base64"),
    (lambda t: t.update(extra=1), "unknown member"),
    (lambda t: t.update(report_data="0"), "member report_data"),
    (lambda t: t["policy"].update(allow=["Fine"]), "policy.allow is not"),
    (lambda t: t["roots"].update(intel="yes"), "roots.intel is not"),
    (lambda t: t["roots"]["certificates"].append({}), "certificates is not"),
    (lambda t: t["roots"]["certificates"][0].update(label="intel"), "label is not"),
    (lambda t: t.update(defaults_used=["luck"]), "defaults_used is not"),
    (lambda t: t["defaults_used"].append("intel_root"), "defaults_used is not what the other members say"),
    (lambda t: t["defaults_used"].remove("unbound_report_data"), "defaults_used is not what the other members say"),
    (lambda t: t["policy"].update(text="e30="), "defaults_used is not what the other members say"),
])
def test_malformed(record, change, says):
    path, text = record
    change(text)
    path.write_text(json.dumps(text))
    answer = replay(path, "-o", "json", exit=REFUSED)
    conforms(answer.json, "verdict")
    assert "saved file: " in one_line(answer.err) and says in answer.err


@pytest.mark.parametrize("cut", [0, 1, 20, 500, 5000])
def test_cut_off(record, cut):
    path, _ = record
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) - cut] if cut else whole + b"x")
    expected = OK if cut == 1 else REFUSED
    replay(path, exit=expected)


def test_options_override(record, sgx, tmp_path):
    path, _ = record
    root = ["--root", sgx.root]
    said = attest("verify", path, "--allow", "OutOfDate", *root, "-o", "json", exit=OK).json
    assert said["saved_verdict"]["result"] == "not-compared" and said["time"] == "2025-06-15T12:00:00Z"
    assert attest("verify", path, "--time", "2035-01-01T00:00:00Z", *root, "-o", "json", exit=NO_ANSWER).json["time"] > "2034"
    assert attest("verify", path, "--time", "now", *root, "-o", "json", exit=NO_ANSWER).json["time"] > "2026"
    (tmp_path / "p.json").write_text('{"version": 1, "any_of": [{"mr_enclave": "' + "00" * 32 + '"}]}')
    attest("verify", path, "--policy", tmp_path / "p.json", *root, exit=DENIED)
    attest("verify", path, "--report-data", "00", *root, exit=REFUSED)


def test_a_token_is_not_made_of_what_another_chose(record, sgx, key_pair, tmp_path):
    """A file's time and policy are its maker's: what is signed is judged by the signer's."""
    path, _ = record
    policy = tmp_path / "p.json"
    policy.write_text('{"version": 1, "any_of": [{"any_measurement": true}]}')
    sign = ["-o", "ear", "--sign-key", key_pair[0], "--nonce", "00112233445566778899aabbccddeeff"]
    own = ["--time", "2025-06-15T12:00:00Z", "--policy", policy, "--root", sgx.root]
    assert "needs --time and --policy" in replay(path, *sign, exit=USAGE).err
    attest("verify", path, *sign, *own[:2], *own[4:], exit=USAGE)
    attest("verify", path, *sign, *own[2:], exit=USAGE)
    assert attest("verify", path, *sign, *own, exit=OK).out.count(".") == 2


def test_its_roots_are_not_used_unasked(record):
    """A file from somebody else can not bring the root that is trusted."""
    path, _ = record
    answer = attest("verify", path, "-o", "json", exit=REFUSED)
    assert [c["id"] for c in answer.json["checks"] if c["result"] == "fail"][0] == "pck.root"
    assert answer.json["saved_verdict"]["result"] == "not-compared" and "--own-roots" in answer.err


def test_own_roots_are_for_a_saved_file_alone(record, sgx):
    path, _ = record
    assert "--own-roots" in attest("verify", path, "--own-roots", "--allow", "OutOfDate", exit=USAGE).err
    assert "no file that --save made" in attest("verify", sgx.quote, "--own-roots", exit=USAGE).err


def test_its_roots_are_not_used_once_an_option_judges(record):
    path, _ = record
    said = attest("verify", path, "--allow", "OutOfDate", "-o", "json", exit=REFUSED).json
    assert [c["id"] for c in said["checks"] if c["result"] == "fail"][0] == "pck.root"
    assert "intel_root" in said["defaults_used"]


def test_with_collateral_its_evidence_alone_is_used(record, sgx):
    path, text = record
    text["policy"]["allow"], text["time"] = ["OutOfDate"], "2000-01-01T00:00:00Z"
    path.write_text(json.dumps(text))
    said = attest("verify", path, "-c", sgx.collateral, "--root", sgx.root, "-o", "json", exit=NO_ANSWER).json
    assert said["time"] > "2026" and "present_time" in said["defaults_used"]
    attest("verify", path, *sgx.options(), exit=OK)


def test_saving_again(record, sgx, tmp_path):
    path, _ = record
    replay(path, "--save", tmp_path / "copy.json", exit=OK)
    assert json.loads((tmp_path / "copy.json").read_text())["verdict"] == json.loads(path.read_text())["verdict"]


def test_save_fails_aloud(sgx, tmp_path):
    answer = sgx.verify("--save", tmp_path / "no" / "record.json", exit=NO_ANSWER)
    assert "--save: " in answer.err and "No such file" in answer.err and answer.out == ""


def test_a_failed_save_leaves_the_old_file(sgx, tmp_path):
    (tmp_path / "record.json").mkdir()
    sgx.verify("--save", tmp_path / "record.json", exit=NO_ANSWER)
    assert os.listdir(tmp_path) == ["record.json"]


def test_what_can_not_be_read_is_not_saved(sgx, tmp_path):
    (tmp_path / "q").write_bytes(b"no quote")
    answer = attest("verify", tmp_path / "q", *sgx.options(), "--save", tmp_path / "r", exit=REFUSED)
    assert "not written" in answer.err and not (tmp_path / "r").exists()


def test_other_commands_read_it_too(record):
    path, _ = record
    assert attest("inspect", path, "-o", "json", exit=OK).json["kind"] == "sgx-quote"
    assert "mr_enclave" in attest("policy", "init", "--from", path, exit=OK).out


def test_usage_with_a_record(record):
    path, _ = record
    attest("verify", path, "--eventlog", path, exit=USAGE)
