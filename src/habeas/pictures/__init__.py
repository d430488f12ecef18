"""Texts of the QR and Aztec codes in PNG, JPEG and PDF bytes; it keeps nothing, and never says what a text is worth."""

from habeas.pictures._read import is_picture, read_codes
from habeas.pictures.errors import (
    DamagedPictureError,
    LockedPictureError,
    NotAPictureError,
    PictureError,
    PictureTooLargeError,
)

__all__ = [
    "DamagedPictureError",
    "LockedPictureError",
    "NotAPictureError",
    "PictureError",
    "PictureTooLargeError",
    "is_picture",
    "read_codes",
]
