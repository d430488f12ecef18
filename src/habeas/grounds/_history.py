"""A person's history: every change of the answer with its cause, and in which word what came before it ended (I10).

"Was wrong" is not "has lapsed", and neither is "replaced". Nothing in a history is changed afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from habeas.evidence import Held
from habeas.grounds._claims import Ground
from habeas.grounds._derive import Cause, Change, Derived
from habeas.grounds._endings import claim_end, ended_at, record_of
from habeas.grounds._explained import EndWord, Record
from habeas.grounds._show import COLUMNS, show_id, show_zone, wrap
from habeas.grounds._voice import MARKS, Voice, capital
from habeas.grounds._words import Language
from habeas.rules import Code
from habeas.wire import FOREVER, Calendar, Instant

__all__ = ["CauseNote", "HistoryEntry", "explain_history", "format_history", "json_history"]


_HAPPENED = frozenset({"admitted", "backed", "unbacked", "helped", "bound", "rules", "measured"})
"""Causes that are told as what happened; every other is an ending and is told in that word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseNote:
    """What happened, the statement or pack that it came by, and the person's record that it happened to, if known."""

    what: str
    by: bytes
    record: Record | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """An instant from which the answer is another. `before` is None, like `after`, where no rules were in force.

    `first` marks the state that the history begins with; it has no cause. `was` is the record that the code rested on
    before, and `ended` the word for how that came to its end.
    """

    at: Instant
    until: Instant
    first: bool
    before: Code | None
    after: Code | None
    provisional: bool
    causes: tuple[CauseNote, ...]
    ended: EndWord | None
    was: Record | None


def explain_history(changes: Sequence[Change], held: Sequence[Held] = ()) -> tuple[HistoryEntry, ...]:
    """Return the entries of a timeline, oldest first; `held` (the derivation's) lets causes name their records."""
    entries = []
    for place, change in enumerate(changes):
        before = changes[place - 1].derived if place else None
        derived = change.derived
        entries.append(
            HistoryEntry(
                at=derived.at,
                until=change.until,
                first=before is None,
                before=before.code if before else None,
                after=derived.code,
                provisional=derived.winner is not None and derived.winner.provisional,
                causes=tuple(_note(cause, held, derived.at) for cause in change.causes) if before else (),
                ended=_how_ended(before, derived) if before else None,
                was=record_of(before.winner.claim.held) if before and before.winner else None,
            )
        )
    return tuple(entries)


def _note(cause: Cause, held: Iterable[Held], at: Instant) -> CauseNote:
    """Return a cause with the record that it happened to: the one of its id, ended by it, or backed by it."""
    for one in held:
        backs = any(row.record == cause.by for row in one.backing)
        if cause.by in (one.id, one.ended.by if one.ended.at == at else one.id) or backs:
            return CauseNote(what=cause.what, by=cause.by, record=record_of(one))
    return CauseNote(what=cause.what, by=cause.by, record=None)


def _how_ended(before: Derived, after: Derived) -> EndWord | None:
    """Return the word for how what stood before came to its end: that of its ground, or that something newer stands."""
    ground = before.winner
    if ground is None or after.code is None or before.code is None:
        return None  # a first ground replaces nothing; nor does the beginning or the end of rules
    by_event = ended_at(ground.claim.held, after.at)
    if by_event is not None:
        return by_event.word
    now = next((one for one in after.grounds if (one.rule, one.statement) == (ground.rule, ground.statement)), None)
    if now is None:
        by_time = claim_end(ground.claim, after.at)
        return by_time[0] if by_time else EndWord.RULES
    if now.severity < ground.severity:
        return _how_eased(ground, now, after.at)
    return EndWord.REPLACED if after.winner is not now else None


def _how_eased(before: Ground, now: Ground, at: Instant) -> EndWord | None:
    """Return the word for how a ground that still stands came to a milder code; None if what was measured eased it."""
    if now.provisional and not before.provisional:
        return EndWord.SHORT
    if now.claim is not before.claim:
        return EndWord.RULES
    if at >= before.until:
        return EndWord.STEPPED
    return None if any(span.end == at for span in now.claim.exceptions) else EndWord.RELIEVED


def format_history(entries: Sequence[HistoryEntry], language: Language, calendar: Calendar) -> str:
    """Return a history as plain text of at most 100 columns, newest first."""
    voice = Voice(language, calendar)
    rows = [voice.say("label.history")]
    for entry in reversed(entries):
        rows.append("")
        for place, line in enumerate(_lines(entry, voice)):
            rows += wrap(line, 4 if place else 0, COLUMNS)
    rows += ["", *wrap(voice.say("history.kept"))]
    if entries:
        rows += wrap(voice.say("show.zone", zone=show_zone(entries[-1].at, calendar)))
    return "\n".join(rows) + "\n"


def _lines(entry: HistoryEntry, voice: Voice) -> Iterator[str]:
    mark = f"{MARKS[entry.after.effect]}  " if entry.after else ""
    time, after = voice.time(entry.at), voice.code(entry.after)
    if entry.first:
        yield mark + capital(voice.say("history.first", after=after))
    elif entry.before == entry.after:
        yield mark + voice.say("history.same", time=time, after=after)
    else:
        yield mark + voice.say("history.changed", time=time, before=voice.code(entry.before), after=after)
    if entry.provisional:
        yield voice.say("state.provisional")
    if entry.ended is not None:
        yield voice.say(f"end.{entry.ended.value}")
    for cause in entry.causes:
        own = entry.ended is not None and cause.record == entry.was
        if cause.what in _HAPPENED:
            if not (cause.what == "admitted" and entry.ended is EndWord.REPLACED):  # which says the same
                yield voice.say(f"cause.{cause.what}")
        elif not own:  # of one record only one ending is told
            yield voice.say(f"end.{cause.what}")
        if cause.record is None:
            yield voice.say("cause.id", id=show_id(cause.by))
        else:
            yield capital(voice.say("cause.from", record=voice.record(cause.record), id=show_id(cause.by)))


def json_history(entries: Iterable[HistoryEntry]) -> list[dict[str, object]]:
    """Return a history for programs, oldest first: `at`, `until`, `before`, `after`, `provisional`, `ended`, `causes`.

    Codes are their ids, null where no rules are in force; a cause has `what`, `by` and the `statement` it happened to.
    """
    return [
        {
            "at": str(entry.at),
            "until": None if entry.until == FOREVER else str(entry.until),
            "first": entry.first,
            "before": entry.before.id if entry.before else None,
            "after": entry.after.id if entry.after else None,
            "provisional": entry.provisional,
            "ended": entry.ended.value if entry.ended else None,
            "causes": [
                {
                    "what": cause.what,
                    "by": cause.by.hex(),
                    "statement": cause.record.statement.hex() if cause.record else None,
                }
                for cause in entry.causes
            ],
        }
        for entry in entries
    ]
