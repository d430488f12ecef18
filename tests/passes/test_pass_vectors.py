"""`vectors/pass/`, read three ways: by our code, by a few lines without it, and against what writes them."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import pytest

from habeas.passes import (
    Held,
    PassError,
    PassFormatError,
    Verdict,
    check_pass,
    check_receipt,
    check_receipt_picture,
    format_pass,
    parse_pass,
    parse_receipt,
    parse_receipt_picture,
)
from habeas.tlog import parse_policy
from passes import receipt_verifier
from passes.pass_vectors import FOLDER, files
from passes.public_log import LOG, WITNESSES, held, small_log, tall_log

PASSES: Any = json.loads((FOLDER / "passes.json").read_text(encoding="utf-8"))
RECEIPTS: Any = json.loads((FOLDER / "receipts.json").read_text(encoding="utf-8"))
KEYS = {key.key.name: (int(key.key.type), key.key.public) for key in (LOG, *WITNESSES[:4])}


def H(*parts: bytes) -> bytes:  # noqa: N802 - as docs/formats.md writes it
    return hashlib.sha256(b"".join(parts)).digest()


def base45(text: str) -> bytes:
    """RFC 9285."""
    alphabet, out = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", b""
    for at in range(0, len(text), 3):
        digits = text[at : at + 3]
        number = sum(alphabet.index(one) * 45**place for place, one in enumerate(digits))
        out += number.to_bytes(len(digits) - 1, "big")
    return out


def gate_of(height: int) -> Held:
    return held(small_log() if height == 8 else tall_log())


def test_the_files_are_what_their_writer_writes() -> None:
    for name, data in files().items():
        assert (FOLDER / name).read_bytes() == data, (
            f"{name}: run tests/passes/pass_vectors.py, and say so in the changelog"
        )


@pytest.mark.parametrize("row", PASSES["passes"], ids=lambda row: f"{row['height']}-{row['index']}")
def test_a_pass_is_read_by_hand_as_by_our_code(row: Any) -> None:  # noqa: ANN401 - JSON
    data, origin, view = base45(row["text"][4:]), row["origin"], row["view"]
    hint = view["hint"].encode()
    of_view = struct.pack(">BBIBB12s", 1, view["now"], view["until"], view["then"], 0, hint)
    head = bytes([1]) + H(origin.encode())[:4] + bytes([row["height"]])
    head += row["index"].to_bytes(5, "big") + struct.pack(">I", row["epoch"])
    label, rest, salt = (bytes.fromhex(row[name]) for name in ("label", "rest", "salt"))
    assert data[: len(data) - 32 * row["height"]] == head + label + rest + salt + of_view
    gate = H(H(f"habeas/v1/gate\n{origin}".encode()), label, salt, of_view)
    entry = b"\x10" + struct.pack(">I", row["epoch"]) + label + gate + rest
    found = H(b"\0", entry)
    assert (entry.hex(), found.hex()) == (row["entry"], row["leaf"])
    for level in range(row["height"]):
        at = len(data) - 32 * (row["height"] - level)
        sibling = data[at : at + 32]
        found = H(b"\1", sibling, found) if row["index"] >> level & 1 else H(b"\1", found, sibling)
    assert found.hex() == row["root"]

    shown = parse_pass(row["text"])
    assert format_pass(shown) == row["text"]
    assert (shown.leaf(origin).hex(), shown.root(origin).hex()) == (row["leaf"], row["root"])
    gate_held = gate_of(row["height"])
    now = gate_held.constants.begins(gate_held.newest)
    said = check_pass(row["text"], gate_held, now)
    assert said.verdict is (Verdict.NO if shown.view.code_at(now) else Verdict.YES)


@pytest.mark.parametrize("row", PASSES["refused"], ids=lambda row: row["what"])
def test_what_is_no_pass_is_refused(row: Any) -> None:  # noqa: ANN401 - JSON
    with pytest.raises(PassFormatError):
        parse_pass(row["text"])
    gate = gate_of(8)
    said = check_pass(row["text"], gate, gate.constants.begins(gate.newest))
    assert (said.verdict, said.reason) == (Verdict.THEIRS, "unreadable")


def test_the_receipt_is_taken_by_both_verifiers() -> None:
    for row in RECEIPTS["files"]:
        data = (FOLDER / row["file"]).read_bytes()
        shown = check_receipt(parse_receipt(data), parse_policy((FOLDER / row["policy"]).read_bytes()))
        said = receipt_verifier.verify(data, KEYS, quorum=4)
        assert shown.index == row["index"]
        assert shown.begins == row["epoch"] * RECEIPTS["epoch_seconds"]
        assert shown.opened.grounds.hex() == said["grounds"].hex() == row["grounds"]  # type: ignore[attr-defined]
        assert shown.opened.previous.index == said["previous"] == row["previous"]["index"]
        assert shown.opened.view.now == said["now"] == row["view"]["now"]


@pytest.mark.parametrize("row", RECEIPTS["refused"], ids=lambda row: row["what"])
def test_an_altered_receipt_is_refused_by_both_verifiers(row: Any) -> None:  # noqa: ANN401 - JSON
    data = row["receipt"].encode("latin-1")
    with pytest.raises(PassError):
        check_receipt(parse_receipt(data), parse_policy((FOLDER / "policy").read_bytes()))
    with pytest.raises(receipt_verifier.Refused):
        receipt_verifier.verify(data, KEYS, quorum=4)


@pytest.mark.parametrize("row", RECEIPTS["pictures"], ids=lambda row: row["height"])
def test_a_receipts_picture_leads_to_the_root(row: Any) -> None:  # noqa: ANN401 - JSON
    gate = gate_of(row["height"])
    picture = parse_receipt_picture(row["text"])
    assert gate.roots[picture.index >> row["height"]].hex() == row["root"]
    shown = check_receipt_picture(picture, gate)
    assert shown.opened.grounds.hex() == row["grounds"]
