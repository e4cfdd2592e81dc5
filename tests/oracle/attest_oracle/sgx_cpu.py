# SPDX-License-Identifier: Apache-2.0
"""An SGX processor in the two key profiles of the simulator, and SIGSTRUCT: from the Intel SDM's
tables, the layouts of Intel's simulation and doc/sim-protocol.md."""

import hashlib
import hmac
import struct
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

EINITTOKEN, PROVISION, PROVISION_SEAL, REPORT, SEAL = range(5)
INIT, DEBUG, MODE64, PROVISION_KEY, EINITTOKEN_KEY, KSS = 1, 2, 4, 0x10, 0x20, 0x80
P_MRENCLAVE, P_MRSIGNER, P_NOISVPRODID, P_CONFIGID, P_FAMILY, P_EXTPROD = 1, 2, 4, 8, 16, 32

BASE = {
    SEAL: bytes.fromhex("00112233445566778899aabbccddeeff"),
    REPORT: bytes.fromhex("ff00" * 8),
    EINITTOKEN: bytes.fromhex("aa55" * 8),
    PROVISION: bytes.fromhex("bbaabbeeff0000dd" * 2),
    PROVISION_SEAL: b"PROVISIONSEALKEY",
}
SVN_DOWN = bytes.fromhex("64ea4f3fa0030c36383c322d4f3a8d4f")
SVN_DEFAULT = bytes.fromhex("4820f3376ae6b2f2034d3b7a4b48a778")
SVN_UP = bytes.fromhex("5339ae8c93ae8f3ce432db924d0f0733")
ORDER = [SVN_DOWN, SVN_DEFAULT, SVN_UP]
PKCS1 = (b"\x00\x01" + b"\xff" * 330 + b"\x00"
         + bytes.fromhex("3031300d060960864801650304020105000420"))


def cmac(key, text):
    c = CMAC(AES(key))
    c.update(text)
    return c.finalize()


