"""`habeas explain` and `habeas history`: what is held about one person, found by document or by id alone."""

from __future__ import annotations

from habeas.cli._ledger_file import find_person, open_ledger
from habeas.cli._options import AsJson, At, Db, Document, Lang, Language, RegistryKey, Subject
from habeas.cli._output import counted, note, write, write_fitted, write_json
from habeas.cli._reading import read_instant
from habeas.grounds import (
    Derivation,
    explain_history,
    format_explanation,
    format_history,
    json_explanation,
    json_history,
)
from habeas.grounds import explain as explain_derivation
from habeas.ledger import Ledger
from habeas.wire import Calendar, Instant

__all__ = ["explain", "history"]

_COLUMNS = 100
"""At which `grounds` breaks its lines."""

_NO_RULES = {
    Language.EN: "No rules were ever published here, so nobody has a code and every gate is open.",
    Language.ZH: "这里从未公布过规则，所有人都没有健康码，各处照常通行。",
}


def explain(
    db: Db,
    document: Document = None,
    subject: Subject = None,
    at: At = None,
    lang: Lang = Language.EN,
    registry_key: RegistryKey = None,
    as_json: AsJson = False,
) -> None:
    """Say which code a person has, and all that it owes them: why, whose word, until when, who must answer.

    There is no search by name: a person is found by a document or by their id in the ledger.
    """
    now = read_instant("--at", at)
    with open_ledger(db) as ledger:
        person = find_person(ledger.state, db, registry_key, (document, subject), now)
        derivation, head = _derivation(ledger, person), ledger.head
    if not derivation.book.packs:
        _without_rules(person, head, now, lang, as_json=as_json)
        return
    explained = explain_derivation(derivation, now)
    if as_json:
        write_json({"subject": person.hex(), "head": head, **json_explanation(explained)})
    else:
        write_fitted(format_explanation(explained, lang.value).rstrip("\n"), _COLUMNS)
        write(_read(head, lang))


def history(
    db: Db,
    document: Document = None,
    subject: Subject = None,
    at: At = None,
    lang: Lang = Language.EN,
    registry_key: RegistryKey = None,
    as_json: AsJson = False,
) -> None:
    """Show every change of a person's code up to an instant, each with its cause, newest first.

    There is no search by name: a person is found by a document or by their id in the ledger.
    """
    now = read_instant("--at", at)
    with open_ledger(db) as ledger:
        person = find_person(ledger.state, db, registry_key, (document, subject), now)
        derivation, head = _derivation(ledger, person), ledger.head
        changes = derivation.timeline(ledger.state.life(person, now))
    if not derivation.book.packs:
        _without_rules(person, head, now, lang, as_json=as_json)
        return
    entries = explain_history(changes, derivation.held)
    if as_json:
        write_json({"subject": person.hex(), "head": head, "at": str(now), "history": json_history(entries)})
    else:
        write_fitted(format_history(entries, lang.value, _calendar(derivation, now)).rstrip("\n"), _COLUMNS)
        write(_read(head, lang))


def _derivation(ledger: Ledger, person: bytes) -> Derivation:
    into = ledger.state.registry.person(person).merged_into
    if into is not None:
        note(f"this record was merged into {into.hex()}; since then, look there")
    return ledger.derivation(person)


def _calendar(derivation: Derivation, at: Instant) -> Calendar:
    """Return the calendar of a pack in force, else of the last one."""
    packs = derivation.book.packs
    return ([pack for pack in packs if pack.in_force.covers(at)] or list(packs))[-1].calendar


def _read(head: int, lang: Language) -> str:
    """Return from what an answer was read, so that two answers can be compared (I9)."""
    return f"Read from {counted(head, 'event', 'events')}." if lang is Language.EN else f"依据台账中的{head}条事件。"


def _without_rules(person: bytes, head: int, at: Instant, lang: Language, *, as_json: bool) -> None:
    if as_json:
        write_json({"subject": person.hex(), "head": head, "at": str(at), "code": None, "grounds": [], "history": []})
    else:
        write(_NO_RULES[lang])
        write(_read(head, lang))
