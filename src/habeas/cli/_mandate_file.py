"""Mandates as people write them: JSON with words for levels and instants, to and from the value that is logged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from habeas.cli._key_file import format_public, read_public, read_public_file
from habeas.cli._reading import read_json, read_map, refusing
from habeas.cli.errors import InputError
from habeas.evidence import Kind
from habeas.mandates import RULES, RULING, Body, BodyClass, Emergency, Level, Logged, Mandate, MandateError
from habeas.wire import FOREVER, Instant, Span, parse_area, parse_instant

__all__ = ["format_logged", "read_mandate_file"]

_LEVELS = {level.name.lower(): level for level in Level}
_CLASSES = {body_class.value: body_class for body_class in BodyClass}
_KINDS = {kind.value for kind in Kind} | {RULES, RULING}
_LANGUAGES = ("en", "zh")


def read_mandate_file(path: Path, public: Path | None) -> Mandate:
    """Return the mandate of a JSON file: body, kinds, area, key, from, to, and emergency if it is one."""
    needed = "body kinds area from to" + (" key" if public is None else "")
    value = read_map(str(path), read_json(path), needed, "emergency")
    key = read_public(f'{path}, "key"', value["key"]) if public is None else read_public_file(public)
    with refusing(str(path), "mend it and grant it again; nothing was logged", MandateError):
        return Mandate(
            body=_body(path, value["body"]),
            kinds=_kinds(path, value["kinds"]),
            area=parse_area(value["area"]),
            key=key,
            time=Span(_instant(path, value, "from"), _instant(path, value, "to")),
            emergency=_emergency(path, value.get("emergency")),
        )


def format_logged(logged: Logged, at: Instant) -> dict[str, object]:
    """Return a logged mandate as JSON, with what it is at an instant: waiting, in effect or ended."""
    mandate, body, effect = logged.mandate, logged.mandate.body, logged.effect
    return {
        "id": mandate.id.hex(),
        "body": body.id,
        "names": dict(body.names),
        "class": body.body_class.value,
        "level": body.level.name.lower(),
        "superior": body.superior,
        "operator": body.operator,
        "kinds": sorted(mandate.kinds),
        "area": mandate.area.code,
        "key": format_public(mandate.key),
        "logged": str(logged.at),
        "from": str(effect.start) if effect else None,
        "to": (None if effect.end == FOREVER else str(effect.end)) if effect else None,
        "ended": str(logged.ended) if logged.ended is not None else None,
        "emergency": mandate.emergency is not None,
        "now": "in effect" if effect.covers(at) else "waiting" if effect and at < effect.start else "ended",
    }


def _body(path: Path, value: object) -> Body:
    where = f'{path}, "body"'
    row = read_map(where, value, "id superior operator level class names")
    names = read_map(f'{where}, "names"', row["names"], "", " ".join(_LANGUAGES))
    if not names:
        raise InputError(f'{where}, "names"', "is empty", f"give its name in {' or '.join(_LANGUAGES)}")
    return Body(
        id=str(row["id"]),
        superior=str(row["superior"]),
        operator=str(row["operator"]),
        level=_LEVELS[_word(f'{where}, "level"', row["level"], _LEVELS)],
        body_class=_CLASSES[_word(f'{where}, "class"', row["class"], _CLASSES)],
        names=tuple((language, str(name)) for language, name in names.items()),
    )


def _kinds(path: Path, value: object) -> frozenset[str]:
    where = f'{path}, "kinds"'
    if not isinstance(value, list) or not value:
        raise InputError(where, "is no list of kinds of statements", f"write some of {', '.join(sorted(_KINDS))}")
    return frozenset(_word(where, kind, dict.fromkeys(_KINDS)) for kind in value)


def _emergency(path: Path, value: object) -> Emergency | None:
    if value is None:
        return None
    where = f'{path}, "emergency"'
    if not isinstance(value, list) or not all(
        isinstance(row, list) and len(row) == len(("body", "level")) for row in value
    ):
        raise InputError(where, "is no list of [body, level]", "name the two bodies that declared it")
    return Emergency(declared_by=tuple((str(body), _LEVELS[_word(where, level, _LEVELS)]) for body, level in value))


def _word(where: str, value: object, known: Mapping[str, object]) -> str:
    if not isinstance(value, str) or value not in known:
        raise InputError(where, f"{value!r} is not known here", f"write one of {', '.join(sorted(known))}")
    return value


def _instant(path: Path, value: Mapping[str, object], name: str) -> Instant:
    with refusing(f'{path}, "{name}"'):
        return parse_instant(str(value[name]))
