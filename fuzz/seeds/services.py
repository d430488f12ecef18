"""Seeds of the services: forks of one size and of two, and keys of every type."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.services import Fork, format_fork, format_signer
from habeas.tlog import (
    Checkpoint,
    Head,
    SignatureType,
    hash_leaf,
    make_note_signer,
    nodes_of,
    prove_consistency,
    root_of,
    sign_checkpoint,
)

__all__ = ["LOG", "forks", "signers"]

_ORIGIN = "log.example/henan"
_SIGNER = make_note_signer(_ORIGIN, SignatureType.ED25519, b"f" * 32)
LOG = _SIGNER.key
_LEAVES = [hash_leaf(bytes([n])) for n in range(9)]
_OTHER = [hash_leaf(b"another"), *_LEAVES[1:]]


def _checkpoint(leaves: list[bytes]) -> Checkpoint:
    head = Head(origin=_ORIGIN, size=len(leaves), root=root_of(leaves))
    return Checkpoint(head=head, note=sign_checkpoint(head, _SIGNER))


def forks() -> Iterator[bytes]:
    """Two roots of five entries; nine entries that do not begin with the five."""
    five, other = _checkpoint(_LEAVES[:5]), _checkpoint(_OTHER[:5])
    yield format_fork(Fork(first=five, second=other, root=other.head.root))
    path = prove_consistency(nodes_of(_OTHER), 5, 9)
    yield format_fork(Fork(first=five, second=_checkpoint(_OTHER), root=other.head.root, path=tuple(path)))


def signers() -> Iterator[bytes]:
    """A key's file of each type."""
    for kind in SignatureType:
        yield format_signer(_ORIGIN, kind, bytes([kind]) * 32).encode()
