"""The HC1 text: read whole or refused, and never inflated beyond its cap."""

from __future__ import annotations

import contextlib
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.wire import (
    MAX_HC1_BYTES,
    MAX_HC1_CHARACTERS,
    Base45Error,
    Hc1Error,
    SizeError,
    WireError,
    encode_base45,
    format_hc1,
    open_hc1,
)


def packed(stream: bytes) -> str:
    return "HC1:" + encode_base45(stream)


@given(st.binary(max_size=2_000))
def test_round_trip(data: bytes) -> None:
    assert open_hc1(format_hc1(data)) == data


@given(
    st.text(max_size=40)
    | st.binary(max_size=80).map(packed)
    | st.binary(max_size=80).map(lambda data: packed(zlib.compress(data))[:-1])
)
def test_any_text_gives_bytes_or_a_wire_error(text: str) -> None:
    with contextlib.suppress(WireError):
        open_hc1(text)


STREAM = zlib.compress(b"a certificate " * 20)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("HC2:" + encode_base45(STREAM), Hc1Error, "begins with HC1:, this one with 'HC2:'"),
        ("hc1:" + encode_base45(STREAM), Hc1Error, "this one with 'hc1:'"),
        (encode_base45(STREAM), Hc1Error, "begins with HC1:"),
        (" " + packed(STREAM), Hc1Error, "begins with HC1:"),
        ("HC1:lower", Base45Error, "character 1, 'l'"),
        ("HC1:", Hc1Error, "ends too early"),
        (packed(STREAM[:-1]), Hc1Error, "ends too early"),
        (packed(STREAM[:-4]), Hc1Error, "ends too early"),
        (packed(STREAM + b"x"), Hc1Error, "1 bytes follow"),
        (packed(STREAM + STREAM), Hc1Error, f"{len(STREAM)} bytes follow"),
        (packed(b"not packed"), Hc1Error, "does not unpack"),
        (packed(STREAM[:-1] + bytes([STREAM[-1] ^ 1])), Hc1Error, "does not unpack"),  # the checksum
        (packed(zlib.compressobj(zdict=b"dictionary").flush()), Hc1Error, "does not unpack"),
        (packed(zlib.compress(bytes(MAX_HC1_BYTES + 1))), SizeError, "unpacks to more than 16384 bytes"),
        ("HC1:" + "0" * MAX_HC1_CHARACTERS, SizeError, "4300 characters"),
    ],
)
def test_refused_with_what_and_what_next(text: str, error: type[WireError], words: str) -> None:
    with pytest.raises(error) as caught:
        open_hc1(text)
    assert words in str(caught.value)


def test_the_cap_itself_is_read() -> None:
    assert open_hc1(packed(zlib.compress(bytes(MAX_HC1_BYTES)))) == bytes(MAX_HC1_BYTES)


def test_a_bomb_is_refused_without_inflating_it() -> None:
    bomb = packed(zlib.compress(bytes(2_500_000), level=9))
    assert len(bomb) <= MAX_HC1_CHARACTERS
    tracemalloc.start()
    with pytest.raises(SizeError):
        open_hc1(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_what_could_not_be_opened_again_is_not_written() -> None:
    with pytest.raises(SizeError, match="at most 16384"):
        format_hc1(bytes(MAX_HC1_BYTES + 1))
    incompressible = b"".join(zlib.crc32(bytes([n % 256, n // 256])).to_bytes(4) for n in range(1_000))
    with pytest.raises(SizeError, match="a QR code holds at most"):
        format_hc1(incompressible)
