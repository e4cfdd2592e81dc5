# SPDX-License-Identifier: Apache-2.0
"""MRENCLAVE of enclave files, computed once more: from doc/enclave-measurement.md, with nothing of the library.

An enclave is a list of pages, each with all its bytes; what a loader leaves out is not in the list. `measure()` is
the hash over such a list, and the functions `*_pages` make the list of a file.
"""
import hashlib
import struct
from dataclasses import dataclass

PAGE, CHUNK = 4096, 256
R, W, X, TCS, REG = 1, 2, 4, 0x100, 0x200
ALL = 0xFFFF
LOAD, DYNAMIC = 1, 2
MAGIC = 0x86A80294635D0E4C


@dataclass
class Page:
    offset: int
    flags: int
    measured: int = ALL
    data: bytes = bytes(PAGE)


@dataclass
class Enclave:
    size: int
    ssa: int
    pages: list


def records(page):
    """What one page adds to the hash."""
    yield struct.pack("<8sQQ40x", b"EADD", page.offset, page.flags)
    for n in range(PAGE // CHUNK):
        if page.measured & 1 << n:
            yield struct.pack("<8sQ48x", b"EEXTEND", page.offset + n * CHUNK)
            yield page.data[n * CHUNK:(n + 1) * CHUNK]


def measure(enclave):
    digest = hashlib.sha256(struct.pack("<8sIQ44x", b"ECREATE", enclave.ssa, enclave.size))
    for page in enclave.pages:
        for record in records(page):
            digest.update(record)
    return digest.digest()


def power_of_two(least):
    return max(2 * PAGE, 1 << (least - 1).bit_length())


def spread(content, offset, in_memory, flags):
    """Pages of `content` at `offset` with zeros around it, up to `in_memory` bytes and at least the content."""
    lead = offset % PAGE
    total = lead + max(len(content), in_memory)
    if not max(len(content), in_memory):
        return []
    whole = (bytes(lead) + content).ljust(-(-total // PAGE) * PAGE, b"\0")
    return [Page(offset - lead + at, flags, ALL, whole[at:at + PAGE]) for at in range(0, len(whole), PAGE)]


# --- SGXS ---

def sgxs_pages(stream):
    tag, ssa, size = struct.unpack_from("<8sIQ", stream)
    assert tag == b"ECREATE\0"
    enclave, at = Enclave(size, ssa, []), 64
    while at < len(stream):
        tag, offset, flags = struct.unpack_from("<8sQQ", stream, at)
        at += 64
        if tag == b"EADD\0\0\0\0":
            enclave.pages.append(Page(offset, flags, 0))
            continue
        assert tag in (b"EEXTEND\0", b"UNMEASRD")
        page = enclave.pages[-1]
        within = offset - page.offset
        page.data = page.data[:within] + stream[at:at + CHUNK] + page.data[within + CHUNK:]
        if tag == b"EEXTEND\0":
            page.measured |= 1 << within // CHUNK
        at += CHUNK
    return enclave


def make_sgxs(enclave, unmeasured=True):
    """A stream; chunks that are not measured but not zero stand there unmeasured."""
    out = [struct.pack("<8sIQ44x", b"ECREATE", enclave.ssa, enclave.size)]
    for page in enclave.pages:
        out.append(struct.pack("<8sQQ40x", b"EADD", page.offset, page.flags))
        for n in range(PAGE // CHUNK):
            content = page.data[n * CHUNK:(n + 1) * CHUNK]
            tag = b"EEXTEND" if page.measured & 1 << n else b"UNMEASRD"
            if tag == b"EEXTEND" or (unmeasured and any(content)):
                out += [struct.pack("<8sQ48x", tag, page.offset + n * CHUNK), content]
    return b"".join(out)


# --- Raw images (rune's skeleton) ---

def raw_pages(image, ssa, mapped=0):
    end = max(len(image) + ssa * PAGE, -(-mapped // PAGE) * PAGE)
    first = image[:16] + struct.pack("<Q", len(image)) + image[24:PAGE]
    pages = [Page(0, TCS, ALL, first)]
    pages += spread(image[PAGE:] + bytes(end - len(image)), PAGE, 0, REG | R | W | X)
    return Enclave(power_of_two(end), ssa, pages)


# --- ELF ---

class Elf:
    def __init__(self, data):
        self.data = data
        self.kind, self.entry, phoff, shoff = struct.unpack_from("<H6xQQQ", data, 16)
        phnum, _, shnum, names = struct.unpack_from("<HHHH", data, 56)
        self.segments = [struct.unpack_from("<IIQQQQQQ", data, phoff + 56 * i) for i in range(phnum)]
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", data, shoff + 64 * i) for i in range(shnum)]
        self.names = self.sections[names][4] if shnum else 0

    def loads(self):
        """(number, flags, file bytes' offset, address, size in the file, size in memory)"""
        return [(i, s[1], s[2], s[3], s[5], s[6]) for i, s in enumerate(self.segments) if s[0] == LOAD]

    def section(self, name):
        for s in self.sections:
            at = self.names + s[0]
            if self.data[at:self.data.index(b"\0", at)] == name:
                return s
        return None

    def at_address(self, address):
        return next((s for s in self.sections if s[3] == address), None)


def access(flags):
    """Permissions of a segment (X 1, W 2, R 4) as SECINFO has them."""
    return REG | (R if flags & 4 else 0) | (W if flags & 2 else 0) | (X if flags & 1 else 0)


def elf_pages(data):
    elf = Elf(data)
    loads = [s for s in elf.loads() if s[5]]
    base = loads[0][3] // PAGE * PAGE
    pages, end = [], 0
    for _, flags, at, address, in_file, in_memory in loads:
        pages += spread(data[at:at + in_file], address - base, in_memory, access(flags))
        end = pages[-1].offset + PAGE
    ssa = end + PAGE
    tcs = struct.pack("<QQQIIQQQQII", 0, 0, ssa, 0, 2, elf.entry - base, 0, 0, 0, 2**32 - 1, 2**32 - 1)
    pages += [Page(ssa, REG | R | W), Page(ssa + PAGE, REG | R | W),
              Page(ssa + 2 * PAGE, TCS, ALL, tcs.ljust(PAGE, b"\0"))]
    return Enclave(power_of_two(ssa + 3 * PAGE), 1, pages)


# --- Intel SDK ---

def text_relocations(elf):
    """Numbers of pages that relocations of read-only segments make writable."""
    dynamic = next((s for s in elf.segments if s[0] == DYNAMIC), None)
    if not dynamic:
        return set()
    tags, at = {}, dynamic[2]
    while True:
        tag, value = struct.unpack_from("<QQ", elf.data, at)
        if tag == 0:
            break
        tags[tag] = value
        at += 16
    if 22 not in tags:
        return set()
    found = set()
    for where, size in ((23, 2), (7, 8)):
        section = elf.at_address(tags[where]) if where in tags else None
        if not section:
            continue
        for k in range(tags.get(size, 0) // 24):
            target, info, _ = struct.unpack_from("<QQq", elf.data, section[4] + 24 * k)
            if info & 0xFFFFFFFF:
                found |= {target // PAGE, (target + 7) // PAGE}
    return found


def sdk_metadata(elf):
    note = elf.section(b".note.sgxmeta")[4]
    size_of_name, size = struct.unpack_from("<II", elf.data, note)
    return note + 12 + size_of_name, size


def sdk_layout(meta, version, enclave_size, layout):
    """Pages of the layout table, at addresses within the image."""
    entries = [meta[layout[0] + at:layout[0] + at + 32] for at in range(0, layout[1], 32)]
    pages = []

    def add(entry, delta):
        _, attributes, count, rva, size, at, flags = struct.unpack("<HHIQIIQ", entry)
        rva += delta
        if not attributes & 1 or not flags:
            return
        content = meta[at:at + size] if at else struct.pack("<I", size) * (PAGE // 4)
        measured = ALL if attributes & 3 == 3 else 0
        if at and flags != TCS:
            pages.extend(spread(content, rva, count * PAGE, flags))
            return
        if at:
            content = bytearray(content.ljust(PAGE, b"\0"))
            for field in (16, 48, 56):
                value, = struct.unpack_from("<Q", content, field)
                struct.pack_into("<Q", content, field, (value + rva) % 2**64)
        pages.extend(Page(rva + i * PAGE, flags, measured, bytes(content)) for i in range(count))

    for i, entry in enumerate(entries):
        ident, count, times, step = struct.unpack_from("<HHIQ", entry)
        if not ident & 0x1000:
            add(entry, 0)
            continue
        for j in range(times):
            for before in entries[i - count:i]:
                add(before, (j + 1) * step)
    return pages


def sdk_extra_page(loads, pages):
    """Metadata 1.3: after the segments so far, once those that follow leave room."""
    up = lambda v: -(-v // PAGE) * PAGE  # noqa: E731
    highest, out = None, []
    for load, own in [*zip(loads, pages), (None, [])]:
        if highest:
            _, flags, _, address, _, in_memory = highest
            end = up(address + in_memory)
            if end < up(up(in_memory) + address) and (load is None or end < load[3] // PAGE * PAGE):
                out.append(Page(end, access(flags)))
        out += own
        if load and load[3] > (highest[3] if highest else 0):
            highest = load
    return out


def sdk_pages(data):
    elf = Elf(data)
    at, _ = sdk_metadata(elf)
    magic, version, _, _, ssa, _, _, _, size = struct.unpack_from("<QQIIIIIIQ", data, at)
    assert magic == MAGIC
    patch = struct.unpack_from("<II", data, at + 1872)
    layout = struct.unpack_from("<II", data, at + 1880)
    meta = data[at:]
    relocated = text_relocations(elf)
    patched = bytearray(data)
    for k in range(patch[1] // 32):
        to, of, count = struct.unpack_from("<QII", meta, patch[0] + 32 * k)
        patched[to:to + count] = meta[of:of + count]
    loads = elf.loads()
    parts = []
    for _, flags, begin, address, in_file, in_memory in loads:
        part = spread(bytes(patched[begin:begin + in_file]), address, in_memory, access(flags))
        with_data = -(-(address % PAGE + in_file) // PAGE) if in_file else 0
        for page in part[:with_data]:
            if page.offset // PAGE in relocated:
                page.flags |= W
        parts.append(part)
    pages = sdk_extra_page(loads, parts) if version == 1 << 32 | 3 else sum(parts, [])
    pages += sdk_layout(meta, version, size, layout)
    if version >> 32 > 10:
        image, start, size = struct.unpack_from("<QQQ", meta, struct.unpack_from("<I", meta, 1888)[0])
        for page in pages:
            page.offset += image - start
    return Enclave(size, ssa, pages)


def enclave_of(data):
    if data[:4] != b"\x7fELF":
        return sgxs_pages(data)
    return sdk_pages(data) if Elf(data).section(b".note.sgxmeta") else elf_pages(data)
