# SPDX-License-Identifier: Apache-2.0
"""`attest sim sign` and `attest sim dump`, judged by the oracle's SIGSTRUCT and its structures."""
import os
import stat
import struct

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from attest_cli import NO_ANSWER, OK, REFUSED, USAGE, attest
from attest_oracle import enclaves, measure, sgx_cpu

DATE = "20261121"


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An image and its author's key."""
    made = tmp_path_factory.mktemp("sign")
    image = measure.make_sgxs(measure.elf_pages(enclaves.program()))
    (made / "image").write_bytes(image)
    (made / "key").write_bytes(pem(rsa.generate_private_key(3, 3072)))
    (made / "key").chmod(0o600)
    return made


def sign(folder, *options, exit=OK):
    out = folder / "out.sig"
    out.unlink(missing_ok=True)
    date = [] if "--date" in options else ["--date", DATE]
    answer = attest("sim", "sign", folder / "image", "--key", folder / "key", "--out", out,
                    "-o", "json", *date, *options, exit=exit)
    return answer, out.read_bytes() if out.exists() else None


def test_what_is_signed(folder):
    answer, b = sign(folder, "--prod-id", "7", "--svn", "9")
    assert sgx_cpu.verify_sigstruct(b)
    measured = attest("measure", folder / "image", "-o", "json", exit=OK).json
    assert b[960:992].hex() == measured["mr_enclave"] == answer.json["mr_enclave"]
    assert sgx_cpu.mr_signer(b).hex() == answer.json["mr_signer"]
    assert struct.unpack_from("<HH", b, 1024) == (7, 9)
    assert b[20:24] == bytes.fromhex("21112620")
    assert struct.unpack_from("<QQQQ", b, 928) == (4, 3, 2**64 - 3, 2**64 - 1)
    again = sign(folder, "--prod-id", "7", "--svn", "9")[1]
    assert b == again


def test_attributes(folder):
    options = [f"--attribute={a}" for a in ("kss", "provision-key", "avx512", "pkru", "exinfo")]
    b = sign(folder, *options, "--family-id", "11" * 16, "--ext-prod-id", "22" * 16, "--debug=never")[1]
    assert sgx_cpu.verify_sigstruct(b)
    assert struct.unpack_from("<QQQQ", b, 928) == (0x94, 0x2E7, 2**64 - 1, 2**64 - 1)
    assert (b[912:928], b[1008:1024], b[900]) == (b"\x11" * 16, b"\x22" * 16, 1)
    assert sign(folder, "--debug=always")[1][928] == 6
    assert struct.unpack_from("<Q", sign(folder, "--debug=allowed")[1], 944) == (2**64 - 3,)


def test_beside_the_image_and_with_a_new_key(folder):
    image, key = folder / "image", folder / "new"
    attest("sim", "sign", image, "--new-key", key, exit=OK)
    b = (folder / "image.sig").read_bytes()
    assert sgx_cpu.verify_sigstruct(b)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    numbers = serialization.load_pem_private_key(key.read_bytes(), None).public_key().public_numbers()
    assert (numbers.e, numbers.n) == (3, int.from_bytes(b[128:512], "little"))
    before = key.read_bytes()
    answer = attest("sim", "sign", image, "--new-key", key, exit=NO_ANSWER)
    assert str(key) in answer.err and key.read_bytes() == before
    (folder / "image.sig").unlink()


@pytest.mark.parametrize("options, words", [
    (["--svn", "65536"], "0 to 65535"),
    (["--prod-id", "-1"], "0 to 65535"),
    (["--prod-id", "1x"], "0 to 65535"),
    (["--family-id", "11" * 16], "--attribute=kss"),
    (["--attribute=kss", "--family-id", "11" * 15], "32 hex digits"),
    (["--attribute=kss", "--ext-prod-id", "zz" * 16], "32 hex digits"),
    (["--date", "2026-1-1"], "20261121"),
    (["--attribute=sgx2"], "sgx2"),
    (["--new-key", "other"], "one of --key and --new-key"),
])
def test_wrong_usage(folder, options, words):
    answer, b = sign(folder, *options, exit=USAGE)
    assert words in answer.err and b is None


def test_keys_that_can_not_sign(folder, tmp_path):
    keys = {"not RSA": pem(ec.generate_private_key(ec.SECP256R1())),
            "exponent": pem(rsa.generate_private_key(65537, 2048)),
            "2048 bits": pem(rsa.generate_private_key(3, 2048)), "no unencrypted": b"text"}
    for words, data in keys.items():
        (tmp_path / "key").write_bytes(data)
        answer = attest("sim", "sign", folder / "image", "--key", tmp_path / "key", exit=USAGE)
        assert words in answer.err
        assert "BEGIN" not in answer.err
    answer = attest("sim", "sign", folder / "image", "--key", tmp_path / "none", exit=NO_ANSWER)
    assert "none" in answer.err
    assert not (folder / "image.sig").exists()


