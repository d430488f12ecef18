"""The receipt for what was handed in: who holds it can show that it came in, and see in the next block what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from habeas.passes._commitments import admission_commitment, refusal_commitment
from habeas.passes.errors import ReceiptError
from habeas.tlog import ADMISSION_KINDS, HASH_BYTES, Admission, EntryKind, Plain, TlogError, kind_of
from habeas.wire import (
    Instant,
    SigningKey,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_cbor,
    parse_deterministic_cbor,
    parse_sign1,
    sign1,
)

__all__ = ["IntakeReceipt", "answer_in_block", "check_intake_receipt", "sign_intake_receipt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReceipt:
    """What was handed in; when; and the epoch whose block says what became of it.

    `id` is the SHA-256 of the bytes, under which they are refused; `statement` the statement's id, under which it is let in.
    """

    origin: str
    id: bytes
    statement: bytes
    received: Instant
    block: int


def sign_intake_receipt(receipt: IntakeReceipt, key: SigningKey) -> bytes:
    """Return a receipt as its holder gets it: a COSE_Sign1 of the authority."""
    value = {
        "block": receipt.block,
        "id": receipt.id,
        "origin": receipt.origin,
        "received": int(receipt.received),
        "statement": receipt.statement,
        "v": "habeas/receipt",
    }
    return sign1(encode_cbor(value), key)


def check_intake_receipt(data: bytes, key: VerifyingKey) -> IntakeReceipt:
    """Return the receipt in bytes that `key` signed; raises `ReceiptError`."""
    try:
        value: Any = parse_deterministic_cbor(check_sign1(parse_sign1(data), key))
        if value.pop("v") != "habeas/receipt" or type(value["block"]) is not int or type(value["origin"]) is not str:
            raise TypeError("other fields than a receipt's")  # noqa: TRY301 - one place says what to do
        receipt = IntakeReceipt(**{**value, "received": Instant(value["received"])})
        if any(type(one) is not bytes or len(one) != HASH_BYTES for one in (receipt.id, receipt.statement)):
            raise TypeError("an id that is no hash")  # noqa: TRY301
    except (WireError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReceiptError(f"this is no receipt of this authority: {error}; keep it, and ask for another") from None
    return receipt


def answer_in_block(receipt: IntakeReceipt, entries: Iterable[bytes]) -> Admission | Plain:
    """Return the entry of a block that answers a statement's receipt: its admission, or its refusal. Raises `ReceiptError`.

    `entries` are those of the block of epoch `receipt.block`. One without an answer, under quorum, proves with the receipt
    that the authority did not do what it signed.
    """
    admitted = {admission_commitment(receipt.origin, kind, receipt.statement) for kind in ADMISSION_KINDS.values()}
    refused = refusal_commitment(receipt.origin, receipt.id)
    for entry in entries:
        kind = kind_of(entry)
        if kind is EntryKind.ADMISSION and (found := Admission.of_bytes(entry)).commitment in admitted:
            return found
        if kind is EntryKind.REFUSAL and _commitment(plain := Plain.of_bytes(entry)) == refused:
            return plain
    raise ReceiptError(
        "the block does not say what became of this: show receipt and block to the ombudsman, or hand it in elsewhere"
    )


def _commitment(plain: Plain) -> bytes | None:
    try:
        value: Any = parse_deterministic_cbor(parse_sign1(plain.body).payload)
        found = value["commitment"]
    except (WireError, TlogError, KeyError, TypeError):
        return None
    return found if type(found) is bytes else None
