"""The story on a screen of 72 to 100 columns: shapes and words, colour only beside them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from habeas.cli._story_values import LogStory, Page, Promise, Step, Told
from habeas.wire import Instant

__all__ = ["show_story"]

_NARROWEST, _USUAL, _WIDEST = 72, 96, 100
_LABEL, _MARK = 20, 7
_CHINA = timezone(timedelta(hours=8))
_BROKEN = "NOT HELD"
_LEGEND = "(✓) gates open   (•••) open, a test is asked for   <|> some closed   [—] closed"


def show_story(told: Told, commands: Iterable[str], seconds: float) -> None:
    """Print the story to stdout, without spaces at the ends of lines."""
    width = min(max(shutil.get_terminal_size((_USUAL, 24)).columns, _NARROWEST), _WIDEST)
    console = Console(file=sys.stdout, width=width, highlight=False)
    with console.capture() as captured:
        for part in _parts(told, seconds):
            console.print(part)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    sys.stdout.write("\n".join([*lines, "", *(f"  {line}" for line in commands), ""]))


def _parts(told: Told, seconds: float) -> Iterator[RenderableType]:
    yield from _town(told)
    yield Text()
    yield _heading("The case, 21:04")
    yield Text(
        f"{told.savers:,} savers want their money back, {told.savers_here:,} of them here. In 2022 they were turned red so that "
        "they could not come and say so. Six attempts to do it again. Nothing here sets a code: it follows from published "
        "rules and signed statements, and closes a gate only where further bodies have records of their own. "
        f"{told.saver}, a saver far away, looks at the page after each."
    )
    for number, step in enumerate(told.steps, start=1):
        yield Text()
        yield _step(number, step)
    yield Text()
    yield _heading("Beside them: somebody who did test positive stays red")
    yield Text()
    yield _rows(_page(told.beside))
    yield Text()
    yield from _moments(told)
    yield Text()
    if told.log is not None:
        yield from _log(told.log)
        yield Text()
    yield from _ends(told, seconds)


def _town(told: Told) -> Iterator[RenderableType]:
    town = told.town
    yield _heading("Anhe, a made-up town, on 12 June 2022 at 20:00")
    given = f"; {town.certificates} EU test certificates came from their holders" if town.certificates else ""
    yield Text(
        f"{town.people:,} people in {town.families:,} families, and {town.people_away:,} in a home province far away. "
        f"{town.bodies} bodies with mandates signed {town.statements:,} statements in three weeks, {town.admitted:,} were "
        f"admitted{given}. Rules in force: {town.rules} ({town.pack})."
    )
    yield Text()
    grid = _grid("code", "people", "because of", "on the word of")
    grid.columns[0].min_width = max(len(row.code) for row in told.counts) + _MARK
    for row in told.counts:
        grid.add_row(
            Text(f"{row.mark:{_MARK}}{row.code}", no_wrap=True),
            Text(f"{row.people:,}", style="bold"),
            Text(f"{row.title} ({row.rule})" if row.rule else "no ground: everybody's code"),
            Text("one body" if row.provisional else "enough bodies" if row.rule else "-", no_wrap=True),
        )
    yield grid


def _step(number: int, step: Step) -> RenderableType:
    rows = [(f"{number}  {_time(step.at)}", Text(step.tried, style="bold")), ("   what happened", Text(step.happened))]
    through = f"{', '.join(step.by)} · {step.invariant}, row {step.row}"
    rows += [("   through", Text(through, style="italic")), *_page(step.page), *_broken(step.promises)]
    return _rows(rows)


def _page(page: Page) -> list[tuple[str, Text]]:
    labels = [f"   {page.name}'s page", *[""] * (len(page.lines) - 1)]
    return [(label, Text(line)) for label, line in zip(labels, page.lines, strict=True)]


def _broken(promises: Iterable[Promise]) -> list[tuple[str, Text]]:
    return [(f"!! {_BROKEN}", Text(f"{one.words} !!", style="bold reverse")) for one in promises if not one.held]


def _rows(rows: Iterable[tuple[str, Text]]) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL, overflow="fold")
    grid.add_column()
    for label, text in rows:
        grid.add_row(Text(label), text)
    return grid


def _moments(told: Told) -> Iterator[RenderableType]:
    grid = _grid("", *(_time(moment.at, "\n") for moment in told.moments))
    for words, numbers in (
        ("savers who find a gate closed", [moment.savers.closed for moment in told.moments]),
        ("savers who are asked for a test", [moment.savers.asked for moment in told.moments]),
    ):
        grid.add_row(Text(words), *(Text(f"{number:,}", style="bold") for number in numbers))
    for place, (name, said) in enumerate(told.cast):
        grid.add_row(Text(f"{name}, {said}"), *(Text(moment.marks[place], no_wrap=True) for moment in told.moments))
    yield grid
    yield Text(_LEGEND, style="dim")


def _log(log: LogStory) -> Iterator[RenderableType]:
    yield _heading("The log: six attempts by somebody who holds every key")
    yield Text(
        f"All of this was published as it happened: {log.blocks} blocks, {log.entries:,} entries, each block cosigned by "
        f"{', '.join(log.cosigned_by[:-1])} and {log.cosigned_by[-1]}, processes of their own. Now the authority itself "
        "cheats, with the log's own key."
    )
    for number, step in enumerate(log.steps, start=1):
        rows = [
            (f"{number}  tried", Text(step.tried, style="bold")),
            ("   caught by", Text(f"{step.caught_by} · row {step.row}")),
        ]
        yield Text()
        yield _rows([*rows, ("   in their words", Text(step.said)), *_broken(step.promises)])


def _ends(told: Told, seconds: float) -> Iterator[RenderableType]:
    broken, every = len(told.broken()), len(told.all_promises())
    yield from (_rows([row]) for row in _broken(told.promises))
    if broken:
        yield Text(f"{broken} of {every} promises NOT HELD: a control is missing.", style="bold reverse")
    held = "" if broken else f"All {every} promises held. "
    yield Text("I1 to I15 are explained in docs/design.md, the rows in docs/case.md.", style="dim")
    yield Text(f"{held}{told.events:,} events on the ledger, {seconds:.1f} seconds. Look for yourself:")


def _heading(text: str) -> Text:
    return Text(text.upper(), style="bold")


def _grid(*headings: str) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        grid.add_column(heading, justify="right" if heading == "people" else "left", header_style="dim")
    return grid


def _time(instant: Instant, between: str = " ") -> str:
    moment = datetime.fromtimestamp(int(instant), tz=UTC).astimezone(_CHINA)
    return f"{moment.day} {moment:%B}{between}{moment:%H:%M}"
