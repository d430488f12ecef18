"""The text in a SMART Health Card's QR picture: `shc:/`, then two digits for each character of a JWS."""

from __future__ import annotations

import re
from collections.abc import Iterable

from habeas.certificates.errors import NotACertificateError

__all__ = ["MAX_SHC_CHARACTERS", "SHC_PREFIX", "format_shc", "gather_shc", "read_shc"]

SHC_PREFIX = "shc:/"
MAX_SHC_CHARACTERS = 32_768
"""All pictures of one card together; a single one holds at most 7,089 digits (ISO/IEC 18004: 40-L, numeric mode)."""

_PICTURE = re.compile(r"shc:/(?:([1-9]\d?)/([1-9]\d?)/)?(\d+)", re.ASCII)
_FIRST = 45  # "-", the lowest character of a JWS
_LAST = 122 - _FIRST  # "z", the highest


def read_shc(text: str) -> str:
    """Return the JWS in `text`, unchecked; raises `NotACertificateError`.

    `text` is that of one picture, or of all the pictures of a card that was cut into chunks (`shc:/2/3/…`), with white
    space between and in any order: SHC has deprecated chunks, and cards on paper have them still. The same picture
    may be there twice; two cards may not.
    """
    if len(text) > MAX_SHC_CHARACTERS:
        raise NotACertificateError(f"{len(text)} characters, where a card has at most {MAX_SHC_CHARACTERS}: scan one")
    return "".join(_characters(digits) for digits in _joined(dict.fromkeys(text.split())))


def gather_shc(pictures: Iterable[str]) -> tuple[str, ...]:
    """Return the texts of `pictures` as one text a card: chunks that say the same total are of one, each other its own.

    What is no card's text is left out.
    """
    cards: dict[str, list[str]] = {}
    for picture in dict.fromkeys(pictures):
        if picture.startswith(SHC_PREFIX):
            found = _PICTURE.fullmatch(picture)
            total = found[2] if found else None
            cards.setdefault(total or picture, []).append(picture)
    return tuple("\n".join(texts) for texts in cards.values())


def format_shc(jws: str) -> str:
    """Return the text for one QR picture of a JWS."""
    return SHC_PREFIX + "".join(f"{ord(character) - _FIRST:02}" for character in jws)


def _joined(pictures: dict[str, None]) -> list[str]:
    """Return the digits of each chunk, in order."""
    found = [_PICTURE.fullmatch(picture) for picture in pictures]
    if not found or not all(found):
        raise NotACertificateError(
            f"a SMART Health Card's text is {SHC_PREFIX} and digits, and this is not: scan the picture again"
        )
    chunks = {(int(one[1] or 1), int(one[2] or 1)): one[3] for one in found if one}
    totals = {total for _, total in chunks}
    if len(totals) != 1 or len(chunks) != len(found):
        raise NotACertificateError("these pictures are of several cards: hand them over one card at a time")
    (total,) = totals
    numbers = {number for number, _ in chunks}
    if max(numbers) > total:
        raise NotACertificateError(f"picture {max(numbers)} of {total}: scan the pictures again")
    missing = sorted(set(range(1, total + 1)) - numbers)
    if missing:
        raise NotACertificateError(f"of {total} pictures, number {missing[0]} is missing: scan all of them")
    return [digits for _, digits in sorted(chunks.items())]


def _characters(digits: str) -> str:
    if len(digits) % 2:
        raise NotACertificateError("an odd number of digits, where two make a character: scan the picture again")
    numbers = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    if max(numbers) > _LAST:
        raise NotACertificateError(f"the digits {max(numbers)} stand for no character of a card: scan it again")
    return "".join(chr(number + _FIRST) for number in numbers)
