"""Base45 against RFC 9285."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.wire import Base45Error, encode_base45, parse_base45

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

RFC_9285 = [
    (b"AB", "BB8"),  # §4.3, example 1
    (b"Hello!!", "%69 VD92EX0"),  # example 2
    (b"base-45", "UJCLQE7W581"),  # example 3
    (b"ietf!", "QED8WEX0"),  # §4.4
    (b"", ""),
    (b"\xff\xff", "FGW"),  # §6: the largest group of three
    (b"\xff", "U5"),
]


@pytest.mark.parametrize(("data", "text"), RFC_9285)
def test_the_examples_of_rfc_9285(data: bytes, text: str) -> None:
    assert encode_base45(data) == text
    assert parse_base45(text) == data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GGW", "'GGW' from character 1 stands for more than 2 bytes"),  # §6: 65,536
        (":::", "more than 2 bytes"),
        ("V5", "'V5' from character 1 stands for more than 1 bytes"),  # 256
        ("BB8::", "'::' from character 4"),
        ("B", "1 characters are one too many or two too few"),
        ("BB8B", "4 characters"),
        ("bb8", "character 1, 'b', is not of Base45"),
        ("BB\n", "character 3"),
        ("BB8ÄB", "character 4, 'Ä'"),
        ("BB8٣B", "character 4"),  # a digit, but not one of the ten
    ],
)
def test_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(Base45Error, match=re.escape(words)):
        parse_base45(text)


@given(st.binary(max_size=200))
def test_round_trip(data: bytes) -> None:
    text = encode_base45(data)
    assert set(text) <= set(ALPHABET)
    assert parse_base45(text) == data


@given(st.text(max_size=60) | st.text(ALPHABET, max_size=60))
@example("")
def test_any_text_gives_bytes_of_this_one_text_or_an_error(text: str) -> None:
    try:
        data = parse_base45(text)
    except Base45Error:
        return
    assert encode_base45(data) == text
