"""Base45 (RFC 9285): bytes in the characters that a QR code stores most densely.

A text is read in a few steps over all of it at once. Its digits, a byte each, are one large number, in which every
group has three bytes to itself. Three masked copies, shifted and multiplied by 1, 45 and 2025, add up to all groups'
values in their own three bytes: the largest, 44 × (1 + 45 + 2025) = 91,124, does not run over into the next.
"""

from __future__ import annotations

from typing import NoReturn

from habeas.wire.errors import Base45Error

__all__ = ["encode_base45", "parse_base45"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285 §4.2, table 1
_BASE = 45
_GROUP = 3  # characters that stand for two bytes; two characters stand for a last single one
_NO_DIGIT = 0xFF
_DIGITS = bytes(_ALPHABET.index(chr(code)) if chr(code) in _ALPHABET else _NO_DIGIT for code in range(256))


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
    digits = text.encode("ascii", "replace").translate(_DIGITS)  # what is not ASCII becomes a "?", which is no digit
    rest = len(digits) % _GROUP
    if _NO_DIGIT in digits or rest == 1:
        _refuse_digits(text, digits)
    groups = -(-len(digits) // _GROUP)
    number = int.from_bytes(digits, "little")
    first = int.from_bytes(b"\xff\0\0" * groups, "little")  # keeps the lowest byte of every three
    values = (number & first) + (number >> 8 & first) * _BASE + (number >> 16 & first) * _BASE**2
    low_high_over = values.to_bytes(_GROUP * groups, "little")
    out = bytearray(2 * groups)
    out[::2], out[1::2] = low_high_over[1::_GROUP], low_high_over[::_GROUP]
    over = low_high_over[2::_GROUP]
    if over.count(0) < groups or (rest and out[-2]):
        _refuse_group(text, over)
    if rest:
        del out[-2]
    return bytes(out)


def _refuse_digits(text: str, digits: bytes) -> NoReturn:
    at = digits.find(_NO_DIGIT)
    if at >= 0:
        raise Base45Error(
            f"character {at + 1}, {text[at]!r}, is not of Base45: copy the text as it was shown, capitals unchanged"
        )
    raise Base45Error(f"{len(digits)} characters are one too many or two too few for Base45: copy the whole text")


def _refuse_group(text: str, over: bytes) -> NoReturn:
    """Refuse the first group that is over its largest value: one of three by its byte in `over`, else the last, of two."""
    at = _GROUP * next((place for place, byte in enumerate(over) if byte), len(over) - 1)
    group = text[at : at + _GROUP]
    raise Base45Error(
        f"{group!r} from character {at + 1} stands for more than {len(group) - 1} bytes: copy the text again"
    )
