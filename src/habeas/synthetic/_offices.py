"""Bodies: who signs what in the town, each with a legal entity, a superior and a key of its own.

The one pair that shares a superior is the border station and its passport desk: a stamp of the same house is no second
custodian. The policy office and the vendor have keys too, as everybody can; what they lack is a mandate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from habeas.evidence import Facts, Statement, sign_statement
from habeas.mandates import RULES, RULING, Body, BodyClass, Level, Mandate
from habeas.wire import Algorithm, Area, Instant, SigningKey, Span, make_signing_key, parse_instant

__all__ = ["AWAY", "CITY", "PROVINCE", "Office", "Offices", "key_of", "make_offices"]

CITY = Area("CN-41-99")
PROVINCE = Area("CN-41")
AWAY = Area("CN-98")
"""Codes that GB/T 2260 gives to no city and no province; CN-41 is Henan, whose published rules are in force."""

_TIME = Span(parse_instant("2021-08-01T00:00+08:00"), parse_instant("2023-01-01T00:00+08:00"))
_A_LABORATORY = 2_000
"""People a laboratory, a clinic and a community office, so that an honest wave stays within each one's caps."""

_RECORD = "custodian-record"
_SOURCE, _POLICY, _VENDOR = BodyClass.SOURCE, BodyClass.POLICY, BodyClass.VENDOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A body with its key, and the mandate that it holds or asks for."""

    mandate: Mandate
    key: SigningKey

    @property
    def body(self) -> Body:
        """The body."""
        return self.mandate.body

    def sign(self, facts: Facts, ref: bytes, observed: Instant, issued: Instant) -> bytes:
        """Return a signed statement about the person behind a reference."""
        statement = Statement(ref=ref, facts=facts, observed=observed, issued=issued, area=self.mandate.area)
        return sign_statement(statement, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """Everybody who signs. `policy`, `vendor` and `shells` are those who should not."""

    laboratories: tuple[Office, ...]
    clinics: tuple[Office, ...]
    communities: tuple[Office, ...]
    hospital: Office
    border: Office
    desk: Office
    carrier: Office
    site: Office
    tracers: Office
    county: Office
    city: Office
    province: Office
    redress: Office
    away_laboratory: Office
    away_clinic: Office
    coerced: Office
    policy: Office
    vendor: Office
    shells: tuple[Office, Office]

    def mandated(self) -> tuple[Office, ...]:
        """Return those that hold a mandate in an honest town."""
        many = (*self.laboratories, *self.clinics, *self.communities)
        health = (self.hospital, self.border, self.desk, self.carrier, self.site, self.tracers)
        levels = (self.county, self.city, self.province, self.redress)
        return (*many, *health, *levels, self.away_laboratory, self.away_clinic, self.coerced)


def key_of(seed: str, name: str) -> SigningKey:
    """Return the key of a name: the same seed and name give the same key."""
    return make_signing_key(Algorithm.EDDSA, hashlib.sha256(f"habeas/synthetic/{seed}/{name}".encode()).digest())


def make_offices(seed: str, people: int) -> Offices:
    """Return the bodies of a town of so many people."""
    count = 1 + people // _A_LABORATORY
    one = {name: _office(seed, name, *row) for name, row in _ONE.items()}
    shells = tuple(_office(seed, name, *row) for name, row in _SHELLS.items())
    return Offices(
        laboratories=tuple(_numbered(seed, "laboratory", count, ("test-result", _RECORD), Level.CITY)),
        clinics=tuple(
            _numbered(seed, "clinic", count, (_RECORD, "vaccination", "exemption", "recovery"), Level.COUNTY)
        ),
        communities=tuple(_numbered(seed, "community", count, (_RECORD,), Level.COMMUNITY)),
        shells=(shells[0], shells[1]),
        **one,
    )


_Row = tuple[str, str, Level, Area, BodyClass, tuple[str, ...], str]
_ONE: dict[str, _Row] = {
    "hospital": (
        "Anhe Hospital",
        "安河市医院",
        Level.CITY,
        CITY,
        _SOURCE,
        ("diagnosis", "discharge", "recovery", _RECORD),
        "",
    ),
    "border": ("Anhe Airport Border Station", "安河机场边检站", Level.NATION, CITY, _SOURCE, ("border-entry",), "port"),
    "desk": ("Anhe Airport Passport Desk", "安河机场证件窗口", Level.NATION, CITY, _SOURCE, (_RECORD,), "port"),
    "carrier": ("Blue River Airlines", "蓝河航空", Level.NATION, CITY, _SOURCE, (_RECORD,), ""),
    "site": ("Willow Isolation Site", "柳园隔离点", Level.COMMUNITY, CITY, _SOURCE, (_RECORD, "discharge"), ""),
    "tracers": ("Anhe Contact Tracers", "安河市流调队", Level.CITY, CITY, _SOURCE, ("contact-finding",), ""),
    "county": (
        "Anhe County Health Office",
        "安河县卫健局",
        Level.COUNTY,
        CITY,
        _SOURCE,
        ("isolation-order", "contact-finding"),
        "",
    ),
    "city": ("Anhe City Health Commission", "安河市卫健委", Level.CITY, CITY, _SOURCE, (_RECORD,), ""),
    "province": (
        "Provincial Command Office",
        "省疫情防控指挥部",
        Level.PROVINCE,
        PROVINCE,
        BodyClass.RULES,
        (RULES,),
        "",
    ),
    "redress": ("Provincial Review Office", "省复核处", Level.PROVINCE, PROVINCE, BodyClass.REDRESS, (RULING,), ""),
    "away_laboratory": (
        "Donghai Laboratory",
        "东海省检验所",
        Level.PROVINCE,
        AWAY,
        _SOURCE,
        ("test-result", _RECORD),
        "",
    ),
    "away_clinic": ("Donghai Clinic", "东海省诊所", Level.COUNTY, AWAY, _SOURCE, (_RECORD, "vaccination"), ""),
    "coerced": ("Anhe Express Laboratory", "安河快检所", Level.CITY, CITY, _SOURCE, ("test-result", _RECORD), ""),
    "policy": ("Anhe Stability Office", "安河市维稳办", Level.CITY, CITY, _POLICY, ("border-entry", "test-result"), ""),
    "vendor": ("Health Code Software Company", "健康码软件公司", Level.CITY, CITY, _VENDOR, ("border-entry",), ""),
}
_SHELLS: dict[str, _Row] = {
    "shell-carrier": ("Swift Coaches", "迅捷客运", Level.COMMUNITY, CITY, _SOURCE, (_RECORD,), ""),
    "shell-hotel": ("Harmony Guest House", "和顺招待所", Level.COMMUNITY, CITY, _SOURCE, (_RECORD,), ""),
}
_NUMBERED = {
    "laboratory": ("Anhe Laboratory {}", "安河市第{}检验所"),
    "clinic": ("Anhe Clinic {}", "安河市第{}诊所"),
    "community": ("Community Office {}", "第{}社区居委会"),
}


def _numbered(seed: str, name: str, count: int, kinds: tuple[str, ...], level: Level) -> list[Office]:
    english, chinese = _NUMBERED[name]
    rows = [(english.format(n), chinese.format(n), level, CITY, _SOURCE, kinds, "") for n in range(1, count + 1)]
    return [_office(seed, f"{name}-{number}", *row) for number, row in enumerate(rows, start=1)]


def _office(  # noqa: PLR0913, PLR0917 - a row of the tables above
    seed: str,
    name: str,
    english: str,
    chinese: str,
    level: Level,
    area: Area,
    body_class: BodyClass,
    kinds: tuple[str, ...],
    superior: str,
) -> Office:
    name = name.replace("_", "-")
    key = key_of(seed, name)
    body = Body(
        id=f"anhe-{name}",
        superior=f"anhe-{superior or name}-board",
        operator=f"anhe-{name}",
        level=level,
        body_class=body_class,
        names=(("en", english), ("zh", chinese)),
    )
    return Office(mandate=Mandate(body=body, kinds=frozenset(kinds), area=area, key=key.verifying, time=_TIME), key=key)
