"""Writes vectors/gate/: `python tests/passes/gate_vectors.py` from the repository's folder, with tests/ on the path.

Everything in it is made up and made without randomness: the log of `gate_log`, its people, its signers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from habeas.passes import (
    Held,
    PassError,
    Synced,
    check_bridge,
    check_pass,
    check_pass_by_bridge,
    format_bridge,
    format_pass,
    make_bridge,
    parse_pass,
    sync,
)
from habeas.tlog import Fetch, block_file, format_block_file, format_blocks
from habeas.wire import DAY, HOUR, encode_base45, parse_base45
from passes.gate_log import GREEN, ORIGIN, POLICY, QUORUM, RED, GateLog, day, forty_days, synced
from tlog.blocks import CONSTANTS

FOLDER = Path(__file__).parents[2] / "vectors" / "gate"
HEIGHT = CONSTANTS.height
NEWER = day(40) + 3
FORTY = forty_days()
HELD = synced(FORTY)
NOW = CONSTANTS.begins(day(40)) + 4 * HOUR
LATER = CONSTANTS.begins(NEWER) + HOUR


def grown() -> GateLog:
    log = forty_days()
    log.grow(NEWER, {60: GREEN, 61: RED}, superseded=[log.index_of(15, day(32))])
    log.grow(NEWER + 1, {60: RED}, superseded=[log.index_of(60, NEWER)])
    log.publish()
    return log


GROWN = grown()


def all_vectors() -> dict[str, Any]:
    """Return the files' contents by name."""
    return {"passes.json": passes(), "bridges.json": bridges(), "sync.json": syncs()}


def held_value(held: Held) -> dict[str, Any]:
    return {
        "origin": held.constants.origin,
        "epoch_seconds": held.constants.epoch_seconds,
        "height": held.constants.height,
        "newest": held.newest,
        "opens_to": None if held.opens_to is None else sorted(held.opens_to),
        "roots": {str(index): root.hex() for index, root in held.roots.items()},
        "superseded": [index for index in range(len(FORTY.leaves)) if index in held.superseded],
    }


def passes() -> dict[str, Any]:
    held = HELD.held(NOW)
    rows = []
    for name, text, now, opens in _passes():
        answer = check_pass(text, replace(held, opens_to=frozenset((GREEN, 1)) if opens else None), now)
        row = {"name": name, "pass": text, "now": now, "opens": opens}
        rows.append(row | {"verdict": answer.verdict.name.lower(), "reason": answer.reason, "hint": answer.hint})
    return {
        "source": "docs/gate.md, step 5; made by tests/passes/gate_vectors.py",
        "held": held_value(held),
        "cases": rows,
    }


def _passes() -> Iterator[tuple[str, str, int, bool]]:
    green, red = FORTY.shown(15, day(32)), FORTY.shown(14, day(30))
    begins = CONSTANTS.begins(HELD.newest)
    shown = parse_pass(green)
    yield "green", green, NOW, True
    yield "red", red, NOW, True
    yield "yellow, which this gate lets in", FORTY.shown(115, day(32)), NOW, True
    yield "red, its hour over", FORTY.shown(9, day(20)), NOW, True
    yield "the clock an epoch behind, still taken", green, begins - 7200, True
    yield "the clock behind by more", green, begins - 7201, True
    yield "a day after the newest header", green, begins + DAY, True
    yield "a second more", green, begins + DAY + 1, True
    yield "no mandate", red, NOW, False
    yield "no pass", "HELLO", NOW, True
    yield "another prefix", "HB2:" + green[4:], NOW, True
    yield "a character too few", green[:-1], NOW, True
    yield "small letters", green[:4] + green[4:].lower(), NOW, True
    for name, at, value in (
        ("version", 0, 2),
        ("height", 5, 9),
        ("flags of the view", 86, 1),
        ("code after above now", 85, 9),
    ):
        yield f"wrong {name}", _changed(green, at, value), NOW, True
    yield "of another log", format_pass(replace(shown, log=bytes(4))), NOW, True
    yield "the view of somebody else", format_pass(replace(parse_pass(red), view=shown.view)), NOW, True
    yield "another label", format_pass(replace(shown, label=bytes(16))), NOW, True
    yield "another salt", format_pass(replace(shown, salt=bytes(16))), NOW, True
    yield "the next leaf's index", format_pass(replace(shown, index=shown.index ^ 1)), NOW, True
    yield "a flipped sibling", format_pass(replace(shown, path=(bytes(32), *shown.path[1:]))), NOW, True
    yield "an epoch raised, at a place that is held", format_pass(replace(shown, epoch=NEWER)), NOW, True
    yield "newer than the gate", GROWN.shown(60, NEWER), NOW, True
    yield "older than 28 days", FORTY.shown(2, day(6)), NOW, True
    yield "28 days old to the second", FORTY.shown(5, day(12)), CONSTANTS.begins(day(12)) + 28 * DAY, True
    yield "a second younger", FORTY.shown(105, day(12)), CONSTANTS.begins(day(12)) + 28 * DAY - 1, True
    far = replace(shown, index=shown.index + (1 << 20))
    yield "a place that no gate holds yet, in an old epoch", format_pass(far), NOW, True
    yield "superseded", FORTY.shown(13, day(28)), NOW, True


