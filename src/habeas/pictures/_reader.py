"""The program that reads pictures: for each, eight bytes of length and its bytes on stdin, one line of JSON on stdout.

The line is a list of texts, or an object with an error's code and message. Only `_apart` starts it; it may be ended at
any moment, and ends itself when stdin does.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings

from habeas.pictures._grey import decode_grey
from habeas.pictures._look import find_codes
from habeas.pictures._pages import show_pages
from habeas.pictures.errors import PictureError, PictureTooLargeError

__all__ = ["CPU_SECONDS", "MEMORY_BYTES", "answer"]

CPU_SECONDS = 30
"""For one picture; a PDF of 20 pages without a code takes 18, a photograph of 12 million pixels 3."""
MEMORY_BYTES = 5 << 28
"""Of address space: 1.25 GiB, a quarter of it for the program itself."""

_PDF = b"%PDF-"


def answer(data: bytes) -> object:
    """Return the texts of the codes in a PNG, JPEG or PDF, or the error."""
    try:
        if not data.startswith(_PDF):
            return find_codes(decode_grey(data))
        return [text for page in show_pages(data) for text in next(filter(None, map(find_codes, page)), ())]
    except MemoryError:
        error: PictureError = PictureTooLargeError("takes more memory than is spent on a picture: cut out the code")
    except PictureError as raised:
        error = raised
    return {"code": error.code, "message": str(error)}


def main() -> None:
    """Answer until stdin ends."""
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    for forbidden in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        _limit(forbidden, 0)  # no core with a certificate in it, no file, no further process
    warnings.simplefilter("ignore")
    while size := sys.stdin.buffer.read(8):
        spent = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + 1 + CPU_SECONDS)
        said = answer(sys.stdin.buffer.read(int.from_bytes(size)))
        sys.stdout.write(f"{json.dumps(said)}\n")
        sys.stdout.flush()


def _limit(what: int, most: int) -> None:
    """Set what may be used, at most what whoever started us allows."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    main()
