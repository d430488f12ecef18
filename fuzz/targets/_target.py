"""What a target is, and the list of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["TARGETS", "NotAnInput", "Run", "Target", "as_json", "as_text", "target"]

Run: TypeAlias = Callable[[bytes], bool]
Seeds: TypeAlias = Callable[[], Iterable[bytes]]


class NotAnInput(Exception):  # noqa: N818 - not an error: these bytes stand for no input of this parser
    """Bytes that stand for no input of the parser, such as no JSON where it is given parsed JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A function that hands bytes to parsers, and all that an engine needs to run it.

    `run` says whether the bytes were taken, so that a report can show that the parsers' far sides are reached, too. It
    raises for a crash. `parsers` are the functions that it stands for, by their full names. `memory_mib` is the most that
    the whole process may have, and `input_seconds` the longest that one input may take on a machine that does other work:
    the parser's limits keep what it reads below both, or that is a crash as well.
    """

    name: str
    run: Run
    parsers: tuple[str, ...]
    seeds: Seeds
    max_bytes: int
    memory_mib: int
    input_seconds: int

    @property
    def limits(self) -> dict[str, int]:
        """What an engine is told."""
        return {"max_bytes": self.max_bytes, "memory_mib": self.memory_mib, "input_seconds": self.input_seconds}


TARGETS: dict[str, Target] = {}


def target(
    *parsers: Callable[..., object], seeds: Seeds, max_bytes: int = 4096, memory_mib: int = 512, input_seconds: int = 30
) -> Callable[[Run], Run]:
    """List the decorated function as the target of these parsers; its name, with hyphens, is the target's."""

    def listed(run: Run) -> Run:
        def run_or_pass(data: bytes) -> bool:
            try:
                return run(data)
            except NotAnInput:
                return False

        name = run.__name__.replace("_", "-")
        if name in TARGETS:
            raise ValueError(f"two targets are named {name}")
        TARGETS[name] = Target(
            name=name,
            run=run_or_pass,
            parsers=tuple(f"{parser.__module__}.{parser.__qualname__}" for parser in parsers),
            seeds=seeds,
            max_bytes=max_bytes,
            memory_mib=memory_mib,
            input_seconds=input_seconds,
        )
        return run

    return listed


def as_text(data: bytes) -> str:
    """Return any bytes as text; what is no UTF-8 becomes lone surrogates, which JSON can bring in, too."""
    return data.decode("utf-8", "surrogateescape")


def as_json(data: bytes) -> object:
    """Return the value of JSON text, for parsers that are given such values; raises `NotAnInput`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise NotAnInput from None
