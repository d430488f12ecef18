"""One language's way of saying times, bodies, records, codes, and the rules' own texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from habeas.evidence import INDEX_ACCOUNT, OWN_ACT, Kind
from habeas.grounds._explained import Explained, Grounded, Record, Signer
from habeas.grounds._show import show_date, show_list, show_time
from habeas.grounds._words import Language, say
from habeas.rules import Code, Effect
from habeas.wire import Calendar, Instant

__all__ = ["MARKS", "Voice", "capital", "first_of", "rule_text"]

MARKS = {Effect.OPEN: "(✓)", Effect.ASK: "(•••)", Effect.PARTLY: "<|>", Effect.CLOSED: "[—]"}
"""A shape for each effect at a door: round goes on, corners stop."""

_DOOR = {
    Effect.OPEN: "state.open",
    Effect.ASK: "state.ask",
    Effect.PARTLY: "state.partly",
    Effect.CLOSED: "state.closed",
}
_NAMELESS = {"self": "reason.self", OWN_ACT: "reason.own.act", INDEX_ACCOUNT: "reason.index.account"}
_CERTIFICATE = "certificate:"
_T = TypeVar("_T")


def first_of(texts: Mapping[str, _T], language: str) -> _T:
    """Return what stands under a language, else under the first that there is."""
    return texts[language] if language in texts else next(iter(texts.values()))


@dataclass(frozen=True, slots=True)
class Voice:
    """A language, and the calendar in which its times are told."""

    language: Language
    calendar: Calendar

    def say(self, key: str, **fields: str) -> str:
        """Return a sentence of the catalogue."""
        return say(key, self.language, **fields)

    def time(self, instant: Instant) -> str:
        """Return a time of day."""
        return show_time(instant, self.calendar, self.language)

    def date(self, instant: Instant) -> str:
        """Return a day."""
        return show_date(instant, self.calendar, self.language)

    def list(self, items: Iterable[str]) -> str:
        """Return items as one phrase."""
        return show_list(items, self.language)

    def code(self, code: Code | None) -> str:
        """Return a code's own name."""
        return self.say("history.nocode") if code is None else first_of(code.names, self.language)

    def door(self, explained: Explained) -> str:
        """Return what the code does at a door."""
        if explained.code is None:
            return self.say("state.nopack")
        return capital(self.say(_DOOR[explained.code.effect], code=self.code(explained.code)))

    def body(self, signer: Signer) -> str:
        """Return a body's name, or who it is that is no body."""
        names = dict(signer.names)
        if names:
            return first_of(names, self.language)
        if signer.id.startswith(_CERTIFICATE):
            return self.say("reason.certificate", country=signer.id.removeprefix(_CERTIFICATE))
        return self.say(_NAMELESS[signer.id]) if signer.id in _NAMELESS else signer.id

    def kind(self, kind: Kind) -> str:
        """Return what a kind of record is called."""
        return self.say(f"record.{kind.value}")

    def record(self, record: Record) -> str:
        """Return a record as a phrase: kind, day, body."""
        return self.say(
            "show.item", kind=self.kind(record.kind), date=self.date(record.observed), body=self.body(record.signer)
        )

    def rule(self, ground: Grounded, part: str) -> str:
        """Return a text of the rule itself, filled in; nothing else is ever shown as a reason (I6)."""
        return rule_text(ground, part, self.language, self.calendar)


def rule_text(ground: Grounded, part: str, language: str, calendar: Calendar) -> str:
    """Return `title`, `reason` or `do` of a ground's rule in any language of its pack, filled in.

    A text may hold {signer} (whose word it is), {date} (of what it says) and {until} (the end of this ground).
    """
    signer = ground.record.signer
    text = first_of(ground.texts, language).get(part, "")
    for field, value in (
        ("{signer}", first_of(dict(signer.names) or {language: signer.id}, language)),
        ("{date}", show_date(ground.record.observed, calendar, language)),
        ("{until}", show_time(ground.until, calendar, language)),
    ):
        text = text.replace(field, value)
    return capital(text)


def capital(text: str) -> str:
    """Return a sentence with its first letter large, whatever name it begins with."""
    return text[:1].upper() + text[1:]
