"""A mandate: who may say what, about which area, from when to when (I7)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any

from habeas.mandates.errors import GrantError
from habeas.wire import DAY, Algorithm, Area, Instant, Span, VerifyingKey, WireError, encode_cbor, parse_area

__all__ = [
    "EMERGENCY_MAX",
    "WAITING",
    "Body",
    "BodyClass",
    "Emergency",
    "Level",
    "Mandate",
    "custodians",
    "independent",
]

WAITING = 7 * DAY
EMERGENCY_MAX = 7 * DAY
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_MAX_NAME = 64


class BodyClass(Enum):
    """What a body is; only `SOURCE` ever holds evidence keys."""

    SOURCE = "source"
    RULES = "rules"
    REDRESS = "redress"
    OPERATOR = "operator"
    VENDOR = "vendor"
    POLICY = "policy"


class Level(IntEnum):
    """Level of administration, narrowest first."""

    COMMUNITY = 1
    COUNTY = 2
    CITY = 3
    PROVINCE = 4
    NATION = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A legal entity: its id, whom it answers to, who runs its machines, and its name in each language.

    `superior` and `operator` are ids of other entities; a body that runs its own machines names itself as operator.
    """

    id: str
    superior: str
    operator: str
    level: Level
    body_class: BodyClass
    names: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        for name in (self.id, self.superior, self.operator):
            if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
                raise GrantError(f"{name!r} is no id of a body: small letters, digits and hyphens, at most 64")
        if not all(isinstance(part, str) for pair in self.names for part in pair):
            raise GrantError(f"the names of {self.id} are text, one for each language")

    def name(self, language: str) -> str:
        """Return the name in `language`, else in the first language given, else the id."""
        names = dict(self.names)
        return names.get(language) or next(iter(names.values()), self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """An emergency declared by two bodies of different levels; the mandate under it gives provisional grounds only."""

    declared_by: tuple[tuple[str, Level], ...]

    def __post_init__(self) -> None:
        if len({level for _, level in self.declared_by}) < 2 or len({body for body, _ in self.declared_by}) < 2:  # noqa: PLR2004 - two, I7
            raise GrantError(
                "I7: an emergency is declared by two bodies of two levels; have another level declare it too"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One body's leave to sign statements of certain kinds about events in an area, with one key, for a time.

    `time` is the span asked for; what it is in effect depends on when it was logged (`Roster.effect`).
    """

    body: Body
    kinds: frozenset[str]
    area: Area
    key: VerifyingKey
    time: Span
    emergency: Emergency | None = None
    id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if not self.kinds or not all(isinstance(kind, str) and _NAME.fullmatch(kind) for kind in self.kinds):
            raise GrantError("a mandate names at least one kind of statement, in small letters, such as border-entry")
        if not self.time:
            raise GrantError("a mandate ends later than it begins")
        object.__setattr__(self, "id", hashlib.sha256(encode_cbor(self.to_cbor())).digest())

    def to_cbor(self) -> dict[str, object]:
        """Return the value that is logged, and whose SHA-256 is the mandate's id."""
        body = self.body
        value: dict[str, object] = {
            "area": self.area.code,
            "body": {
                "class": body.body_class.value,
                "id": body.id,
                "level": int(body.level),
                "names": dict(body.names),
                "operator": body.operator,
                "superior": body.superior,
            },
            "key": {"alg": self.key.algorithm.value, "public": self.key.public},
            "kinds": sorted(self.kinds),
            "time": [int(self.time.start), int(self.time.end)],
        }
        if self.emergency:
            value["emergency"] = [[body_id, int(level)] for body_id, level in self.emergency.declared_by]
        return value

    @classmethod
    def of_cbor(cls, value: object) -> Mandate:
        """Return the mandate of a logged value; raises `GrantError` for anything that `to_cbor` would not write."""
        try:
            mandate = cls._of(value)
            written = encode_cbor(mandate.to_cbor()) == encode_cbor(value)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError, WireError) as error:
            raise GrantError(f"this is no mandate: {error!r} in its fields") from None
        if not written:  # such as a level of 3.0, or a field too many
            raise GrantError("this is no mandate as one is logged: take it anew from the log")
        return mandate

    @classmethod
    def _of(cls, value: Any) -> Mandate:  # noqa: ANN401 - whatever was read; each field is looked at
        body, key = value["body"], value["key"]
        start, end = value["time"]
        declared = value.get("emergency")
        return cls(
            body=Body(
                id=body["id"],
                superior=body["superior"],
                operator=body["operator"],
                level=Level(int(body["level"])),
                body_class=BodyClass(body["class"]),
                names=tuple(dict(body["names"]).items()),
            ),
            kinds=frozenset(_list(value["kinds"])),
            area=parse_area(value["area"]),
            key=VerifyingKey(algorithm=Algorithm.of(key["alg"]), public=_bytes(key["public"])),
            time=Span(Instant(int(start)), Instant(int(end))),
            emergency=Emergency(declared_by=tuple((str(b), Level(int(n))) for b, n in declared)) if declared else None,
        )


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a public key is a byte string")  # bytes(10**10) would be ten gigabytes
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("kinds are a list")
    return value


def independent(one: Mandate, other: Mandate) -> bool:
    """Whether two mandates are two custodians: no body, superior, operator or key in common, neither over the other."""
    a, b = one.body, other.body
    return not {a.id, a.superior, a.operator} & {b.id, b.superior, b.operator} and one.key != other.key


def custodians(mandates: Iterable[Mandate]) -> tuple[tuple[str, ...], ...]:
    """Return the distinct custodians among `mandates`: groups of body ids, each group one custodian.

    Bodies linked through others stand in one group, so a chain of shells counts once. Groups and ids are sorted.
    """
    groups: list[list[Mandate]] = []
    for mandate in mandates:
        linked = [group for group in groups if not all(independent(mandate, other) for other in group)]
        groups = [group for group in groups if group not in linked]
        groups.append([mandate, *(other for group in linked for other in group)])
    return tuple(sorted(tuple(sorted({mandate.body.id for mandate in group})) for group in groups))
