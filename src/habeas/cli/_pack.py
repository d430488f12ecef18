"""`habeas pack`: check, compare, show, publish."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._comparison_page import page_of
from habeas.cli._comparison_report import Report, report_of
from habeas.cli._comparison_words import value_words
from habeas.cli._derive import People, read_people
from habeas.cli._door import Door, Taken, open_door
from habeas.cli._options import AsJson, At, Db, Lang, Language
from habeas.cli._output import counted, fields, note, table, tracked, working, write, write_file, write_json
from habeas.cli._pack_check import check_file
from habeas.cli._pack_files import read_criteria, read_pack, with_bases
from habeas.cli._pack_words import pack_parts
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant, read_text, refusing
from habeas.cli.errors import RefusedError
from habeas.evidence import hold
from habeas.grounds import Affected, Comparison, Difference, Value, affected, compare_packs
from habeas.ledger import PackRefusedError, PublishPack
from habeas.rules import Book, BookError, Logic, Pack, RulesError, check_pack, make_book, parse_pack
from habeas.wire import Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A pack, as YAML.")]


@app.command("check")
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Packs, as YAML; their bases lie beside them.")
    ],
    criteria: Annotated[
        Path | None,
        typer.Option("--criteria", metavar="FILE", help="published-criteria.json, to hold the packs against."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check packs against the invariants, and run the examples of every rule."""
    published = read_criteria(criteria)
    rows = [check_file(file, published) for file in tracked(files, "checking", len(files))]
    if as_json:
        write_json({"packs": [row.document() for row in rows]})
    else:
        for row in rows:
            row.show()
            write()
    return OK if all(row.ok for row in rows) else REFUSED


@app.command("compare")
def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The pack as it was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The pack as it is to be.")],
    statements: Annotated[
        Path | None,
        typer.Option("--statements", metavar="FILE", help="Events of `habeas export`: whose code would be another?"),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="INSTANT", help="When to compare codes; the last event if not given.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", metavar="", help="Show counts under 50 people, too. Never publish those.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write the report as a page (HTML) to a new file, too."),
    ] = None,
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> int:
    """Compare two packs: what changed, what changed without a word, and who would be affected. 1 if any is silent."""
    before, after = read_pack(old), read_pack(new)
    comparison = compare_packs(before, after)
    found = None
    if statements is not None:
        people = read_people(statements, packs=False)
        instant = people.last if at is None else read_instant("--at", at)
        found = _affected((before, old), (after, new), people, instant)
        found = found if full else found.public()
    if problems := check_pack(after):
        count = counted(len(problems), "problem", "problems")
        note(f"{new} has {count} and could not be published: `habeas pack check` says which")
    told = report_of(comparison, found, lang.value)
    if report is not None:
        write_file(report, [page_of(told).encode()])
    if as_json:
        write_json(_document(comparison, found))
    else:
        _show(told)
    return REFUSED if comparison.silent else OK


@app.command("show")
def show(file: _File, lang: Lang = Language.EN, as_json: AsJson = False) -> None:
    """Say in plain words what a pack does: codes, rules with their days, what ends them sooner, what is left out."""
    pack = read_pack(file)
    parts = pack_parts(pack, lang.value)
    if as_json:
        said = [{"heading": part.heading, "rows": [list(row) for row in part.rows]} for part in parts]
        write_json({"pack": pack.id, "version": pack.version, "hash": pack.hash.hex(), "parts": said})
        return
    for number, part in enumerate(parts):
        write(f"\n{part.heading}" if number else part.heading)
        fields(part.rows, indent=2)


