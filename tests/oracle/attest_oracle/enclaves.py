# SPDX-License-Identifier: Apache-2.0
"""Makes enclave files: ELF programs, signed images as the Intel SDK writes them, SIGSTRUCTs."""
import functools
import hashlib
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from . import measure as m

R, W, X = 4, 2, 1  # of segments
EADD, EEXTEND = 1, 2
STACK, TCS, SSA, TD, HEAP, GUARD, GROUP = 8, 4, 6, 5, 1, 10, 0x1009


@dataclass
class Segment:
    address: int
    flags: int
    data: bytes = b""
    in_memory: int = 0
    sections: list = field(default_factory=list)  # (name, offset within, size)
    kind: int = m.LOAD


def pattern(n, seed):
    """Bytes that look like no other page's."""
    out = b""
    while len(out) < n:
        out += hashlib.sha512(f"{seed}:{len(out)}".encode()).digest()
    return out[:n]


def make_elf(segments, entry=0, kind=2, notes=(), sections=True):
    """An ELF file; `notes` are sections outside of all segments: (name, type, bytes). Returns the file and where
    the bytes of each note begin in it."""
    table = 64 + 56 * len(segments)
    body, headers, rows = bytearray(bytes(table)), b"", [(b"", 0, 0, 0, 0, 0)]
    for s in segments:
        at = len(body)
        at += (s.address - at) % m.PAGE
        body += bytes(at - len(body)) + s.data
        headers += struct.pack("<IIQQQQQQ", s.kind, s.flags, at, s.address, s.address, len(s.data),
                               max(s.in_memory, len(s.data)), m.PAGE)
        rows += [(name, 1, 2, s.address + off, at + off, size) for name, off, size in s.sections]
    places = []
    for name, number, data in notes:
        places.append(len(body))
        rows.append((name, number, 0, 0, len(body), len(data)))
        body += data
    names = b"\0".join([*dict.fromkeys(r[0] for r in rows), b".shstrtab", b""])
    rows.append((b".shstrtab", 3, 0, 0, len(body), len(names)))
    body += names
    shoff = len(body)
    if sections:
        for name, number, flags, address, at, size in rows:
            body += struct.pack("<IIQQQQIIQQ", names.index(name + b"\0") if name else len(names) - 1, number, flags,
                                address, at, size, 0, 0, 1, 0)
    body[:64] = struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, kind, 62, 1, entry, 64,
                            shoff if sections else 0, 0, 64, 56, len(segments), 64,
                            len(rows) if sections else 0, len(rows) - 1 if sections else 0)
    body[64:table] = headers
    return bytes(body), places


def program(seed="program", base=0x400000, **changes):
    """A small program: text, constants, data with uninitialised rest."""
    text = pattern(m.PAGE + 100, f"{seed}:text")
    data = pattern(300, f"{seed}:data")
    segments = [Segment(base, R, pattern(200, f"{seed}:head"), 0, [(b".note", 100, 100)]),
                Segment(base + 0x1000, R | X, text, 0, [(b".init", 0, 32), (b".text", 32, len(text) - 32)]),
                Segment(base + 0x4E00, R | W, data, 5000, [(b".data", 0, 300)])]
    return make_elf(segments, **{"entry": base + 0x1040, **changes})[0]


# --- SIGSTRUCT ---

@functools.lru_cache(None)
def signer():
    return rsa.generate_private_key(public_exponent=3, key_size=3072)


def sigstruct(enclave_hash, *, attributes=4, xfrm=3, product=7, svn=9, date=0x20261121):
    key = signer()
    modulus = key.public_key().public_numbers().n
    head = (bytes.fromhex("06000000e100000000000100") + struct.pack("<III", 0, 0, date)
            + bytes.fromhex("01010000600000006000000001000000") + bytes(4 + 84))
    body = (struct.pack("<II4x16x", 0, 2**32 - 1) + struct.pack("<QQQQ", attributes, xfrm, 2**64 - 1, 2**64 - 1)
            + enclave_hash + bytes(16 + 16) + struct.pack("<HH", product, svn))
    signature = int.from_bytes(key.sign(head + body, padding.PKCS1v15(), hashes.SHA256()), "big")
    q1, rest = divmod(signature * signature, modulus)
    q2 = rest * signature // modulus
    little = lambda v: v.to_bytes(384, "little")  # noqa: E731
    out = (head + little(modulus) + struct.pack("<I", 3) + little(signature) + body + bytes(12) + little(q1)
           + little(q2))
    assert len(out) == 1808
    return out


