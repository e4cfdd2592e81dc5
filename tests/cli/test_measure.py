# SPDX-License-Identifier: Apache-2.0
"""`attest measure`: files made by the oracle, held against the oracle's own measurement of them."""
import random
import struct

import pytest

from attest_cli import NO_ANSWER, OK, REFUSED, USAGE, attest, conforms, golden, one_line
from attest_oracle import enclaves as e
from attest_oracle import measure as m

RW, RX = e.R | e.W, e.R | e.X


def write(folder, name, data):
    (folder / name).write_bytes(data)
    return folder / name


def stream(seed=1, pages=6):
    """A stream with every kind of page, holes, and pages that are measured in part."""
    r = random.Random(seed)
    out, offset = [], 0
    for i in range(pages):
        flags = r.choice([m.TCS, m.REG | m.R, m.REG | m.R | m.W, m.REG | m.R | m.X, m.REG | 7])
        mask = r.choice([0, m.ALL, m.ALL, 1, 0x8000, r.randrange(65536)])
        out.append(m.Page(offset, flags, mask, e.pattern(m.PAGE, f"{seed}:{i}")))
        offset += m.PAGE * r.choice([1, 1, 1, 2, 9])
    return m.Enclave(m.power_of_two(offset + m.PAGE), r.choice([1, 2]), out)


def sdk_reloc():
    """Relocations in text: DT_TEXTREL, a table that is found by its section's address."""
    rela = b"".join(struct.pack("<QQq", at, kind, 0) for at, kind in
                    ((0x1010, 8), (0x2FFC, 1), (0x100, 0)))
    segments = [e.Segment(0, RX, e.pattern(0x4400, "text") + rela, 0,
                          [(b".text", 0x400, 0x4000), (b".rela.dyn", 0x4400, len(rela))]),
                e.Segment(0x206000, RW, e.pattern(512 + 80, "data"), 100)]
    return e.Sdk(segments=segments, dynamic=[(22, 0), (7, 0x4400), (8, len(rela)), (9, 24)])


def sdk_1_3():
    """The loader of 1.5 gave the unaligned segment one page more."""
    segments = [e.Segment(0, RX, e.pattern(0x1234, "text")), e.Segment(0x3800, RW, e.pattern(0x600, "a"), 0x7A0),
                e.Segment(0x9000, RW, e.pattern(700, "b"), 0x100)]
    return e.Sdk(version=(1, 3), segments=segments, layout=[
        e.entry(1, 1, 3, 0x40000, m.REG | m.R | m.W), e.entry(5, 3, 1, 0x50000, m.REG | m.R | m.W, 0xCC),
        e.entry(7, 0, 1, 0x51000, 0)])


SDK = {
    "plain": e.Sdk(),
    "one thread": e.Sdk(threads=1, heap=0),
    "frames": e.Sdk(ssa=2),
    "no patches": e.Sdk(patches=[]),
    "patches in text and data": e.Sdk(patches=[(0x900, b"A" * 50), (0x1FF0, b"B" * 32), (0x2000, b"C")]),
    "versions": e.Sdk(copies=((2, 1), (1, 4))),
    "elrange": e.Sdk(version=(12, 4), elrange=(0x10000, 0, 0x1000000)),
    "relocations": sdk_reloc(),
    "metadata 1.3": sdk_1_3(),
    "dynamic parts": e.Sdk(layout=[e.entry(3, 8, 9, 0x300000, m.REG | m.R | m.W),
                                   e.entry(20, 1, 2, 0x400000, m.REG | 7), e.entry(14, 8, 1, 0x500000, m.TCS)]),
}

PROGRAMS = {
    "plain": e.program(),
    "pie": e.program(base=0, kind=3),
    "no sections": e.program(sections=False),
    "one segment": e.make_elf([e.Segment(0x1000000, RX, b"\xc3")], 0x1000000)[0],
    "many pages": e.make_elf([e.Segment(0, RX, e.pattern(9 * m.PAGE + 1, "t"), 20 * m.PAGE)], 5)[0],
}


def check(path, data, *options):
    """The measurement is the oracle's, and every SIGSTRUCT fits."""
    said = attest("measure", path, "--explain", "-o", "json", *options, exit=OK).json
    conforms(said, "measure")
    enclave = m.enclave_of(data)
    assert said["mr_enclave"] == m.measure(enclave).hex()
    assert said["pages"] == len(enclave.pages) and int(said["size"], 16) == enclave.size
    assert said["pages_measured"] == sum(1 for p in enclave.pages if p.measured)
    assert sum(r["pages"] for r in said["regions"]) == said["pages"]
    assert [r["offset"] for r in said["regions"]][0] == hex(enclave.pages[0].offset)
    return said


@pytest.mark.parametrize("name", SDK)
def test_sdk(name, tmp_path):
    data = SDK[name].make()
    said = check(write(tmp_path, "enclave.so", data), data)
    by, = said["sigstructs"]
    assert by["matches"] and by["signature_ok"] and by["file"] is None
    assert by["mr_signer"] == e.mr_signer().hex() and (by["isv_prod_id"], by["isv_svn"]) == (7, 9)
    assert said["kind"] == "Intel SDK enclave"


