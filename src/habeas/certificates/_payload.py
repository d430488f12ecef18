"""The contents of an EU Digital COVID Certificate: a light check of our own on what we go on to read.

Not the published JSON schema: no value sets (vaccine products, test devices), which are for acceptance rules to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NoReturn

from habeas.certificates._signer import DccKind
from habeas.certificates.errors import NotACertificateError
from habeas.wire import Cbor, CborTag, Instant, WireError, parse_instant

__all__ = ["Contents", "Entry", "HolderName", "day_of", "is_country", "make_plain", "moment_of", "read_contents"]

_GROUPS = {"v": DccKind.VACCINATION, "t": DccKind.TEST, "r": DccKind.RECOVERY}
_TEXTS = {
    DccKind.VACCINATION: ("tg", "vp", "mp", "ma", "dt", "co", "is", "ci"),
    DccKind.TEST: ("tg", "tt", "tr", "sc", "co", "is", "ci"),
    DccKind.RECOVERY: ("tg", "fr", "df", "du", "co", "is", "ci"),
}
_DAYS = {DccKind.VACCINATION: ("dt",), DccKind.TEST: (), DccKind.RECOVERY: ("fr", "df", "du")}
_DOSES = ("dn", "sd")
_MOST_DOSES = 9
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_BORN = re.compile(r"((19|20)\d\d(-\d\d){0,2}(T00:00:00)?)?", re.ASCII)  # the day, or the month too, may be unknown
_LATIN = re.compile(r"[A-Z<]*", re.ASCII)  # as in a passport's machine-readable zone, ICAO 9303-3
_COUNTRY = re.compile(r"(?!AA|Q[M-Z]|X[A-JL-Z]|ZZ)[A-Z]{2}", re.ASCII)  # ISO 3166-1 without users' own; XK is in use
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T[0-9:.]+(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|([+-]\d\d):?(\d\d))", re.ASCII)
_TAG_DATE_TIME = 0  # RFC 8949 §3.4.1; two countries tag their date-times

Entry = Mapping[str, Cbor]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderName:
    """Family and given names as written, and in the 26 letters with `<` for spaces that machines compare."""

    family: str
    given: str
    family_latin: str
    given_latin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A payload that passed: the holder, the kind, and its entries (one, by today's specification)."""

    name: HolderName
    born: str
    kind: DccKind
    entries: tuple[Entry, ...]


def make_plain(value: Cbor) -> Cbor:
    """Return `value` with integral floats as integers and tagged date-times as their text; other tags are refused."""
    if isinstance(value, float) and value.is_integer():
        return int(value)  # JSON and JavaScript issuers know one kind of number
    if isinstance(value, list):
        return [make_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: make_plain(item) for key, item in value.items()}
    if isinstance(value, CborTag):
        if value.tag == _TAG_DATE_TIME and isinstance(value.value, str):
            return value.value
        raise NotACertificateError(f"the certificate holds CBOR tag {value.tag}, which has no meaning in it")
    return value


def read_contents(payload: object, issued: Instant) -> Contents:
    """Return what the `payload` of claim -260.1 says; raises `NotACertificateError`.

    The message names the field and never quotes it: it may end in a log, and is about a person.
    """
    if not isinstance(payload, Mapping):
        _refuse("its contents", "are no map")
    if not _VERSION.fullmatch(_text(payload, "ver")):
        _refuse("ver", "is no version such as 1.3.0")
    born = _text(payload, "dob")
    if not _BORN.fullmatch(born) or born[:10] > str(issued)[:10]:
        _refuse("dob", "is no date of birth from 1900 up to the day of issue")
    filled = [group for group in _GROUPS if payload.get(group) not in (None, [])]
    if len(filled) != 1:
        _refuse("contents", "must be one of v (vaccination), t (test) and r (recovery), and no more")
    kind = _GROUPS[filled[0]]
    entries = payload[filled[0]]
    if not isinstance(entries, list):
        _refuse(filled[0], "is no list")
    return Contents(
        name=_name(payload.get("nam")), born=born, kind=kind, entries=tuple(_entry(kind, entry) for entry in entries)
    )


def _name(names: object) -> HolderName:
    if not isinstance(names, Mapping):
        _refuse("nam", "is no map of names")
    shown = [unicodedata.normalize("NFC", _text(names, field, absent="")) for field in ("fn", "gn")]
    latin = [_text(names, field, absent="") for field in ("fnt", "gnt")]
    if not any(latin):
        _refuse("nam", "has neither fnt nor gnt: nobody can be compared with it")
    if any(unicodedata.category(character) in {"So", "Cc"} for name in shown for character in name):
        _refuse("nam", "holds a sign that is no part of a name")
    if not all(_LATIN.fullmatch(name) for name in latin):
        _refuse("nam", "has an fnt or gnt that is not of A to Z and <")
    return HolderName(family=shown[0], given=shown[1], family_latin=latin[0], given_latin=latin[1])


def _entry(kind: DccKind, entry: object) -> Entry:
    if not isinstance(entry, Mapping):
        _refuse("entry", "is no map")
    for field in _TEXTS[kind]:
        _text(entry, field)
    if entry["co"] and not is_country(_text(entry, "co")):
        _refuse("co", "is no country (ISO 3166-1)")
    for field in _DAYS[kind]:
        day_of(entry, field)
    if kind is DccKind.TEST:
        moment_of(entry, "sc")
    if kind is DccKind.VACCINATION:
        for field in _DOSES:
            if type(entry.get(field)) is not int or not 0 <= entry[field] <= _MOST_DOSES:
                _refuse(field, f"is no number of doses from 0 to {_MOST_DOSES}")
    return MappingProxyType(dict(entry))


def is_country(text: str) -> bool:
    """Whether `text` has the form of a country's code (ISO 3166-1, two letters)."""
    return _COUNTRY.fullmatch(text) is not None


def day_of(entry: Entry, field: str) -> str:
    """Return the calendar day in `field` as `YYYY-MM-DD`; a time of day after it is dropped."""
    text = _text(entry, field)
    found = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(found[1]).isoformat() if found else _refuse(field, "is no date")
    except ValueError:
        _refuse(field, "is no date")


def moment_of(entry: Entry, field: str) -> Instant:
    """Return the instant in `field`: date, time and offset; fractions of a second are dropped."""
    text = _text(entry, field)
    found = _MOMENT.fullmatch(text)
    if not found:
        _refuse(field, "is no date and time with offset")
    try:
        return parse_instant(found[1] + ("Z" if found[3] == "Z" else f"{found[4]}:{found[5]}"))
    except WireError:
        _refuse(field, "is no date and time with offset")


def _text(fields: Mapping[str, object], field: str, absent: object = None) -> str:
    value = fields.get(field, absent)
    if not isinstance(value, str):
        _refuse(field, "is missing, or no text")
    return value


def _refuse(field: str, fault: str) -> NoReturn:
    raise NotACertificateError(f"not a certificate as its specification wants it: {field} {fault}; ask its issuer")
