"""Which packs of a block need no notice: those that are nowhere stricter than the one they take over from.

A checker says so itself, from the packs' bodies; that the authority calls a pack milder counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from habeas.rules import Pack, RulesError, nothing_stricter, parse_pack
from habeas.tlog import EntryError, EntryKind, Fetch, Plain, TlogError, parse_indexes
from habeas.wire import WireError, parse_deterministic_cbor, parse_sign1

__all__ = ["milder_packs", "pack_of"]


def pack_of(entry: bytes, fetch: Fetch) -> Pack | None:
    """Return the pack that an entry logs, None if it cannot be read: then nobody can say that it is milder."""
    try:
        plain = Plain.of_bytes(entry)
        body = plain.body if plain.body[:1] != b"\0" else fetch(f"plain/{plain.body[5:].hex()}")
        if plain.kind is not EntryKind.PACK or body is None:
            return None
        value = parse_deterministic_cbor(parse_sign1(body).payload)
        text = value.get("text") if isinstance(value, dict) else None
        return parse_pack(text) if isinstance(text, str) else None
    except (EntryError, WireError, RulesError):
        return None


def milder_packs(before: bytes, now: bytes, entry_of: Callable[[int], bytes], fetch: Fetch) -> frozenset[int]:
    """Return which packs of the list `now` succeed, or lie over, one of either list and are nowhere stricter than that.

    It is the book's own rule (I8), on the bodies in the log. Of two packs of one name nobody can say which is succeeded.
    """
    try:
        had, has = set(parse_indexes(before)), set(parse_indexes(now))
    except TlogError:
        return frozenset()
    listed = {index: pack for index in had | has if (pack := pack_of(entry_of(index), fetch)) is not None}
    out = set()
    for index in has & listed.keys():
        pack = listed[index]
        old = [one for at, one in listed.items() if at != index and one.id in (pack.succeeds, pack.over)]
        if len(old) == 1 and nothing_stricter(pack, old[0]):
            out.add(index)
    return frozenset(out)
