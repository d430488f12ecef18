"""Reading contents quickly is reading them: each shortcut against the rule that it stands for, spelled out."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from certificates.data import Row, all_rows, claims, comes_out, decode
from certificates.issuing import NAME, NOW, payload
from habeas.certificates import NotACertificateError, read_contents
from habeas.certificates._payload import day_of, is_country, make_plain
from habeas.wire import Cbor, CborTag


@given(st.text(max_size=8) | st.text("Aa ÄЯ™😀\x00\x7f\x85-'", max_size=8))
@example("™")
@example("\x85")
@example("Ada\x7f")
def test_a_name_holds_no_symbol_and_no_control_character(name: str) -> None:
    shown = unicodedata.normalize("NFC", name)
    signs = any(unicodedata.category(character) in {"So", "Cc"} for character in shown)
    try:
        read = read_contents(payload("v") | {"nam": NAME | {"gn": name}}, NOW)
    except NotACertificateError:
        assert signs
    else:
        assert not signs
        assert read.name.given == shown


def test_countries_are_two_capitals_but_those_that_users_have_for_themselves() -> None:
    form = re.compile(r"(?!AA|Q[M-Z]|X[A-JL-Z]|ZZ)[A-Z]{2}", re.ASCII)
    codes = [chr(one) + chr(other) for one in range(32, 127) for other in range(32, 127)]
    assert [code for code in codes if is_country(code)] == [code for code in codes if form.fullmatch(code)]
    assert not any(is_country(other) for other in ("", "D", "DEU", "DE\n", "ＤＥ"))


@given(
    st.text("0129-", max_size=10)
    | st.dates().map(str)
    | st.tuples(st.dates().map(str), st.sampled_from(["", "T", "T00:00:00", "T00:00:00Z", "T0+02:00", "Z", "\n"])).map(
        "".join
    )
)
@example("2021-02-30")
@example("2021-W05-3")
@example("20210611")
@example("٢٠٢١-٠٦-١١")
def test_a_day_is_a_date_of_the_calendar_and_perhaps_a_time(text: str) -> None:
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})?)?", text)
    try:
        day = date(*map(int, found[1].split("-"))).isoformat() if found else None
    except ValueError:
        day = None
    try:
        assert day_of({"dt": text}, "dt") == day
    except NotACertificateError:
        assert day is None


@given(st.text("0129-T:", max_size=12) | st.from_regex(r"(19|20)[0-9]{2}(-[0-9]{2}){0,3}(T00:00:00)?", fullmatch=True))
def test_a_date_of_birth_is_known_to_the_day_the_month_or_the_year(born: str) -> None:
    form = re.fullmatch(r"((19|20)[0-9]{2}(-[0-9]{2}){0,2}(T00:00:00)?)?", born)
    try:
        assert read_contents(payload("v") | {"dob": born}, NOW).born == born
    except NotACertificateError:
        assert not form or born[:10] > "2022-06-12"
    else:
        assert form


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.builds(CborTag, st.integers(0, 1), st.text(max_size=3) | inner)
    ),
    max_leaves=10,
)


def _plain(value: Any) -> Any:  # noqa: ANN401 - plain values
    if isinstance(value, CborTag):
        if value.tag != 0 or not isinstance(value.value, str):
            raise NotACertificateError
        return value.value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    is_whole = isinstance(value, float) and value.is_integer() and -(2**63) < value < 2**63  # as CBOR's integers
    return int(value) if is_whole else value


@given(values)
@example({"dn": 2.0, "sd": 1})
@example([1e300, 2.0**63])
@example({"dn": 1, "sd": [1.5, CborTag(0, "2022-06-12")]})
def test_plain_values_have_no_tag_and_no_float_that_is_an_integer(value: Cbor) -> None:
    try:
        expected = repr(_plain(value))  # repr, for not-a-numbers
    except NotACertificateError:
        with pytest.raises(NotACertificateError):
            make_plain(value)
        return
    assert repr(make_plain(value)) == expected


def test_real_claims_are_made_plain_as_that_says() -> None:
    rows: list[Row] = [row for row in all_rows().values() if comes_out(decode, row)]
    assert len(rows) > 500
    for row in rows:
        found = claims(row)
        assert repr(make_plain(found[-260])) == repr(_plain(found[-260]))


class _Word(StrEnum):
    UTOPIA = "UT"


def test_contents_are_any_maps_and_any_texts() -> None:
    contents = payload("v", co=_Word.UTOPIA)
    shown = MappingProxyType(contents | {"nam": MappingProxyType(NAME), "v": [MappingProxyType(contents["v"][0])]})
    assert read_contents(shown, NOW) == read_contents(contents, NOW)
