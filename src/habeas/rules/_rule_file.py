"""A rule of a pack file, with its relief, source and examples, to the values of `_pack`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from habeas.evidence import MIN_SUPPORT, PROVISIONAL_MAX, Kind, field_choices
from habeas.rules._field import LANGUAGE, Field
from habeas.rules._pack import (
    Anchor,
    Confidence,
    Example,
    ExampleSign,
    ExampleStatement,
    Relief,
    Requirement,
    Rule,
    Rung,
    Source,
)
from habeas.rules._when import fact_type, literal, read_when
from habeas.wire import FOREVER, HOUR, Span

__all__ = ["CONSEQUENCES", "MAX_COUNT", "MAX_DAYS", "Frame", "read_span", "read_word"]

CONSEQUENCES = ("test", "order", "tracing")
MAX_DAYS = 3660
MAX_COUNT = 10**9

_ANCHORS = {anchor.value: anchor for anchor in Anchor}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_KINDS = {kind.value: kind for kind in Kind}
_SIGNS = {sign.value: sign for sign in ExampleSign}
_MAX_TIER = 3

_Value = TypeVar("_Value")


def read_word(field: Field, known: tuple[str, ...]) -> str:
    """Return a word of a closed list."""
    text = field.text()
    if text not in known:
        field.refuse(f"{text[:40]!r} is not one of {', '.join(known)}; choose one")
    return text


def read_span(field: Field) -> Span:
    """Return a stretch of time; without `to` it has no end, which `check_pack` refuses (I14)."""
    fields = field.fields("from", "to")
    end = fields["to"].instant() if "to" in fields else FOREVER
    return Span(fields["from"].instant(), end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a rule can refer to in its pack: codes, parameters, and the pack's own time."""

    codes: tuple[str, ...]
    parameters: Mapping[str, object]
    in_force: Span

    def code(self, field: Field) -> str:
        """Return the id of a code of the pack."""
        return read_word(field, self.codes)

    def rule(self, field: Field) -> Rule:
        """Return the rule of a field."""
        fields = field.fields(
            "id kind tier when anchor ladder texts source examples",
            "support provisional_hours relief requires in_force own_act succeeds",
        )
        kind, tier = fields["kind"].choice(_KINDS), fields["tier"].integer(1, _MAX_TIER)
        return Rule(
            id=fields["id"].name(),
            kind=kind,
            tier=tier,
            when=read_when(fields["when"], kind, self.parameters),
            anchor=fields["anchor"].choice(_ANCHORS),
            ladder=tuple(map(self._rung, fields["ladder"].items())),
            support=_maybe(fields, "support", _count, MIN_SUPPORT[tier]),
            provisional_hours=_maybe(fields, "provisional_hours", _count, PROVISIONAL_MAX // HOUR),
            relief=_maybe(fields, "relief", lambda rows: tuple(map(self._relief, rows.items())), ()),
            requires=_maybe(fields, "requires", lambda rows: tuple(map(_requirement, rows.items())), ()),
            in_force=_maybe(fields, "in_force", read_span, self.in_force),
            texts=_texts(fields["texts"]),
            source=_source(fields["source"]),
            examples=tuple(map(self._example, fields["examples"].items())),
            own_act=_maybe(fields, "own_act", Field.text, None),
            succeeds=_maybe(fields, "succeeds", Field.name, None),
        )

    def _rung(self, field: Field) -> Rung:
        code, until_day = field.row("[code, until_day]", 2)
        return Rung(self.code(code), until_day.integer(0, MAX_DAYS))

    def _relief(self, field: Field) -> Relief:
        fields = field.fields("kind when days first last cuts_to")
        kind = fields["kind"].choice(_KINDS)
        return Relief(
            kind=kind,
            when=read_when(fields["when"], kind, self.parameters),
            days=fields["days"].integer(0, MAX_DAYS),
            first=fields["first"].integer(-MAX_DAYS, MAX_DAYS),
            last=fields["last"].integer(-MAX_DAYS, MAX_DAYS),
            cuts_to=self.code(fields["cuts_to"]),
        )

    def _example(self, field: Field) -> Example:
        fields = field.fields("name sign statements at code")
        return Example(
            name=fields["name"].words(),
            sign=fields["sign"].choice(_SIGNS),
            statements=tuple(map(_statement, fields["statements"].items())),
            at=fields["at"].instant(),
            code=self.code(fields["code"]),
        )


def _maybe(fields: Mapping[str, Field], name: str, read: Callable[[Field], _Value], default: _Value) -> _Value:
    return read(fields[name]) if name in fields else default


def _count(field: Field) -> int:
    return field.integer(0, MAX_COUNT)


def _requirement(field: Field) -> Requirement:
    fields = field.fields("consequence within_hours")
    return Requirement(read_word(fields["consequence"], CONSEQUENCES), fields["within_hours"].integer(1, MAX_COUNT))


def _texts(field: Field) -> Mapping[str, Mapping[str, str]]:
    rows = {}
    for language, texts in field.open_fields(LANGUAGE).items():
        rows[language] = MappingProxyType({name: row.text() for name, row in texts.fields("title reason do").items()})
    return MappingProxyType(rows)


def _source(field: Field) -> Source:
    fields = field.fields("row page confidence", "note")
    return Source(
        row=fields["row"].text(),
        page=fields["page"].text(),
        confidence=fields["confidence"].choice(_CONFIDENCES),
        note=_maybe(fields, "note", Field.words, None),
    )


def _statement(field: Field) -> ExampleStatement:
    fields = field.fields("kind observed", "facts admitted backed")
    kind, observed = fields["kind"].choice(_KINDS), fields["observed"].instant()
    admitted = fields["admitted"].instant() if "admitted" in fields else observed
    if admitted < observed:
        field.refuse("admitted before it was observed; swap the two", key="admitted")
    given = fields["facts"].open_fields() if "facts" in fields else {}
    visible = field_choices(kind)
    if set(given) != set(visible):
        field.refuse(
            f"the facts of a {kind.value} that a rule sees are: {', '.join(visible) or 'none'}; give just these"
        )
    return ExampleStatement(
        kind=kind,
        facts=tuple((name, _fact(given[name], kind, name)) for name in visible),
        observed=observed,
        admitted=admitted,
        backed=_maybe(fields, "backed", _count, 0),
    )


def _fact(field: Field, kind: Kind, name: str) -> object:
    choices = field_choices(kind)[name]
    if choices is not None:
        return read_word(field, tuple(sorted(choices)))
    value = literal(field.scalar())
    if type(value) is not fact_type(kind, name):
        field.refuse(f"{name} is {'a whole number' if fact_type(kind, name) is int else 'text; put it in quotes'}")
    return value
