"""`habeas pass check`: the gate in a terminal, offline, from a synced folder. It counts answers, and keeps nothing else."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from habeas.cli._gate_folder import read_synced
from habeas.cli._gate_words import SHAPES, counts_line, said
from habeas.cli._options import AsJson, At, Lang, Language
from habeas.cli._output import note, printable, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import STDIN, clock, read_bytes, read_instant
from habeas.cli.errors import InputError
from habeas.passes import (
    BRIDGE_PREFIX,
    PREFIX,
    Answer,
    Held,
    Synced,
    SyncError,
    Verdict,
    check_pass,
    check_pass_by_bridge,
)
from habeas.pictures import PictureError, is_picture, read_codes
from habeas.wire import Instant

__all__ = ["check"]

_GOES_IN = {Verdict.YES, Verdict.OURS}
_COLOURS = {Verdict.YES: "green", Verdict.NO: "red", Verdict.OURS: "yellow", Verdict.THEIRS: "yellow"}
_MAX_LINE = 1 << 14
_MAX_BRIDGES = 8
_SHAPE = 15


def check(
    passes: Annotated[
        list[str],
        typer.Argument(
            metavar="PASS...",
            help="A pass's text, its picture (PNG, JPEG, PDF) or file, with its bridge if it has one; - reads lines.",
            show_default=False,
        ),
    ],
    gate: Annotated[Path, typer.Option("--gate", metavar="FOLDER", help="A folder of `habeas pass sync`.")],
    at: At = None,
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> int:
    """Answer for passes as a gate does: yes, no, or cannot tell, and whose fault that is. Offline; nothing is kept.

    0: everybody goes in (yes, or the fault is the gate's); 1: somebody does not, or not yet.
    """
    now = read_instant("--at", at) if at is not None else None
    keeper = _Keeper(_held(gate), now, lang)
    answers = list(keeper.answers(_shown(passes), show=None if as_json else _Screen(lang)))
    if as_json:
        write_json(keeper.as_json(answers))
    elif len(answers) > 1:
        write(counts_line(keeper.counts, lang))
    return OK if all(answer.verdict in _GOES_IN for answer in answers) else REFUSED


def _held(gate: Path) -> Synced | None:
    """Return what the gate holds. A gate whose file cannot be read lets people in: its fault is not theirs."""
    try:
        return read_synced(gate)
    except SyncError as error:
        note(str(error))
        return None


@dataclass(slots=True)
class _Keeper:
    """Answers pass after pass, each by the clock as it then stands, and counts verdicts."""

    synced: Synced | None
    at: Instant | None
    lang: Language
    counts: Counter[Verdict] = field(default_factory=Counter)
    _held: tuple[int, Held] | None = None

    def answers(self, shown: Iterable[tuple[str, tuple[str, ...]]], show: _Screen | None) -> Iterator[Answer]:
        for text, bridges in shown:
            answer = self._answer(text, bridges)
            self.counts[answer.verdict] += 1
            if show is not None:
                show.draw(answer, self.lane)
            yield answer

    @property
    def lane(self) -> str:
        """The counter or no-code lane of the mandate in force, of the last one else: it is for whoever has no pass."""
        if self.synced is None:
            return ""
        mandate = self.synced.mandate_at(self._now())
        return mandate.lane if mandate else ""

    def as_json(self, answers: list[Answer]) -> dict[str, object]:
        rows = []
        for answer in answers:
            words = said(answer, self.lane, self.lang)
            rows.append(
                {
                    "verdict": answer.verdict.name.lower(),
                    "reason": answer.reason,
                    "hint": answer.hint or None,
                    "goes_in": answer.verdict in _GOES_IN,
                    "word": words.word,
                    "why": words.why,
                    "next": words.next_step,
                }
            )
        newest = None if self.synced is None else str(Instant(self.synced.constants.begins(self.synced.newest)))
        counts = {verdict.name.lower(): self.counts[verdict] for verdict in Verdict}
        return {"at": str(self._now()), "newest": newest, "answers": rows, "counts": counts}

    def _now(self) -> Instant:
        return clock() if self.at is None else self.at

    def _answer(self, text: str, bridges: tuple[str, ...]) -> Answer:
        if self.synced is None:
            return Answer(verdict=Verdict.OURS, reason="unsynced")
        now = self._now()
        if self._held is None or self._held[0] != now // 60:  # the mandate's hours are minutes
            self._held = (now // 60, self.synced.held(now))
        held = self._held[1]
        answer = check_pass(text, held, now)
        for bridge in bridges:
            if answer.reason in ("newer", "bridge"):
                answer = check_pass_by_bridge(text, bridge, held, self.synced.quorum, now)
        return answer


class _Screen:
    """Draws an answer: shape and word first, so that neither colour nor nearness is needed."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)

    def draw(self, answer: Answer, lane: str) -> None:
        words = said(answer, lane, self._lang)
        colour = _COLOURS[answer.verdict]
        beside = [Text(), Text(words.word, style=f"bold {colour}"), Text(words.means), *self._fitted(words.why)]
        beside += self._fitted(f"→ {words.next_step}", style="bold")
        for shape, text in zip_longest(SHAPES[answer.verdict], beside, fillvalue=Text()):
            self._console.print(Text.assemble((f"{shape!s:<{_SHAPE}}", colour), text))
        self._console.print()
        sys.stdout.flush()  # somebody stands there

    def _fitted(self, text: str, style: str = "") -> list[Text]:
        """Return text in lines that fit beside the shape; it may quote a pass's hint, which is anybody's."""
        return list(Text(printable(text), style=style).wrap(self._console, max(self._console.width, 60) - _SHAPE))


def _shown(arguments: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each pass with the bridges beside it: those of all arguments, or the last that came in as a line."""
    if arguments == [STDIN]:
        yield from _of_lines()
        return
    texts = [text for argument in arguments for text in _texts(argument)]
    bridges = tuple(text for text in texts if text.startswith(BRIDGE_PREFIX))[:_MAX_BRIDGES]
    passes = [text for text in texts if not text.startswith(BRIDGE_PREFIX)]
    if not passes:
        raise InputError("PASS", "is a bridge alone", "show the pass that it belongs to as well")
    for text in passes:
        yield text, bridges


def _of_lines() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the passes on stdin, one a line, as a scanner that types writes them; a bridge stands before its pass."""
    bridges: tuple[str, ...] = ()
    while line := sys.stdin.buffer.readline(_MAX_LINE):
        text = line.decode(errors="replace").rstrip("\r\n")
        if text.startswith(BRIDGE_PREFIX):
            bridges = (text,)
        elif text:
            yield text, bridges
            bridges = ()


def _texts(argument: str) -> list[str]:
    """Return the texts of an argument: itself, or what stands in the file or picture of that name.

    A picture without a code is somebody's unreadable pass, and gets that answer; a file that is not there is a mistake here.
    """
    if argument.startswith((PREFIX, BRIDGE_PREFIX)):
        return [argument]
    if argument == STDIN:
        raise InputError("-", "stands among other passes", "call it with - alone, or with passes")
    data = read_bytes(Path(argument))
    if not is_picture(data):
        return [line for line in data.decode(errors="replace").splitlines() if line] or [""]
    try:
        codes = read_codes(data)
    except PictureError as error:
        note(f"{argument}: {error}")
        codes = ()
    return [text for text in codes if text.startswith((PREFIX, BRIDGE_PREFIX))] or [""]
