"""Hash functions of bytes, for many texts at once: those of one length are the rows of a matrix.

FarmHash's `Fingerprint64`: G. Pike, FarmHash (2014), the function that never changes; texts of one length class share a
formula. SipHash-2-4: J.-P. Aumasson and D. Bernstein, SipHash: a fast short-input PRF (2012). Integers have 64 bits and
wrap.
"""

from collections.abc import Callable, Sequence

import numpy as np

from specmodel.kernels import Array

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
CAT = 0xC6A4A7935BD1E995  # the multiplier that joins two fingerprints (TensorFlow's FingerprintCat64)
_WORD = 0xFFFFFFFFFFFFFFFF

Rows = Callable[[Array], Array]


def hashes(texts: Sequence[bytes], function: Rows) -> Array:
    """A uint64 for each text; `function` takes texts of one length as rows of bytes."""
    by_length: dict[int, list[int]] = {}
    for number, text in enumerate(texts):
        by_length.setdefault(len(text), []).append(number)
    found = np.empty(len(texts), np.uint64)
    for length, numbers in by_length.items():
        joined = b"".join(texts[number] for number in numbers)
        found[numbers] = function(np.frombuffer(joined, np.uint8).reshape(len(numbers), length))
    return found


def fingerprint(rows: Array) -> Array:
    """FarmHash's 64-bit fingerprint of each row."""
    length = rows.shape[1]
    if length <= 16:
        return _to_16(rows, length)
    if length <= 32:
        return _to_32(rows, length)
    return _to_64(rows, length) if length <= 64 else _beyond_64(rows, length)


def joined(first: Array, second: Array) -> Array:
    """One hash of two, in order."""
    found = first ^ _u(CAT)
    found = found ^ _u(CAT) * _mixed(second * _u(CAT))
    found = found * _u(CAT)
    return _mixed(_u(CAT) * _mixed(found))


