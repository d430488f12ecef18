"""Seeds of the log and of passes: a small tree, its checkpoint, its proofs, a block's entries, a pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from habeas.passes import (
    GateView,
    Opening,
    PersonKeys,
    Previous,
    Ratchet,
    Salt,
    decide,
    format_pass,
    make_pass,
    salt_at,
)
from habeas.tlog import (
    Admission,
    CaseEvent,
    Constants,
    Counts,
    Decision,
    EntryKind,
    Ground,
    Head,
    Header,
    Judged,
    Note,
    Plain,
    ProofFile,
    Request,
    Sections,
    SignatureType,
    block_file,
    build_block,
    constants_entry,
    format_block_file,
    format_blocks,
    format_bundle,
    format_indexes,
    format_note,
    format_proof_file,
    format_request,
    format_vkey,
    hash_leaf,
    make_note_signer,
    nodes_of,
    prove_consistency,
    prove_inclusion,
    root_of,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import HOUR, encode_cbor
from seeds.documents import DCC_KEY, NOW

__all__ = [
    "JUDGED", "LOG", "ORIGIN", "block_files", "blocks", "bundles", "constants", "entries", "first_blocks", "indexes", "notes",
    "passes", "policies", "pools", "proofs", "requests", "texts", "tile_paths", "tiles", "views", "vkeys",
]  # fmt: skip

ORIGIN = "log.example/henan"
_SIGNER = make_note_signer(ORIGIN, SignatureType.ED25519, bytes(32))
LOG = _SIGNER.key
_WITNESSES = tuple(
    make_note_signer(f"witness{at}.example", kind, bytes([at]) * 32)
    for at, kind in enumerate((SignatureType.COSIGNATURE,) * 3 + (SignatureType.COSIGNATURE_MLDSA,), start=1)
)
_SIZE = 11
_ENTRIES = tuple(bytes([at]) * at for at in range(_SIZE))
_WHEN = int(NOW)
_EPOCH = _WHEN // HOUR


@lru_cache(maxsize=1)
def _checkpoint() -> Note:
    root = root_of([hash_leaf(entry) for entry in _ENTRIES])
    note = sign_checkpoint(Head(origin=ORIGIN, size=_SIZE, root=root), _SIGNER)
    return note.with_signatures(sign_note(note.text, one, _WHEN) for one in _WITNESSES[:2])


def notes() -> Iterator[bytes]:
    """A checkpoint, alone and cosigned, also with ML-DSA."""
    note = _checkpoint()
    yield format_note(note)
    yield format_note(Note(text=note.text, signatures=note.signatures[:1]))
    yield format_note(note.with_signatures([sign_note(note.text, _WITNESSES[-1], _WHEN)]))


def vkeys() -> Iterator[bytes]:
    """Keys of each type."""
    yield from (format_vkey(one.key).encode() for one in (_SIGNER, _WITNESSES[0], _WITNESSES[-1]))


def policies() -> Iterator[bytes]:
    """Three of three, one of them a checker."""
    keys = [format_vkey(one.key) for one in _WITNESSES[:3]]
    lines = [f"log {format_vkey(LOG)} https://log.example/", *(f"witness w{at} {key}" for at, key in enumerate(keys))]
    lines += ["group checkers 1 w0", "group others 2 w1 w2", "group all all checkers others", "quorum all"]
    yield "\n".join(lines).encode()


def proofs() -> Iterator[bytes]:
    """Proofs of two entries."""
    nodes = nodes_of([hash_leaf(entry) for entry in _ENTRIES])
    for index, extra in ((3, b""), (10, b"beside")):
        proof = ProofFile(index=index, path=prove_inclusion(nodes, index, _SIZE), checkpoint=_checkpoint(), extra=extra)
        yield format_proof_file(proof)


def requests() -> Iterator[bytes]:
    """Requests of a log for a cosignature: the first one, and a later one."""
    nodes = nodes_of([hash_leaf(entry) for entry in _ENTRIES])
    for old in (0, 7):
        path = prove_consistency(nodes, old, _SIZE) if old else ()
        yield format_request(Request(old=old, path=path, checkpoint=_checkpoint()))


def texts() -> Iterable[bytes]:
    """Sizes and hashes."""
    return (b"0", b"12345678901", b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")


def tile_paths() -> Iterable[bytes]:
    """Paths of tiles and bundles."""
    return (b"tile/0/x001/x234/067.p/8", b"tile/entries/000", b"tile/63/999.p/255")


def tiles() -> Iterable[bytes]:
    """A tile's path on the first line, then the tile."""
    return (b"tile/0/000.p/2\n" + bytes(64), b"tile/1/x001/000.p/1\n" + bytes(32))


