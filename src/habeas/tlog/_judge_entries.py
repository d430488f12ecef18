"""The checker's judgement of a block's entries: each in its section and order, of its one form, with no free byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from habeas.tlog._entry import ENTRY_BYTES, LABEL_BYTES, PAD, Admission, CaseEvent, EntryKind, Ground, Header, Plain
from habeas.tlog._open_fields import ADMISSION_KINDS, format_pool
from habeas.tlog.errors import BlockError, EntryError
from habeas.wire import CborTag, WireError, encode_cbor, parse_sign1

__all__ = ["check_fields", "check_sections", "plain_of"]

_EPOCH = slice(1, 5)
_LABEL = slice(5, 5 + LABEL_BYTES)
_TAGGED, _SIGN1 = 0xD2, 18
_ALG, _KID = 1, 4
_KINDS = {
    "admissions": EntryKind.ADMISSION,
    "cases": EntryKind.CASE,
    "decisions": EntryKind.DECISION,
    "grounds": EntryKind.GROUND,
}
_KINDS_OF_ADMISSIONS = frozenset(ADMISSION_KINDS.values())


def check_sections(header: Header, entries: Sequence[bytes]) -> dict[str, Sequence[bytes]]:
    """Return the entries of a block by section, each in order and of its kind; raises `BlockError`."""
    sections, at = {}, 1
    for name in ("plain", *_KINDS):
        count = getattr(header.counts, name)
        sections[name], at = entries[at : at + count], at + count
        _check_section(name, sections[name], header)
    if any(entry != PAD for entry in entries[at:]):
        raise BlockError("padding", "after its sections a block has pads only, one zero byte each")
    return sections


def _check_section(name: str, entries: Sequence[bytes], header: Header) -> None:
    """Refuse a section with a wrong kind or form, out of order, or with a label twice."""
    before = b""
    for entry in entries:
        if entry <= before:
            raise BlockError("order", f"the {name} do not rise strictly at {entry[:6].hex()}")
        before = entry
    if name == "plain":
        return
    kind = _KINDS[name]
    size = ENTRY_BYTES[kind]
    for entry in entries:
        if entry[0] != kind or len(entry) != size:
            raise BlockError("kind", f"among the {name} stands an entry that begins with {entry[:1].hex()}")
    if name == "decisions":
        _check_labels(entries, header.epoch)


def _check_labels(entries: Sequence[bytes], epoch: int) -> None:
    stamp, before = epoch.to_bytes(4), b""
    for entry in entries:
        if entry[_EPOCH] != stamp:
            raise BlockError("epoch", "a decision is of another epoch than its block")
        if entry[_LABEL] <= before:
            raise BlockError("label", f"two decisions under the label {entry[_LABEL].hex()}, or one out of order")
        before = entry[_LABEL]


def check_fields(sections: dict[str, Sequence[bytes]], hour: int, packs: frozenset[int]) -> None:
    """Refuse a kind, class, pool, hour or pack that no entry of a block of that hour under these packs can say.

    `hour` is the unix hour in which the block's epoch begins. Raises `BlockError`.
    """
    checks: dict[str, Callable[[bytes], int]] = {
        "admissions": lambda entry: _pool_of_admission(Admission.of_bytes(entry), hour),
        "cases": lambda entry: _pool_of_case(CaseEvent.of_bytes(entry)),
        "grounds": lambda entry: _pool_of_ground(Ground.of_bytes(entry), packs),
    }
    pools = {check(entry) for name, check in checks.items() for entry in sections[name]}
    for pool in pools:
        try:
            format_pool(pool)
        except EntryError as error:
            raise BlockError("pool", str(error)) from None


def _pool_of_admission(admission: Admission, hour: int) -> int:
    if admission.received > hour:
        raise BlockError("admission", f"a statement is said to be received after the block's hour {hour}")
    if admission.kind not in _KINDS_OF_ADMISSIONS:
        raise BlockError("admission", f"nothing that is admitted has the number {admission.kind}")
    return admission.pool


def _pool_of_case(case: CaseEvent) -> int:
    # Until cases have their table of states there is no number for one: whatever stood here could only be a mark.
    raise BlockError("case", f"there are no cases yet, and so none of kind {case.kind}")


def _pool_of_ground(ground: Ground, packs: frozenset[int]) -> int:
    if ground.pack not in packs:
        raise BlockError(
            "grounds", f"a ground is counted under entry {ground.pack}, no pack that this block was derived under"
        )
    if not ground.class_:
        raise BlockError("grounds", "a ground of the mildest code is none: only adverse ones are counted")
    return ground.pool


def plain_of(entry: bytes, number: int) -> Plain:
    """Return plain entry `number`, in its one form; raises `BlockError`."""
    try:
        plain = Plain.of_bytes(entry)
        _check_signed(plain.body)
    except (EntryError, WireError) as error:
        raise BlockError("kind", f"plain entry {number}: {error}") from None
    return plain


def _check_signed(body: bytes) -> None:
    """Refuse a COSE_Sign1 with anything in it that its signer did not sign, or that could be written in another way."""
    if body[0] != _TAGGED:
        return
    message = parse_sign1(body)
    protected = encode_cbor({_ALG: message.algorithm.value, _KID: message.kid})
    if encode_cbor(CborTag(_SIGN1, [protected, {}, message.payload, message.signature])) != body:
        raise EntryError("the COSE_Sign1 is not in the one form that has algorithm and kid protected, and nothing else")