def test_relocated_pages_and_the_page_of_1_5_are_measured(tmp_path):
    """The cases are what their names say: without the rule, the oracle's pages would be others."""
    pages = {p.offset: p.flags for p in m.sdk_pages(sdk_reloc().make()).pages}
    assert [pages[n * m.PAGE] & m.W for n in range(5)] == [0, m.W, m.W, m.W, 0]
    assert [p.offset for p in m.sdk_pages(sdk_1_3().make()).pages].count(0x4000) == 1


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name, tmp_path):
    said = check(write(tmp_path, "program", PROGRAMS[name]), PROGRAMS[name])
    assert said["sigstructs"] == [] and said["kind"] == "ELF layout"


@pytest.mark.parametrize("seed", range(12))
def test_stream(seed, tmp_path):
    enclave = stream(seed)
    data = m.make_sgxs(enclave)
    assert m.measure(m.sgxs_pages(data)) == m.measure(enclave)
    check(write(tmp_path, "enclave.sgxs", data), data)


def test_pair(tmp_path):
    """A stream and its SIGSTRUCT; then a SIGSTRUCT of something else, a broken one, a cut one."""
    enclave = stream(3)
    image = write(tmp_path, "enclave.sgxs", m.make_sgxs(enclave))
    css = e.sigstruct(m.measure(enclave))
    good = write(tmp_path, "good.ss", css)
    assert check(image, image.read_bytes(), "--sigstruct", good)["sigstructs"][0]["file"] == str(good)

    other = attest("measure", image, "--sigstruct", write(tmp_path, "other.ss", e.sigstruct(bytes(32))), "-o", "json",
                   exit=REFUSED)
    assert other.json["sigstructs"][0]["matches"] is False and "another measurement" in one_line(other.err)

    bad = css[:600] + bytes([css[600] ^ 1]) + css[601:]
    broken = attest("measure", image, "--sigstruct", write(tmp_path, "bad.ss", bad), "-o", "json", exit=REFUSED)
    assert broken.json["sigstructs"][0]["signature_ok"] is False and "does not hold" in one_line(broken.err)

    cut = attest("measure", image, "--sigstruct", write(tmp_path, "cut.ss", css[:-1]), exit=REFUSED)
    assert cut.out == "" and "truncated" in one_line(cut.err)
    long = attest("measure", image, "--sigstruct", write(tmp_path, "long.ss", css + b"0"), exit=REFUSED)
    assert "larger than 1808" in one_line(long.err)


def test_sdk_image_changed_after_signing(tmp_path):
    sdk = e.Sdk()
    data = bytearray(sdk.make())
    data[0x1100] ^= 1
    said = attest("measure", write(tmp_path, "x.so", bytes(data)), "-o", "json", exit=REFUSED)
    assert said.json["sigstructs"][0]["matches"] is False and "changed after it was signed" in one_line(said.err)


@pytest.mark.parametrize("xfrm, ssa, mapped", [(3, 1, 0), (0xE7, 1, 0x20000), (0x60007, 3, 0), (0x60007, 3, 0x9000)])
def test_raw(xfrm, ssa, mapped, tmp_path):
    image = e.pattern(3 * m.PAGE, "raw")
    wanted = m.measure(m.raw_pages(image, ssa, mapped))
    files = [write(tmp_path, "encl.bin", image), "--raw", "--sigstruct",
             write(tmp_path, "encl.ss", e.sigstruct(wanted, xfrm=xfrm)), *(["--mapped-size", mapped] if mapped else [])]
    said = attest("measure", *files, "-o", "json", exit=OK).json
    assert said["mr_enclave"] == wanted.hex() and said["kind"] == "raw image" and said["ssa_frame_size"] == ssa
    explicit = attest("measure", files[0], "--raw", "--ssa-frame-size", ssa, "--mapped-size", hex(mapped), "-o",
                      "json", exit=OK).json
    assert explicit["mr_enclave"] == wanted.hex()


def test_raw_usage(tmp_path):
    image = write(tmp_path, "encl.bin", bytes(m.PAGE))
    for options, said in ([["--raw"], "--sigstruct"], [["--raw", "--ssa-frame-size", "none"], "no number"],
                          [["--raw", "--ssa-frame-size", "0"], "1 to 256"],
                          [["--raw", "--ssa-frame-size", "1", "--mapped-size", "1x"], "no number"],
                          [["--raw", "--ssa-frame-size", "1", "--mapped-size", "4096"], "need 8192"],
                          [["--mapped-size", "4096"], "are for --raw"],
                          [["--sigstruct", image, "--sigstruct", image], "more often"]):
        assert said in attest("measure", image, *options, exit=USAGE).err
    attest("measure", exit=USAGE)
    odd = write(tmp_path, "odd.bin", bytes(m.PAGE + 1))
    assert "whole pages" in one_line(attest("measure", odd, "--raw", "--ssa-frame-size", 1, exit=REFUSED).err)
    assert "no enclave image" in one_line(attest("measure", image, exit=REFUSED).err)


