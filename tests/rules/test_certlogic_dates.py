"""Dates as the reference has them: the tables hold the answers of certlogic-js 1.2.2."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.rules import LogicError, Verdict, _dates, compile_logic, outcome
from habeas.rules._dates import DateTime, add_months, parse_date_time
from rules.certlogic_answers import ERROR, answer, check, plus


@pytest.mark.parametrize(
    ("text", "amount", "unit", "expected"),
    [
        ("2020-02-29", 1, "year", "2021-03-01T00:00:00.000Z"),
        ("2020-02-29", 4, "year", "2024-02-29T00:00:00.000Z"),
        ("2021-01-31", 1, "month", "2021-03-03T00:00:00.000Z"),
        ("2021-03-31", -1, "month", "2021-03-03T00:00:00.000Z"),
        ("2021-12-31", 2, "month", "2022-03-03T00:00:00.000Z"),
        ("2021-01-15", -13, "month", "2019-12-15T00:00:00.000Z"),
        ("2021-12-31T23:30:00Z", 1, "hour", "2022-01-01T00:30:00.000Z"),
        ("2021-03-27T12:00:00+01:00", 1, "day", "2021-03-28T11:00:00.000Z"),
        ("2021", 0, "day", "2021-12-31T00:00:00.000Z"),
        ("2021-02", 0, "day", "2021-02-28T00:00:00.000Z"),
        ("2020-02", 1, "day", "2020-03-01T00:00:00.000Z"),
        ("2021-04", 0, "hour", "2021-04-30T00:00:00.000Z"),
        ("0000", 0, "day", "0000-12-31T00:00:00.000Z"),
        ("0000-02-29", 0, "day", "0000-02-29T00:00:00.000Z"),
        ("0000-01-01", -1, "day", "-000001-12-31T00:00:00.000Z"),
        ("9999-12-31", 1, "day", "+010000-01-01T00:00:00.000Z"),
        ("1970-01-01", 275_760, "year", ERROR),
        ("1970-01-01", 100_000_000, "day", "+275760-09-13T00:00:00.000Z"),
        ("1970-01-01T00:00:00.001Z", 100_000_000, "day", ERROR),
        ("1970-01-01", -(2**53) + 1, "year", ERROR),
        ("2021-06-15T12:34:56", 0, "day", "2021-06-15T12:34:56.000Z"),
        ("2021-06-15T12:34:56.7", 0, "day", "2021-06-15T12:34:56.700Z"),
        ("2021-06-15T12:34:56.7899999999Z", 0, "day", "2021-06-15T12:34:56.789Z"),
        ("2021-06-15T00:00:00+5", 0, "day", "2021-06-14T19:00:00.000Z"),
        ("2021-06-15T00:00:00-530", 0, "day", "2021-06-15T05:30:00.000Z"),
        ("2021-06-15T00:00:00+0530", 0, "day", "2021-06-14T18:30:00.000Z"),
        ("2021-06-15T00:00:00+5:", 0, "day", "2021-06-14T19:00:00.000Z"),
        ("2021-06-15T00:00:00+053", 0, "day", "2021-06-14T23:07:00.000Z"),
        ("2021-06-15T24:00:00Z", 0, "day", "2021-06-16T00:00:00.000Z"),
        ("2021-06-15T24:00:00.0009Z", 0, "day", "2021-06-16T00:00:00.000Z"),
    ],
)
def test_dates_run_over_as_in_javascript(text: str, amount: int, unit: str, expected: object) -> None:
    check(plus(text, amount, unit), expected)


@pytest.mark.parametrize(
    "text",
    [
        *("2021-02-29", "2021-02-30", "2021-04-31", "2021-13-01", "2021-00-01", "2021-01-00", "2021-13", "2021-00"),
        *("2021-06-15T25:00:00Z", "2021-06-15T24:00:01Z", "2021-06-15T24:00:00.001Z", "2021-06-15T23:60:00Z"),
        *("2021-06-15T23:59:60Z", "2021-06-15T00:00:00+24:00", "2021-06-15T00:00:00+00:60"),
    ],
)
def test_an_impossible_date_is_an_error_and_never_false(text: str) -> None:
    for operator in ("before", "after", "not-before", "not-after"):
        check({operator: [plus(text), plus("2021-06-15")]}, ERROR)
    assert (
        outcome(compile_logic({"!": [{"after": [plus(text), plus("2021-06-15")]}]}), None).verdict is Verdict.UNDECIDED
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "21", "2021-1-1", "20210101", "2021-06-15 00:00:00Z", "2021-06-15t00:00:00Z", "2021-06-15T00:00Z"),
        *(
            "2021-06-15\n",
            " 2021-06-15",
            "２０２１",
            "2021-06-15Z",
            "2021-06-15T00:00:00.Z",
            "2021-W01-1",
            "+2021-01-01",
        ),
    ],
)
def test_what_is_no_date_is_an_error(text: str) -> None:
    check(plus(text), ERROR)
    check({"dccDateOfBirth": [text]}, ERROR)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1990", "1990-12-31T00:00:00.000Z"),
        ("1992-02", "1992-02-29T00:00:00.000Z"),
        ("1990-05-17", "1990-05-17T00:00:00.000Z"),
        ("1990-05-17T00:00:00Z", ERROR),
        ("1990-05-00", ERROR),
    ],
)
def test_a_date_of_birth_may_be_partial_and_has_no_time(text: str, expected: object) -> None:
    check({"dccDateOfBirth": [text]}, expected)


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), st.integers(-(10**6), 10**6))  # noqa: DTZ001 - UTC below
def test_days_and_hours_agree_with_another_calendar(moment: datetime, amount: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    for unit in ("day", "hour"):
        try:
            later = moment + timedelta(**{f"{unit}s": amount})
        except OverflowError:
            continue
        expected = f"{later.year:04}{later.isoformat()[4:19]}.000Z"
        assert answer(plus(moment.isoformat(), amount, unit)) == expected


NEARLY = st.text("0123456789-:TWZ+.W ０\ud800", min_size=1, max_size=2)
USUAL = st.sampled_from(
    ["2021-06-15", "2020-02-29", "2021-06-15T12:34:56Z", "2021-06-15T12:34:56+02:00", "0001-01-01T00:00:00+23:59"]
)


@given(USUAL, st.integers(0, 25), NEARLY, st.integers(0, 2))
def test_the_quick_way_and_the_long_way_read_the_same(text: str, at: int, spoilt: str, instead_of: int) -> None:
    def read(parse: Callable[[str], int]) -> object:
        try:
            return parse(text)
        except LogicError as error:
            return str(error)

    text = text[:at] + spoilt + text[at + instead_of :]

    assert read(parse_date_time) == read(_dates._parse_any)


@given(st.integers(-62_167_219_200_000, 253_402_300_799_999))
def test_a_written_date_reads_back(milliseconds: int) -> None:
    assert parse_date_time(str(DateTime(milliseconds))) == milliseconds


@given(st.integers(-(10**12), 10**12), st.integers(-(10**4), 10**4))
def test_months_keep_the_day_or_run_into_the_month_after(milliseconds: int, months: int) -> None:
    before, after = str(DateTime(milliseconds)), str(DateTime(add_months(milliseconds, months)))

    assert after[8:] == before[8:] or (int(after[8:10]) <= 3 and int(before[8:10]) > 28)
    assert add_months(add_months(milliseconds, 400 * 12), -400 * 12) == milliseconds
