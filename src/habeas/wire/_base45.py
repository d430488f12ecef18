"""Base45 (RFC 9285): bytes in the characters that a QR code stores most densely."""

from __future__ import annotations

from habeas.wire.errors import Base45Error

__all__ = ["encode_base45", "parse_base45"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285 §4.2, table 1
_DIGIT = {character: digit for digit, character in enumerate(_ALPHABET)}
_BASE = 45
_GROUP = 3  # characters that stand for two bytes; two characters stand for a last single one
_LARGEST = {3: 0xFFFF, 2: 0xFF}


def encode_base45(data: bytes) -> str:
    """Return `data` as Base45: three characters for two bytes, two for a last single one."""
    out = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):  # the least digit first
            number, digit = divmod(number, _BASE)
            out.append(_ALPHABET[digit])
    return "".join(out)


def parse_base45(text: str) -> bytes:
    """Return the bytes of `text`; raises `Base45Error`.

    Exactly what `encode_base45` gives is read: capitals only, no characters left over, no group over its largest
    value (RFC 9285 §6 leaves no choice here: two texts for the same bytes would be two certificates).
    """
    digits = [_DIGIT.get(character, -1) for character in text]
    if -1 in digits:
        at = digits.index(-1)
        raise Base45Error(
            f"character {at + 1}, {text[at]!r}, is not of Base45: copy the text as it was shown, capitals unchanged"
        )
    if len(digits) % _GROUP == 1:
        raise Base45Error(f"{len(digits)} characters are one too many or two too few for Base45: copy the whole text")
    out = bytearray()
    for at in range(0, len(digits), _GROUP):
        group = digits[at : at + _GROUP]
        number = group[0] + group[1] * _BASE + (group[2] * _BASE * _BASE if len(group) == _GROUP else 0)
        if number > _LARGEST[len(group)]:
            raise Base45Error(
                f"{text[at : at + _GROUP]!r} from character {at + 1} stands for more than {len(group) - 1} bytes: "
                "copy the text again"
            )
        out += number.to_bytes(len(group) - 1)
    return bytes(out)
