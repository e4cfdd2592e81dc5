# SPDX-License-Identifier: Apache-2.0
"""AESM frames made by another implementation of protocol buffers, byte by byte in both directions."""
import hashlib
import os
import subprocess
from pathlib import Path

import pytest
import shared_vectors

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ATTEST_BUILD") or ROOT / "build")
PROGRAM = BUILD / "tests" / "program" / "aesm_frames"
KEY = "att_key_id_ecdsa_p256"

# The frames' SHA-256: what ours must be also where the vectors are not at hand.
FRAMES = {
    "att_key_id_ecdsa_p256":
        "2c03a44be88ea1c09c95be1220beca55c2ff1d8872ad0c7221d5dcb5125727b5",
    "req_get_ext_epid_gid":
        "05a81ced680c4a0821ffa792eef3d24c5fa08393edb624da2c5f99818c7a5d1e",
    "req_get_quote_epid_linkable":
        "bd1649588cc94d280b1d014794e8b94ac741bb7fcec41b83986de6e233e83f6e",
    "req_get_quote_ex_gramine_ecdsa":
        "97086292ac0cf771d9db4e9d3fb24fb5640deb4c7993b40228cdf8f7f8dfcb76",
    "req_get_quote_size_ex":
        "7a50a015ff829f95a89b5a083a18f8b640228f08cf073c8fc4fb7edfb6a9eda2",
    "req_get_supported_ids_1":
        "33bcbfc25dd799e72541976605e66a0110f255de7e2c3cb291521ffb975edfe6",
    "req_get_supported_num":
        "a62ecb4c9f154645710ac39b9f3cd69306399d15b49825c81a4c029577ddf02e",
    "req_init_quote":
        "b1f8fa88f6ba3625c07f20e8bb102856a1c7e24768eaf22f493e815685a0beb6",
    "req_init_quote_ex_gramine_ecdsa":
        "86c26b6fc18f4cc750eccb991ed9b99af63436df29a517b360b43f9850242291",
    "req_init_quote_ex_size_probe":
        "e4584c54ef024c204d5f02bf8a070e59c80c9d4db470ef656f649e592e1356d2",
    "req_select_att_key_id_no_list":
        "6a11e91fdbaeafb596c5a1343cb1202d3ae547d9d693afd895a61aba96ceedee",
    "res_get_ext_epid_gid_0":
        "f4695594eb182d41c58e461d0f342ad3002daebfd9d0a1696e76c273071887e8",
    "res_get_quote_ex_err42":
        "1aee4453fe4e27e45d89b8d220d7bb0341eeb045b64e922d71915223e25ad6a5",
    "res_init_quote":
        "ca2d0da5baa73ffaf0c6feed3e756953275e27c950c37415e1faa7fb91510734",
    "res_init_quote_ex_ecdsa":
        "6ff5ad9781a61ceebf9677cb324c74b1f212814bef0be6e66c568bb335962a79",
}


def run(*argv, data=b"", code=0):
    done = subprocess.run([PROGRAM, *argv], input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def made(name):
    return run("key") if name == KEY else run("make", name)


def kind(name):
    return "request" if name.startswith("req_") else "response"


@pytest.mark.parametrize("name", FRAMES)
def test_what_we_encode_is_the_vector(name):
    ours = made(name)
    assert hashlib.sha256(ours).hexdigest() == FRAMES[name]
    found = shared_vectors.folder()
    if found:
        assert ours == (found / "epid" / "aesm-frames" / f"{name}.bin").read_bytes()


def test_no_vector_is_left_out():
    found = shared_vectors.folder()
    if found:
        assert {p.stem for p in (found / "epid" / "aesm-frames").glob("*.bin")} == set(FRAMES)


@pytest.mark.parametrize("name", [n for n in FRAMES if n != KEY])
def test_decoded_and_encoded_it_is_the_same(name):
    frame = made(name)
    assert run("again", kind(name), data=frame) == frame


@pytest.mark.parametrize("name", [n for n in FRAMES if n != KEY])
def test_no_shorter_or_longer_frame_is_read(name):
    frame = made(name)
    for bad in (frame[:-1], frame[:3], frame + b"\0"):
        run("again", kind(name), data=bad, code=1)
