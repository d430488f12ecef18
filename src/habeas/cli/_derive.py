"""`habeas derive` and `habeas export`: everybody's code from packs and events alone, and those events from a ledger."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._event_file import carry_out, format_event, read_events
from habeas.cli._ledger_file import open_published
from habeas.cli._options import AsJson, Db, Out
from habeas.cli._output import counted, note, table, tracked, write, write_file, write_json
from habeas.cli._pack_files import read_folder
from habeas.cli._reading import read_instant
from habeas.cli.errors import InputError, RefusedError
from habeas.evidence import hold
from habeas.grounds import Derivation, Derived, Ground
from habeas.ledger import PublishPack, State
from habeas.rules import Book, Pack, check_pack, make_book
from habeas.wire import Instant

__all__ = ["People", "derive", "export", "read_people"]

_NO_CODE = "no code"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What a file of events gives: registry, statements and packs, whoever they came from."""

    state: State
    last: Instant
    ignored: int

    def at(self, instant: Instant) -> Iterator[bytes]:
        """Yield the people who have a document at an instant; nobody before they were enrolled or after a merge."""
        registry = self.state.registry
        for person in sorted(registry.people(), key=lambda person: person.subject):
            if any(binding.time.covers(instant) for binding in registry.bindings(person.subject)):
                yield person.subject


def derive(
    statements: Annotated[
        Path, typer.Option("--statements", metavar="FILE", help="Events as JSON lines, as `habeas export` writes them.")
    ],
    at: Annotated[str, typer.Option("--at", metavar="INSTANT", help="The instant, such as 2022-06-12T21:04+08:00.")],
    packs: Annotated[
        Path | None,
        typer.Option("--packs", metavar="DIR", help="Packs (*.yaml) to use in place of those in the file."),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", metavar="", help="List those without any ground, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Derive everybody's code at an instant from packs and signed statements: the same files, the same codes.

    Every signature and mandate is judged again. A pack of --packs counts as logged when it says it was published.
    """
    instant = read_instant("--at", at)
    given = read_folder(packs) if packs is not None else None
    book_of_packs = _book(given) if given is not None else None
    people = read_people(statements, packs=given is None)
    if people.ignored:
        note(f"{counted(people.ignored, 'pack', 'packs')} in {statements} left aside for those in {packs}")
    book = book_of_packs or people.state.book
    subjects = list(people.at(instant))
    rows = [
        (subject, Derivation(book, hold(subject, people.state.docket, book.limits_at)).at(instant))
        for subject in tracked(subjects, "deriving", len(subjects))
    ]
    if as_json:
        write_json(_document(instant, book, rows))
    else:
        _show(instant, book, rows, everybody=everybody)


def export(db: Db, out: Out = None, as_json: AsJson = False) -> None:
    """Write a ledger's events as JSON lines: all that anybody needs to derive every code again."""
    with open_published(db) as store:
        total = store.event_count()
        lines = (format_event(event) for _, event in tracked(store.events(), "exporting", total))
        if out is not None:
            write_file(out, (f"{line}\n".encode() for line in lines))
        elif as_json:
            sys.stdout.write('{"events": [\n' + ",\n".join(lines) + "\n]}\n")
        else:
            for line in lines:
                sys.stdout.write(f"{line}\n")
    if out is not None and as_json:
        write_json({"events": total, "file": str(out)})
    elif out is not None:
        write(f"{counted(total, 'event is', 'events are')} in {out}")


def read_people(path: Path, *, packs: bool) -> People:
    """Carry out every event of a file; raises `InputError` or `RefusedError` with the line, and then gives nothing."""
    state, last, ignored = State(), None, 0
    for where, at, entry in read_events(path):
        ignored += isinstance(entry, PublishPack) and not packs
        carry_out(state, where, at, entry, packs=packs)
        last = at
    if last is None:
        raise InputError(str(path), "holds no event", "give the file that `habeas export` wrote")
    return People(state=state, last=last, ignored=ignored)


def _book(packs: Iterable[Pack]) -> Book:
    given = tuple(packs)
    for pack in given:
        problems = check_pack(pack)
        if problems:
            raise RefusedError(
                f"pack {pack.id}",
                f"{len(problems)} problems, the first: {problems[0].invariant} {problems[0].where}: {problems[0].message}",
                "`habeas pack check FILE` shows them all; nothing derives from a pack that is refused",
            )
    return make_book(given, {pack.hash: pack.published for pack in given})


def _document(at: Instant, book: Book, rows: list[tuple[bytes, Derived]]) -> dict[str, object]:
    codes, rules = _counts(rows)
    return {
        "at": str(at),
        "packs": [{"id": pack.id, "version": pack.version, "hash": pack.hash.hex()} for pack in book.packs],
        "counts": {
            "people": len(rows),
            "codes": {code: codes[code] for code in sorted(codes)},
            "rules": [{"rule": rule, "code": code, "people": n} for (rule, code), n in sorted(rules.items())],
        },
        "people": [
            {
                "subject": subject.hex(),
                "code": derived.code.id if derived.code else None,
                "grounds": [_ground(book, ground) for ground in derived.grounds],
                "undecided": [{"rule": row.rule, "statement": row.statement.hex()} for row in derived.undecided],
            }
            for subject, derived in rows
        ],
    }


def _ground(book: Book, ground: Ground) -> dict[str, object]:
    return {
        "rule": ground.rule,
        "pack": ground.claim.rule.pack.hash.hex(),
        "code": book.codes[ground.severity].id,
        "provisional": ground.provisional,
        "statement": ground.statement.hex(),
        "until": str(ground.until),
    }


def _counts(rows: Iterable[tuple[bytes, Derived]]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    codes: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    for _, derived in rows:
        code = derived.code.id if derived.code else _NO_CODE
        codes[code] += 1
        if derived.winner is not None:
            rules[derived.winner.rule, code] += 1
    return codes, rules


def _show(at: Instant, book: Book, rows: list[tuple[bytes, Derived]], *, everybody: bool) -> None:
    codes, rules = _counts(rows)
    listed = [(subject, derived) for subject, derived in rows if everybody or derived.grounds or derived.undecided]
    under = ", ".join(f"{pack.id} (version {pack.version})" for pack in book.packs) or "no pack"
    write(f"{counted(len(rows), 'person', 'people')} at {at}, under {under}")
    write()
    table(("CODE", "PEOPLE"), ((code, f"{n:,}") for code, n in sorted(codes.items())), numbers=("PEOPLE",))
    if rules:
        write()
        by_rule = ((rule, code, f"{n:,}") for (rule, code), n in sorted(rules.items()))
        table(("RULE", "CODE", "PEOPLE"), by_rule, numbers=("PEOPLE",))
    if listed:
        write()
        table(("PERSON", "CODE", "GROUND", "UNTIL"), (row for one in listed for row in _person(*one)))
        write()
        if any(ground.provisional for _, derived in listed for ground in derived.grounds):
            write("* provisional: it shuts no gate")
    if len(listed) < len(rows):
        rest = counted(len(rows) - len(listed), "person", "people")
        write(f"Not listed: {rest} without any ground; --all lists them.")


def _person(subject: bytes, derived: Derived) -> Iterator[tuple[str, str, str, str]]:
    code = derived.code.id if derived.code else _NO_CODE
    lines = [(f"{ground.rule}{'*' if ground.provisional else ''}", str(ground.until)) for ground in derived.grounds]
    lines += [(f"{row.rule}: undecided", "") for row in derived.undecided]
    for number, (ground, until) in enumerate(lines or [("", "")]):
        yield ("" if number else subject.hex()), ("" if number else code), ground, until