def _changed(text: str, at: int, value: int) -> str:
    data = bytearray(parse_base45(text[4:]))
    data[at] = value
    return text[:4] + encode_base45(bytes(data))


def bridges() -> dict[str, Any]:
    held = HELD.held(LATER)
    green, red = GROWN.shown(60, NEWER), GROWN.shown(61, NEWER)
    node = GROWN.index_of(60, NEWER) >> HEIGHT
    made = make_bridge(GROWN.fetch, QUORUM, node, HEIGHT)
    right = format_bridge(made)
    other = format_bridge(make_bridge(GROWN.fetch, QUORUM, node + 1, HEIGHT))
    old = format_bridge(make_bridge(GROWN.fetch, QUORUM, FORTY.index_of(13, day(28)) >> HEIGHT, HEIGHT))
    signature = made.cosignatures[0]
    shown = [
        ("green", green, right),
        ("red", red, right),
        ("another subtree's bridge", green, other),
        ("a superseded pass, its own bridge", FORTY.shown(13, day(28)), old),
        ("that pass with its epoch raised", format_pass(replace(parse_pass(FORTY.shown(13, day(28))), epoch=NEWER)), old),
        ("the green view on the red pass", format_pass(replace(parse_pass(red), view=parse_pass(green).view)), right),
        ("a cosignature too few", green, format_bridge(replace(made, cosignatures=made.cosignatures[1:]))),
        ("a false cosignature", green, format_bridge(replace(made, cosignatures=(signature[:-1] + b"\0", *made.cosignatures[1:])))),
        ("a later time of one", green, format_bridge(replace(made, cosignatures=(signature[:11] + b"\xff" + signature[12:], *made.cosignatures[1:])))),
        ("a false signature of the log", green, format_bridge(replace(made, signature=made.signature[:-1] + b"\0"))),
        ("a flipped sibling", green, format_bridge(replace(made, path=(bytes(32), *made.path[1:])))),
        ("of another log", green, format_bridge(replace(made, log=bytes(4)))),
        ("no bridge", green, "HB2:"),
        ("a character too few", green, right[:-1]),
    ]  # fmt: skip
    rows = []
    for name, text, bridge in shown:
        answer = check_pass_by_bridge(text, bridge, held, QUORUM, LATER)
        row = {"name": name, "pass": text, "bridge": bridge, "now": LATER}
        rows.append(row | {"verdict": answer.verdict.name.lower(), "reason": answer.reason, "hint": answer.hint})
    subtree = parse_pass(green).root(ORIGIN)
    head = check_bridge(made, subtree, QUORUM).head
    return {
        "source": "docs/gate.md, step 6; made by tests/passes/gate_vectors.py",
        "policy": POLICY.decode(),
        "held": held_value(held),
        "leads": {"bridge": right, "subtree": subtree.hex(), "node": node, "size": head.size, "root": head.root.hex()},
        "cases": rows,
    }


