"""The holder's receipt: one decision opened, grounds and all, with the proof that just this stands in the public log.

It is for its holder, and for whom they show it to; a gate gets a pass. It has two forms. The file is a C2SP tlog-proof whose
`extra` opens the entry, so that anybody with the log's policy checks it offline. The picture leaves out what lies above the
subtree's root and is checked against what a gate has synced. A receipt says nothing of the keys: the three salts in it are
those of its one epoch.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from habeas.passes._find import CONSTANTS_INDEX, Found, PublicLog, find_view
from habeas.passes._gate import Held
from habeas.passes._keys import SALT_BYTES, Salt, day_of, log_id, salt_at
from habeas.passes._view import VIEW_BYTES, GateView, PersonKeys, Previous, commit, gate_commitment
from habeas.passes.errors import OpeningError, PassFormatError, ReceiptError
from habeas.tlog import (
    HASH_BYTES,
    HEIGHTS,
    LABEL_BYTES,
    MAX_ENTRY_BYTES,
    MAX_INDEX,
    Checkpoint,
    Constants,
    Decision,
    Note,
    Policy,
    ProofFile,
    TlogError,
    check_inclusion,
    check_proof_file,
    format_proof_file,
    hash_leaf,
    parse_proof_file,
    prove_inclusion,
    read_constants,
    tile_nodes,
    tiles_of,
)
from habeas.wire import Cbor, WireError, encode_base45, encode_cbor, parse_base45, parse_deterministic_cbor

__all__ = [
    "MAX_PICTURE_BYTES",
    "RECEIPT_PREFIX",
    "OpenedDecision",
    "Receipt",
    "ReceiptPicture",
    "Shown",
    "check_receipt",
    "check_receipt_picture",
    "format_receipt",
    "format_receipt_picture",
    "make_receipt",
    "parse_receipt",
    "parse_receipt_picture",
]

RECEIPT_PREFIX = "HR1:"
"""How the text of a receipt's QR picture begins."""
MAX_PICTURE_BYTES = 1056
"""What a QR picture of version 23 holds at level L as Base45, after the prefix."""
_FILE_VERSION, _PICTURE_VERSION = 1, 3
_LOG_BYTES = 4
_INDEX_BYTES = 5
_OPENED = struct.Struct(f">I{LABEL_BYTES}s{3 * SALT_BYTES}s{VIEW_BYTES}s5s{HASH_BYTES}s")
_SALTS = (Salt.GATE, Salt.GROUNDS, Salt.PREVIOUS)
_MAX_PATH = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDecision:
    """A decision with all that it commits to. `salts` are those of view, grounds and previous; `grounds` is their CBOR."""

    epoch: int
    label: bytes
    salts: tuple[bytes, bytes, bytes] = field(repr=False)
    view: GateView
    previous: Previous
    grounds: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.epoch < 1 << 32 or len(self.label) != LABEL_BYTES:
            raise PassFormatError(f"a receipt has an epoch of four bytes and a label of {LABEL_BYTES}")
        if any(len(salt) != SALT_BYTES for salt in self.salts):
            raise PassFormatError(f"a receipt has salts of {SALT_BYTES} bytes")
        _ = self.said  # or it opens nothing

    @property
    def said(self) -> Cbor:
        """The grounds."""
        try:
            return parse_deterministic_cbor(self.grounds)
        except WireError as error:
            raise PassFormatError(f"the grounds in the receipt: {error}") from None

    def entry(self, origin: str) -> bytes:
        """Return the log's entry that opens so, if the log has that origin."""
        gate_salt, grounds_salt, previous_salt = self.salts
        rest = commit(
            "rest",
            origin,
            commit("grounds", origin, self.label, grounds_salt, self.grounds),
            commit("previous", origin, self.label, previous_salt, self.previous.to_bytes()),
        )
        gate = gate_commitment(origin, self.label, gate_salt, self.view.to_bytes())
        return Decision(epoch=self.epoch, label=self.label, gate=gate, rest=rest).to_bytes()

    def to_bytes(self) -> bytes:
        """Return epoch 4 · label 16 · salts 48 · view 20 · previous 37 · grounds."""
        before = self.previous
        return (
            _OPENED.pack(
                self.epoch,
                self.label,
                b"".join(self.salts),
                self.view.to_bytes(),
                before.index.to_bytes(_INDEX_BYTES),
                before.leaf,
            )
            + self.grounds
        )

    @classmethod
    def of_bytes(cls, data: bytes) -> OpenedDecision:
        """Return the opened decision in bytes; raises `PassFormatError`."""
        if len(data) <= _OPENED.size:
            raise PassFormatError("the receipt ends before its grounds: fetch it again")
        epoch, label, salts, view, index, leaf = _OPENED.unpack_from(data)
        gate, grounds, previous = (salts[at : at + SALT_BYTES] for at in range(0, 3 * SALT_BYTES, SALT_BYTES))
        return cls(
            epoch=epoch,
            label=label,
            salts=(gate, grounds, previous),
            view=GateView.of_bytes(view),
            previous=Previous(index=int.from_bytes(index), leaf=leaf),
            grounds=data[_OPENED.size :],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPicture:
    """A receipt as its QR picture says it, not checked: `path` ends at the root of the entry's subtree."""

    log: bytes
    opened: OpenedDecision
    index: int
    path: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.log) != _LOG_BYTES or not 0 <= self.index <= MAX_INDEX:
            raise PassFormatError(f"a receipt's picture has {_LOG_BYTES} bytes of its log's id, and an index of five")
        if len(self.path) not in HEIGHTS or any(len(one) != HASH_BYTES for one in self.path):
            raise PassFormatError(f"a receipt's picture has a path of 8 or 16 hashes, not of {len(self.path)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt as its file says it, not checked: `index` and `path` of the entry, `constants` and theirs, the checkpoint."""

    opened: OpenedDecision
    index: int
    path: tuple[bytes, ...] = field(repr=False)
    constants: bytes = field(repr=False)
    constants_path: tuple[bytes, ...] = field(repr=False)
    checkpoint: Note = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_INDEX or len(self.constants) > MAX_ENTRY_BYTES:
            raise PassFormatError("a receipt has an index of five bytes, and the log's constants in an entry")
        if len(self.constants_path) > _MAX_PATH or any(len(one) != HASH_BYTES for one in self.constants_path):
            raise PassFormatError(f"a path has at most {_MAX_PATH} hashes of {HASH_BYTES} bytes")

    def picture(self, height: int) -> ReceiptPicture:
        """Return what of it goes into a QR picture; `height` is that of the log's blocks."""
        origin = self.checkpoint.text.partition("\n")[0]
        # A complete subtree's path is where every longer one begins.
        return ReceiptPicture(
            log=log_id(origin)[:_LOG_BYTES], opened=self.opened, index=self.index, path=self.path[:height]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a checked receipt shows: the decision, its leaf, when its epoch begins, and under which checkpoint, if it has one."""

    origin: str
    opened: OpenedDecision
    index: int
    begins: int
    checkpoint: Checkpoint | None = None


def make_receipt(
    log: PublicLog, found: Found, keys: PersonKeys, *, hint: str, grounds: Cbor, previous: Previous, policy: Policy
) -> Receipt:
    """Return the receipt of a found decision; raises `OpeningError` if `grounds` or `previous` are not what it commits to.

    It takes along no signature but the log's and those of the policy's witnesses, so that whoever has the policy checks
    every one.
    """
    if keys.openings is None:
        raise OpeningError("a watcher's keys find decisions and open none")
    decision, origin = found.decision, log.origin
    key = keys.openings.key(day_of(log.constants.begins(decision.epoch)))
    gate, of_grounds, of_previous = (salt_at(key, salt, origin, decision.epoch) for salt in _SALTS)
    opened = OpenedDecision(
        epoch=decision.epoch,
        label=decision.label,
        salts=(gate, of_grounds, of_previous),
        view=find_view(decision, keys, log.constants, hint),
        previous=previous,
        grounds=encode_cbor(grounds),
    )
    if opened.entry(origin) != decision.to_bytes():
        raise OpeningError("these are not the grounds of this decision: give those that came with it, unchanged")
    note, nodes = log.checkpoint.note, tile_nodes(tiles_of(log.fetch), log.checkpoint.head.size)
    known = _known(policy)
    signatures = tuple(one for one in note.signatures if (one.name, one.key_id) in known)
    return Receipt(
        opened=opened,
        index=found.index,
        path=prove_inclusion(nodes, found.index, log.checkpoint.head.size),
        constants=log.constants_entry.entry,
        constants_path=log.constants_entry.path,
        checkpoint=Note(text=note.text, signatures=signatures),
    )


def format_receipt(receipt: Receipt) -> bytes:
    """Return the receipt's file: a tlog-proof, whose `extra` is the constants with their path, and the opened decision."""
    extra = (
        bytes([_FILE_VERSION])
        + len(receipt.constants).to_bytes(2)
        + receipt.constants
        + bytes([len(receipt.constants_path)])
        + b"".join(receipt.constants_path)
        + receipt.opened.to_bytes()
    )
    proof = ProofFile(index=receipt.index, path=receipt.path, checkpoint=receipt.checkpoint, extra=extra)
    return format_proof_file(proof)


def parse_receipt(data: bytes) -> Receipt:
    """Return the receipt in a file, not checked; raises `PassFormatError` for all that `format_receipt` would not write."""
    try:
        proof = parse_proof_file(data)
    except TlogError as error:
        raise PassFormatError(f"this is no receipt: {error}") from None
    extra = proof.extra
    at = 3 + int.from_bytes(extra[1:3])
    count = extra[at] if len(extra) > at else _MAX_PATH + 1
    end = at + 1 + count * HASH_BYTES
    if extra[:1] != bytes([_FILE_VERSION]) or count > _MAX_PATH:
        raise PassFormatError("this is a log's proof, and no receipt of a version that is known here")
    receipt = Receipt(
        opened=OpenedDecision.of_bytes(extra[end:]),
        index=proof.index,
        path=proof.path,
        constants=extra[3:at],
        constants_path=tuple(extra[place : place + HASH_BYTES] for place in range(at + 1, end, HASH_BYTES)),
        checkpoint=proof.checkpoint,
    )
    if format_receipt(receipt) != data:
        raise PassFormatError("the receipt is not in the one form that it has: somebody has written it anew")
    return receipt


def check_receipt(receipt: Receipt, policy: Policy) -> Shown:
    """Return what a receipt shows, offline, with nothing but a policy; raises `ReceiptError`.

    Every signature in it must be of the policy's own keys, and true: a receipt has no byte that may be altered.
    """
    note, opened = receipt.checkpoint, receipt.opened
    names = [(one.name, one.key_id) for one in note.signatures]
    strangers = sorted({name for name, key_id in names if (name, key_id) not in _known(policy)})
    if strangers or len(set(names)) != len(names):
        who = ", ".join(strangers) or "somebody twice"
        raise ReceiptError(f"signed by {who[:200]}: check it with the policy that was in force when it was made")
    try:
        origin = policy.check(note).head.origin
        proof = ProofFile(index=receipt.index, path=receipt.path, checkpoint=note)
        checkpoint = check_proof_file(proof, opened.entry(origin), policy)
        head = checkpoint.head
        check_inclusion(hash_leaf(receipt.constants), CONSTANTS_INDEX, head.size, receipt.constants_path, head.root)
        constants = read_constants(receipt.constants, None)
    except TlogError as error:
        raise ReceiptError(f"the receipt does not hold: {error}") from None
    if constants.origin != origin:
        raise ReceiptError(f"the receipt does not hold: the log's constants are of {constants.origin[:60]!r}")
    return _shown(opened, receipt.index, constants, checkpoint)


def format_receipt_picture(picture: ReceiptPicture) -> str:
    """Return the text for a receipt's QR picture; raises `PassFormatError` if its grounds are too many for one."""
    parts = (
        bytes([_PICTURE_VERSION]),
        picture.log,
        bytes([len(picture.path)]),
        picture.index.to_bytes(_INDEX_BYTES),
        *picture.path,
        picture.opened.to_bytes(),
    )
    data = b"".join(parts)
    if len(data) > MAX_PICTURE_BYTES:
        raise PassFormatError(f"a receipt of {len(data)} bytes is too much for one picture: keep its file")
    return RECEIPT_PREFIX + encode_base45(data)


def parse_receipt_picture(text: str) -> ReceiptPicture:
    """Return the receipt in a QR picture's text, not checked; raises `PassFormatError`."""
    if not text.startswith(RECEIPT_PREFIX):
        raise PassFormatError(f"a receipt's picture begins with {RECEIPT_PREFIX}: show the receipt, not the pass")
    try:
        data = parse_base45(text[len(RECEIPT_PREFIX) :])
    except WireError as error:
        raise PassFormatError(f"the receipt is damaged: {error}") from None
    at = 1 + _LOG_BYTES
    first = at + 1 + _INDEX_BYTES
    height = data[at] if len(data) > first else 0
    end = first + height * HASH_BYTES
    if data[:1] != bytes([_PICTURE_VERSION]) or height not in HEIGHTS or len(data) > MAX_PICTURE_BYTES:
        raise PassFormatError("this is no receipt of a version and length that are known here")
    return ReceiptPicture(
        log=data[1:at],
        opened=OpenedDecision.of_bytes(data[end:]),
        index=int.from_bytes(data[at + 1 : first]),
        path=tuple(data[place : place + HASH_BYTES] for place in range(first, end, HASH_BYTES)),
    )


def check_receipt_picture(picture: ReceiptPicture, held: Held) -> Shown:
    """Return what a receipt's picture shows, checked against the roots that a gate has synced; raises `ReceiptError`.

    That its decision was superseded since does not make a receipt false: it says what was decided then.
    """
    constants, height = held.constants, len(picture.path)
    if picture.log != log_id(constants.origin)[:_LOG_BYTES] or height != constants.height:
        raise ReceiptError("the receipt is of another log than the one that is synced here")
    root = held.roots.get(picture.index >> height)
    if root is None:
        raise ReceiptError("the receipt's block is not synced here: sync again, or check the receipt's file")
    leaf, width = hash_leaf(picture.opened.entry(constants.origin)), 1 << height
    try:
        check_inclusion(leaf, picture.index & (width - 1), width, picture.path, root)
    except TlogError:
        raise ReceiptError("the receipt does not hold: what it says is not in the log") from None
    return _shown(picture.opened, picture.index, constants, None)


def _shown(opened: OpenedDecision, index: int, constants: Constants, checkpoint: Checkpoint | None) -> Shown:
    begins = constants.begins(opened.epoch)
    return Shown(origin=constants.origin, opened=opened, index=index, begins=begins, checkpoint=checkpoint)


def _known(policy: Policy) -> frozenset[tuple[str, bytes]]:
    return frozenset((key.name, key.id) for keys in (policy.logs, policy.witnesses) for key in keys.values())
