"""Codes in grey pixels: as they are, and then worked on in ways that have earned their place.

Of 324 made-up pictures that are small, turned, aslant, blurred, noisy, dim or squeezed, 250 can be read as they are. Of
the other 74, twice the size reads 31, twice the size and sharpened 10 more, half the size and sharpened 4 more: 295. All
other steps that were tried, contrast, smoothing, medians, another threshold, 45 degrees and so on, read 2 more between
them; so there are these four (docs/adr/0008-pictures.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import zxingcpp
from PIL import Image, ImageFilter

__all__ = ["MAX_STEP_PIXELS", "find_codes"]

MAX_STEP_PIXELS = 50_000_000
"""Of a picture that was made larger: twice as wide and high as a telephone's usual 12 million."""

_KINDS = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec))
"""Both of HCERT's. Micro QR and Aztec runes have no room for a certificate."""
_SHARPER = ImageFilter.UnsharpMask(radius=4, percent=200, threshold=0)


def find_codes(image: Image.Image) -> tuple[str, ...]:
    """Return the texts of the codes in a grey picture, from top to bottom and left to right.

    The first step that shows a code is the last: a second code that only another step would show stays unread.
    """
    for worked in _steps(image):
        found = zxingcpp.read_barcodes(worked, formats=_KINDS, text_mode=zxingcpp.TextMode.Plain)
        if found:
            return tuple(code.text for code in _in_order(found))
    return ()


def _steps(image: Image.Image) -> Iterator[Image.Image]:
    yield image
    wide, high = image.size
    if 4 * wide * high <= MAX_STEP_PIXELS:
        double = image.resize((2 * wide, 2 * high), Image.Resampling.BICUBIC)
        yield double
        yield double.filter(_SHARPER)
        del double
    yield image.reduce(2).filter(_SHARPER)


def _in_order(codes: Sequence[zxingcpp.Barcode]) -> list[zxingcpp.Barcode]:
    """Return codes by rows: one that is beside a row's first by half of its own height, or half of that one's, is in it."""
    rows: list[list[zxingcpp.Barcode]] = []
    for code in sorted(codes, key=lambda one: _extent(one)[0]):
        if rows and _beside(code, rows[-1][0]):
            rows[-1].append(code)
        else:
            rows.append([code])
    return [code for row in rows for code in sorted(row, key=_left)]


def _beside(one: zxingcpp.Barcode, other: zxingcpp.Barcode) -> bool:
    (top, bottom), (other_top, other_bottom) = _extent(one), _extent(other)
    shared = min(bottom, other_bottom) - max(top, other_top)
    return 2 * shared >= min(bottom - top, other_bottom - other_top)


def _extent(code: zxingcpp.Barcode) -> tuple[int, int]:
    at = code.position
    ys = [at.top_left.y, at.top_right.y, at.bottom_right.y, at.bottom_left.y]
    return min(ys), max(ys)


def _left(code: zxingcpp.Barcode) -> int:
    at = code.position
    return min(at.top_left.x, at.top_right.x, at.bottom_right.x, at.bottom_left.x)
