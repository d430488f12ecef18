"""Base45 against RFC 9285."""

from __future__ import annotations

import re
from collections.abc import Callable

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


def _group_by_group(text: str) -> bytes:
    """Return what RFC 9285 §4 says of `text`, step by step; the message says what `parse_base45` must say."""
    digits = [ALPHABET.find(character) for character in text]
    if -1 in digits:
        at = digits.index(-1)
        raise Base45Error(
            f"character {at + 1}, {text[at]!r}, is not of Base45: copy the text as it was shown, capitals unchanged"
        )
    if len(digits) % 3 == 1:
        raise Base45Error(f"{len(digits)} characters are one too many or two too few for Base45: copy the whole text")
    out = bytearray()
    for at in range(0, len(digits), 3):
        group = digits[at : at + 3]
        number = sum(digit * 45**place for place, digit in enumerate(group))
        if number >= 256 ** (len(group) - 1):
            raise Base45Error(
                f"{text[at : at + 3]!r} from character {at + 1} stands for more than {len(group) - 1} bytes: "
                "copy the text again"
            )
        out += number.to_bytes(len(group) - 1)
    return bytes(out)


def _outcome(parse: Callable[[str], bytes], text: str) -> bytes | str:
    try:
        return parse(text)
    except Base45Error as error:
        return str(error)


nearly = st.tuples(st.binary(max_size=60).map(encode_base45), st.integers(0, 90), st.sampled_from(ALPHABET + "ä")).map(
    lambda made: made[0][: made[1]] + made[2] + made[0][made[1] + 1 :]
)


@given(st.text(max_size=60) | st.text(ALPHABET, max_size=60) | nearly)
@example(":::" * 2_000 + "::")
@example("000" * 2_000 + "GGW")
def test_the_whole_at_once_is_what_group_by_group_is(text: str) -> None:
    assert _outcome(parse_base45, text) == _outcome(_group_by_group, text)


@given(st.text(max_size=60) | st.text(ALPHABET, max_size=60))
@example("")
def test_any_text_gives_bytes_of_this_one_text_or_an_error(text: str) -> None:
    try:
        data = parse_base45(text)
    except Base45Error:
        return
    assert encode_base45(data) == text
