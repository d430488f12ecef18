"""What is asked, and how an answer is judged. A judge returns nothing when the answer is right, else what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TypeAlias

__all__ = ["Batch", "Case", "Judge", "Once", "gives", "is_one_of", "parse_answer", "refuses", "same"]

Judge: TypeAlias = Callable[[dict[str, object]], str]


@dataclass(frozen=True)
class Case:
    """A line, without its end, and the judge of its answer."""

    id: str
    line: bytes
    judge: Judge = field(repr=False)


@dataclass(frozen=True)
class Batch:
    """Lines for one process: the words after the command, the folder it starts in, and its files by name in there."""

    id: str
    words: tuple[str, ...]
    cases: tuple[Case, ...]
    folder: Path
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Once:
    """A process that is asked once: its words, and the JSON document that it must print, None if it must refuse."""

    id: str
    words: tuple[str, ...]
    document: object
    folder: Path


def gives(expected: dict[str, object]) -> Judge:
    """Return the judge of an answer that must be just this object."""

    def judge(answer: dict[str, object]) -> str:
        return "" if same(answer, expected) else f"{_shown(answer)}, where {_shown(expected)} is right"

    return judge


def refuses(codes: Collection[str]) -> Judge:
    """Return the judge of an answer that must be an error with one of these codes."""

    def judge(answer: dict[str, object]) -> str:
        error = answer.get("error")
        if not {"error"} <= answer.keys() <= {"error", "file"} or not isinstance(error, dict):
            return f"{_shown(answer)}, where an error is right: {', '.join(codes)}"
        if error.keys() != {"code", "message"} or not all(isinstance(text, str) and text for text in error.values()):
            return f"{_shown(answer)}: an error has code and message, two texts"
        return "" if error["code"] in codes else f"the error {error['code']}, where it is {' or '.join(codes)}"

    return judge


def is_one_of(*judges: Judge) -> Judge:
    """Return the judge that is content when one of these is."""

    def judge(answer: dict[str, object]) -> str:
        found = [one(answer) for one in judges]
        return "" if "" in found else found[0]

    return judge


def parse_answer(line: bytes) -> dict[str, object]:
    """Return the object in a line of output; raises `ValueError` for anything that not every reader of JSON takes."""
    try:
        answer = json.loads(line.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("an answer that is nested too deep") from None
    if not isinstance(answer, dict):
        raise ValueError("an answer that is no JSON object")  # noqa: TRY004 - one kind of error for one kind of fault
    return answer


def same(one: object, other: object) -> bool:
    """Whether two values are the same JSON: 1 is 1.0 and is not true; the order of names says nothing."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an answer with a name twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
