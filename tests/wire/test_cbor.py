"""CBOR: RFC 8949's own examples, cbor2 as an independent oracle, and hostile bytes."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.wire import (
    MAX_CBOR_DEPTH,
    Cbor,
    CborError,
    CborTag,
    Instant,
    SizeError,
    WireError,
    encode_cbor,
    parse_cbor,
    parse_deterministic_cbor,
)
from habeas.wire import _cbor as _cbor

# RFC 8949, appendix A: encodings that are also deterministic by §4.2.1
DETERMINISTIC: list[tuple[str, Cbor]] = [
    ("00", 0),
    ("01", 1),
    ("0a", 10),
    ("17", 23),
    ("1818", 24),
    ("1819", 25),
    ("1864", 100),
    ("1903e8", 1000),
    ("1a000f4240", 1000000),
    ("1b000000e8d4a51000", 1000000000000),
    ("1bffffffffffffffff", 18446744073709551615),
    ("3bffffffffffffffff", -18446744073709551616),
    ("20", -1),
    ("29", -10),
    ("3863", -100),
    ("3903e7", -1000),
    ("f90000", 0.0),
    ("f98000", -0.0),
    ("f93c00", 1.0),
    ("fb3ff199999999999a", 1.1),
    ("f93e00", 1.5),
    ("f97bff", 65504.0),
    ("fa47c35000", 100000.0),
    ("fa7f7fffff", 3.4028234663852886e38),
    ("fb7e37e43c8800759c", 1.0e300),
    ("f90001", 5.960464477539063e-8),
    ("f90400", 0.00006103515625),
    ("f9c400", -4.0),
    ("fbc010666666666666", -4.1),
    ("f97c00", math.inf),
    ("f9fc00", -math.inf),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("c074323031332d30332d32315432303a30343a30305a", CborTag(0, "2013-03-21T20:04:00Z")),
    ("c11a514b67b0", CborTag(1, 1363896240)),
    ("c249010000000000000000", CborTag(2, bytes.fromhex("010000000000000000"))),
    ("d74401020304", CborTag(23, bytes.fromhex("01020304"))),
    ("d818456449455446", CborTag(24, bytes.fromhex("6449455446"))),
    ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", CborTag(32, "http://www.example.com")),
    ("40", b""),
    ("4401020304", bytes.fromhex("01020304")),
    ("60", ""),
    ("6161", "a"),
    ("6449455446", "IETF"),
    ("62225c", '"\\'),
    ("62c3bc", "ü"),
    ("63e6b0b4", "水"),
    ("64f0908591", "𐅑"),
    ("80", []),
    ("83010203", [1, 2, 3]),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", list(range(1, 26))),
    ("a0", {}),
    ("a201020304", {1: 2, 3: 4}),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("826161a161626163", ["a", {"b": "c"}]),
    ("a56161614161626142616361436164614461656145", {"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}),
    ("a30a01181b02617a03", {10: 1, 27: 2, "z": 3}),
    # §4.2.1: bytewise order of the encoded keys; cbor2's canonical mode gives that of RFC 7049, the shorter first
    ("a4" + "1818" + "04" + "1903e8" + "02" + "20" + "03" + "6161" + "01", {"a": 1, 1000: 2, -1: 3, 24: 4}),
]

# Appendix A: well-formed, but another form of the value; read from others, never our own
OTHER_FORMS: list[tuple[str, Cbor]] = [
    ("1817", 23),
    ("1b0000000000000001", 1),
    ("fa7f800000", math.inf),
    ("fb3ff8000000000000", 1.5),
    ("a203040102", {1: 2, 3: 4}),
    ("5f42010243030405ff", bytes.fromhex("0102030405")),
    ("7f657374726561646d696e67ff", "streaming"),
    ("9fff", []),
    ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
    ("83018202039f0405ff", [1, [2, 3], [4, 5]]),
    ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ("5fff", b""),
    ("7fff", ""),
]

REFUSED = [
    ("", "ends too early"),
    ("00" * 2, "1 bytes follow the CBOR item, from byte 1"),
    ("1800", None),  # another form, but read
    ("1c", "byte 0 begins no CBOR item"),
    ("1f", "begins no CBOR item"),
    ("3f", "begins no CBOR item"),
    ("df", "begins no CBOR item"),
    ("ff", "is no value that is read here"),
    ("f7", "is no value that is read here"),  # undefined
    ("f0", "is no value that is read here"),
    ("f818", "is no value that is read here"),
    ("f8ff", "is no value that is read here"),
    ("18", "ends too early"),
    ("1b00000000000000", "ends too early"),
    ("41", "1 more bytes are announced at byte 1"),
    ("5bffffffffffffffff", "ends too early"),
    ("7a00ffffff", "ends too early"),
    ("9bffffffffffffffff", "ends too early"),
    ("bbffffffffffffffff", "ends too early"),
    ("c0", "ends too early"),
    ("9f01", "ends too early"),
    ("bf01ff", "is no value that is read here"),  # a break for a value
    ("61ff", "is not UTF-8"),
    ("63eda080", "is not UTF-8"),  # half a surrogate pair
    ("7f61c361bcff", "is not UTF-8"),  # each part must be text by itself, §3.2.3
    ("5f6161ff", "is no part of the string around it"),
    ("7f4161ff", "is no part of the string around it"),
    ("5f5f4100ffff", "is no part of the string around it"),
    ("a2616101616102", "the key 'a' at byte 4 stands twice"),
    ("bf01010102ff", "the key 1 at byte 3 stands twice"),
    ("a2 00 01 1800 02", "the key 0 at byte 3 stands twice"),  # also in another form
    ("a1 4161 01", "neither text nor an integer"),
    ("a1 f5 01", "neither text nor an integer"),
    ("a1 f6 01", "neither text nor an integer"),
    ("a1 80 01", "neither text nor an integer"),
    ("a1 a0 01", "neither text nor an integer"),
    ("a1 f93c00 01", "neither text nor an integer"),
    ("a1 c24101 01", "neither text nor an integer"),
]


@pytest.mark.parametrize(("data", "value"), DETERMINISTIC)
def test_rfc_8949_appendix_a(data: str, value: Cbor) -> None:
    encoded = bytes.fromhex(data)
    assert encode_cbor(value) == encoded
    parsed = parse_deterministic_cbor(encoded)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(("data", "value"), OTHER_FORMS)
def test_other_forms_are_read_but_are_not_deterministic(data: str, value: Cbor) -> None:
    assert parse_cbor(bytes.fromhex(data)) == value
    with pytest.raises(CborError, match="deterministic form"):
        parse_deterministic_cbor(bytes.fromhex(data))


@pytest.mark.parametrize(("data", "words"), REFUSED)
def test_refused_with_the_place(data: str, words: str | None) -> None:
    if words is None:
        assert parse_cbor(bytes.fromhex(data)) == 0
        return
    with pytest.raises(CborError) as caught:
        parse_cbor(bytes.fromhex(data))
    assert words in str(caught.value)


def test_not_a_number_has_one_form() -> None:
    assert encode_cbor(math.nan).hex() == encode_cbor(-math.nan).hex() == "f97e00"
    assert math.isnan(parse_deterministic_cbor(bytes.fromhex("f97e00")))  # type: ignore[arg-type]
    for other in ("f97e01", "fa7fc00000", "fb7ff8000000000000"):
        with pytest.raises(CborError):
            parse_deterministic_cbor(bytes.fromhex(other))


def test_look_alikes_are_written_as_what_they_are() -> None:
    assert encode_cbor((1, (2,))) == encode_cbor([1, [2]])
    assert encode_cbor(MappingProxyType({"a": Instant(5)})) == encode_cbor({"a": 5})


@pytest.mark.parametrize(
    "value",
    [
        1 << 64,
        -(1 << 64) - 1,
        {1.5: 1},
        {True: 1},
        {b"a": 1},
        {(): 1},
        {1},
        1j,
        object(),
        datetime(2022, 6, 12, tzinfo=UTC),
        bytearray(b"a"),
        "\ud800",
        {"\ud800": 1},
        cbor2.undefined,
        cbor2.CBORTag(1, 1),
        CborTag(-1, 1),
        CborTag(1 << 64, 1),
    ],
)
def test_what_would_not_be_read_again_is_not_written(value: object) -> None:
    with pytest.raises(CborError):
        encode_cbor(value)


def test_depth() -> None:
    deepest = b"\x81" * MAX_CBOR_DEPTH + b"\x00"
    assert encode_cbor(parse_cbor(deepest)) == deepest
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(CborError, match="nested more than 24 deep"):
        encode_cbor(circle)
    for head in (b"\x81", b"\x9f", b"\xa1\x00", b"\xbf\x00", b"\xc2", b"\xd8\x1c"):
        with pytest.raises(CborError, match="nested more than 24 deep"):
            parse_cbor(head * 100_000 + b"\x00")


def test_size() -> None:
    with pytest.raises(SizeError, match="3 bytes of CBOR where at most 2"):
        parse_cbor(b"\x19\x01\x00", max_bytes=2)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 64), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=9)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | st.integers(-(1 << 64), (1 << 64) - 1), inner, max_size=4)
        | st.builds(CborTag, st.integers(0, (1 << 64) - 1), inner)
    ),
    max_leaves=12,
)


@given(plain)
def test_round_trip(value: Cbor) -> None:
    data = encode_cbor(value)
    again = parse_deterministic_cbor(data)
    assert again == value
    assert encode_cbor(again) == data


# cbor2 as the oracle: its decoder with every semantic tag that it knows left as a tag
TAGS_OF_CBOR2 = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799)


def _left_as_tag(number: int) -> Any:  # noqa: ANN401 - cbor2's callbacks are typed so
    return lambda value, _immutable: cbor2.CBORTag(number, value)


def _of_cbor2(data: bytes) -> object:
    return cbor2.loads(
        data,
        allow_duplicate_keys=False,
        max_depth=MAX_CBOR_DEPTH,
        semantic_decoders={number: _left_as_tag(number) for number in TAGS_OF_CBOR2},
    )


class _UnlikeError(Exception):
    """A value that we do not read."""


def _as_ours(value: object) -> Any:  # noqa: ANN401 - any plain value
    if value is None or isinstance(value, bool | float | bytes | str):
        return value
    if isinstance(value, int) and -(1 << 64) <= value < 1 << 64:
        return value
    if isinstance(value, list | tuple):
        return [_as_ours(item) for item in value]
    if isinstance(value, Mapping) and all(type(key) in {int, str} for key in value):
        return {key: _as_ours(item) for key, item in value.items()}
    if isinstance(value, cbor2.CBORTag):
        return CborTag(value.tag, _as_ours(value.value))
    raise _UnlikeError


@given(plain)
def test_what_we_write_cbor2_reads(value: Cbor) -> None:
    assert _as_ours(_of_cbor2(encode_cbor(value))) == value


text_keyed = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 64), (1 << 64) - 1)
    | st.floats()
    | st.binary(max_size=9)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=30), inner, max_size=4),
    max_leaves=12,
)


@given(text_keyed)
def test_where_the_two_orders_agree_we_write_what_cbor2_writes(value: object) -> None:
    assert encode_cbor(value) == cbor2.dumps(value, canonical=True)


pieces = st.sampled_from([bytes([n]) for n in range(256)]) | st.sampled_from(
    [bytes.fromhex(data) for data, _ in DETERMINISTIC + OTHER_FORMS]
)


@given(st.binary(max_size=40) | st.lists(pieces, max_size=8).map(b"".join))
@example(bytes.fromhex("7f61c361bcff"))
@example(bytes.fromhex("fb7ff8000000000000"))
def test_any_bytes_give_what_cbor2_gives_or_a_wire_error(data: bytes) -> None:
    try:
        ours = parse_cbor(data)
    except WireError:
        try:
            theirs = _as_ours(_of_cbor2(data))
        except (cbor2.CBORDecodeError, _UnlikeError, TypeError):
            return
        # What cbor2 alone takes: bytes after the item, or text whose parts are not text by themselves.
        assert data[: len(encode_cbor(theirs))] != data
        return
    assert repr(ours) == repr(_as_ours(_of_cbor2(data)))  # repr, for not-a-numbers


def _outcome(parse: Callable[[bytes], Cbor], data: bytes) -> str:
    try:
        return repr(parse(data))  # repr, for not-a-numbers
    except WireError as error:
        return f"{type(error).__name__}: {error}"


damaged = st.tuples(plain.map(encode_cbor), st.integers(0, 60), st.integers(0, 60), st.binary(max_size=2)).map(
    lambda made: made[0][: made[1]] + made[3] + made[0][made[2] :]
)


@given(st.binary(max_size=40) | st.lists(pieces, max_size=8).map(b"".join) | damaged)
@example(bytes.fromhex("a2616101616102"))  # a key twice
@example(bytes.fromhex("a3616101616102ff"))  # and a fault after it, which is not the first
@example(bytes.fromhex("a2190001020101"))
@example(bytes.fromhex("a1f501"))
@example(bytes.fromhex("a1616163c3a9"))  # a text that ends too early, and no UTF-8 either where it is cut
@example(bytes.fromhex("61"))
@example(bytes.fromhex("5bffffffffffffffff"))
@example(bytes.fromhex("bbffffffffffffffff6161"))
@example(bytes.fromhex("fb3ff1"))
@example(b"\x1c" + bytes(16))  # no width has this number
@example(b"\x9f" + bytes(127) + b"\xff")
@example(b"\x81" * 24 + b"\xa0")
@example(b"\xa1\x00" * 24 + b"\x00")
def test_the_quick_reader_reads_as_the_careful_one_does(data: bytes) -> None:
    assert _outcome(parse_cbor, data) == _outcome(lambda data: _cbor._Reader(data).whole(), data)


@given(plain)
def test_what_we_write_is_read_quickly(value: Cbor) -> None:
    assert _cbor._QuickReader(encode_cbor(value)).whole() == value


def _kinds(value: object) -> set[type]:
    if isinstance(value, CborTag):
        return {CborTag} | _kinds(value.value)
    if isinstance(value, dict):
        return {dict}.union(*(_kinds(item) for pair in value.items() for item in pair))
    if isinstance(value, list):
        return {list}.union(*(_kinds(item) for item in value))
    return {type(value)}


@pytest.mark.parametrize(
    "content", ["00", "20", "6161", "4100", "80", "820102", "a0", "a10102", "f6", "f90000", "8181d81d00", "d81d00"]
)
def test_no_tag_means_anything(content: str) -> None:
    for number in range(1 << 16):
        value = parse_cbor(b"\xd9" + number.to_bytes(2) + bytes.fromhex(content))
        assert isinstance(value, CborTag)
        assert value.tag == number
        assert _kinds(value) <= {CborTag, dict, list, int, str, bytes, float, type(None)}


def test_keys_that_collide_by_choice_cost_nothing() -> None:
    # Arrays of -1 and -2 all have one hash; as keys they took cbor2 seconds at 120 kB.
    keys = [encode_cbor(list(key)) for key in itertools.product((-1, -2), repeat=14)]
    began = time.perf_counter()
    with pytest.raises(CborError, match="the key at byte 5"):
        parse_cbor(b"\xba" + len(keys).to_bytes(4) + b"".join(key + b"\x00" for key in keys))
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("item", ["00", "80", "a0", "60", "c000", "f93c00"])
def test_memory_stays_in_proportion(item: str) -> None:
    unit = bytes.fromhex(item)
    count = (1 << 16) // len(unit)
    data = b"\x9a" + count.to_bytes(4) + unit * count
    tracemalloc.start()
    parse_cbor(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 90 * len(data)


@pytest.mark.parametrize("end", ["00", "80ff", "a2000100010000", "9fff"])
def test_memory_stays_in_proportion_where_the_end_is_odd(end: str) -> None:
    count = 1 << 16
    data = b"\x9a" + count.to_bytes(4) + b"\x80" * (count - 1) + bytes.fromhex(end)
    tracemalloc.start()
    with contextlib.suppress(CborError):
        parse_cbor(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 90 * len(data)


@pytest.mark.parametrize("length", [0, 23, 24, 32, 33, 255, 256, 70_000])
def test_text_of_any_length_is_encoded_as_the_oracle_does(length: int) -> None:
    text = "é" * length
    assert encode_cbor([text, {text: text}]) == cbor2.dumps([text, {text: text}])
    assert parse_cbor(encode_cbor(text)) == text


def test_no_value_is_kept_only_names_of_fields_are() -> None:
    encode_cbor({"fn": "Müller-O’Neill", "dob": ["1990-01-15"]})
    before = _cbor._encode_name.cache_info().hits
    for value in ("Müller-O’Neill", "1990-01-15"):
        _cbor._encode_name(value)
    assert _cbor._encode_name.cache_info().hits == before
