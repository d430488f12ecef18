"""Targets of `habeas.pictures`."""

from __future__ import annotations

import os
import resource
import sys
import traceback
import warnings
from pathlib import Path

from habeas.pictures import PictureError, is_picture, read_codes
from habeas.pictures._reader import answer
from seeds import documents
from targets._target import target

SECONDS = 150
"""`read_codes` ends by itself before that, whatever the picture."""
_MORE_MEMORY = 256 << 20
_CPU_SECONDS = 5
_TAKEN, _REFUSED, _FAILED = range(40, 43)


@target(read_codes, seeds=documents.pictures, max_bytes=16_384, memory_mib=1024, input_seconds=SECONDS)
def pictures(data: bytes) -> bool:
    """Each code's text once."""
    try:
        codes = read_codes(data)
    except PictureError:
        return False
    assert is_picture(data)
    assert len(set(codes)) == len(codes)
    return bool(codes)


@target(answer, seeds=documents.pictures, max_bytes=16_384, memory_mib=1024)
def picture_reader(data: bytes) -> bool:
    """What the process does that `read_codes` asks: it may be ended at a limit, but no error of another kind ends it.

    A child for each input, with limits as that process has them: what unpacks pictures is held by nothing else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the child does not use
        child = os.fork()
    if child == 0:
        _answer_and_exit(data)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code != _FAILED, "the reader failed; its error stands on stderr"
    return code == _TAKEN


def _answer_and_exit(data: bytes) -> None:
    code = _FAILED
    try:
        _limit()
        said = answer(data)
        code = _REFUSED if isinstance(said, dict) or not said else _TAKEN
    except BaseException:  # noqa: BLE001 - whatever it is, this child ends here
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(code)


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + _MORE_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