@app.command("publish")
def publish(db: Db, file: _File, at: At = None, as_json: AsJson = False) -> None:
    """Log a pack in a ledger. It counts from 48 hours later at the soonest; milder ones at once (I8)."""
    now, text = read_instant("--at", at), read_text(file)
    with refusing(str(file), "mend the pack; docs/packs.md describes the format", RulesError):
        parse_pack(text)
    with open_door(db) as door, working("deriving everybody's code anew"):
        outcome, taken = _publish(door, file, text, now)
        said = {
            "pack": outcome.id,
            "version": outcome.version,
            "hash": outcome.hash.hex(),
            ("waits_for" if any(taken.receipts or ()) else "logged"): str(taken.state.packs[outcome.hash][1]),
            "head": taken.head,
        } | _in_force(taken.state.book, outcome)
    if as_json:
        write_json(said)
    else:
        fields((name, str(value)) for name, value in said.items())


def _publish(door: Door, file: Path, text: str, now: Instant) -> tuple[Pack, Taken]:
    try:
        taken = door.take([PublishPack(text=text)], now)
    except (BookError, PackRefusedError) as error:
        raise RefusedError(str(file), str(error), "mend it; `habeas pack check` says for each problem how") from None
    outcome = taken.applied[0].outcome
    if not isinstance(outcome, Pack):
        raise TypeError("a pack is logged or refused")
    return outcome, taken


def _in_force(book: Book, pack: Pack) -> dict[str, object]:
    """Return when a base pack counts; a layer is in force with its base."""
    bases = (one for one in book.packs if one.over is None)
    return {
        name: str(instant)
        for span, one in zip(book.spans, bases, strict=True)
        if one.hash == pack.hash
        for name, instant in (("from", span.start), ("to", span.end))
    }


def _affected(old: tuple[Pack, Path], new: tuple[Pack, Path], people: People, at: Instant) -> Affected:
    """Count who would have another code at an instant, under each pack with those that it builds on."""
    books = []
    for pack, path in (old, new):
        packs = with_bases(pack, path)
        book = make_book(packs, {one.hash: one.published for one in packs})
        if not book.in_force(at):
            note(f"{path} is not in force at {at}: under it nobody has a code then")
        books.append(book)
    held = {subject: hold(subject, people.state.docket, books[0].limits_at) for subject in people.at(at)}
    return affected(books[0], books[1], held, at)


def _show(report: Report) -> None:
    """Write a report to the terminal: a paragraph, then tables that fit it."""
    write(f"{report.title}\n")
    fields(report.packs, indent=2)
    write()
    fields([("", report.lead)])
    for section in report.sections:
        write()
        table([section.heading], [])
        if section.note:
            fields([("", section.note)])
        if section.rows:
            table(["", *section.columns], [("", *row) for row in section.rows])
    if report.foot:
        write()
        table([report.foot], [])


def _plain(row: Difference, value: Value | None, pack: Pack) -> str:
    """Return one side of a difference for a machine: conditions as they were published, all else in English words."""
    if value is None:
        return ""
    return value.text if isinstance(value, Logic) else value_words(row, value, pack, "en")


def _document(comparison: Comparison, found: Affected | None) -> dict[str, object]:
    return {
        "old": {"pack": comparison.old.id, "version": comparison.old.version, "hash": comparison.old.hash.hex()},
        "new": {"pack": comparison.new.id, "version": comparison.new.version, "hash": comparison.new.hash.hex()},
        "act_of_its_own": comparison.of_its_own,
        "differences": [
            {
                "rule": row.rule,
                "aspect": row.aspect.value,
                "item": row.item,
                "language": row.language,
                "days": row.days and [day - row.first_day for day in row.days],
                "old": _plain(row, row.old, comparison.old),
                "new": _plain(row, row.new, comparison.new),
                "direction": row.direction.value,
                "rules": list(row.rules),
            }
            for row in comparison.differences
        ],
        "silent": [
            {
                "rule": row.rule,
                "aspects": [aspect.value for aspect in row.aspects],
                "unchanged": [one.value for one in row.unchanged],
                "languages": list(row.languages),
            }
            for row in comparison.silent
        ],
        "affected": dataclasses.asdict(found) | {"at": str(found.at)} if found is not None else None,
    }
