"""A file with certificates as people have them: a picture of their codes, or the codes' text."""

from __future__ import annotations

from pathlib import Path

from habeas.cli._output import counted
from habeas.cli._reading import read_bytes
from habeas.cli.errors import InputError
from habeas.pictures import NotAPictureError, PictureError, is_picture, read_codes

__all__ = ["EU_BEGINNING", "CertificateFileError", "read_certificate_texts"]

EU_BEGINNING = "HC1:"
SMART_BEGINNING = "shc:/"

_BEGINNINGS = (EU_BEGINNING, SMART_BEGINNING)
_EITHER = f"{EU_BEGINNING} or {SMART_BEGINNING}"
_SEND = "send the code as PNG, JPEG, PDF or text"
_CLOSER = "hold the camera closer and still, with the whole code and its white margin in the picture, and send that"


class CertificateFileError(InputError):
    """A file that holds no certificate; `code` says in one word for machines what it holds instead."""

    def __init__(self, code: str, where: str, what: str, next_step: str) -> None:
        super().__init__(where, what, next_step)
        self.code = code


def read_certificate_texts(path: Path) -> tuple[str, ...]:
    """Return the texts of the certificates in a picture or text file, or on stdin for `-`: at least one, each once.

    In a picture other codes are passed over; a text file has one certificate on each line that is not empty.
    Raises `CertificateFileError` for what is there instead, another `InputError` for a file that cannot be read.
    """
    where, data = str(path), read_bytes(path)
    return _of_picture(where, data) if is_picture(data) else _of_text(where, data)


def _of_picture(where: str, data: bytes) -> tuple[str, ...]:
    try:
        codes = read_codes(data)
    except PictureError as error:
        raise CertificateFileError(error.code, where, str(error), _SEND) from None
    # Printed as they are, so that another command can read them: nothing in one may move a terminal or break a line.
    found = tuple(text for text in codes if text.startswith(_BEGINNINGS) and text.isascii() and text.isprintable())
    if found:
        return found
    if not codes:
        raise CertificateFileError("no-code", where, "no QR code could be read in it", _CLOSER)
    others = counted(len(codes), "QR code, but no", "QR codes, but none is a")
    raise CertificateFileError(
        "no-certificate",
        where,
        f"has {others} health certificate's",
        f"send the page whose code begins with {_EITHER}",
    )


def _of_text(where: str, data: bytes) -> tuple[str, ...]:
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise CertificateFileError(NotAPictureError.code, where, "is no picture and no UTF-8 text", _SEND) from None
    texts = {text: number for number, text in enumerate(lines, 1) if text}
    if not texts:
        raise CertificateFileError("no-certificate", where, "is empty", _SEND)
    for text, number in texts.items():
        if not text.startswith(_BEGINNINGS):
            raise CertificateFileError(
                "no-certificate",
                f"{where}, line {number}",
                f"does not begin with {_EITHER}",
                "put each certificate's text on one line, whole, and nothing else",
            )
    return tuple(texts)
