"""Proof that a superseded line is abuse: a decision was taken off the gates and none came in its place.

Anybody with the log's policy checks it offline; a gate then takes the line as void. It shows the decision, the block whose
list names it, and the two neighbours between which the new decision would have to stand. That both labels are one person's
is shown by the key that they follow from: the day's own where both are of one day, else the state of the first, from which
the second follows. Nobody finds another key to a given label, so nobody voids somebody else's line; and where a line is
valid, the decision that it is owed to stands under that second label, so not even the person can.

New keys are the one way to go on under another label. They are logged in the block that supersedes, under the old label of
that epoch (`rekey_commitment`), and the proof shows that this is not there, either.

**What it reveals.** A day's key: the person's labels of that one day. A state: all their labels from that day on, to whoever
has the proof. It opens no decision. Whoever has given a state away asks for new keys.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from habeas.passes._find import CONSTANTS_INDEX, PublicLog
from habeas.passes._follow import Blocks, superseded_by
from habeas.passes._keys import SEED_BYTES, Ratchet, day_of, label_at
from habeas.passes._look import Placed, look, subtree_reader
from habeas.passes._view import PersonKeys, commit
from habeas.passes.errors import AbuseError, PassError, PassFormatError
from habeas.tlog import (
    ADMISSION_KINDS,
    LABEL_BYTES,
    Admission,
    BlockFile,
    Constants,
    Decision,
    Head,
    Header,
    Policy,
    TlogError,
    chain_of,
    check_inclusion,
    format_note,
    hash_leaf,
    parse_indexes,
    parse_note,
    prove_subtree,
    read_constants,
    tile_nodes,
    tiles_of,
)
from habeas.wire import HOUR, WireError, encode_cbor, parse_deterministic_cbor

__all__ = ["Abuse", "check_abuse", "format_abuse", "is_rekeyed", "make_abuse", "parse_abuse", "rekey_commitment"]

_MAGIC = b"habeas/abuse/1\n"
_LENGTH = 4
_MAX_PATH = 63
_LABEL = slice(5, 5 + LABEL_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuse:
    """A proof as its file says it, not checked. Each entry stands with its leaf and its path to the checkpoint's root.

    `key` is the label key of the day of both labels, or the labels' state of the first one's day if `is_state`. `decisions`
    are the neighbours of the label that has none in the block, `admissions` those of the rekeying that is not there.
    `before` is the chain of lists before `superseded`, the block's own.
    """

    checkpoint: bytes = field(repr=False)
    constants: Placed = field(repr=False)
    decision: Placed
    header: Placed
    superseded: bytes = field(repr=False)
    before: bytes = field(repr=False)
    key: bytes = field(repr=False)
    is_state: bool
    decisions: tuple[Placed, ...]
    admissions: tuple[Placed, ...]


def rekey_commitment(origin: str, label: bytes) -> bytes:
    """Return what the admission of new keys commits to: the label that the old ones give for its epoch."""
    return commit("rekey", origin, label)


def _rekeying(constants: Constants, epoch: int, label: bytes) -> bytes:
    """Return the one admission that logs new keys in an epoch, for whom the old ones give that label."""
    return Admission(
        kind=ADMISSION_KINDS["rekey"],
        pool=0,
        received=constants.begins(epoch) // HOUR,
        commitment=rekey_commitment(constants.origin, label),
    ).to_bytes()


def is_rekeyed(log: PublicLog, block: BlockFile, label: bytes) -> bool:
    """Whether a block logs new keys for whom the old ones give a label there; raises `MirrorError`."""
    wanted = _rekeying(log.constants, block.header.epoch, label)
    return any(one.entry == wanted for one in _around(subtree_reader(log.fetch, block), _admissions(block), wanted))


def make_abuse(log: PublicLog, keys: PersonKeys, index: int, epoch: int) -> Abuse:
    """Return the proof that the line for the person's decision at `index`, in the block of `epoch`, is owed to no decision.

    Raises `AbuseError` where the line is none, or valid; `MirrorError`, `KeyRangeError`.
    """
    blocks, constants = Blocks.of(log), log.constants
    block, listed = blocks.find(epoch), [first for first, start in blocks.listed if start <= index]
    own = blocks.find(listed[-1]) if listed else None
    if block is None or own is None or not own.start <= index < block.start:
        raise AbuseError(f"there is no line of epoch {epoch} for the decision at {index}: give both as the alarm does")
    before = blocks.chain_before(block)
    if index not in superseded_by(log, block, before):
        raise AbuseError(f"the decision at {index} is not superseded in epoch {epoch}")
    first, second = (day_of(constants.begins(one)) for one in (own.header.epoch, epoch))
    key = keys.labels.key(first) if first == second else keys.labels.at(first).state
    label = label_at(keys.labels.key(second), log.origin, epoch)
    found, read = look(log.fetch, block, label), subtree_reader(log.fetch, block)
    lift = _lifter(log)
    proof = Abuse(
        checkpoint=format_note(log.checkpoint.note),
        constants=log.constants_entry,
        decision=lift(own, subtree_reader(log.fetch, own)(index)),
        header=lift(block, read(block.start)),
        superseded=log.fetch(f"superseded/{epoch}") or b"",
        before=before,
        key=key,
        is_state=first != second,
        decisions=tuple(lift(block, one) for one in found.neighbours),
        admissions=tuple(
            lift(block, one) for one in _around(read, _admissions(block), _rekeying(constants, epoch, label))
        ),
    )
    _check(proof, log.checkpoint.head)
    return proof


def check_abuse(proof: Abuse, policy: Policy) -> int:
    """Return the leaf whose superseded line is void, offline, with nothing but a policy; raises `AbuseError`.

    Every signature in the proof must be of the policy's own keys, and true: there is no byte that may be altered.
    """
    try:
        note = parse_note(proof.checkpoint)
        known = {(key.name, key.id) for keys in (policy.logs, policy.witnesses) for key in keys.values()}
        names = [(one.name, one.key_id) for one in note.signatures]
        if not known.issuperset(names) or len(set(names)) != len(names) or format_note(note) != proof.checkpoint:
            raise AbuseError("signed by others than this policy names: check it with the policy of when it was made")
        head = policy.check(note).head
    except TlogError as error:
        raise AbuseError(f"the proof does not hold: {error}") from None
    return _check(proof, head)


def _check(proof: Abuse, head: Head) -> int:
    try:
        return _checked(proof, head)
    except (TlogError, PassError) as error:
        if isinstance(error, AbuseError):
            raise
        raise AbuseError(f"the proof does not hold: {error}") from None


def _checked(proof: Abuse, head: Head) -> int:
    """Return the leaf that a proof is about if all of it leads to a head; raises `AbuseError`, `TlogError`, `PassError`."""
    for one in (proof.constants, proof.decision, proof.header, *proof.decisions, *proof.admissions):
        check_inclusion(hash_leaf(one.entry), one.index, head.size, one.path, head.root)
    if proof.constants.index != CONSTANTS_INDEX:
        raise AbuseError("the log's constants are its second entry")
    constants = read_constants(proof.constants.entry, None)
    if constants.origin != head.origin:
        raise AbuseError("the log's constants are of another log")
    decision, header = Decision.of_bytes(proof.decision.entry), Header.of_bytes(proof.header.entry)
    named = parse_indexes(proof.superseded)
    is_own = chain_of(proof.before, proof.superseded) == header.chain and len(named) == header.superseded
    if not is_own or proof.decision.index not in named:  # a block without lines has the chain of the one before it
        raise AbuseError("the block's list does not name this decision")
    label = _labels(proof, constants, decision, header.epoch)
    counts, start = header.counts, proof.header.index + 1 + header.counts.plain
    admissions = range(start, start + counts.admissions)
    first = admissions.stop + counts.cases
    wanted = _rekeying(constants, header.epoch, label)
    _check_absent(proof.admissions, admissions, wanted, lambda entry: entry)
    _check_absent(proof.decisions, range(first, first + counts.decisions), label, lambda entry: entry[_LABEL])
    return proof.decision.index


def _labels(proof: Abuse, constants: Constants, decision: Decision, epoch: int) -> bytes:
    """Return the label that the listed decision's owner has in the block, if the key is the owner's."""
    first, second = (day_of(constants.begins(one)) for one in (decision.epoch, epoch))
    if len(proof.key) != SEED_BYTES or proof.is_state != (first != second) or epoch <= decision.epoch:
        raise AbuseError("a proof shows the key of the day of both labels, or the state of the first one's day")
    ratchet = Ratchet(day=first, state=proof.key) if proof.is_state else None
    keys = [ratchet.key(day) if ratchet else proof.key for day in (first, second)]
    if label_at(keys[0], constants.origin, decision.epoch) != decision.label:
        raise AbuseError("the key in the proof is not that of the decision's owner")
    return label_at(keys[1], constants.origin, epoch)


def _check_absent(shown: Sequence[Placed], section: range, wanted: bytes, value: Callable[[bytes], bytes]) -> None:
    """Refuse neighbours that leave room for `wanted` in a section that rises strictly by `value`."""
    places = [one.index for one in shown]
    values = [value(one.entry) for one in shown]
    below = sum(one < wanted for one in values)
    at = places[0] + below if places else section.start
    expected = [place for place in (at - 1, at) if place in section]
    if places != expected or values != sorted(values) or wanted in values:
        raise AbuseError("the entries shown do not prove that there is none between them: the line may be valid")


def _around(read: Callable[[int], Placed], section: range, wanted: bytes) -> tuple[Placed, ...]:
    """Return the entries of a section next to where `wanted` is, or would be: with itself, if it is there."""
    at = section.start + bisect_left(section, wanted, key=lambda index: read(index).entry)
    return tuple(read(index) for index in (at - 1, at) if index in section)


def _admissions(block: BlockFile) -> range:
    start = block.start + 1 + block.header.counts.plain
    return range(start, start + block.header.counts.admissions)


def _lifter(log: PublicLog) -> Callable[[BlockFile, Placed], Placed]:
    """Return what carries an entry's path on, from its subtree's root up to the checkpoint's."""
    head = log.checkpoint.head
    nodes = tile_nodes(tiles_of(log.fetch), head.size)

    def lift(block: BlockFile, one: Placed) -> Placed:
        height = block.header.height
        path = (*one.path, *prove_subtree(nodes, height, one.index >> height, head.size))
        return Placed(index=one.index, entry=one.entry, path=path)

    return lift