def syncs() -> dict[str, Any]:
    first, second = _read(FORTY, None), _read(GROWN, HELD)
    rows = []
    for name, start, changes in _lies(first, second):
        state, log = (HELD, GROWN) if start == "forty" else (None, FORTY)
        try:
            held = sync(state, _mirror(log, changes), POLICY)
            said: object = _held(held)
        except PassError:
            said = "refused"
        hexed = {path: None if data is None else data.hex() for path, data in changes.items()}
        rows.append({"name": name, "from": start, "changes": hexed, "holds": said})
    return {
        "source": "docs/gate.md, steps 1 to 4; made by tests/passes/gate_vectors.py",
        "policy": POLICY.decode(),
        "files": {
            "nothing": {path: data.hex() for path, data in sorted(first.items())},
            "forty": {path: data.hex() for path, data in sorted(second.items())},
        },
        "cases": rows,
    }


def _mirror(log: GateLog, changes: Mapping[str, bytes | None]) -> Fetch:
    return lambda path: changes[path] if path in changes else log.files.get(path)


def _held(state: Synced) -> dict[str, Any]:
    return {
        "size": state.size,
        "root": state.checkpoint.head.root.hex(),
        "newest": state.newest,
        "before": state.before.end,
        "chain": state.chain.hex(),
        "blocks": [[block.epoch, block.start] for block in state.blocks],
        "superseded": [index for index in range(state.before.end, state.size) if state.is_superseded(index)],
    }


def _read(log: GateLog, state: Synced | None) -> dict[str, bytes]:
    seen: dict[str, bytes] = {}

    def fetch(path: str) -> bytes | None:
        data = log.files.get(path)
        if data is not None:
            seen[path] = data
        return data

    sync(state, fetch, POLICY)
    return seen


def _lies(first: dict[str, bytes], second: dict[str, bytes]) -> Iterator[tuple[str, str, Mapping[str, bytes | None]]]:
    yield "a new gate", "nothing", {}
    yield "the next two blocks", "forty", {}
    for start, files in (("nothing", first), ("forty", second)):
        for path, data in sorted(files.items()):
            yield f"{path} is missing", start, {path: None}
            if path != "blocks" and not path.startswith("tile/0"):
                middle = 190 if path.startswith("tile/entries") else len(data) // 2  # a pad is not looked at
                changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
                yield f"{path} with a flipped bit", start, {path: changed}
    lines = [(one.header.epoch, one.start) for one in FORTY.chain.blocks]
    yield "the last block left out", "nothing", {"blocks": format_blocks(lines[:-1])}
    yield "the oldest blocks within the horizon left out", "nothing", {"blocks": format_blocks(lines[:1] + lines[9:])}
    one, other = (block_file(block) for block in GROWN.chain.blocks[-2:])
    merged = bytearray(format_block_file(one)) + b"".join(other.roots)
    merged[8] += 1
    listed = [(block.header.epoch, block.start) for block in GROWN.chain.blocks[:-1]]
    yield (
        "two blocks served as one",
        "forty",
        {
            f"block/{NEWER}": bytes(merged),
            "blocks": format_blocks(listed),
        },
    )
    yield "the checkpoint that it has", "forty", {"checkpoint": FORTY.files["checkpoint"]}
    lines_of = GROWN.files["checkpoint"].decode().splitlines(keepends=True)
    yield "two cosignatures", "forty", {"checkpoint": "".join(lines_of[:-1]).encode()}
    yield "an unknown key's line more", "forty", {"checkpoint": "".join([*lines_of, "— x.example AAAAAAAA\n"]).encode()}
    empty = {f"superseded/{NEWER}": bytes(4)}
    yield "an empty list of superseded lines", "forty", empty


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, value in all_vectors().items():
        (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
