"""From bytes to the texts of all codes in them."""

from __future__ import annotations

from habeas.pictures._apart import read_apart
from habeas.pictures.errors import NotAPictureError, PictureTooLargeError

__all__ = ["MAX_PICTURE_BYTES", "is_picture", "read_codes"]

MAX_PICTURE_BYTES = 1 << 25
"""Telephones write up to 20 MB."""

_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-")


def is_picture(data: bytes) -> bool:
    """Say whether the bytes begin as a PNG, JPEG or PDF does; they may be damaged all the same."""
    return data.startswith(_BEGINNINGS)


def read_codes(data: bytes) -> tuple[str, ...]:
    """Return the texts of all codes, page by page, each from top to bottom and left to right; identical ones once.

    Any bytes give texts, none at all if no code could be read, or raise `PictureError`. A text is what stands in the
    code, by whomever; it has been compared with nothing. Calls from several threads wait for each other.
    """
    if not is_picture(data):
        raise NotAPictureError("neither PNG nor JPEG nor PDF")
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureTooLargeError(
            f"has {len(data):,} bytes, where at most {MAX_PICTURE_BYTES:,} are read: cut out the code"
        )
    return tuple(dict.fromkeys(read_apart(data)))
