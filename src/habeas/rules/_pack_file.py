"""`parse_pack`: the text of a pack file to a `Pack`. docs/packs.md is the reference of the format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType

from habeas.evidence import Limits, LimitsError
from habeas.rules._field import LANGUAGE, Field
from habeas.rules._pack import Arrivals, Code, Effect, LeftOut, Pack
from habeas.rules._rule_file import MAX_COUNT, Frame, read_span, read_word
from habeas.rules._when import literal, plain
from habeas.rules._yaml import Items, parse_yaml
from habeas.wire import HOUR, Calendar, InstantError, encode_cbor

__all__ = ["TRANSITIONS", "parse_pack"]

TRANSITIONS = ("notice", "milder")
"""`milder`: takes over running grounds at once, so it must be nowhere stricter than the pack that it succeeds."""

_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)", re.ASCII)
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_EFFECTS = {effect.name.lower(): effect for effect in Effect}


def parse_pack(text: str) -> Pack:
    """Return the pack of a file's text; raises `PackFormatError` with line, column, and what to do.

    Its hash is the SHA-256 of the deterministic CBOR of the plain tree: comments, order and layout are not part of it.
    """
    node = parse_yaml(text)
    fields = Field(node, "pack").fields(
        "pack version titles languages issuer published in_force calendar codes default provisional rules",
        "parameters limits left_out arrivals over succeeds transition criteria",
    )
    return _read_pack(fields, hashlib.sha256(encode_cbor(plain(node))).digest())


def _read_pack(fields: Mapping[str, Field], digest: bytes) -> Pack:
    codes = _codes(fields["codes"])
    frame = Frame(
        codes=tuple(code.id for code in codes), parameters=_parameters(fields), in_force=read_span(fields["in_force"])
    )
    return Pack(
        id=fields["pack"].name(),
        version=fields["version"].text(),
        titles=fields["titles"].words(),
        languages=tuple(item.name(LANGUAGE) for item in fields["languages"].items()),
        issuer=fields["issuer"].name(),
        published=fields["published"].instant(),
        in_force=frame.in_force,
        calendar=_calendar(fields["calendar"]),
        codes=codes,
        default=frame.code(fields["default"]),
        provisional=frame.code(fields["provisional"]),
        parameters=frame.parameters,
        limits=_limits(fields),
        rules=tuple(map(frame.rule, fields["rules"].items())),
        left_out=tuple(map(_left_out, fields["left_out"].items())) if "left_out" in fields else (),
        arrivals=tuple(map(_arrivals, fields["arrivals"].items())) if "arrivals" in fields else (),
        over=_name(fields, "over"),
        succeeds=_name(fields, "succeeds"),
        transition=read_word(fields["transition"], TRANSITIONS) if "transition" in fields else TRANSITIONS[0],
        criteria=fields["criteria"].text() if "criteria" in fields else None,
        hash=digest,
    )


def _name(fields: Mapping[str, Field], name: str) -> str | None:
    return fields[name].name() if name in fields else None


def _calendar(field: Field) -> Calendar:
    rows = []
    for item in field.items():
        start, offset = item.row("[instant, offset]", 2)
        found = _OFFSET.fullmatch(offset.text())
        if not found:
            offset.refuse("an offset is written as +08:00")
        seconds = int(found[2]) * HOUR + int(found[3]) * 60
        rows.append((start.instant(), -seconds if found[1] == "-" else seconds))
    try:
        return Calendar(tuple(rows))
    except InstantError as error:
        field.refuse(str(error))


def _codes(field: Field) -> tuple[Code, ...]:
    codes: list[Code] = []
    for severity, item in enumerate(field.items()):
        fields = item.fields("id effect colour names")
        code, effect = fields["id"].name(), fields["effect"].choice(_EFFECTS)
        if any(code == other.id for other in codes):
            item.refuse(f"the code {code} stands twice; keep one", key="id")
        names = fields["names"].words()
        codes.append(Code(id=code, severity=severity, effect=effect, colour=fields["colour"].name(), names=names))
    return tuple(codes)


def _parameters(fields: Mapping[str, Field]) -> Mapping[str, object]:
    rows: dict[str, object] = {}
    given = fields["parameters"].open_fields(_PARAMETER) if "parameters" in fields else {}
    for name, field in given.items():
        several = isinstance(field.node, Items)  # a list, for `in` takes nothing else
        rows[name] = [literal(item.scalar()) for item in field.items()] if several else literal(field.scalar())
    return MappingProxyType(rows)


def _limits(fields: Mapping[str, Field]) -> Limits:
    if "limits" not in fields:
        return Limits()
    field = fields["limits"]
    try:
        return Limits.of({name: row.integer(0, MAX_COUNT) for name, row in field.open_fields().items()})
    except LimitsError as error:
        field.refuse(str(error))


def _left_out(field: Field) -> LeftOut:
    fields = field.fields("row because why")
    return LeftOut(row=fields["row"].text(), because=fields["because"].text(), why=fields["why"].words())


def _arrivals(field: Field) -> Arrivals:
    fields = field.fields("positives tests measured_by time")
    tests = fields["tests"].integer(0, MAX_COUNT)
    return Arrivals(
        positives=fields["positives"].integer(0, tests),
        tests=tests,
        measured_by=fields["measured_by"].name(),
        time=read_span(fields["time"]),
    )
