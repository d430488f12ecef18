"""SHA-256 (FIPS 180-4) of many messages side by side, compiled by Numba: the loops over lanes become vector instructions.

A *row* holds one word of as many messages as there are lanes; a message's words stand in one column. Nothing imports this
module but `_batch`, for Numba is not among what the runtime needs.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit, uint32
from numpy.typing import NDArray

__all__ = ["hash_leaves", "hash_pairs"]

Rows: TypeAlias = NDArray[np.uint32]
Octets: TypeAlias = NDArray[np.uint8]

LANES = 256
"""As many as make a loop worth its start while all rows stay in the processor's nearest memory (10 KiB)."""

_BLOCK = 16
_WORD_BYTES = 4
_LENGTH_BYTES = 8
_PAIR_BITS = 8 * 65


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % one for one in found):
            found.append(number)
        number += 1
    return found


def _root_bits(number: int, degree: int) -> int:
    """Return the first 32 bits of the fractional part of a root, without floats."""
    low, high = 0, number << 32
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= number << 32 * degree else (low, middle)
    return low & 0xFFFFFFFF


_START = np.array([_root_bits(prime, 2) for prime in _primes(8)], np.uint32)
_ROUNDS = np.array([_root_bits(prime, 3) for prime in _primes(64)], np.uint32)


@njit(forceinline=True)
def _turned(word: np.uint32, bits: int) -> np.uint32:  # pragma: no cover - compiled
    return uint32((word >> uint32(bits)) | (word << uint32(32 - bits)))


@njit(cache=True, boundscheck=False)
def _compress(state: Rows, words: Rows, work: Rows) -> None:  # pragma: no cover - compiled
    """Take one block of every lane into its state (FIPS 180-4 §6.2.2); overwrites `words` and `work`."""
    for row in range(8):
        for lane in range(LANES):
            work[row, lane] = state[row, lane]
    for turn in range(64):
        constant = _ROUNDS[turn]
        a, b, c, d = work[-turn & 7], work[(1 - turn) & 7], work[(2 - turn) & 7], work[(3 - turn) & 7]
        e, f, g, h = work[(4 - turn) & 7], work[(5 - turn) & 7], work[(6 - turn) & 7], work[(7 - turn) & 7]
        word = words[turn & 15]
        if turn >= _BLOCK:
            early, middle, late = words[(turn + 1) & 15], words[(turn + 9) & 15], words[(turn + 14) & 15]
            for lane in range(LANES):
                x, y = early[lane], late[lane]
                small = _turned(x, 7) ^ _turned(x, 18) ^ (x >> uint32(3))
                large = _turned(y, 17) ^ _turned(y, 19) ^ (y >> uint32(10))
                word[lane] = uint32(word[lane] + small + middle[lane] + large)
        for lane in range(LANES):
            x, y = e[lane], a[lane]
            chosen = g[lane] ^ (x & (f[lane] ^ g[lane]))
            most = (y & b[lane]) | (c[lane] & (y | b[lane]))
            one = uint32(h[lane] + (_turned(x, 6) ^ _turned(x, 11) ^ _turned(x, 25)) + chosen + constant + word[lane])
            d[lane] = uint32(d[lane] + one)
            h[lane] = uint32(one + (_turned(y, 2) ^ _turned(y, 13) ^ _turned(y, 22)) + most)
    for row in range(8):
        for lane in range(LANES):
            state[row, lane] = uint32(state[row, lane] + work[row, lane])


@njit(cache=True, boundscheck=False)
def _begin(state: Rows) -> None:  # pragma: no cover - compiled
    for row in range(8):
        for lane in range(LANES):
            state[row, lane] = _START[row]


