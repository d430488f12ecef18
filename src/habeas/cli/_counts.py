"""`habeas log counts` and `habeas log phantoms`: what anybody counts from the public log, and what an auditor looks for in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.cli._log_source import log_source, read_policy
from habeas.cli._options import AsJson
from habeas.cli._output import counted, table, write, write_json
from habeas.cli._reading import clock, read_text
from habeas.cli.errors import InputError, RefusedError
from habeas.passes import (
    SEED_BYTES,
    DayCounts,
    FalseBlockError,
    GroundCell,
    MirrorError,
    PublicLog,
    audit_labels,
    counts,
    open_log,
    read_block,
)
from habeas.rules import RulesError, parse_pack
from habeas.tlog import (
    ADMISSION_KINDS,
    EntryError,
    TlogError,
    format_pool,
    parse_indexes,
)
from habeas.wire import DAY, WireError, parse_deterministic_cbor

__all__ = ["count", "find_phantoms", "parse_day", "parse_label_keys"]

Place: TypeAlias = Annotated[str, typer.Argument(metavar="PLACE", help="The log's or a mirror's URL, or its folder.")]
PolicyFile: TypeAlias = Annotated[
    Path, typer.Option("--policy", metavar="FILE", help="Which log, which witnesses, what quorum (C2SP tlog-policy).")
]
Day: TypeAlias = Annotated[
    str | None, typer.Option("--day", metavar="DATE", help="The UTC day, such as 2022-06-12; yesterday if not given.")
]
_EPOCH = date(1970, 1, 1).toordinal()
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_BAR = 40
_KINDS = {number: name for name, number in ADMISSION_KINDS.items()}


def count(place: Place, policy: PolicyFile, day: Day = None, as_json: AsJson = False) -> None:
    """Count a day's adverse grounds by rule, code and pool, and its admissions by kind and pool, from the log itself.

    Every entry is proved to be in the log. It names nobody, and needs nobody's leave.
    """
    log = open_log(log_source(place), read_policy(policy))
    found = counts(log, parse_day("--day", day))
    names = _rules(log, found)
    grounds = [
        (_rule(names, cell), f"code {cell.class_}", _pool(cell.pool), number) for cell, number in found.grounds.items()
    ]
    admissions = [
        (_KINDS.get(cell.kind, f"kind {cell.kind}"), _pool(cell.pool), number)
        for cell, number in found.admissions.items()
    ]
    if as_json:
        write_json(_said(log, found, grounds, admissions))
        return
    end = "" if found.is_whole else " so far: the day's last block, which counts its grounds, is not there yet"
    write(
        f"{log.origin}, {_date(found.day)}: {counted(found.blocks, 'block', 'blocks')}, {found.decisions:,} decisions{end}"
    )
    _write("grounds", ("rule", "code", "pool", "count", ""), grounds)
    _write("admissions", ("kind", "pool", "count", ""), admissions)


def find_phantoms(
    place: Place,
    policy: PolicyFile,
    labels: Annotated[
        Path,
        typer.Option(
            "--labels",
            metavar="FILE",
            help="The day's label key of each enrolled person, 64 hex digits a line, no names.",
        ),
    ],
    day: Day = None,
    as_json: AsJson = False,
) -> None:
    """Find a day's decisions that nobody's label keys explain, and those that two people's do. Exit code 1 if there are any."""
    keys = parse_label_keys(str(labels), read_text(labels))
    log = open_log(log_source(place), read_policy(policy))
    number = parse_day("--day", day)
    try:
        found = audit_labels(log, number, keys)
    except FalseBlockError as error:
        raise RefusedError(
            place, str(error), "keep the block: whoever signed it as checker must answer for it"
        ) from None
    if as_json:
        write_json(
            {
                "origin": log.origin,
                "day": _date(number),
                "people": len(keys),
                "decisions": found.decisions,
                "unexplained": list(found.unexplained),
                "shared": list(found.shared),
            }
        )
    else:
        write(
            f"{log.origin}, {_date(number)}: {found.decisions:,} decisions, held against {len(keys):,} people's keys.\n"
            f"nobody's: {_listed(found.unexplained)}\ntwo people's: {_listed(found.shared)}"
        )
    if found.unexplained or found.shared:
        raise RefusedError(
            place,
            f"{len(found.unexplained)} decisions are nobody's, {len(found.shared)} are two people's",
            "ask the authority to open them: who was enrolled, when, by whom",
        )


