# SPDX-License-Identifier: Apache-2.0
"""MRTD and RTMR after doc/tdx-measurement.md, from nothing but hashlib."""
import hashlib
import struct


def record(name, gpa):
    return struct.pack("<16sQ104x", name.encode("ascii"), gpa)


def mrtd(calls):
    """Of a list of ("add", gpa) and ("extend", gpa, 256 bytes)."""
    text = b""
    for call in calls:
        if call[0] == "add":
            text += record("MEM.PAGE.ADD", call[1])
        else:
            assert len(call[2]) == 256
            text += record("MR.EXTEND", call[1]) + call[2]
    return hashlib.sha384(text).digest()


def calls_of_image(gpa, image):
    calls = []
    for page in range(0, len(image), 4096):
        calls.append(("add", gpa + page))
        calls += [("extend", gpa + page + at, image[page + at:page + at + 256]) for at in range(0, 4096, 256)]
    return calls


def rtmr(values):
    register = bytes(48)
    for value in values:
        register = hashlib.sha384(register + value).digest()
    return register
