"""A PDF's pages as grey pixels, each at the sharpness that codes are usually found at, and then finer."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2  # type: ignore[import-untyped] # it has annotations, and does not say so
from PIL import Image

from habeas.pictures.errors import DamagedPictureError, LockedPictureError, PictureTooLargeError

__all__ = ["MAX_PAGES", "MAX_POINTS", "show_pages"]

MAX_PAGES = 20
"""A certificate's PDF has one to four."""
MAX_POINTS = 14_400
"""The longest side of a page: what the format's own readers take (ISO 32000-1, annex C: 200 inches)."""

_DOTS = (200, 400)
"""An inch."""
_MAX_PIXELS = 32_000_000
"""Of a page as it is shown; larger pages are shown coarser."""
_POINTS = 72


def show_pages(data: bytes) -> Iterator[Iterator[Image.Image]]:
    """Yield each page's pictures, which are drawn when they are asked for; raises `PictureError`."""
    try:
        with pypdfium2.PdfDocument(data) as document:
            if len(document) > MAX_PAGES:
                raise PictureTooLargeError(
                    f"has {len(document):,} pages, where at most {MAX_PAGES} are looked at: send the one with the code"
                )
            for page in document:
                yield _shown(page)
                page.close()
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise LockedPictureError("wants a password: send it without one, or a picture of the page") from error
        raise DamagedPictureError("is damaged or cut off: send it again, or a picture of the page") from error


def _shown(page: pypdfium2.PdfPage) -> Iterator[Image.Image]:
    wide, high = page.get_size()
    if not 0 < wide <= MAX_POINTS or not 0 < high <= MAX_POINTS:
        raise PictureTooLargeError(
            f"has a page of {wide:,.0f} × {high:,.0f} points, where {MAX_POINTS:,} is the most: send a picture of it"
        )
    finest = (_MAX_PIXELS / (wide * high)) ** 0.5
    for dots in _DOTS:
        bitmap = page.render(scale=min(dots / _POINTS, finest), grayscale=True)
        yield bitmap.to_pil().copy()
        bitmap.close()
