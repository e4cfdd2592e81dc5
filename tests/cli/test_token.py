# SPDX-License-Identifier: Apache-2.0
"""Result tokens: made by `attest verify -o ear`, read by `attest token`."""
import base64
import json
import time

import pytest

from attest_cli import DENIED, NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, key_pair, one_line

NONCE = "00112233445566778899aabbccddeeff"


def outdated(world):
    world.tcb.levels[0].status = "OutOfDate"


def tampered(world):
    world.after_quote.append(lambda q: q[:100] + bytes([q[100] ^ 1]) + q[101:])


def pinned(case):
    """A policy that pins what the case measures: without one a token only warns."""
    path = case.folder / "policy.json"
    if not path.exists():
        path.write_text(attest("policy", "init", "--from", case.quote, exit=OK).out)
    return ["--policy", path]


def token(case, key_pair, *options, exit=OK):
    answer = case.verify("-o", "ear", "--sign-key", key_pair[0], "--nonce", NONCE, *pinned(case), *options, exit=exit)
    assert answer.out.count(".") == 2 and answer.out.endswith("\n")
    return answer.out


def part(text, i):
    piece = text.strip().split(".")[i]
    return json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))


@pytest.mark.parametrize("profile, tag", [("04", "tag:ietf.org,2026:rats/ear#04"),
                                          ("veraison", "tag:github.com,2023:veraison/ear")])
def test_round_trip(made, key_pair, tmp_path, profile, tag):
    path = tmp_path / "token"
    path.write_text(token(made("tdx15"), key_pair, "--ear-profile", profile))
    assert part(path.read_text(), 0)["alg"] == "ES256" and part(path.read_text(), 1)["eat_profile"] == tag
    said = attest("token", path, "-k", key_pair[1], "--nonce", NONCE, "-o", "json", exit=OK).json
    conforms(said, "token")
    assert said["status"] == "affirming" and said["profile"] == profile and said["claims"] == part(path.read_text(), 1)
    text = attest("token", path, "-k", key_pair[1], exit=OK).out
    assert "status" in text and "affirming" in text and '"eat_nonce": ' in text


@pytest.mark.parametrize("kind", ["sgx3", "tdx4", "tdx15"])
def test_claims_are_those_of_the_verdict(made, key_pair, kind):
    """Library and command write claims each for themselves; under one name stands one value."""
    case = made(kind)
    module, = part(token(case, key_pair), 1)["submods"].values()
    claims = module["ear_attester_claims"]
    verdict = case.json(exit=OK)["claims"]
    assert {name: verdict.get(name) for name in claims} == claims
    assert {name for name in verdict if name not in claims and verdict[name] is not None} <= {"reserved_zero"}


@pytest.mark.parametrize("name, change, code", [("outdated", outdated, DENIED), ("tampered", tampered, REFUSED)])
def test_not_affirming(made, key_pair, tmp_path, name, change, code):
    path = tmp_path / "token"
    path.write_text(token(made("sgx3", name, change), key_pair, exit=code))
    said = attest("token", path, "-k", key_pair[1], "-o", "json", exit=DENIED).json
    conforms(said, "token")
    assert said["status"] == "contraindicated"


def test_nothing_pinned_is_a_warning(sgx, key_pair, tmp_path):
    answer = sgx.verify("-o", "ear", "--sign-key", key_pair[0], "--nonce", NONCE, exit=OK)
    (tmp_path / "token").write_text(answer.out)
    assert attest("token", tmp_path / "token", "-k", key_pair[1], "-o", "json", exit=DENIED).json["status"] == "warning"


def test_no_quote_is_contraindicated(sgx, key_pair, tmp_path):
    (tmp_path / "q").write_bytes(b"no quote")
    answer = attest("verify", tmp_path / "q", *sgx.options(), "-o", "ear", "--sign-key", key_pair[0], "--nonce", NONCE,
                    exit=REFUSED)
    (tmp_path / "token").write_text(answer.out)
    assert attest("token", tmp_path / "token", "-k", key_pair[1], "-o", "json", exit=DENIED).json["status"] != "affirming"


def test_lifetime(sgx, key_pair, tmp_path):
    path = tmp_path / "token"
    path.write_text(token(sgx, key_pair, "--ear-lifetime", "60"))
    claims = part(path.read_text(), 1)
    assert claims["exp"] - claims["iat"] == 60 and abs(claims["iat"] - time.time()) < 100
    attest("token", path, "-k", key_pair[1], "--time", str(claims["exp"] - 1), exit=OK)
    for when in (claims["exp"], claims["exp"] + 1000, claims["iat"] - 1000):
        one_line(attest("token", path, "-k", key_pair[1], "--time", str(when), exit=REFUSED).err)


def test_refused(sgx, key_pair, tmp_path):
    path = tmp_path / "token"
    good = token(sgx, key_pair)
    other = key_pair_in(tmp_path)
    header, claims, signature = good.strip().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    jwk = base64.urlsafe_b64encode(b'{"alg":"ES256","jwk":{}}').decode().rstrip("=")
    for text in (good[:-5], f"{none}.{claims}.", f"{none}.{claims}.{signature}", f"{jwk}.{claims}.{signature}",
                 f"{header}.{claims[:-2]}AA.{signature}", "", "a.b.c", "x" * 2000):
        path.write_text(text)
        answer = attest("token", path, "-k", key_pair[1], exit=REFUSED)
        assert answer.out == ""
        one_line(answer.err)
    path.write_text(good)
    attest("token", path, "-k", other[1], exit=REFUSED)
    answer = attest("token", path, "-k", key_pair[1], "--nonce", "ff" * 16, exit=REFUSED)
    assert "another nonce" in one_line(answer.err)
    attest("token", "-", "-k", key_pair[1], stdin=good.encode(), exit=OK)
    assert attest("token", tmp_path / "none", "-k", key_pair[1], exit=NO_ANSWER).out == ""
    assert attest("token", path, "-k", tmp_path / "none", exit=NO_ANSWER).out == ""
    for bad in (key_pair[0], path):
        assert "public key" in attest("token", path, "-k", bad, exit=USAGE).err


def key_pair_in(folder):
    where = folder / "other"
    where.mkdir()
    return key_pair(where)


def test_keys(sgx, key_pair, tmp_path):
    argv = ["-o", "ear", "--nonce", NONCE, "--sign-key"]
    loose = tmp_path / "key.pem"
    loose.write_bytes(key_pair[0].read_bytes())
    loose.chmod(0o644)
    assert "others than its owner can read this private key" in sgx.verify(*argv, loose, exit=OK).err
    assert "warning" not in sgx.verify(*argv, key_pair[0], exit=OK).err
    for bad in (key_pair[1], sgx.root):
        answer = sgx.verify(*argv, bad, exit=USAGE)
        assert answer.out == "" and "PRIVATE" not in answer.err.replace("PRIVATE KEY", "")
    assert sgx.verify(*argv, tmp_path / "none", exit=NO_ANSWER).out == ""