@njit(cache=True, boundscheck=False)
def _fill(
    words: Rows, block: int, data: Octets, length: int, base: int, count: int
) -> None:  # pragma: no cover - compiled
    """Set the words of one block of 00 ‖ entry ‖ padding (§5.1.1), of the entries from `base` on."""
    total = length + 1
    for place in range(_BLOCK):
        at, row = (block * _BLOCK + place) * _WORD_BYTES, words[place]
        if at and at + _WORD_BYTES <= total:
            for lane in range(count):
                byte = (base + lane) * length + at - 1
                high = (uint32(data[byte]) << uint32(24)) | (uint32(data[byte + 1]) << uint32(16))
                row[lane] = high | (uint32(data[byte + 2]) << uint32(8)) | uint32(data[byte + 3])
            continue
        for lane in range(count):
            word = uint32(0)
            for byte in range(at, at + _WORD_BYTES):
                here = uint32(0x80) if byte == total else uint32(0)
                if 0 < byte < total:
                    here = uint32(data[(base + lane) * length + byte - 1])
                word = (word << uint32(8)) | here
            row[lane] = word
    if (block + 1) * _BLOCK * _WORD_BYTES >= total + 1 + _LENGTH_BYTES:
        for lane in range(count):
            words[_BLOCK - 1, lane] = uint32(8 * total)


@njit(cache=True, boundscheck=False)
def _hash_leaves(data: Octets, length: int, out: Rows, start: int) -> None:  # pragma: no cover - compiled
    state, work = np.empty((8, LANES), np.uint32), np.empty((8, LANES), np.uint32)
    words = np.zeros((_BLOCK, LANES), np.uint32)
    blocks = (length + 1 + 1 + _LENGTH_BYTES + 63) // 64
    entries = len(data) // length
    for base in range(0, entries, LANES):
        count = min(LANES, entries - base)
        _begin(state)
        for block in range(blocks):
            _fill(words, block, data, length, base, count)
            _compress(state, words, work)
        for row in range(8):
            for lane in range(count):
                out[row, start + base + lane] = state[row, lane]


@njit(cache=True, boundscheck=False)
def _fill_pairs(words: Rows, below: Rows, base: int, count: int) -> None:  # pragma: no cover - compiled
    """Set the words of the first block of 01 ‖ left ‖ right, each put together from two of the nodes'."""
    for lane in range(count):
        before = uint32(1)
        for place in range(_BLOCK):
            word = below[place & 7, 2 * (base + lane) + (place >> 3)]
            words[place, lane] = (before << uint32(24)) | (word >> uint32(8))
            before = word


@njit(cache=True, boundscheck=False)
def _fill_rest(words: Rows, below: Rows, base: int, count: int) -> None:  # pragma: no cover - compiled
    """Set the words of the second: the last byte, a one bit, zeros, the length."""
    for place in range(1, _BLOCK):
        for lane in range(count):
            words[place, lane] = uint32(_PAIR_BITS) if place == _BLOCK - 1 else uint32(0)
    for lane in range(count):
        words[0, lane] = (below[7, 2 * (base + lane) + 1] << uint32(24)) | uint32(0x00800000)


@njit(cache=True, boundscheck=False)
def _hash_pairs(below: Rows, out: Rows) -> None:  # pragma: no cover - compiled
    state, work = np.empty((8, LANES), np.uint32), np.empty((8, LANES), np.uint32)
    words = np.zeros((_BLOCK, LANES), np.uint32)
    for base in range(0, out.shape[1], LANES):
        count = min(LANES, out.shape[1] - base)
        _begin(state)
        _fill_pairs(words, below, base, count)
        _compress(state, words, work)
        _fill_rest(words, below, base, count)
        _compress(state, words, work)
        for row in range(8):
            for lane in range(count):
                out[row, base + lane] = state[row, lane]


def hash_leaves(data: bytes, length: int, out: Rows, start: int) -> None:
    """Set columns of `out`, from `start` on, to the leaf hashes of entries of one length, 1 or more, that stand in `data`."""
    _hash_leaves(np.frombuffer(data, np.uint8), length, out, start)


def hash_pairs(below: Rows) -> Rows:
    """Return, of nodes in columns, the level above; an odd last one is left out."""
    out = np.empty((8, below.shape[1] // 2), np.uint32)
    _hash_pairs(below, out)
    return out
