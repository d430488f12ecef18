"""Texts of the codes in PNG, JPEG and PDF bytes, and ours as QR; it keeps nothing, and never says what a text is worth."""

from habeas.pictures._draw import MAX_VERSION, Drawing, Level, draw_qr
from habeas.pictures._read import is_picture, read_codes
from habeas.pictures.errors import (
    DamagedPictureError,
    LockedPictureError,
    NotAPictureError,
    PictureError,
    PictureTooLargeError,
    TooMuchTextError,
)

__all__ = [
    "MAX_VERSION",
    "DamagedPictureError",
    "Drawing",
    "Level",
    "LockedPictureError",
    "NotAPictureError",
    "PictureError",
    "PictureTooLargeError",
    "TooMuchTextError",
    "draw_qr",
    "is_picture",
    "read_codes",
]
