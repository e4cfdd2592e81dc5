# SPDX-License-Identifier: Apache-2.0
"""DER by hand (X.690), both ways: the fixtures must be able to be wrong in ways a library refuses
to be."""


class BadDer(Exception):
    pass


def tlv(tag, content):
    n = len(content)
    if n < 0x80:
        head = bytes([n])
    else:
        length = n.to_bytes((n.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(length)]) + length
    return bytes([tag]) + head + content


def seq(*items):
    return tlv(0x30, b"".join(items))


def set_of(*items):
    return tlv(0x31, b"".join(sorted(items)))


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def enumerated(value):
    return tlv(0x0A, bytes([value]))


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\0")


def octets(value):
    return tlv(0x04, value)


def bits(value, unused=0):
    return tlv(0x03, bytes([unused]) + value)


def utf8(text):
    return tlv(0x0C, text.encode())


def printable(text):
    return tlv(0x13, text.encode("ascii"))


def explicit(number, content):
    return tlv(0xA0 | number, content)


def oid(dotted):
    arcs = [int(a) for a in dotted.split(".")]
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        chunk = [arc & 0x7F]
        while arc := arc >> 7:
            chunk.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(chunk))
    return tlv(0x06, out)


def read_all(data):
    """The (tag, content) pairs that fill `data`."""
    items, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise BadDer(f"truncated at {at}")
        tag, n = data[at], data[at + 1]
        at += 2
        if n & 0x80:
            size = n & 0x7F
            n = int.from_bytes(data[at : at + size], "big")
            if not size or size > 4 or n < 0x80 or (n >> (8 * (size - 1))) == 0:
                raise BadDer(f"length at {at}")
            at += size
        if n > len(data) - at:
            raise BadDer(f"truncated at {at}")
        items.append((tag, data[at : at + n]))
        at += n
    return items


def read_one(data, tag):
    items = read_all(data)
    if len(items) != 1 or items[0][0] != tag:
        raise BadDer(f"expected one element of tag {tag:#x}")
    return items[0][1]


def read_uint(content, top):
    if (
        not content
        or content[0] & 0x80
        or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80)
    ):
        raise BadDer("INTEGER")
    value = int.from_bytes(content, "big")
    if value > top:
        raise BadDer(f"INTEGER {value} over {top}")
    return value
