"""Instants, spans, calendars, areas, identifiers."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.wire import (
    BEGINNING,
    DAY,
    FOREVER,
    HOUR,
    REF_BYTES,
    Area,
    AreaError,
    Calendar,
    Identifier,
    IdentifierError,
    Instant,
    InstantError,
    Span,
    WireError,
    parse_area,
    parse_instant,
)

instants = st.integers(int(BEGINNING), int(FOREVER)).map(Instant)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2022-06-12T21:04+08:00", 1_655_039_040),
        ("2022-06-12 21:04:00+08:00", 1_655_039_040),
        ("1969-12-31T23:59:59Z", -1),
        ("0001-01-01T00:00:00Z", int(BEGINNING)),
        ("9999-12-31T23:59:59Z", int(FOREVER)),
    ],
)
def test_instants_by_their_text(text: str, seconds: int) -> None:
    assert parse_instant(text) == seconds


@given(instants)
@example(BEGINNING)
@example(FOREVER)
def test_the_day_of_an_instant_is_the_beginning_of_its_text(instant: Instant) -> None:
    assert instant.utc_day() == str(instant)[:10]


@given(st.integers(int(BEGINNING) + DAY, int(FOREVER) - DAY), st.integers(-1439, 1439), st.sampled_from("T "))
def test_an_instant_by_its_text_at_any_offset(seconds: int, minutes: int, between: str) -> None:
    local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds + 60 * minutes)
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert parse_instant(local.strftime(f"%Y-%m-%d{between}%H:%M:%S").zfill(19) + offset) == seconds


@given(instants)
def test_an_instant_is_its_text(instant: Instant) -> None:
    assert parse_instant(str(instant)) == instant
    assert repr(instant) == f"Instant({instant})"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2022-06-12",
        "2022-06-12T21:04",
        "2022-02-30T00:00Z",
        "2022-06-12T25:00Z",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "٢022-06-12T21:04Z",
        "2022-06-12T21:04+99:00",
    ],
)
def test_no_instants(text: str) -> None:
    with pytest.raises(InstantError):
        parse_instant(text)


@given(st.text(max_size=30))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    with contextlib.suppress(WireError):
        parse_instant(text)


def test_an_instant_stays_within_the_calendar() -> None:
    assert FOREVER.after(1) == FOREVER
    assert BEGINNING.after(-1) == BEGINNING
    assert Instant(0).after(HOUR) == HOUR
    for seconds in (int(BEGINNING) - 1, int(FOREVER) + 1):
        with pytest.raises(InstantError):
            Instant(seconds)


def test_an_instant_at_an_offset() -> None:
    assert Instant(0).at_offset(8 * HOUR) == "1970-01-01T08:00:00+08:00"
    assert FOREVER.at_offset(8 * HOUR) == "9999-12-31T23:59:59Z"


def test_spans_are_half_open() -> None:
    span = Span(Instant(10), Instant(20))
    assert [span.covers(at) for at in (9, 10, 19, 20)] == [False, True, True, False]
    assert span.cut(Span(Instant(15), Instant(30))) == Span(Instant(15), Instant(20))
    assert not span.cut(Span(Instant(20), Instant(30)))
    assert span


def test_a_calendar_of_one_row() -> None:
    china = Calendar(rows=((BEGINNING, 8 * HOUR),))
    assert china.day(16 * HOUR - 1) == 0
    assert china.day(16 * HOUR) == 1
    assert china.start_of(1) == 16 * HOUR
    assert china.show(Instant(0)) == "1970-01-01T08:00:00+08:00"
    assert china.start_of(10**9) == FOREVER
    assert china.start_of(-(10**9)) == BEGINNING


@pytest.mark.parametrize(
    "rows", [(), ((Instant(5), 0), (Instant(5), 0)), ((Instant(5), 0), (Instant(4), 0)), ((Instant(0), 19 * HOUR),)]
)
def test_no_calendars(rows: tuple[tuple[Instant, int], ...]) -> None:
    with pytest.raises(InstantError):
        Calendar(rows=rows)


def test_a_day_that_does_not_exist_starts_with_the_next() -> None:
    # Samoa had no 30 December 2011: at the end of the 29th its offset went from -10 to +14 hours.
    jump = parse_instant("2011-12-30T10:00Z")
    samoa = Calendar(rows=((BEGINNING, -10 * HOUR), (jump, 14 * HOUR)))
    thirtieth = parse_instant("2011-12-30T00:00Z") // DAY
    assert samoa.start_of(thirtieth) == jump == samoa.start_of(thirtieth + 1)
    assert samoa.day(jump) == thirtieth + 1
    assert samoa.day(jump - 1) == thirtieth - 1


@given(
    st.lists(st.integers(-10, 10).map(lambda n: Instant(n * 20 * HOUR)), min_size=1, max_size=4, unique=True).map(
        sorted
    ),
    st.lists(st.integers(-12, 14), min_size=4, max_size=4),
    st.integers(-12, 12),
)
def test_a_day_starts_at_its_first_second(starts: list[Instant], offsets: list[int], day: int) -> None:
    calendar = Calendar(rows=tuple((start, offset * HOUR) for start, offset in zip(starts, offsets, strict=False)))
    start = calendar.start_of(day)
    assert calendar.day(start) >= day
    began = [at for at in range(-14 * DAY, 14 * DAY, HOUR) if calendar.day(at) >= day]
    assert start == began[0]


@pytest.mark.parametrize("text", ["CN", "CN-41", "CN-41-4101-410105"])
def test_areas(text: str) -> None:
    assert str(parse_area(text)) == text
    assert parse_area("CN").covers(parse_area(text))


@pytest.mark.parametrize("text", ["", "cn", "CHN", "CN-", "CN-41-", "CN-4 1", "CN-41\n", None, 41])
def test_no_areas(text: object) -> None:
    with pytest.raises(AreaError):
        parse_area(text)


def test_an_area_covers_whole_parts_only() -> None:
    assert not Area("CN-4").covers(Area("CN-41"))
    assert not Area("CN-41").covers(Area("CN"))


def test_identifiers_are_compared_without_their_dress() -> None:
    typed = Identifier(kind="resident-id", country="CN", number=" 4101 0519-4912 3100 2x")
    assert typed == Identifier(kind="resident-id", country="CN", number="４１０１０５１９４９１２３１００２Ｘ")
    assert len(typed.ref(bytes(32))) == REF_BYTES
    assert typed.ref(bytes(32)) != typed.ref(bytes(31) + b"\x01")
    with pytest.raises(IdentifierError, match="at least 32 bytes"):
        typed.ref(bytes(31))


@pytest.mark.parametrize(
    ("kind", "country", "number"),
    [
        ("Passport", "CN", "1"),
        ("passport", "cn", "1"),
        ("passport", "CHN", "1"),
        ("passport", "CN", ""),
        ("passport", "CN", "张三"),
        ("name", "CN", "1" * 41),
    ],
)
def test_no_identifiers(kind: str, country: str, number: str) -> None:
    with pytest.raises(IdentifierError):
        Identifier(kind=kind, country=country, number=number)