def format_abuse(proof: Abuse) -> bytes:
    """Return a proof's file: a line, the length of a CBOR map (4 bytes), the map, and the block's list of superseded lines."""
    value = {
        "admissions": [_row(one) for one in proof.admissions],
        "before": proof.before,
        "checkpoint": proof.checkpoint,
        "constants": _row(proof.constants),
        "decision": _row(proof.decision),
        "decisions": [_row(one) for one in proof.decisions],
        "header": _row(proof.header),
        "key": proof.key,
        "state": proof.is_state,
    }
    head = encode_cbor(value)
    return _MAGIC + len(head).to_bytes(_LENGTH) + head + proof.superseded


def parse_abuse(data: bytes) -> Abuse:
    """Return the proof in a file, not checked; raises `PassFormatError` for all that `format_abuse` would not write."""
    at = len(_MAGIC) + _LENGTH
    end = at + int.from_bytes(data[len(_MAGIC) : at])
    if not data.startswith(_MAGIC) or end > len(data):
        raise PassFormatError("this is no proof of abuse of a version that is known here")
    try:
        value: Any = parse_deterministic_cbor(data[at:end])
        return _of(value, data[end:])
    except (WireError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise PassFormatError(f"the proof of abuse is damaged: {error}") from None


def _of(value: Any, superseded: bytes) -> Abuse:  # noqa: ANN401 - whatever was read
    typed = {"before": bytes, "checkpoint": bytes, "key": bytes, "state": bool}
    placed = {"admissions", "constants", "decision", "decisions", "header"}
    if value.keys() != typed.keys() | placed or any(type(value[name]) is not kind for name, kind in typed.items()):
        raise TypeError("its fields are not those of a proof")
    return Abuse(
        checkpoint=value["checkpoint"],
        superseded=superseded,
        before=value["before"],
        key=value["key"],
        is_state=value["state"],
        constants=_placed(value["constants"]),
        decision=_placed(value["decision"]),
        header=_placed(value["header"]),
        decisions=tuple(map(_placed, value["decisions"])),
        admissions=tuple(map(_placed, value["admissions"])),
    )


def _row(one: Placed) -> list[Any]:
    return [one.index, one.entry, list(one.path)]


def _placed(row: Any) -> Placed:  # noqa: ANN401 - whatever was read
    index, entry, path = row
    if type(index) is not int or not isinstance(entry, bytes) or not isinstance(path, list) or len(path) > _MAX_PATH:
        raise TypeError("a leaf, an entry and a path do not stand where they must")
    if any(not isinstance(one, bytes) for one in path):
        raise TypeError("a path is of hashes")
    return Placed(index=index, entry=entry, path=tuple(path))
