"""Writes `vectors/pass/`: passes and a receipt that must be taken, and what must be refused, with the reason in words.

PYTHONPATH=tests .venv/bin/python tests/passes/pass_vectors.py
"""

from __future__ import annotations

import json
from pathlib import Path

from habeas.passes import (
    Pass,
    find_decision,
    format_pass,
    format_receipt,
    format_receipt_picture,
    make_receipt,
    open_log,
    parse_receipt,
    pass_of,
)
from habeas.tlog import hash_leaf
from habeas.wire import encode_base45, parse_base45
from passes.public_log import (
    POLICY,
    POLICY_FILE,
    WITNESSES,
    PublicFiles,
    cosigned,
    hint_of,
    keys_of,
    small_log,
    tall_log,
)

FOLDER = Path(__file__).parents[2] / "vectors" / "pass"


def files() -> dict[str, bytes]:
    """Return the files by name."""
    receipt = _receipt(small_log(), 1)
    passes = [_pass(small_log(), 1), _pass(small_log(), 3), _pass(tall_log(), 2)]
    receipts = {
        "origin": small_log().constants.origin,
        "epoch_seconds": small_log().constants.epoch_seconds,
        "files": [{"file": "receipt.txt", "policy": "policy", **_opened(receipt)}],
        "pictures": [_picture(small_log(), 1), _picture(tall_log(), 2)],
        "refused": [{"what": what, "receipt": data.decode("latin-1")} for what, data in _altered(receipt)],
    }
    return {
        "passes.json": _json({"passes": passes, "refused": _refused(str(passes[0]["text"]))}),
        "receipts.json": _json(receipts),
        "receipt.txt": receipt,
        "policy": POLICY_FILE + b"\n",
    }


def _pass(log: PublicFiles, who: int) -> dict[str, object]:
    opened = open_log(log.fetch, POLICY)
    found = find_decision(opened, keys_of(who))
    shown = pass_of(opened, found, keys_of(who), hint_of(who))
    view, origin = shown.view, log.constants.origin
    return {
        "text": format_pass(shown),
        "origin": origin,
        "height": shown.height,
        "index": shown.index,
        "epoch": shown.epoch,
        "label": shown.label.hex(),
        "rest": shown.rest.hex(),
        "salt": shown.salt.hex(),
        "view": {"now": view.now, "until": view.until, "then": view.then, "hint": view.hint},
        "entry": found.decision.to_bytes().hex(),
        "leaf": shown.leaf(origin).hex(),
        "root": shown.root(origin).hex(),
    }


def _refused(text: str) -> list[dict[str, str]]:
    """Return texts that are no passes: a gate answers "unreadable" to each."""
    data = parse_base45(text[4:])
    view = 1 + 4 + 1 + 5 + 4 + 16 + 32 + 16

    def with_byte(at: int, byte: int) -> str:
        return "HB1:" + encode_base45(data[:at] + bytes([byte]) + data[at + 1 :])

    rows = (
        ("another prefix", "HC1:" + text[4:]),
        ("small letters", text.lower()),
        ("a character that Base45 does not have", text[:-1] + "_"),
        ("cut off", text[:-3]),
        ("a byte too many", "HB1:" + encode_base45(data + b"\0")),
        ("version 2", with_byte(0, 2)),
        ("height 9", with_byte(5, 9)),
        ("height 16, with a path of 8", with_byte(5, 16)),
        ("a view of version 2", with_byte(view, 2)),
        ("a flag in the view", with_byte(view + 7, 1)),
        ("a later code that is severer", with_byte(view + 6, 9)),
        ("a zero within the hint", with_byte(view + 9, 0)),
        ("a hint that is no UTF-8", with_byte(view + 9, 0xFF)),
        ("a hint that begins with a space", with_byte(view + 8, 0x20)),
        ("nothing", ""),
    )
    return [{"what": what, "text": shown} for what, shown in rows]


def _receipt(log: PublicFiles, who: int) -> bytes:
    checkpoint = cosigned(log, WITNESSES[:4])
    opened = open_log(lambda path: checkpoint if path == "checkpoint" else log.fetch(path), POLICY)
    found = find_decision(opened, keys_of(who))
    opening = log.openings[found.decision.epoch, who]
    return format_receipt(
        make_receipt(
            opened, found, keys_of(who), hint=hint_of(who), grounds=opening.grounds, previous=opening.previous,
            policy=POLICY,
        )
    )  # fmt: skip


def _opened(data: bytes) -> dict[str, object]:
    receipt = parse_receipt(data)
    opened, view = receipt.opened, receipt.opened.view
    return {
        "index": receipt.index,
        "epoch": opened.epoch,
        "view": {"now": view.now, "until": view.until, "then": view.then, "hint": view.hint},
        "grounds": opened.grounds.hex(),
        "previous": {"index": opened.previous.index, "leaf": opened.previous.leaf.hex()},
    }


def _picture(log: PublicFiles, who: int) -> dict[str, object]:
    data = _receipt(log, who)
    height = log.constants.height
    shown: Pass = pass_of(
        opened := open_log(log.fetch, POLICY), find_decision(opened, keys_of(who)), keys_of(who), hint_of(who)
    )
    entry = parse_receipt(data).opened.entry(log.constants.origin)
    assert hash_leaf(entry) == shown.leaf(log.constants.origin)
    return {
        "text": format_receipt_picture(parse_receipt(data).picture(height)),
        "height": height,
        "root": shown.root(log.constants.origin).hex(),
        **_opened(data),
    }


def _altered(data: bytes) -> list[tuple[str, bytes]]:
    lines = data.split(b"\n")
    signature = lines[-2]
    extra = lines[1]
    return [
        (
            "one byte of what is opened",
            data.replace(extra, extra[:-9] + (b"A" if extra[-9:-8] != b"A" else b"B") + extra[-8:]),
        ),
        ("another index", data.replace(b"index 1", b"index 2", 1)),
        ("a path cut off", data.replace(lines[3] + b"\n", b"", 1)),
        ("one byte of a cosignature", data.replace(signature, signature[:-9] + b"AAAA" + signature[-5:])),
        (
            "a signature of somebody whom the policy does not know",
            data + signature.replace(b"witness4", b"stranger") + b"\n",
        ),
        ("a witness twice", data + signature + b"\n"),
        ("without its checker's cosignature", data.replace(lines[-5] + b"\n", b"")),
        ("an extension line that nobody signed", data.replace(b"\n\n\xe2\x80\x94", b"\nmore\n\n\xe2\x80\x94", 1)),
        ("no constants", data.replace(extra, b"extra " + b"AQAAAA==")),
    ]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