def test_io(tmp_path):
    assert one_line(attest("measure", tmp_path / "none", exit=NO_ANSWER).err)
    image = write(tmp_path, "program", PROGRAMS["plain"])
    assert one_line(attest("measure", image, "--sigstruct", tmp_path / "none", exit=NO_ANSWER).err)
    piped = attest("measure", "-", "-o", "json", stdin=PROGRAMS["plain"], exit=OK).json
    assert piped["mr_enclave"] == m.measure(m.elf_pages(PROGRAMS["plain"])).hex()


# --- Two files ---

def compare(tmp_path, first, second, exit=REFUSED):
    said = attest("measure", write(tmp_path, "a", first), write(tmp_path, "b", second), "-o", "json", exit=exit).json
    conforms(said, "measure")
    same = m.measure(m.enclave_of(first)) == m.measure(m.enclave_of(second))
    assert said["equal"] is same
    return said["difference"]


def test_same(tmp_path):
    d = compare(tmp_path, PROGRAMS["plain"], PROGRAMS["plain"], OK)
    assert d["pages"] == 0 and d["first_page"] is None and not (d["size"] or d["order"] or d["ssa_frame_size"])


def test_content(tmp_path):
    data = PROGRAMS["plain"]
    at = data.index(e.pattern(300, "program:data"))
    d = compare(tmp_path, data, data[:at + 7] + b"??" + data[at + 9:])
    page = d["first_page"]
    assert (d["pages"], d["content"], page["what"], page["byte"]) == (1, 1, "content", hex(0x4E07))
    assert page["first"]["section"] == ".data" and page["second"]["region"] == "segment 2"


def test_flags_order_presence_size(tmp_path):
    base = stream(8, 8)
    assert len({p.offset for p in base.pages}) == 8

    def changed(change):
        other = stream(8, 8)
        change(other)
        return compare(tmp_path, m.make_sgxs(base, False), m.make_sgxs(other, False))

    d = changed(lambda o: setattr(o.pages[2], "flags", m.REG | m.R | m.W if o.pages[2].flags != m.REG | 3
                                  else m.REG | m.R))
    assert (d["pages"], d["secinfo"], d["first_page"]["what"]) == (1, 1, "secinfo")
    assert int(d["first_page"]["offset"], 16) == base.pages[2].offset
    d = changed(lambda o: setattr(o.pages[4], "measured", o.pages[4].measured ^ 0x10))
    assert (d["pages"], d["measured"], d["first_page"]["what"]) == (1, 1, "measured")
    d = changed(lambda o: o.pages.pop(5))
    assert (d["pages"], d["only_first"], d["first_page"]["second"]) == (1, 1, None)
    d = changed(lambda o: setattr(o, "size", o.size * 2))
    assert d["size"] and d["pages"] == 0
    d = changed(lambda o: setattr(o, "ssa", o.ssa + 1))
    assert d["ssa_frame_size"] and d["pages"] == 0


def test_order(tmp_path):
    """The same pages in another order: only the order of the layout table differs."""
    one = e.entry(1, 1, 2, 0x300000, m.REG | 3)
    two = e.entry(20, 3, 2, 0x400000, m.REG | 3)
    d = compare(tmp_path, e.Sdk(layout=[one, two]).make(), e.Sdk(layout=[two, one]).make())
    assert d["order"] and d["order_offset"] == "0x300000" and d["pages"] == 0


def test_kinds_may_be_mixed(tmp_path):
    """A stream of the pages of an SDK image has its measurement."""
    data = e.Sdk().make()
    pages = m.sdk_pages(data)
    d = compare(tmp_path, data, m.make_sgxs(pages), OK)
    assert d["pages"] == 0


def test_unsigned_and_malformed(tmp_path):
    data = e.Sdk(signed=False).make()
    said = attest("measure", write(tmp_path, "zero", data), "-o", "json", exit=OK).json
    assert said["sigstructs"] == []
    magic = data.index(struct.pack("<Q", m.MAGIC))
    unsigned = data[:magic] + bytes(8) + data[magic + 8:]
    assert "sgx_sign" in one_line(attest("measure", write(tmp_path, "x", unsigned), exit=REFUSED).err)
    two = e.Sdk(copies=((1, 4),)).make()
    second = two.index(struct.pack("<Q", m.MAGIC), two.index(struct.pack("<Q", m.MAGIC)) + 8)
    other = two[:second + 64 + 960] + b"\1" + two[second + 64 + 961:]
    assert "two signatures" in one_line(attest("measure", write(tmp_path, "y", other), exit=REFUSED).err)


def test_text(tmp_path):
    write(tmp_path, "a.so", e.Sdk(signed=False).make())
    write(tmp_path, "b.so", e.Sdk(signed=False, heap=6).make())
    golden("measure-explain.txt", attest("measure", "a.so", "--explain", cwd=tmp_path, exit=OK).out)
    golden("measure-two.txt", attest("measure", "a.so", "b.so", cwd=tmp_path, exit=REFUSED).out)
    golden("help-measure.txt", attest("measure", "--help", exit=OK).out)