def test_a_key_open_to_others_is_warned_of(folder):
    (folder / "key").chmod(0o644)
    assert "others than its owner" in sign(folder)[0].err
    (folder / "key").chmod(0o600)
    assert "others than its owner" not in sign(folder)[0].err


def test_images_that_are_none(folder, tmp_path):
    (tmp_path / "text").write_bytes(b"text")
    attest("sim", "sign", tmp_path / "text", "--key", folder / "key", exit=REFUSED)
    attest("sim", "sign", tmp_path / "none", "--key", folder / "key", exit=NO_ANSWER)
    assert os.listdir(tmp_path) == ["text"]


# --- dump ---

SECS = sgx_cpu.Secs(misc_select=1, flags=0x87, xfrm=0xE7, mr_enclave=b"\1" * 32, mr_signer=b"\2" * 32,
                    config_id=b"\3" * 64, isv_prod_id=4, isv_svn=5, config_svn=6, family_id=b"\7" * 16,
                    ext_prod_id=b"\10" * 16)


def dump(tmp_path, data, *options, exit=OK):
    (tmp_path / "file").write_bytes(data)
    return attest("sim", "dump", tmp_path / "file", "-o", "json", *options, exit=exit)


def test_dump_sigstruct(folder, tmp_path):
    b = bytearray(sign(folder, "--svn", "9")[1])
    said = dump(tmp_path, b).json
    assert (said["structure"], said["signature_ok"], said["isv_svn"]) == ("sigstruct", True, 9)
    assert said["mr_signer"] == sgx_cpu.mr_signer(b).hex()
    assert (said["date"], said["attributes_mask"]) == ("0x20261121", "0xfffffffffffffffd")
    b[1026] ^= 1
    said = dump(tmp_path, b).json
    assert (said["signature_ok"], said["isv_svn"]) == (False, 8)
    b[0] ^= 1
    assert "header @0" in dump(tmp_path, b, exit=REFUSED).err


def test_dump_report(tmp_path):
    report = sgx_cpu.Cpu(intel=True).ereport(SECS, SECS.target(), b"\xda" * 64)
    said = dump(tmp_path, report).json
    assert (said["structure"], said["mr_enclave"], said["isv_svn"]) == ("report", "01" * 32, 5)
    assert (said["key_id"], said["mac"]) == (report[384:416].hex(), report[416:].hex())


def test_dump_target_and_keyrequest(tmp_path):
    assert "--type" in dump(tmp_path, SECS.target(), exit=USAGE).err
    said = dump(tmp_path, SECS.target(), "--type=targetinfo").json
    assert (said["mr_enclave"], said["config_svn"], said["xfrm"]["value"]) == ("01" * 32, 6, "0xe7")
    request = sgx_cpu.Request(name=4, policy=0x2A, isv_svn=3, key_id=b"\x1d" * 32)
    said = dump(tmp_path, request.wire(), "--type=keyrequest").json
    assert (said["key"], said["isv_svn"], said["key_id"]) == ("SEAL", 3, "1d" * 32)
    assert said["key_policy_bits"] == ["MRSIGNER", "CONFIGID", "ISVEXTPRODID"]
    assert said["reserved_zero"]


def test_dump_einittoken(tmp_path):
    token = bytearray(304)
    token[0] = 1
    token[48:64] = struct.pack("<QQ", 5, 3)
    token[64:96], token[128:160] = b"\1" * 32, b"\2" * 32
    token[208:212] = struct.pack("<HH", 4, 5)
    token[288:304] = b"\xac" * 16
    said = dump(tmp_path, token).json
    assert (said["structure"], said["valid"], said["mr_signer"]) == ("einittoken", True, "02" * 32)
    assert (said["isv_prod_id_le"], said["isv_svn_le"], said["mac"]) == (4, 5, "ac" * 16)


def test_dump_what_is_none(tmp_path):
    for size in (0, 431, 433, 4097):
        dump(tmp_path, bytes(size), exit=REFUSED)
    assert "432" in dump(tmp_path, bytes(512), "--type=report", exit=REFUSED).err
    (tmp_path / "file").unlink()
    attest("sim", "dump", tmp_path / "file", exit=NO_ANSWER)
