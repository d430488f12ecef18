"""Seeds of receipts: one of a small log, its file and its picture; and files of a person's keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from habeas.cli._person_keys import PersonKeyFile, format_person_keys
from habeas.passes import (
    GateView,
    OpenedDecision,
    PersonKeys,
    Previous,
    Ratchet,
    Receipt,
    format_receipt,
    format_receipt_picture,
)
from habeas.tlog import Head, Note, hash_leaf, nodes_of, prove_inclusion, root_of, sign_checkpoint, sign_note
from habeas.wire import encode_cbor
from seeds import logs
from seeds.logs import _SIGNER, _WITNESSES

__all__ = ["key_files", "pictures", "receipts"]

_SIZE = 512
_INDEX = 300


@lru_cache(maxsize=2)
def _receipt(adverse: bool) -> Receipt:  # noqa: FBT001 - which of the two
    ground = {"rule": "H2-test", "pack": bytes(32), "severity": 2, "until": 1_655_600_000}
    opened = OpenedDecision(
        epoch=7,
        label=bytes(16),
        salts=(bytes(16), b"r" * 16, b"p" * 16),
        view=GateView(now=2 * adverse, until=460_000 * adverse, then=0, hint="1234 1990"),
        previous=Previous(index=9, leaf=bytes(32)) if adverse else Previous(),
        grounds=encode_cbor([ground] if adverse else []),
    )
    entries = [b"\0"] * _SIZE
    entries[1], entries[_INDEX] = next(logs.constants()), opened.entry(logs.ORIGIN)
    leaves = [hash_leaf(entry) for entry in entries]
    nodes = nodes_of(leaves)
    note = sign_checkpoint(Head(origin=logs.ORIGIN, size=_SIZE, root=root_of(leaves)), _SIGNER)
    return Receipt(
        opened=opened,
        index=_INDEX,
        path=prove_inclusion(nodes, _INDEX, _SIZE),
        constants=entries[1],
        constants_path=prove_inclusion(nodes, 1, _SIZE),
        checkpoint=note.with_signatures(sign_note(note.text, one, 1_655_000_000) for one in _WITNESSES[:3]),
    )


def receipts() -> Iterator[bytes]:
    """Receipts of a default and of an adverse decision, under quorum; the second without its cosignatures, too."""
    yield format_receipt(_receipt(False))  # noqa: FBT003
    adverse = _receipt(True)  # noqa: FBT003
    yield format_receipt(adverse)
    note = Note(text=adverse.checkpoint.text, signatures=adverse.checkpoint.signatures[:1])
    yield format_receipt(Receipt(**{name: getattr(adverse, name) for name in _FIELDS} | {"checkpoint": note}))


_FIELDS = ("opened", "index", "path", "constants", "constants_path")


def pictures() -> Iterator[bytes]:
    """The texts of both receipts' pictures."""
    yield from (format_receipt_picture(_receipt(adverse).picture(8)).encode() for adverse in (False, True))


def key_files() -> Iterator[bytes]:
    """A person's keys, and a watcher's."""
    labels, openings = (Ratchet(day=19_000, state=bytes([at]) * 32) for at in (1, 2))
    yield format_person_keys(
        PersonKeyFile(origin=logs.ORIGIN, keys=PersonKeys(labels=labels, openings=openings), hint="1234 1990")
    ).encode()
    yield format_person_keys(PersonKeyFile(origin=logs.ORIGIN, keys=PersonKeys(labels=labels))).encode()
