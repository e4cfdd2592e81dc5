# SPDX-License-Identifier: Apache-2.0
"""The simulated processor and a model of it, which shares no code, say the same of random enclaves,
requests and signatures, in both key profiles."""
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

from attest_oracle import sgx_cpu  # noqa: E402  (needs the path above)
from attest_oracle.sgx_cpu import Cpu, Key, Request, Secs, Terms  # noqa: E402
from sim_cpu import SimCpu  # noqa: E402

ROUNDS = 120
MANY = 20000
MISMATCH, SIGNATURE, DENIED = -24, -20, -30


def random_cpu(r, intel):
    svn = r.choice([bytes(16), *sgx_cpu.ORDER]) if intel else bytes(r.randrange(8) for _ in range(16))
    return Cpu(intel=intel, secret=r.randbytes(32), boot_id=r.randbytes(32), epoch=r.randbytes(16),
               cpu_svn=svn)


def random_secs(r):
    kss = r.random() < 0.6
    flags = sgx_cpu.INIT | sgx_cpu.MODE64 | (sgx_cpu.KSS if kss else 0)
    for bit in (sgx_cpu.DEBUG, sgx_cpu.PROVISION_KEY, sgx_cpu.EINITTOKEN_KEY, 0x400):
        flags |= bit if r.random() < 0.6 else 0
    return Secs(
        size=1 << r.randrange(13, 36),
        ssa_frame_size=r.randrange(1, 5),
        misc_select=r.randrange(4),
        flags=flags,
        xfrm=r.choice([3, 7, 0xE7, 0x2E7]),
        mr_enclave=r.randbytes(32),
        mr_signer=r.randbytes(32),
        config_id=r.randbytes(64) if kss else bytes(64),
        isv_prod_id=r.randrange(1 << 16),
        isv_svn=r.randrange(6),
        config_svn=r.randrange(6) if kss else 0,
        family_id=r.randbytes(16) if kss else bytes(16),
        ext_prod_id=r.randbytes(16) if kss else bytes(16),
    )


def random_request(r, cpu):
    known = [bytes(16), cpu.cpu_svn, *sgx_cpu.ORDER, r.randbytes(16),
             bytes(max(0, b - 1) for b in cpu.cpu_svn)]
    return Request(
        name=r.randrange(6),
        policy=r.randrange(64) if r.random() < 0.9 else r.randrange(1 << 16),
        isv_svn=r.randrange(6),
        cpu_svn=r.choice(known),
        flags_mask=r.getrandbits(64),
        xfrm_mask=r.getrandbits(64),
        key_id=r.randbytes(32),
        misc_mask=r.getrandbits(32),
        config_svn=r.choice([0, 0, r.randrange(6)]),
        reserved1=1 if r.random() < 0.03 else 0,
        reserved2=bytes(433) + (b"\1" if r.random() < 0.03 else b"\0"),
    )


def compare(seed, intel, rounds):
    """The answers that occurred."""
    r = random.Random(seed)
    model, seen = random_cpu(r, intel), set()
    with SimCpu(model) as cpu:
        for _ in range(rounds):
            e, to, data = random_secs(r), random_secs(r), r.randbytes(64)
            request = random_request(r, model)
            expected = model.egetkey(e, request)
            assert cpu.egetkey(e, request) == expected, (seed, e, request)
            seen.add((request.name, expected[0]))
            report = model.ereport(e, to.target(), data)
            assert cpu.ask("ereport", e.wire(), to.target(), data) == (0, report)
            assert cpu.ask("verify", to.wire(), report) == (0, b"")
            assert cpu.ask("verify", e.wire(), report)[0] == MISMATCH
    return seen


@pytest.mark.parametrize("intel", [True, False], ids=["intel", "random"])
def test_keys_and_reports(intel):
    seen = set()
    for seed in range(3):
        seen |= compare(f"{intel} {seed}", intel, ROUNDS)
    # The draw must reach far: every key is given, and every refusal occurs.
    assert {(name, 0) for name in range(5)} <= seen
    assert {code for _, code in seen} == {0, 0x0002, 0x3002, 0x3003, 0x3004, 0x3005}


