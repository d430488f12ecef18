"""Seeds of gates: what one holds of a log of two blocks, a bridge, a mandate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from habeas.mandates import GateClass, GateMandate, gate_mandate_entry
from habeas.passes import Synced, format_bridge, format_synced, make_bridge, sync
from habeas.tlog import (
    Constants,
    Head,
    Sections,
    SignatureType,
    Tile,
    block_file,
    build_block,
    constants_entry,
    format_block_file,
    format_blocks,
    format_note,
    format_tile_path,
    format_vkey,
    make_note_signer,
    parse_policy,
    plan_append,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import Instant, Span, encode_cbor, parse_area
from seeds.documents import DCC_KEY

__all__ = ["KEY", "QUORUM", "bodies", "bridges", "mandates"]

KEY = DCC_KEY
_CONSTANTS = Constants(origin="log.example/gate", epoch_seconds=3600, height=8)
_LOG = make_note_signer(_CONSTANTS.origin, SignatureType.ED25519, b"g" * 32)
_WITNESSES = [make_note_signer(f"g{at}.example", SignatureType.COSIGNATURE, bytes([at]) * 32) for at in (1, 2)]
_POLICY = "\n".join(
    [
        f"log {format_vkey(_LOG.key)}",
        *(f"witness g{at} {format_vkey(one.key)}" for at, one in enumerate(_WITNESSES)),
        "group checkers all g0 g1",
        "quorum checkers",
    ]
).encode()
QUORUM = parse_policy(_POLICY)
_MANDATE = GateMandate(
    place="Door",
    area=parse_area("CN-41"),
    hours=(0, 1440),
    purpose="care of travellers",
    gate_class=GateClass.ORDINARY,
    lane="counter",
    time=Span(Instant(0), Instant(1 << 33)),
    body="station",
    offset=480,
    lets_in=1,
)


@lru_cache(maxsize=1)
def _files() -> dict[str, bytes]:
    plain = [constants_entry(_CONSTANTS, KEY), gate_mandate_entry(_MANDATE, KEY)]
    first = build_block(Sections(plain=plain), epoch=459_000, height=8)
    files: dict[str, bytes] = {}
    size, root, blocks = 0, b"", (first, build_block(Sections(), epoch=459_001, height=8, after=first))

    def read(tile: Tile) -> bytes:
        return files[format_tile_path(tile)]

    for block in blocks:
        growth = plan_append(size, block.entries, read)
        files.update((format_tile_path(tile), data) for tile, data in growth.tiles.items())
        files[f"block/{block.header.epoch}"] = format_block_file(block_file(block))
        size, root = growth.size, growth.root
    files["blocks"] = format_blocks((block.header.epoch, block.start) for block in blocks)
    note = sign_checkpoint(Head(origin=_CONSTANTS.origin, size=size, root=root), _LOG)
    files["checkpoint"] = format_note(note.with_signatures(sign_note(note.text, one, 1) for one in _WITNESSES))
    return files


def _gate() -> Synced:
    return sync(None, _files().get, _POLICY, key=KEY.verifying, mandates=(2,))


def bodies() -> Iterator[bytes]:
    """A gate's file without its hash, with and without a void line."""
    yield format_synced(_gate())[:-32]
    yield format_synced(_gate().with_void([3, 300]))[:-32]


def bridges() -> Iterator[bytes]:
    """Bridges from either block."""
    yield from (format_bridge(make_bridge(_files().get, QUORUM, node, 8)).encode() for node in (0, 1))


def mandates() -> Iterator[bytes]:
    """What a gate mandate's entry signs."""
    yield encode_cbor(_MANDATE.to_cbor())
