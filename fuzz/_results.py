"""What was fuzzed: a line of JSON for each slice, added as it ends, and the totals of all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console
from rich.table import Table

__all__ = ["Slice", "add_slice", "as_markdown", "read_slices", "show", "totals"]

Slice: TypeAlias = Mapping[str, Any]
"""`target`, `at`, `seconds`, `executions`, `taken`, `failures`, `places`, `coverage`, `features`, `peak_mib`, `ended`."""

_WHOLE = {"done", "paused"}
_WIDTH = 120


def add_slice(path: Path, one: Slice) -> None:
    """Add a slice in one write: whoever stops us loses none before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(one) + "\n")


def read_slices(path: Path) -> Iterator[Slice]:
    """Yield the slices of a file; a line that was cut off, as by a full disk, is passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue


def totals(slices: Iterable[Slice]) -> list[dict[str, object]]:
    """Return a row for each target and one for all: sums of work, the most of coverage and memory, crashes by place."""
    by_name: dict[str, list[Slice]] = {}
    for one in slices:
        by_name.setdefault(one["target"], []).append(one)
    rows = [_row(name, found) for name, found in sorted(by_name.items())]
    everything = [one for found in by_name.values() for one in found]
    return [*rows, _row("all", everything)] if rows else []


def show(title: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Print rows as a table."""
    table = Table(title=title, title_justify="left")
    for at, row in enumerate(rows):
        if at == 0:
            for column in row:
                table.add_column(column, justify="left" if column == "parser" else "right")
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row.values()))
    Console(width=_WIDTH).print(table)


def as_markdown(rows: Iterable[Mapping[str, object]]) -> str:
    """Return the rows of a table for a document, without its head."""
    shown = ([f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row.values()] for row in rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in shown)


def _row(name: str, slices: list[Slice]) -> dict[str, object]:
    executions = sum(one["executions"] for one in slices)
    seconds = sum(one["seconds"] for one in slices)
    places = {(one["target"], place) for one in slices for place in one["places"]}
    return {
        "parser": name,
        "hours": round(seconds / 3600, 2),
        "executions": executions,
        "per second": round(executions / seconds) if seconds else 0,
        "taken %": round(100 * sum(one["taken"] for one in slices) / executions, 1) if executions else 0.0,
        "coverage": max(one["coverage"] for one in slices),
        "features": max(one["features"] for one in slices),
        "peak MiB": max(one["peak_mib"] for one in slices),
        "crashes": len(places),
        "broken off": sum(one["ended"] not in _WHOLE for one in slices),
    }
