# SPDX-License-Identifier: Apache-2.0
"""Test keys and deterministic ECDSA. A key is the hash of its name: worthless on purpose, known to
everybody."""
import hashlib
import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from . import der

CURVES = {
    "P-256": (
        ec.SECP256R1(),
        32,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
    "P-384": (
        ec.SECP384R1(),
        48,
        int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
    ),
}


class TestKey:
    __test__ = False

    def __init__(self, name, curve="P-256"):
        self.curve, self.size, self.order = CURVES[curve]
        self.curve_name = curve
        seed = b"".join(
            hashlib.sha256(f"attest worthless test key {i} {name}".encode()).digest()
            for i in range(2)
        )
        self.secret = 1 + int.from_bytes(seed, "big") % (self.order - 1)
        numbers = _public(self.secret, curve)
        self.xy = numbers.x.to_bytes(self.size, "big") + numbers.y.to_bytes(self.size, "big")

    def sign(self, message, digest="sha256"):
        """ECDSA after RFC 6979: the same bytes every time. (r, s)."""
        h = hashlib.new(digest, message).digest()
        e = int.from_bytes(h, "big") >> max(0, 8 * len(h) - self.order.bit_length())
        for k in self._nonces(e, digest):
            r = _public(k, self.curve_name).x % self.order
            s = pow(k, -1, self.order) * (e + r * self.secret) % self.order
            if r and s:
                return r, s
        raise AssertionError("unreachable")

    def _nonces(self, e, digest):
        """RFC 6979 section 3.2; both orders are a whole number of bytes."""

        def mac(key, data):
            return hmac.new(key, data, digest).digest()

        size = hashlib.new(digest).digest_size
        x = self.secret.to_bytes(self.size, "big") + (e % self.order).to_bytes(self.size, "big")
        k, v = bytes(size), b"\1" * size
        for tag in (b"\0", b"\1"):
            k = mac(k, v + tag + x)
            v = mac(k, v)
        while True:
            t = b""
            while len(t) < self.size:
                v = mac(k, v)
                t += v
            candidate = int.from_bytes(t[: self.size], "big")
            if 1 <= candidate < self.order:
                yield candidate
            k = mac(k, v + b"\0")
            v = mac(k, v)

    def sign_raw(self, message):
        return b"".join(n.to_bytes(self.size, "big") for n in self.sign(message))

    def sign_der(self, message, digest="sha256"):
        return der.seq(*(der.integer(n) for n in self.sign(message, digest)))


@lru_cache(maxsize=4096)
def _public(secret, curve):
    return ec.derive_private_key(secret, CURVES[curve][0]).public_key().public_numbers()
