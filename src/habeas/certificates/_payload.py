"""The contents of an EU Digital COVID Certificate: a light check of our own on what we go on to read.

Not the published JSON schema: no value sets (vaccine products, test devices), which are for acceptance rules to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from string import ascii_uppercase
from types import MappingProxyType
from typing import Any, NoReturn, TypeGuard

from habeas.certificates._signer import DccKind
from habeas.certificates.errors import NotACertificateError
from habeas.wire import Cbor, CborTag, Instant, WireError, parse_instant

__all__ = [
    "Contents",
    "Entry",
    "HolderName",
    "day_of",
    "is_country",
    "make_plain",
    "moment_of",
    "read_contents",
    "read_parts",
]

_GROUPS: dict[str, tuple[DccKind, tuple[str, ...], tuple[str, ...]]] = {
    # the kind; the fields of an entry that are text; those of them that are days
    "v": (DccKind.VACCINATION, ("tg", "vp", "mp", "ma", "dt", "co", "is", "ci"), ("dt",)),
    "t": (DccKind.TEST, ("tg", "tt", "tr", "sc", "co", "is", "ci"), ()),
    "r": (DccKind.RECOVERY, ("tg", "fr", "df", "du", "co", "is", "ci"), ("fr", "df", "du")),
}
_DOSES = ("dn", "sd")
_MOST_DOSES = 9
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_BORN = re.compile(  # the day, or the month too, may be unknown
    r"(?:(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?:T00:00:00)?)?", re.ASCII
)
_LATIN = re.compile(r"[A-Z<]*", re.ASCII)  # as in a passport's machine-readable zone, ICAO 9303-3
_USERS_OWN = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")  # of ISO 3166-1's codes; XK is in use for Kosovo
_COUNTRIES = frozenset(
    code for code in map("".join, product(ascii_uppercase, repeat=2)) if not _USERS_OWN.fullmatch(code)
)
_SIGNS = frozenset({"So", "Cc"})
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T[0-9:.]+(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|([+-]\d\d):?(\d\d))", re.ASCII)
_MOST_WHOLE = 1 << 63  # what CBOR's integers hold on either side
_TAG_DATE_TIME = 0  # RFC 8949 §3.4.1; two countries tag their date-times
_TEXT = frozenset({str})
_PLAIN = frozenset({str, int, bool, bytes, type(None)})

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
    if isinstance(value, dict):
        if _PLAIN.issuperset(map(type, value.values())):  # as entries and names nearly always are
            return value
        return {key: item if type(item) is str else make_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [make_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST_WHOLE:
        return int(value)  # JSON and JavaScript issuers know one kind of number
    if isinstance(value, CborTag):
        if value.tag == _TAG_DATE_TIME and isinstance(value.value, str):
            return value.value
        raise NotACertificateError(f"the certificate holds CBOR tag {value.tag}, which has no meaning in it")
    return value


def read_contents(payload: object, issued: Instant) -> Contents:
    """Return what the `payload` of claim -260.1 says; raises `NotACertificateError`.

    The message names the field and never quotes it: it may end in a log, and is about a person.
    """
    name, born, kind, entries = read_parts(payload, issued)
    return Contents(name=name, born=born, kind=kind, entries=entries)


def read_parts(payload: object, issued: Instant) -> tuple[HolderName, str, DccKind, tuple[Entry, ...]]:
    """Return the parts of `read_contents`, for a value that holds them itself."""
    if not _is_map(payload):
        _refuse("its contents", "are no map")
    if not _VERSION.fullmatch(_text(payload, "ver")):
        _refuse("ver", "is no version such as 1.3.0")
    born = _text(payload, "dob")
    if not _BORN.fullmatch(born) or born[:10] > issued.utc_day():
        _refuse("dob", "is no date of birth from 1900 up to the day of issue")
    filled = [group for group in _GROUPS if payload.get(group) not in (None, [])]
    if len(filled) != 1:
        _refuse("contents", "must be one of v (vaccination), t (test) and r (recovery), and no more")
    (group,) = filled
    found = payload[group]
    if not isinstance(found, list):
        _refuse(group, "is no list")
    return _name(payload.get("nam")), born, _GROUPS[group][0], tuple([_entry(group, entry) for entry in found])


def _name(names: object) -> HolderName:
    if not _is_map(names):
        _refuse("nam", "is no map of names")
    family, given, family_latin, given_latin = [_text(names, field, absent="") for field in ("fn", "gn", "fnt", "gnt")]
    family, given = unicodedata.normalize("NFC", family), unicodedata.normalize("NFC", given)
    if not (family_latin or given_latin):
        _refuse("nam", "has neither fnt nor gnt: nobody can be compared with it")
    if _has_signs(family) or _has_signs(given):
        _refuse("nam", "holds a sign that is no part of a name")
    if not _LATIN.fullmatch(family_latin + given_latin):
        _refuse("nam", "has an fnt or gnt that is not of A to Z and <")
    return HolderName(family=family, given=given, family_latin=family_latin, given_latin=given_latin)


def _has_signs(name: str) -> bool:
    """Whether `name` holds a symbol, such as an emoji, or a control character; of the first, ASCII has none."""
    if name.isascii():
        return not name.isprintable()
    return not name.isalpha() and not _SIGNS.isdisjoint(map(unicodedata.category, name))


def _entry(group: str, entry: object) -> Entry:
    if not _is_map(entry):
        _refuse("entry", "is no map")
    kind, texts, days = _GROUPS[group]
    _check_texts(entry, texts)
    if entry["co"] and not is_country(entry["co"]):
        _refuse("co", "is no country (ISO 3166-1)")
    for field in days:
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
    return text in _COUNTRIES


def day_of(entry: Entry, field: str) -> str:
    """Return the calendar day in `field` as `YYYY-MM-DD`; a time of day after it is dropped."""
    text = _text(entry, field)
    found = _DAY.fullmatch(text)
    if not found:
        _refuse(field, "is no date")
    try:
        date.fromisoformat(found[1])
    except ValueError:
        _refuse(field, "is no date")
    return found[1]


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


def _is_map(value: object) -> TypeGuard[Mapping[str, Any]]:
    return type(value) is dict or isinstance(value, Mapping)  # the plain question first: it is the quick one


def _check_texts(entry: Mapping[str, object], fields: Sequence[str]) -> None:
    if not _TEXT.issuperset(map(type, map(entry.get, fields))):
        for field in fields:
            _text(entry, field)


def _text(fields: Mapping[str, object], field: str, absent: object = None) -> str:
    value = fields.get(field, absent)
    if not isinstance(value, str):
        _refuse(field, "is missing, or no text")
    return value


def _refuse(field: str, fault: str) -> NoReturn:
    raise NotACertificateError(f"not a certificate as its specification wants it: {field} {fault}; ask its issuer")