def mac256(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


@dataclass(frozen=True)
class Secs:
    size: int = 0
    ssa_frame_size: int = 0
    misc_select: int = 0
    flags: int = INIT | MODE64
    xfrm: int = 3
    mr_enclave: bytes = bytes(32)
    mr_signer: bytes = bytes(32)
    config_id: bytes = bytes(64)
    isv_prod_id: int = 0
    isv_svn: int = 0
    config_svn: int = 0
    family_id: bytes = bytes(16)
    ext_prod_id: bytes = bytes(16)

    def wire(self):
        return (struct.pack("<QIIQQ", self.size, self.ssa_frame_size, self.misc_select, self.flags,
                            self.xfrm)
                + self.mr_enclave + self.mr_signer + self.config_id
                + struct.pack("<HHH", self.isv_prod_id, self.isv_svn, self.config_svn)
                + self.family_id + self.ext_prod_id)

    def target(self):
        head = (self.mr_enclave + struct.pack("<QQHHI8x", self.flags, self.xfrm, 0, self.config_svn,
                                              self.misc_select) + self.config_id)
        return head.ljust(512, b"\0")

    def body(self, cpu_svn, report_data):
        return (cpu_svn + struct.pack("<I12x", self.misc_select) + self.ext_prod_id
                + struct.pack("<QQ", self.flags, self.xfrm) + self.mr_enclave + bytes(32)
                + self.mr_signer + bytes(32) + self.config_id
                + struct.pack("<HHH42x", self.isv_prod_id, self.isv_svn, self.config_svn)
                + self.family_id + report_data)


@dataclass(frozen=True)
class Request:
    name: int = SEAL
    policy: int = P_MRSIGNER
    isv_svn: int = 0
    cpu_svn: bytes = bytes(16)
    flags_mask: int = 0
    xfrm_mask: int = 0
    key_id: bytes = bytes(32)
    misc_mask: int = 0
    config_svn: int = 0
    reserved1: int = 0
    reserved2: bytes = bytes(434)

    def wire(self):
        return (struct.pack("<HHHH", self.name, self.policy, self.isv_svn, self.reserved1)
                + self.cpu_svn + struct.pack("<QQ", self.flags_mask, self.xfrm_mask) + self.key_id
                + struct.pack("<IH", self.misc_mask, self.config_svn) + self.reserved2)

    @staticmethod
    def of(b):
        name, policy, isv, reserved1 = struct.unpack_from("<HHHH", b)
        flags, xfrm = struct.unpack_from("<QQ", b, 24)
        misc, config = struct.unpack_from("<IH", b, 72)
        return Request(name, policy, isv, b[8:24], flags, xfrm, b[40:72], misc, config, reserved1,
                       b[78:])


@dataclass(frozen=True)
class Cpu:
    intel: bool
    secret: bytes = bytes(32)
    boot_id: bytes = bytes(32)
    epoch: bytes = bytes(16)
    cpu_svn: bytes = bytes(16)
    fuses: dict = field(init=False, compare=False, default=None)

    def __post_init__(self):
        def drawn(what, more=b""):
            return mac256(self.secret, what + b"\0" + more)

        object.__setattr__(self, "fuses", {
            "seal": drawn(b"attest simulated seal fuses"),
            "provisioning": drawn(b"attest simulated provisioning fuses"),
            "tdreport": drawn(b"attest simulated TDREPORT key", self.boot_id),
            "key_id": drawn(b"attest simulated REPORT key id", self.boot_id),
        })
        if self.intel:
            self.fuses["key_id"] = BASE[REPORT] + bytes(16)
            object.__setattr__(self, "epoch", b"THISISOWNEREPOCH")
            if not any(self.cpu_svn):
                object.__setattr__(self, "cpu_svn", SVN_DEFAULT)

    def line(self):
        profile = "intel" if self.intel else "random"
        svn = self.cpu_svn.hex()
        return f"cpu {profile} {self.secret.hex()} {self.boot_id.hex()} {self.epoch.hex()} {svn}"

    # --- keys ---

    def inputs(self, e, r):
        """Every dependency by name; what the key's column has not is absent."""
        if r.name == REPORT:
            return {"flags": e.flags, "xfrm": e.xfrm, "misc": e.misc_select, "epoch": self.epoch,
                    "cpu_svn": self.cpu_svn, "mr_enclave": e.mr_enclave, "config_id": e.config_id,
                    "config_svn": e.config_svn, "key_id": r.key_id}
        d = {"flags": (r.flags_mask | 3) & e.flags, "xfrm": r.xfrm_mask & e.xfrm,
             "misc": r.misc_mask & e.misc_select, "cpu_svn": r.cpu_svn, "isv_svn": r.isv_svn}
        if r.name in (EINITTOKEN, SEAL):
            d |= {"epoch": self.epoch, "key_id": r.key_id}
        if r.name != EINITTOKEN:
            d |= {"flags_mask": r.flags_mask, "xfrm_mask": r.xfrm_mask,
                  "not_misc_mask": ~r.misc_mask & 0xFFFFFFFF}
        if r.name in (EINITTOKEN, PROVISION, PROVISION_SEAL) or r.policy & P_MRSIGNER:
            d["mr_signer"] = e.mr_signer
        if r.name == SEAL and r.policy & P_MRENCLAVE:
            d["mr_enclave"] = e.mr_enclave
        if r.name in (EINITTOKEN, PROVISION) or not r.policy & P_NOISVPRODID:
            d["prod_id"] = e.isv_prod_id
        if r.name in (SEAL, PROVISION_SEAL):
            d["policy"] = r.policy
            if r.policy & P_CONFIGID:
                d |= {"config_id": e.config_id, "config_svn": r.config_svn}
            if r.policy & P_FAMILY:
                d["family"] = e.family_id
            if r.policy & P_EXTPROD:
                d["extprod"] = e.ext_prod_id
        return d

    WIDTH = {"name": 2, "policy": 2, "flags": 8, "xfrm": 8, "flags_mask": 8, "xfrm_mask": 8, "misc": 4,
             "not_misc_mask": 4, "epoch": 16, "cpu_svn": 16, "isv_svn": 2, "prod_id": 2,
             "config_svn": 2, "config_id": 64, "family": 16, "extprod": 16, "mr_enclave": 32,
             "mr_signer": 32, "key_id": 32}
    INTEL = {
        SEAL: (280, {"policy": 2, "flags": 8, "xfrm": 16, "flags_mask": 24, "xfrm_mask": 32, "misc": 40,
                     "not_misc_mask": 44, "epoch": 48, "cpu_svn": 64, "isv_svn": 80, "prod_id": 82,
                     "config_svn": 84, "config_id": 86, "family": 150, "extprod": 166,
                     "mr_enclave": 182, "mr_signer": 214, "key_id": 246}),
        REPORT: (192, {"flags": 8, "xfrm": 16, "misc": 24, "epoch": 28, "mr_enclave": 44,
                       "cpu_svn": 76, "config_svn": 92, "config_id": 94, "key_id": 158}),
        EINITTOKEN: (128, {"flags": 8, "xfrm": 16, "misc": 24, "epoch": 28, "cpu_svn": 44,
                           "isv_svn": 60, "prod_id": 62, "mr_signer": 64, "key_id": 96}),
        PROVISION: (104, {"flags": 8, "xfrm": 16, "flags_mask": 24, "xfrm_mask": 32, "misc": 40,
                          "not_misc_mask": 44, "cpu_svn": 48, "isv_svn": 64, "prod_id": 66,
                          "mr_signer": 68}),
        PROVISION_SEAL: (200, {"policy": 2, "flags": 8, "xfrm": 16, "flags_mask": 24, "xfrm_mask": 32,
                               "misc": 40, "not_misc_mask": 44, "cpu_svn": 48, "isv_svn": 64,
                               "prod_id": 66, "config_svn": 68, "config_id": 70, "family": 134,
                               "extprod": 150, "mr_signer": 166}),
    }

    def octets(self, d, name):
        v = d.get(name, 0)
        return v if isinstance(v, bytes) else v.to_bytes(self.WIDTH[name], "little")

    def derive(self, name, d):
        if self.intel:
            size, places = self.INTEL[name]
            block = bytearray(size)
            block[0:2] = struct.pack("<H", name)
            for key, at in places.items():
                block[at:at + self.WIDTH[key]] = self.octets(d, key)
            return cmac(BASE[name], bytes(block))
        text = b"".join(self.octets({**d, "name": name}, key).ljust(width, b"\0")
                        for key, width in self.WIDTH.items())
        fuses = self.fuses["provisioning" if name == PROVISION else "seal"]
        return mac256(fuses, text + PKCS1)[:16]

    def reached(self, svn):
        if self.intel:
            return svn in ORDER and ORDER.index(svn) <= ORDER.index(self.cpu_svn)
        return all(a <= b for a, b in zip(svn, self.cpu_svn))

    def egetkey(self, e, r):
        """(sgx_status_t, key or None)"""
        kss = e.flags & KSS
        if r.reserved1 or any(r.reserved2) or r.policy & ~0x3F:
            return 0x0002, None
        if not kss and (r.policy & 0x3C or r.config_svn):
            return 0x0002, None
        if r.name > SEAL:
            return 0x3005, None
        if self.intel and not any(r.cpu_svn):
            r = replace(r, cpu_svn=SVN_DEFAULT)
        if r.name != REPORT:
            if r.name in (PROVISION, PROVISION_SEAL) and not e.flags & PROVISION_KEY:
                return 0x3002, None
            if r.name == EINITTOKEN and not e.flags & EINITTOKEN_KEY:
                return 0x3002, None
            if r.isv_svn > e.isv_svn or r.config_svn > e.config_svn:
                return 0x3004, None
            if not self.reached(r.cpu_svn):
                return 0x3003, None
        return 0, self.derive(r.name, self.inputs(e, r))

    def report_key(self, e, key_id):
        return self.derive(REPORT, self.inputs(e, Request(name=REPORT, key_id=key_id)))

    def ereport(self, e, target, report_data):
        flags, xfrm, _, config_svn, misc = struct.unpack_from("<QQHHI", target, 32)
        to = Secs(mr_enclave=target[:32], flags=flags, xfrm=xfrm, config_svn=config_svn,
                  misc_select=misc, config_id=target[64:128])
        body = e.body(self.cpu_svn, report_data)
        key_id = self.fuses["key_id"]
        return body + key_id + cmac(self.report_key(to, key_id), body)

    # --- TDREPORT ---

    def tdreport(self, td_info, report_data):
        """Of a TD with this TDINFO, under a module of zeros."""
        tcb = struct.pack("<Q", 0x301FF).ljust(239, b"\0")
        head = (b"\x81" + bytes(15) + self.cpu_svn + hashlib.sha384(tcb).digest()
                + hashlib.sha384(td_info).digest() + report_data + bytes(32))
        return head + mac256(self.fuses["tdreport"], head) + tcb.ljust(256, b"\0") + td_info


# --- SIGSTRUCT ---

HEADER = bytes.fromhex("06000000e100000000000100")
HEADER2 = bytes.fromhex("01010000600000006000000001000000")


@dataclass(frozen=True)
class Terms:
    vendor: int = 0
    date: int = 0x20260101
    misc_select: int = 0
    misc_mask: int = 0xFFFFFFFF
    family_id: bytes = bytes(16)
    flags: int = MODE64
    xfrm: int = 3
    flags_mask: int = 0xFFFFFFFFFFFFFFFD
    xfrm_mask: int = 0xFFFFFFFFFFFFFFFF
    mr_enclave: bytes = bytes(32)
    ext_prod_id: bytes = bytes(16)
    isv_prod_id: int = 0
    isv_svn: int = 0

    def unsigned(self):
        head = (HEADER + struct.pack("<III", 0, self.vendor, self.date) + HEADER2 + bytes(4 + 84))
        body = (struct.pack("<II4x", self.misc_select, self.misc_mask) + self.family_id
                + struct.pack("<QQQQ", self.flags, self.xfrm, self.flags_mask, self.xfrm_mask)
                + self.mr_enclave + bytes(16) + self.ext_prod_id
                + struct.pack("<HH", self.isv_prod_id, self.isv_svn))
        assert (len(head), len(body)) == (128, 128)
        return head, body

    def sigstruct(self, modulus=0, signature=0):
        head, body = self.unsigned()
        s, m = signature, modulus
        q1 = s * s // m if m else 0
        q2 = (s ** 3 - q1 * s * m) // m if m else 0
        return (head + m.to_bytes(384, "little") + struct.pack("<I", 3) + s.to_bytes(384, "little")
                + body + bytes(12) + q1.to_bytes(384, "little") + q2.to_bytes(384, "little"))


def verify_sigstruct(b):
    """RSASSA-PKCS1-v1_5 by its definition, and both quotients."""
    m, s = int.from_bytes(b[128:512], "little"), int.from_bytes(b[516:900], "little")
    q1, q2 = int.from_bytes(b[1040:1424], "little"), int.from_bytes(b[1424:1808], "little")
    digest = hashlib.sha256(b[:128] + b[900:1028]).digest()
    return (s < m and pow(s, 3, m) == int.from_bytes(PKCS1 + digest, "big") and q1 == s * s // m
            and q2 == (s ** 3 - q1 * s * m) // m)


def mr_signer(b):
    return hashlib.sha256(b[128:512]).digest()


# --- Keys from a seed (src/crypto/rsa_sign.c) ---

SMALL = [p for p in range(3, 2000) if all(p % q for q in range(2, int(p ** 0.5) + 1))]


def is_prime(n):
    """Miller and Rabin with fixed bases, which are beyond doubt for numbers that nobody chose."""
    if any(n % p == 0 for p in SMALL):
        return False
    d, twos = n - 1, 0
    while d % 2 == 0:
        d, twos = d // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def derived_prime(label, which):
    for attempt in range(1 << 32):
        head = label + which + struct.pack("<I", attempt)
        p = bytearray(b"".join(hashlib.sha256(head + bytes([i])).digest() for i in range(6)))
        p[0] |= 0xC0
        p[-1] |= 1
        n = int.from_bytes(p, "big")
        if n % 3 == 2 and is_prime(n):
            return n
    raise AssertionError


@dataclass(frozen=True)
class Key:
    modulus: int
    private: int

    @staticmethod
    def derive(seed, name):
        label = b"attest worthless RSA key\0" + struct.pack("<Q", len(seed)) + seed + name
        p, q = derived_prime(label, b"p"), derived_prime(label, b"q")
        return Key(p * q, pow(3, -1, (p - 1) * (q - 1)))

    def sign(self, terms):
        """A whole SIGSTRUCT."""
        digest = hashlib.sha256(b"".join(terms.unsigned())).digest()
        signature = pow(int.from_bytes(PKCS1 + digest, "big"), self.private, self.modulus)
        return terms.sigstruct(self.modulus, signature)
