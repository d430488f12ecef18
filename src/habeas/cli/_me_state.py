"""What `habeas me` remembers between two looks: a file of JSON, its owner's alone, replaced whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from habeas.cli._reading import read_hex, read_json, read_map, refusing
from habeas.cli.errors import InputError
from habeas.passes import Line, Memory
from habeas.tlog import HASH_BYTES, Checkpoint, Decision, NoteKey, Policy, TlogError, format_note, open_checkpoint

__all__ = ["format_state", "parse_state", "read_state", "write_state"]

_WHAT = "own-view"
_FIELDS = "habeas v checkpoint chain decisions lines false_blocks sum"
_NEXT = "give the file that `habeas me` wrote, or a new path: then the whole reach of the keys is looked at again"


def format_state(memory: Memory) -> str:
    """Return a memory as its file; one of before the first look has nothing to write down."""
    if memory.checkpoint is None:
        raise InputError("--state", "nothing was looked at, so there is nothing to remember", "look first")
    value: dict[str, object] = {
        "habeas": _WHAT,
        "v": 1,
        "checkpoint": format_note(memory.checkpoint.note).decode(),
        "chain": memory.chain.hex(),
        "decisions": [[index, decision.to_bytes().hex()] for index, decision in memory.decisions],
        "lines": [[line.index, line.epoch, line.rekeyed] for line in memory.lines],
        "false_blocks": list(memory.false_blocks),
    }
    return json.dumps({**value, "sum": _sum(value)}, ensure_ascii=False, indent=1) + "\n"


def parse_state(where: str, value: object, log: NoteKey) -> Memory:
    """Return the memory in a JSON object; raises `InputError` for one that was torn or changed, or is of another log."""
    row = read_map(where, value, _FIELDS)
    if (row["habeas"], row["v"]) != (_WHAT, 1) or row["sum"] != _sum({k: v for k, v in row.items() if k != "sum"}):
        raise InputError(where, "is no memory of `habeas me`, or was changed", _NEXT)
    with refusing(where, _NEXT, TlogError):
        checkpoint = _checkpoint(where, row["checkpoint"], log)
        decisions = [_decision(where, one) for one in _rows(where, row["decisions"])]
    return Memory(
        checkpoint=checkpoint,
        chain=read_hex(f'{where}, "chain"', row["chain"], HASH_BYTES),
        decisions=tuple(decisions),
        lines=tuple(_line(where, one) for one in _rows(where, row["lines"])),
        false_blocks=tuple(_number(where, one) for one in _rows(where, row["false_blocks"])),
    )


def read_state(path: Path, policy: Policy, origin: str) -> Memory | None:
    """Return what is remembered in a file, None where there is none yet; raises `InputError`."""
    if not path.exists():
        return None
    log = policy.logs.get(origin)
    if log is None:
        raise InputError("--policy", f"names no log {origin!r}", "give the policy of the log that the keys are for")
    return parse_state(str(path), read_json(path), log)


def write_state(path: Path, memory: Memory) -> None:
    """Put a memory in the place of the one before, in one step: a crash leaves one of the two. Raises `InputError`."""
    new = path.with_name(f"{path.name}.new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(format_state(memory))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise InputError(
            str(path), f"cannot be written: {error.strerror}", "check the path and your rights on it; look again"
        ) from None


def _sum(value: Mapping[str, object]) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _checkpoint(where: str, value: object, log: NoteKey) -> Checkpoint:
    if not isinstance(value, str):
        raise InputError(f'{where}, "checkpoint"', "is no text", _NEXT)
    return open_checkpoint(value.encode(errors="replace"), log)


def _rows(where: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise InputError(where, "holds no list where one must be", _NEXT)
    return value


def _decision(where: str, value: object) -> tuple[int, Decision]:
    match value:
        case [int(index), str(entry)] if type(index) is int:
            return index, Decision.of_bytes(read_hex(f'{where}, "decisions"', entry))
    raise InputError(f'{where}, "decisions"', "holds something else", _NEXT)


def _line(where: str, value: object) -> Line:
    match value:
        case [int(index), int(epoch), bool(rekeyed)] if type(index) is int and type(epoch) is int:
            return Line(index=index, epoch=epoch, rekeyed=rekeyed)
    raise InputError(f'{where}, "lines"', "holds something else", _NEXT)


def _number(where: str, value: object) -> int:
    if type(value) is not int:
        raise InputError(where, "holds no number where one must be", _NEXT)
    return value