def parse_day(where: str, text: str | None) -> int:
    """Return a UTC day in days since 1970, yesterday if none is given; raises `InputError`."""
    if text is None:
        return int(clock()) // DAY - 1
    try:
        day = date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        day = -1
    if day < 0 or len(text) != len("2022-06-12"):
        raise InputError(where, f"{text[:20]!r} is no day", "write it as 2022-06-12")
    return day


def parse_label_keys(where: str, text: str) -> tuple[bytes, ...]:
    """Return the label keys of a day, one a line in hex; raises `InputError`."""
    lines = text.split()
    for number, line in enumerate(lines, 1):
        if not _KEY.fullmatch(line):
            raise InputError(
                f"{where}, key {number}", f"is not {2 * SEED_BYTES} hex digits", "give one label key of the day a line"
            )
    return tuple(map(bytes.fromhex, lines))


def _rules(log: PublicLog, found: DayCounts) -> Mapping[tuple[int, int], str]:
    """Return the names of the rules that were counted, from the packs that the day's last block was derived under."""
    epoch = (found.day + 1) * DAY // log.constants.epoch_seconds - 1
    if not found.grounds:
        return {}
    try:
        block = read_block(log.fetch, log.checkpoint.head, epoch)
        indexes = parse_indexes(log.fetch(f"packs/{epoch}") or b"")
        packs = zip(indexes, map(_rule_ids, log.packs(block)), strict=True)
        return {(index, number): name for index, names in packs for number, name in enumerate(names)}
    except (MirrorError, TlogError, ValueError):
        return {}  # a number says enough


def _rule_ids(payload: bytes) -> list[str]:
    try:
        said = parse_deterministic_cbor(payload)
        text = said.get("text") if isinstance(said, dict) else None
        return [rule.id for rule in parse_pack(text).rules] if isinstance(text, str) else []
    except (WireError, RulesError):
        return []


def _rule(names: Mapping[tuple[int, int], str], cell: GroundCell) -> str:
    return names.get((cell.pack, cell.rule), f"rule {cell.rule} of pack {cell.pack}")


def _pool(pool: int) -> str:
    try:
        return format_pool(pool) or "whole log"
    except EntryError:
        return f"{pool:010x}"


def _write(name: str, headings: tuple[str, ...], rows: Sequence[tuple[str | int, ...]]) -> None:
    write()
    if not rows:
        write(f"No {name}.")
        return
    most = max(int(row[-1]) for row in rows)
    table(
        headings,
        [(*map(str, row[:-1]), f"{row[-1]:,}", "█" * max(1, _BAR * int(row[-1]) // most)) for row in rows],
        numbers=("count",),
    )


def _said(
    log: PublicLog,
    found: DayCounts,
    grounds: Sequence[tuple[str | int, ...]],
    admissions: Sequence[tuple[str | int, ...]],
) -> dict[str, object]:
    return {
        "origin": log.origin,
        "day": _date(found.day),
        "whole": found.is_whole,
        "blocks": found.blocks,
        "decisions": found.decisions,
        "grounds": [dict(zip(("rule", "code", "pool", "count"), row, strict=True)) for row in grounds],
        "admissions": [dict(zip(("kind", "pool", "count"), row, strict=True)) for row in admissions],
    }


def _date(day: int) -> str:
    return date.fromordinal(day + _EPOCH).isoformat()


def _listed(leaves: tuple[int, ...]) -> str:
    return ", ".join(map(str, leaves)) or "none"
