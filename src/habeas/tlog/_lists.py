"""What stands beside a block as static files, bound to it by hashes in its header: superseded decisions, packs in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from habeas.tlog._entry import MAX_INDEX
from habeas.tlog._tree import HASH_BYTES
from habeas.tlog.errors import EntryError

__all__ = ["NO_CHAIN", "chain_of", "format_indexes", "hash_of_list", "parse_indexes"]

NO_CHAIN = bytes(HASH_BYTES)
"""The chain before the first list, and the hash of a list that is empty."""
_COUNT = 4
_MORE = 0x80
_MAX_GAP_BYTES = 6  # 40 bits, seven a byte


def format_indexes(indexes: Iterable[int]) -> bytes:
    """Return indexes as a list: how many (4 bytes), then, in order, the gap from each to the one before as LEB128.

    The first gap is from -1, so that none is 0. Raises `EntryError`.
    """
    ordered = sorted(indexes)
    out, before = bytearray(len(ordered).to_bytes(_COUNT)), -1
    for index in ordered:
        gap = index - before
        if gap < 1 or index > MAX_INDEX:
            raise EntryError(f"index {index} stands twice, or lies outside 0 to {MAX_INDEX}")
        before = index
        while gap >= _MORE:
            out.append(gap & (_MORE - 1) | _MORE)
            gap >>= 7
        out.append(gap)
    return bytes(out)


def parse_indexes(data: bytes) -> tuple[int, ...]:
    """Return the indexes of a list; raises `EntryError` for anything that `format_indexes` would not write."""
    out: list[int] = []
    at, before = _COUNT, -1
    while at < len(data):
        gap, size = 0, 0
        while True:
            if at + size >= len(data) or size >= _MAX_GAP_BYTES:
                raise EntryError("the list of indexes ends within a number: fetch it again")
            byte = data[at + size]
            gap |= (byte & (_MORE - 1)) << 7 * size
            size += 1
            if byte < _MORE:
                break
        before, at = before + gap, at + size
        out.append(before)
    if len(data) < _COUNT or len(out) != int.from_bytes(data[:_COUNT]) or format_indexes(out) != data:
        raise EntryError("the list of indexes is not of its one form: fetch it again")
    return tuple(out)


def hash_of_list(data: bytes) -> bytes:
    """Return what a header says of a list: its hash, zeros for one without any index."""
    return NO_CHAIN if data == bytes(_COUNT) else hashlib.sha256(data).digest()


def chain_of(before: bytes, data: bytes) -> bytes:
    """Return the chain with one more block's list: H(before ‖ H(list)). A block without any line leaves it as it was."""
    if data == bytes(_COUNT):
        return before
    return hashlib.sha256(before + hashlib.sha256(data).digest()).digest()
