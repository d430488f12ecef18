"""What this room raises, and nothing else: one class for each thing that whoever sent the picture would do next."""

from typing import ClassVar

__all__ = [
    "DamagedPictureError",
    "LockedPictureError",
    "NotAPictureError",
    "PictureError",
    "PictureTooLargeError",
    "TooMuchTextError",
]


class PictureError(Exception):
    """Bytes that no code can be looked for in; `code` says why in one word for machines, the message for people.

    A picture that can be read and has no code is no error.
    """

    code: ClassVar[str] = "picture"


class NotAPictureError(PictureError):
    """The bytes are no PNG, JPEG or PDF: send one of these."""

    code = "not-a-picture"


class DamagedPictureError(PictureError):
    """It begins as a picture and cannot be read to its end: send it again, or take another."""

    code = "damaged-picture"


class PictureTooLargeError(PictureError):
    """More bytes, pixels, pages or work than is spent on it: cut out the code and send that."""

    code = "picture-too-large"


class LockedPictureError(PictureError):
    """A PDF that wants a password: send one without, or a picture of the page."""

    code = "locked-picture"


class TooMuchTextError(PictureError):
    """More text than a picture that cameras can read holds: keep the file that it is made from."""

    code = "too-much-text"
