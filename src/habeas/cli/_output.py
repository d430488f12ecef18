"""How the command speaks: text and JSON to stdout; notes, errors and progress to stderr."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar

from rich.cells import cell_len
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from habeas.cli.errors import InputError

__all__ = [
    "counted",
    "fields",
    "note",
    "printable",
    "table",
    "tracked",
    "working",
    "write",
    "write_file",
    "write_fitted",
    "write_json",
]

Row = TypeVar("Row")

_NARROWEST, _WIDEST = 60, 100
_GAP = "  "


def write(text: str = "") -> None:
    """Write a line, or several, to stdout."""
    sys.stdout.write(f"{text}\n")


def write_json(value: object) -> None:
    """Write the one JSON document that a command called with `--json` gives."""
    write(json.dumps(value, ensure_ascii=False, indent=2))


def write_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a new file, whole or not at all; raises `InputError` for one that is there already."""
    try:
        file = path.open("xb")
    except FileExistsError:
        raise InputError(
            str(path), "is there already and was left as it is", "give --out (or --report) another path"
        ) from None
    except OSError as error:
        raise InputError(str(path), f"cannot be written: {error.strerror}", "check the path and your rights") from None
    try:
        with file:
            file.writelines(chunks)
    except BaseException:
        path.unlink()
        raise


def note(text: str) -> None:
    """Say something beside the answer, to stderr."""
    sys.stderr.write(f"note: {text}\n")


def printable(text: str) -> str:
    """Return `text` for a terminal: what stands in a certificate may be anybody's, escape sequences and bidi marks too."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def fields(rows: Iterable[tuple[str, str]], indent: int = 0) -> None:
    """Write names and values below each other; a long value goes on under itself."""
    _write_table([(f"{' ' * indent}{name}", value) for name, value in rows])


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[str] = ()) -> None:
    """Write rows under headings; the columns in `numbers` stand to the right."""
    _write_table([tuple(headings), *rows], right={headings.index(name) for name in numbers})


def write_fitted(text: str, made_for: int) -> None:
    """Write text whose lines were broken at `made_for` columns so that it fits the terminal, its indents kept.

    A line goes on in the next if the next one's first word had no room in it.
    """
    if _columns() >= made_for:
        write(text)
        return
    whole: list[str] = []
    before = ""
    for line in text.splitlines():
        if before.strip() and line.strip() and _indent(before) == _indent(line) and _was_broken(before, line, made_for):
            spaced = cell_len(before[-1]) == 1 and cell_len(line.lstrip()[0]) == 1
            whole[-1] += f"{' ' if spaced else ''}{line.lstrip()}"
        else:
            whole.append(line)
        before = line
    console = Console(file=sys.stdout, width=_columns())
    for line in whole:
        pad = " " * _indent(line)
        parts = Text(line.strip()).wrap(console, _columns() - len(pad)) or [Text()]
        for part in parts:
            write(f"{pad}{part.plain}".rstrip())


def tracked(rows: Iterable[Row], what: str, total: int) -> Iterable[Row]:
    """Return the rows, with a bar on stderr while they are gone through, if that is a terminal."""
    console = Console(stderr=True)
    return track(rows, description=what, total=total, console=console, transient=True) if console.is_terminal else rows


def working(what: str) -> AbstractContextManager[object]:
    """Show on stderr, if that is a terminal, that something is under way."""
    console = Console(stderr=True)
    return console.status(what) if console.is_terminal else nullcontext()


def _write_table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> None:
    """Write rows of cells: line by line where they fit, for there may be 100,000 of them, else folded by rich."""
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if sum(widths) + len(_GAP) * (len(widths) - 1) <= _columns():
        for row in rows:
            padded = (
                _padded(cell, width, right=at in right)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            write(_GAP.join(padded).rstrip())
        return
    grid = Table(box=None, pad_edge=False, show_header=False, padding=(0, len(_GAP), 0, 0))
    for at in range(len(widths)):
        grid.add_column(justify="right" if at in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell, overflow="fold") for cell in row))
    console = Console(file=sys.stdout, width=_columns(), highlight=False, no_color=True)
    with console.capture() as captured:
        console.print(grid)
    for line in captured.get().splitlines():
        write(line.rstrip())


def _padded(cell: str, width: int, *, right: bool) -> str:
    room = " " * (width - cell_len(cell))
    return room + cell if right else cell + room


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _was_broken(line: str, following: str, made_for: int) -> bool:
    first = following.lstrip()
    word = first.split(maxsplit=1)[0] if cell_len(first[0]) == 1 else first[0]
    return cell_len(line) + 1 + cell_len(word) > made_for


def _columns() -> int:
    """Return the terminal's columns within reason; into a file or a pipe the widest."""
    wanted = shutil.get_terminal_size(fallback=(_WIDEST, 0)).columns
    return min(max(wanted, _NARROWEST), _WIDEST)


def counted(n: int, one: str, more: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {one if n == 1 else more}"