def siphash(key: tuple[int, int]) -> Rows:
    """SipHash-2-4 under a key, of each row."""
    k0, k1 = (part & _WORD for part in key)
    start = (k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573)

    def function(rows: Array) -> Array:
        count, length = rows.shape
        padded = np.zeros((count, length // 8 * 8 + 8), np.uint8)
        padded[:, :length] = rows
        padded[:, -1] = length & 0xFF
        v = [np.full(count, word, np.uint64) for word in start]
        for word in padded.view("<u8").T:
            v[3] = v[3] ^ word
            v = _round(_round(v))
            v[0] = v[0] ^ word
        v[2] = v[2] ^ _u(0xFF)
        v = _round(_round(_round(_round(v))))
        return v[0] ^ v[1] ^ v[2] ^ v[3]

    return function


def _round(v: list[Array]) -> list[Array]:
    a, b, c, d = v
    a = a + b
    b = _rotated(b, 51) ^ a
    a = _rotated(a, 32)
    c = c + d
    d = _rotated(d, 48) ^ c
    a = a + d
    d = _rotated(d, 43) ^ a
    c = c + b
    b = _rotated(b, 47) ^ c
    return [a, b, _rotated(c, 32), d]


def _u(number: int) -> Array:
    return np.array(number & _WORD, np.uint64)


def _rotated(x: Array, bits: int) -> Array:
    """The bits moved to the right, those that fall off put in on the left."""
    return (x >> _u(bits)) | (x << _u(64 - bits))


def _mixed(x: Array) -> Array:
    return x ^ (x >> _u(47))


def _of_16(u: Array, v: Array, multiplier: Array) -> Array:
    """One word of two."""
    a = _mixed((u ^ v) * multiplier)
    return multiplier * _mixed((v ^ a) * multiplier)


def _word(rows: Array, at: int, kind: str = "<u8") -> Array:
    """The little-endian integer at a place of each row, as uint64."""
    size = np.dtype(kind).itemsize
    return np.ascontiguousarray(rows[:, at : at + size]).view(kind)[:, 0].astype(np.uint64)


def _to_16(rows: Array, length: int) -> Array:
    multiplier = _u(K2 + 2 * length)
    if length >= 8:
        a, b = _word(rows, 0) + _u(K2), _word(rows, length - 8)
        c = _rotated(b, 37) * multiplier + a
        d = (_rotated(a, 25) + b) * multiplier
        return _of_16(c, d, multiplier)
    if length >= 4:
        a = _word(rows, 0, "<u4")
        return _of_16(_u(length) + (a << _u(3)), _word(rows, length - 4, "<u4"), multiplier)
    if length > 0:
        a, b, c = (_word(rows, at, "u1") for at in (0, length >> 1, length - 1))
        y, z = a + (b << _u(8)), _u(length) + (c << _u(2))
        return _mixed(y * _u(K2) ^ z * _u(K0)) * _u(K2)
    return np.full(len(rows), K2, np.uint64)


def _to_32(rows: Array, length: int) -> Array:
    multiplier = _u(K2 + 2 * length)
    a, b = _word(rows, 0) * _u(K1), _word(rows, 8)
    c, d = _word(rows, length - 8) * multiplier, _word(rows, length - 16) * _u(K2)
    return _of_16(_rotated(a + b, 43) + _rotated(c, 30) + d, a + _rotated(b + _u(K2), 18) + c, multiplier)


def _to_64(rows: Array, length: int) -> Array:
    multiplier = _u(K2 + 2 * length)
    a, b = _word(rows, 0) * _u(K2), _word(rows, 8)
    c, d = _word(rows, length - 8) * multiplier, _word(rows, length - 16) * _u(K2)
    y = _rotated(a + b, 43) + _rotated(c, 30) + d
    z = _of_16(y, a + _rotated(b + _u(K2), 18) + c, multiplier)
    e, f = _word(rows, 16) * multiplier, _word(rows, 24)
    g, h = (y + _word(rows, length - 32)) * multiplier, (z + _word(rows, length - 24)) * multiplier
    return _of_16(_rotated(e + f, 43) + _rotated(g, 30) + h, e + _rotated(f + a, 18) + g, multiplier)


Pair = tuple[Array, Array]


def _of_32(rows: Array, at: int, a: Array, b: Array) -> Pair:
    """Two words of 32 bytes and two seeds."""
    w, x, y, z = (_word(rows, at + 8 * number) for number in range(4))
    a = a + w
    b = _rotated(b + a + z, 21)
    start = a
    a = a + x + y
    return a + z, b + _rotated(a, 44) + start


class _State:
    """What is carried from one block of 64 bytes to the next."""

    def __init__(self, rows: Array) -> None:
        self.rows = rows
        zeros = np.zeros(len(rows), np.uint64)
        self.x = zeros + _u(81 * K2) + _word(rows, 0)
        self.y = zeros + _u(81 * K1 + 113)
        self.z = _mixed(self.y * _u(K2) + _u(113)) * _u(K2)
        self.v: Pair = (zeros, zeros)
        self.w: Pair = (zeros, zeros)

    def block(self, at: int, multiplier: Array, ninth: int) -> None:
        rows, v, w = self.rows, self.v, self.w
        x = _rotated(self.x + self.y + v[0] + _word(rows, at + 8), 37) * multiplier
        y = _rotated(self.y + v[1] + _word(rows, at + 48), 42) * multiplier
        x = x ^ (w[1] * _u(ninth))
        y = y + v[0] * _u(ninth) + _word(rows, at + 40)
        z = _rotated(self.z + w[0], 33) * multiplier
        self.v = _of_32(rows, at, v[1] * multiplier, x + w[0])
        self.w = _of_32(rows, at + 32, z + w[1], y + _word(rows, at + 16))
        self.x, self.y, self.z = z, y, x


def _beyond_64(rows: Array, length: int) -> Array:
    state = _State(rows)
    for block in range((length - 1) // 64):
        state.block(64 * block, _u(K1), 1)
    multiplier = _u(K1) + ((state.z & _u(0xFF)) << _u(1))
    first = state.w[0] + _u((length - 1) & 63)
    state.v = (state.v[0] + first, state.v[1])
    state.w = (first + state.v[0], state.w[1])
    state.block(length - 64, multiplier, 9)  # the last 64 bytes, some of them for the second time
    return _of_16(
        _of_16(state.v[0], state.w[0], multiplier) + _mixed(state.y) * _u(K0) + state.z,
        _of_16(state.v[1], state.w[1], multiplier) + state.x,
        multiplier,
    )
