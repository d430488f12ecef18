"""Writes `vectors/pass/proofs.json`: proofs of abuse and receipts of an intake that must be taken, and what must be refused.

PYTHONPATH=tests .venv/bin/python tests/passes/proof_vectors.py
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from habeas.passes import IntakeReceipt, format_abuse, sign_intake_receipt
from habeas.wire import Algorithm, Instant, encode_cbor, make_signing_key, sign1
from passes.public_log import POLICY_FILE
from passes.test_abuse import NEXT_DAY, SAME_DAY, proof_of
from passes.test_hostile import borrowed_header

FILE = Path(__file__).parents[2] / "vectors" / "pass" / "proofs.json"
AUTHORITY = make_signing_key(Algorithm.EDDSA, b"a" * 32)
OTHER = make_signing_key(Algorithm.EDDSA, b"o" * 32)
RECEIPT = IntakeReceipt(
    origin="henan.example/habeas",
    id=hashlib.sha256(b"the bytes that came").digest(),
    statement=hashlib.sha256(b"the statement").digest(),
    received=Instant(1_655_038_800),
    block=229_867,
)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def altered(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def abuse() -> dict[str, Any]:
    """Return the proofs; what must be refused is one of them with a byte at a place changed by XOR 1, or cut to a length, or whole."""
    taken: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for number, (name, epoch) in enumerate((("label key of one day", SAME_DAY), ("state of the first day", NEXT_DAY))):
        proof, index = proof_of(epoch, people=2)
        data = format_abuse(proof)
        taken.append({"name": name, "index": index, "file": text(data)})
        places = {"first line": 3, "length": 16, "map": len(data) // 2, "list": len(data) - 1}
        refused += [{"name": f"{name}: {what}", "of": number, "flip": place} for what, place in places.items()]
        refused.append({"name": f"{name}: cut short", "of": number, "cut": len(data) - 1})
    borrowed, _ = borrowed_header()
    name = "header of the next block, which has no lines, with the list before it"
    refused.append({"name": name, "file": text(format_abuse(borrowed))})
    return {"policy": POLICY_FILE.decode(), "taken": taken, "refused": refused}


def intake() -> dict[str, Any]:
    data = sign_intake_receipt(RECEIPT, AUTHORITY)
    value = {"block": RECEIPT.block, "id": RECEIPT.id, "origin": RECEIPT.origin, "received": int(RECEIPT.received)}
    return {
        "key": AUTHORITY.verifying.public.hex(),
        "taken": [
            {
                "file": text(data),
                "origin": RECEIPT.origin,
                "id": RECEIPT.id.hex(),
                "statement": RECEIPT.statement.hex(),
                "received": int(RECEIPT.received),
                "block": RECEIPT.block,
            }
        ],
        "refused": [
            {"name": "another key", "file": text(sign_intake_receipt(RECEIPT, OTHER))},
            {"name": "another byte", "file": text(altered(data, len(data) - 1))},
            {"name": "no statement", "file": text(sign1(encode_cbor({**value, "v": "habeas/receipt"}), AUTHORITY))},
            {
                "name": "another kind of paper",
                "file": text(sign1(encode_cbor({**value, "statement": bytes(32), "v": "habeas/other"}), AUTHORITY)),
            },
            {"name": "nothing", "file": ""},
        ],
    }


def contents() -> str:
    return json.dumps({"abuse": abuse(), "intake": intake()}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(contents(), encoding="utf-8")
