"""A benchmark's result: a table on the screen, and JSON in `benchmarks/results/`."""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

__all__ = ["peak_mib", "report"]

RESULTS = Path(__file__).parent / "results"


def peak_mib() -> int:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def report(name: str, title: str, rows: Sequence[dict[str, object]]) -> None:
    """Print the rows as a table and keep them as JSON beside what machine and Python they were measured on."""
    table = Table(title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row.values()))
    Console(width=max(100, 14 * len(rows[0]))).print(table)
    RESULTS.mkdir(exist_ok=True)
    where = {"python": sys.version.split()[0], "machine": platform.machine()}
    (RESULTS / f"{name}.json").write_text(json.dumps({"name": name, "rows": rows, **where}, indent=1) + "\n")