def mr_signer():
    return hashlib.sha256(signer().public_key().public_numbers().n.to_bytes(384, "little")).digest()


# --- Intel SDK ---

def entry(ident, attributes, pages, rva, flags, size=0, at=0):
    return struct.pack("<HHIQIIQ", ident, attributes, pages, rva, size, at, flags)


def group(count, times, step):
    return struct.pack("<HHIQ16x", GROUP, count, times, step)


@dataclass
class Sdk:
    """An image as sgx_sign leaves it; every member may be changed before make()."""
    seed: str = "sdk"
    version: tuple = (2, 4)
    ssa: int = 1
    size: int = 0x800000
    layout_at: int = 0x300000
    heap: int = 5
    threads: int = 3
    patches: list = field(default_factory=lambda: [(40, bytes(8)), (58, bytes(6))])  # (where in the file, bytes)
    elrange: tuple = ()  # image address, range address, range size
    copies: tuple = ()  # versions of further metadata with the same SIGSTRUCT
    segments: list = None
    dynamic: list = None  # (tag, value)
    layout: list = None
    content: bytes = b""
    signed: object = True  # False: zeros; bytes: the hash that is signed

    def parts(self):
        text = pattern(3 * m.PAGE + 77, f"{self.seed}:text")
        data = pattern(500, f"{self.seed}:data")
        dynamic = b"".join(struct.pack("<QQ", *d) for d in [*(self.dynamic or [(5, 0x200)]), (0, 0)])
        segments = self.segments or [
            Segment(0, R | X, pattern(64 + 6 * 56 + 40, f"{self.seed}:head") + text, 0,
                    [(b".text", 0x200, len(text) - 0x200)]),
            Segment(0x206D80, R | W, dynamic.ljust(512, b"\0") + data, 9000, [(b".data", 512, 500)])]
        return [*segments, Segment(segments[-1].address, R | W, dynamic, 0, [], m.DYNAMIC)]

    def layouts(self, template):
        if self.layout is not None:
            return self.layout
        at = self.layout_at
        rw = m.REG | m.R | m.W
        out = [entry(HEAP, EADD, self.heap, at, rw)]
        at += (self.heap + 16) * m.PAGE
        for ident, count, flags, size, of in ((STACK, 2, rw, 0xCCCCCCCC, 0), (GUARD, 16, 0, 0, 0),
                                              (TCS, 1, m.TCS, 72, template), (SSA, 2 * self.ssa, rw, 0, 0),
                                              (TD, 2, rw, 0, 0)):
            out.append(entry(ident, EADD | EEXTEND if flags else 0, count, at, flags, size, of))
            at += count * m.PAGE
        if self.threads > 1:
            out.append(group(5, self.threads - 1, 0x20000))
        return out

    def metadata(self, version, css):
        data = 1888
        tables = b""
        if version[0] > 10:
            tables += struct.pack("<II", data + 8, 24) + struct.pack("<QQQ", *self.elrange)
        template = data + len(tables)
        tables += struct.pack("<QQQIIQQQQII", 0, 0, m.PAGE, 0, 2, 0x1234, 0, 3 * m.PAGE, 3 * m.PAGE, 2**32 - 1,
                              2**32 - 1)
        self.content_at = data + len(tables)
        tables += self.content
        sources = b"".join(p for _, p in self.patches)
        at = data + len(tables)
        tables += sources
        patch_at, rows = data + len(tables), b""
        for where, what in self.patches:
            rows += struct.pack("<QII16x", where, at, len(what))
            at += len(what)
        tables += rows
        layouts = b"".join(self.layouts(template))
        layout_at = data + len(tables)
        tables += layouts
        head = struct.pack("<QIIIIIIIIQ16x", m.MAGIC, version[1], version[0], data + len(tables), 0, self.ssa, 2632, 0,
                           0, self.size)
        return (head + css + struct.pack("<IIII", patch_at, len(rows), layout_at, len(layouts)) + tables)

    def file(self, css):
        meta = b"".join(self.metadata(v, css) for v in (self.version, *self.copies)).ljust(0x5000, b"\0")
        note = struct.pack("<III", 13, len(meta), 0) + b"sgx_metadata\0" + meta
        data, places = make_elf(self.parts(), 0x1040, 3, [(b".note.sgxmeta", 7, note)])
        self.metadata_at = places[0] + 25
        return data

    def make(self):
        unsigned = self.file(bytes(1808))
        if self.signed is False:
            return unsigned
        wanted = self.signed if isinstance(self.signed, bytes) else m.measure(m.sdk_pages(unsigned))
        return self.file(sigstruct(wanted))