def bundles() -> Iterator[bytes]:
    """A bundle of entries, after a byte that says how many."""
    yield bytes([_SIZE - 1]) + format_bundle(_ENTRIES)


def indexes() -> Iterator[bytes]:
    """Lists of indexes."""
    yield from (format_indexes(row) for row in ((), (0,), (0, 1, 2, 2**39), (127, 300, 70_000)))


def block_files() -> Iterator[bytes]:
    """The file of a log's first block, and of one of two subtrees after it."""
    first = build_block(Sections(plain=list(constants())), epoch=_EPOCH, height=8)
    yield format_block_file(block_file(first))
    plain = [Plain(kind=EntryKind.PACK, body=b"\xd2" + encode_cbor(at)).to_bytes() for at in range(300)]
    yield format_block_file(block_file(build_block(Sections(plain=plain), epoch=_EPOCH + 1, height=8, after=first)))


def blocks() -> Iterable[bytes]:
    """Lists of blocks."""
    return (b"", format_blocks([(_EPOCH, 0), (_EPOCH + 1, 256), (_EPOCH + 9, 1 << 16)]))


def pools() -> Iterable[bytes]:
    """Pools as text, and as an entry has them."""
    return (b"CN-41", b"DE", b"CN41\0", b"\0\0\0\0\0")


_CONSTANTS = Constants(origin=ORIGIN, epoch_seconds=3600, height=8)


def constants() -> Iterator[bytes]:
    """The constants of a log, signed."""
    yield constants_entry(_CONSTANTS, DCC_KEY)


JUDGED = Judged(constants=_CONSTANTS, entry=next(constants()))
"""What a checker knows before the first block."""


def first_blocks() -> Iterator[bytes]:
    """The entries of first blocks: with constants alone, and with something in every section, before its pads."""
    of_a_day = _EPOCH - _EPOCH % 24 + 23
    pack = Plain(kind=EntryKind.PACK, body=next(constants())[1:]).to_bytes()
    sections = Sections(
        plain=[*constants(), pack],
        admissions=[Admission(kind=1, pool=0, received=_EPOCH - 24, commitment=bytes(32)).to_bytes()],
        decisions=[
            Decision(epoch=of_a_day, label=bytes([at]) * 16, gate=bytes(32), rest=bytes(32)).to_bytes() for at in (1, 2)
        ],
    )
    for some in (Sections(plain=list(constants())), sections):
        block = build_block(some, epoch=of_a_day, height=8)
        yield format_bundle(block.entries[: block.header.counts.total + 1])


def entries() -> Iterator[bytes]:
    """An entry of each kind."""
    yield Header(epoch=1, height=8, counts=Counts(plain=1, decisions=2)).to_bytes()
    yield _decision().to_bytes()
    yield Ground(pack=1, rule=2, pool=3, class_=1, commitment=bytes(32)).to_bytes()
    yield Admission(kind=1, pool=2, received=3, commitment=bytes(32)).to_bytes()
    yield CaseEvent(kind=1, event=2, pool=3, due=4, commitment=bytes(32)).to_bytes()
    yield from constants()
    yield Plain(kind=EntryKind.PACK, body=b"\xd2" + encode_cbor([])).to_bytes()


def passes() -> Iterator[bytes]:
    """A pass."""
    salt = salt_at(bytes(32), Salt.GATE, ORIGIN, _EPOCH)
    shown = make_pass(_decision(), salt, _view(), origin=ORIGIN, index=5, path=[bytes([at]) * 32 for at in range(8)])
    yield format_pass(shown).encode()


def views() -> Iterator[bytes]:
    """A view's bytes."""
    yield _view().to_bytes()


@lru_cache(maxsize=1)
def _decision() -> Decision:
    keys = PersonKeys(labels=Ratchet(day=0, state=bytes(32)), openings=Ratchet(day=0, state=bytes(32)))
    opening = Opening(view=_view(), grounds=[], previous=Previous())
    return decide(keys, ORIGIN, _EPOCH, _EPOCH * HOUR, opening)


def _view() -> GateView:
    return GateView(now=2, until=_EPOCH + 48, then=0, hint="1234 1990")
