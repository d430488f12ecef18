"""A command as a service for another program: a JSON object a line comes in, and for each line one goes out.

The protocol is described in docs/conformance.md. Whatever a line holds, it has exactly one answer, in its place, written
out before the next line is read; nothing of it reaches another line's answer.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO, NoReturn, TypeAlias

__all__ = ["MAX_LINE_BYTES", "LineError", "Row", "answer_lines", "read_string"]

MAX_LINE_BYTES = 1 << 20

Row: TypeAlias = dict[str, object]

_CHUNK = 1 << 16


class LineError(Exception):
    """A line that has no other answer: `code` for machines, the message for people; it quotes nothing of the line."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer_lines(
    answer: Callable[[Row], Row],
    *,
    fields: Collection[str],
    max_bytes: int = MAX_LINE_BYTES,
    source: BinaryIO | None = None,
) -> int:
    """Answer every line of `source` (stdin if not given) on stdout, until it ends; return the exit code 0.

    `answer` gets an object with exactly the names in `fields`, whose values may be any JSON, and returns the fields of
    its answer, or raises `LineError`. An error of another kind is a fault of ours: its line says `fault` and no more,
    and the next line is answered. Answers are ASCII, so that no locale and no lone surrogate stands in their way.
    """
    for line in _lines(sys.stdin.buffer if source is None else source, max_bytes):
        written = _answer(answer, line, frozenset(fields), max_bytes)
        sys.stdout.write(f"{written}\n")
        sys.stdout.flush()  # whoever asks may wait for this answer before the next line
    return 0


def read_string(row: Row, name: str) -> str:
    """Return a field that must be a string; raises `LineError`."""
    value = row[name]
    if not isinstance(value, str):
        raise LineError("bad-fields", f'"{name}" is no string')
    return value


def _answer(answer: Callable[[Row], Row], line: bytes | None, fields: frozenset[str], max_bytes: int) -> str:
    try:
        return json.dumps(answer(_row(line, fields, max_bytes)), allow_nan=False)
    except LineError as error:
        code, message = error.code, str(error)
    except RecursionError:
        code, message = "not-json", "the line is nested too deep"
    except Exception as error:  # noqa: BLE001 - the edge: whatever is left is our fault, and must not end the others' answers
        code, message = "fault", f"this is a fault of Habeas ({type(error).__name__}), not of this line"
    return json.dumps({"error": {"code": code, "message": message}})


def _row(line: bytes | None, fields: frozenset[str], max_bytes: int) -> Row:
    if line is None:
        raise LineError("too-long", f"the line has more than {max_bytes} bytes")
    names = ", ".join(sorted(fields))
    try:
        row = json.loads(line.decode(), object_pairs_hook=_once, parse_float=_finite, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise LineError("not-json", f"the line is no UTF-8 text: byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise LineError("not-json", f"the line is no JSON: {error.msg}, at character {error.pos + 1}") from None
    except ValueError:  # Python converts no integer of more than 4,300 digits
        raise LineError("not-json", "the line has a number of too many digits") from None
    if not isinstance(row, dict):
        raise LineError("bad-fields", f"the line is no JSON object with {names}")
    if missing := fields - row.keys():
        raise LineError("bad-fields", f"the line lacks {', '.join(sorted(missing))}; its fields are {names}")
    if len(row) > len(fields):
        raise LineError("bad-fields", f"the line has a field too many; its fields are {names}")
    return row


def _once(pairs: list[tuple[str, object]]) -> Row:
    row = dict(pairs)
    if len(row) != len(pairs):  # readers differ on which of the two they take
        raise LineError("not-json", "a name stands twice in one object")
    return row


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _no_number(digits)
    return number


def _no_number(_: str) -> NoReturn:
    raise LineError("not-json", "a number is not finite, which JSON cannot say")


def _lines(source: BinaryIO, max_bytes: int) -> Iterator[bytes | None]:
    """Yield every line without its end, None for one that is too long: of that, no more than `max_bytes` are kept."""
    while line := source.readline(max_bytes + 1):
        if line.endswith(b"\n"):
            yield line[:-1]
        elif len(line) <= max_bytes:
            yield line  # the last one, without an end
        else:
            while line and not line.endswith(b"\n"):
                line = source.readline(_CHUNK)
            yield None
