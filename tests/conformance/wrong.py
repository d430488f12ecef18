"""An implementation that knows the right answers to our CertLogic lines by heart, and has one fault, or none.

    python wrong.py FAULT certlogic eval

It imports nothing of Habeas: that it passes without a fault shows that the suite asks for the protocol and no more.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LINES = Path(__file__).resolve().parents[2] / "vectors" / "certlogic" / "lines.json"
MALFORMED = ("not-json", "bad-fields", "too-long")
_asked = 0
_kept: list[str] = []


def none(answer: str) -> list[str]:
    return [answer]


def true_to_errors(answer: str) -> list[str]:
    """Fail open, as known libraries do."""
    return ['{"value": true}'] if '"code": "undecided"' in answer else [answer]


def drops_malformed_lines(answer: str) -> list[str]:
    return [] if any(f'"code": "{code}"' in answer for code in MALFORMED) else [answer]


def swaps_order(answer: str) -> list[str]:
    """Answer every two lines the other way round, as a pool of threads may."""
    _kept.append(answer)
    return [_kept.pop(), _kept.pop()] if len(_kept) == 2 else []


def answers_twice(answer: str) -> list[str]:
    return [answer] * (2 if _asked == 5 else 1)


def dies(answer: str) -> list[str]:
    if "bad-logic" in answer:
        os._exit(139)
    return [answer]


def falls_silent(answer: str) -> list[str]:
    if '"value": 7}' in answer:
        time.sleep(60)
    return [answer]


def breaks_the_line(answer: str) -> list[str]:
    return [answer.replace(", ", ",\n") if "bad-logic" in answer else answer]


def writes_nan(answer: str) -> list[str]:
    return [answer.replace('"value": 5}', '"value": NaN}')]


def one_is_true(answer: str) -> list[str]:
    return [answer.replace('"value": 1}', '"value": true}')]


def errors_are_text(answer: str) -> list[str]:
    return ['{"error": "no"}'] if '"error"' in answer else [answer]


def has_another_code(answer: str) -> list[str]:
    return [answer.replace('"code": "too-long"', '"code": "not-json"')]


def says_more(answer: str) -> list[str]:
    return [answer.replace('"value": 7}', '"value": 7, "about": "a sum"}')]


def ends_badly(answer: str) -> list[str]:
    return [answer]


def stops_reading(answer: str) -> list[str]:
    """Wait in the middle of a line that is longer than a pipe holds: `_lines` does it."""
    return [answer]


def halves_a_character(answer: str) -> list[str]:
    return [answer.replace('"value": 7}', r'"value": "\ud800"}')]


FAULTS: dict[str, Callable[[str], list[str]]] = {
    fault.__name__: fault
    for fault in (
        none,
        true_to_errors,
        drops_malformed_lines,
        swaps_order,
        answers_twice,
        dies,
        falls_silent,
        breaks_the_line,
        writes_nan,
        one_is_true,
        errors_are_text,
        has_another_code,
        says_more,
        ends_badly,
        stops_reading,
        halves_a_character,
    )
}


def by_heart() -> dict[bytes, str]:
    """Return the right answer to each line."""
    return {_sent(row["send"]): json.dumps(_right(row)) for row in json.loads(LINES.read_bytes())["lines"]}


def _sent(send: Any) -> bytes:  # noqa: ANN401 - as the file has it
    if isinstance(send, dict):
        return base64.b64decode(send["base64"])
    return (send if isinstance(send, str) else "".join(text * times for text, times in send)).encode()


def _right(row: dict[str, Any]) -> object:
    return row["gives"] if "gives" in row else {"error": {"code": row["refuses"][0], "message": "no"}}


def _lines(name: str) -> Iterator[bytes]:
    while line := sys.stdin.buffer.readline(1 << 20 if name == "stops_reading" else -1):
        if len(line) == 1 << 20:
            time.sleep(60)
        yield line


if __name__ == "__main__":
    name, *_ = sys.argv[1:]
    right = by_heart()
    for line in _lines(name):
        _asked += 1
        for said in FAULTS[name](right[line.removesuffix(b"\n")]):
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()
    sys.exit(3 if name == "ends_badly" else 0)