@pytest.mark.long
@pytest.mark.parametrize("intel", [True, False], ids=["intel", "random"])
def test_many_keys_and_reports(intel):
    for seed in range(20):
        compare(f"many {intel} {seed}", intel, MANY // 20)


def test_tdreports():
    r = random.Random(1)
    model = random_cpu(r, intel=False)
    with SimCpu(model) as cpu:
        for _ in range(20):
            attributes, xfam, rest = r.randbytes(8), r.randbytes(8), r.randbytes(48 * 8)
            module = bytes(16 + 48 + 48 + 8)
            data = r.randbytes(64)
            body = module + attributes + xfam + rest
            report = model.tdreport((attributes + xfam + rest).ljust(512, b"\0"), data)
            assert cpu.ask("tdreport", body + bytes(64), data) == (0, report)
            code, seen = cpu.ask("tdverify", report)
            assert code == 0 and seen[:584] == body + data


# --- SIGSTRUCT ---


@pytest.fixture(scope="module")
def cpu():
    with SimCpu(Cpu(intel=False, secret=b"\1" * 32, cpu_svn=b"\4" * 16)) as driver:
        yield driver


@pytest.fixture(scope="module")
def key():
    return Key.derive(b"sim_cpu", b"test")


def random_terms(r):
    kss = r.random() < 0.5
    return Terms(
        vendor=r.choice([0, 0x8086]),
        misc_select=r.randrange(2),
        misc_mask=r.getrandbits(32),
        family_id=r.randbytes(16) if kss else bytes(16),
        flags=sgx_cpu.MODE64 | (sgx_cpu.KSS if kss else 0),
        xfrm=r.choice([3, 7, 0xE7]),
        flags_mask=r.getrandbits(64),
        xfrm_mask=r.getrandbits(64),
        mr_enclave=r.randbytes(32),
        isv_prod_id=r.randrange(1 << 16),
        isv_svn=r.randrange(1 << 16),
    )


def test_signatures_are_the_same(cpu, key):
    """One key of one seed, one text: PKCS#1 v1.5 leaves no choice."""
    r = random.Random(2)
    for _ in range(4):
        terms = random_terms(r)
        expected = key.sign(terms)
        assert sgx_cpu.verify_sigstruct(expected)
        assert cpu.ask("sign", b"sim_cpu", terms.sigstruct()) == (0, expected)
        assert cpu.ask("sigstruct", expected) == (0, sgx_cpu.mr_signer(expected))


def test_wrong_signatures(cpu, key):
    good, r = bytearray(key.sign(Terms())), random.Random(3)
    for place in [*r.sample(range(128, 512), 8), *r.sample(range(516, 900), 8),
                  *r.sample(range(1040, 1808), 8), 960, 1024, 928, 20]:
        bad = bytearray(good)
        bad[place] ^= 1 << r.randrange(8)
        assert not sgx_cpu.verify_sigstruct(bytes(bad))
        assert cpu.ask("sigstruct", bytes(bad))[0] == SIGNATURE


def allowed(e, t):
    held = (e.flags ^ t.flags) & t.flags_mask & ~sgx_cpu.INIT, (e.xfrm ^ t.xfrm) & t.xfrm_mask
    if any(held) or (e.misc_select ^ t.misc_select) & t.misc_mask:
        return False
    kss = any(e.config_id) or e.config_svn or any(t.family_id) or any(t.ext_prod_id)
    return bool(e.flags & sgx_cpu.KSS) or not kss


def test_einit(cpu, key):
    r, seen = random.Random(4), {True: 0, False: 0}
    for _ in range(30):
        t = random_terms(r)
        wish = replace(random_secs(r), mr_enclave=t.mr_enclave, misc_select=r.randrange(2))
        wish = replace(wish, flags=wish.flags & ~sgx_cpu.INIT)
        if r.random() < 0.7:
            wish = replace(wish, flags=(wish.flags & ~t.flags_mask) | (t.flags & t.flags_mask),
                           xfrm=t.xfrm, misc_select=t.misc_select)
        sigstruct = key.sign(t)
        code, identity = cpu.ask("einit", wish.wire(), sigstruct)
        expected = allowed(wish, t)
        seen[expected] += 1
        assert code == (0 if expected else DENIED), (wish, t)
        if expected:
            made = replace(wish, flags=wish.flags | sgx_cpu.INIT, isv_prod_id=t.isv_prod_id,
                           isv_svn=t.isv_svn, family_id=t.family_id, ext_prod_id=t.ext_prod_id,
                           mr_signer=sgx_cpu.mr_signer(sigstruct))
            assert identity == made.wire()
        other = replace(wish, mr_enclave=r.randbytes(32))
        assert cpu.ask("einit", other.wire(), sigstruct)[0] == MISMATCH
    assert min(seen.values()) > 5
