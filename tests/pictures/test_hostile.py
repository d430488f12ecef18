"""What strangers send: any bytes give texts or a `PictureError`, within set memory and time, and touch no other picture."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.pictures import (
    DamagedPictureError,
    LockedPictureError,
    NotAPictureError,
    PictureError,
    PictureTooLargeError,
    _apart,
    _reader,
    is_picture,
    read_codes,
)
from pictures.drawing import as_jpeg, as_pdf, as_png, draw_code, draw_page
from pictures.hostile import chessboard, deep_pdf, flat_png, forms_pdf, make_pdf, packed_zeros, page_pdf, stream

TEXT = "HC1:MADE UP FOR TESTS"
CODE = draw_code(TEXT)
GOOD = {"png": as_png(CODE), "jpeg": as_jpeg(CODE), "pdf": as_pdf(CODE)}
BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"%PDF-1.7\n", b"")


def outcome(data: bytes) -> tuple[str, ...] | str:
    try:
        return read_codes(data)
    except PictureError as error:
        return error.code


# Any bytes


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300))
def test_any_bytes_give_texts_or_an_error_of_ours(beginning: bytes, rest: bytes) -> None:
    data = beginning + rest
    assert isinstance(outcome(data), str)
    assert (outcome(data) == NotAPictureError.code) is not is_picture(data)


@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=8)), min_size=1, max_size=4),
    st.floats(0.2, 1),
)
@settings(max_examples=150)
def test_a_picture_with_bytes_changed_gives_its_text_or_none_or_an_error_of_ours(
    name: str, changes: list[tuple[float, int, bytes]], kept: float
) -> None:
    data = GOOD[name]
    for at, out, put in changes:
        begin = int(at * len(data))
        data = data[:begin] + put + data[begin + out :]
    found = outcome(data[: int(kept * len(data))])
    assert isinstance(found, str) or set(found) <= {TEXT}


@pytest.mark.parametrize("name", ["png", "jpeg"])
def test_a_picture_that_was_cut_off_is_damaged(name: str) -> None:
    for part in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert outcome(GOOD[name][: int(part * len(GOOD[name]))]) == DamagedPictureError.code


def test_what_is_no_picture_says_so() -> None:
    for data in (b"", b"GIF89a", b"<svg/>", TEXT.encode(), b" " + GOOD["png"], b"II*\0"):
        assert not is_picture(data)
        with pytest.raises(NotAPictureError, match="neither PNG nor JPEG nor PDF"):
            read_codes(data)


def test_a_pdf_with_a_password_says_so() -> None:
    locked = b"/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
        b"41" * 32,
        b"42" * 32,
    )
    catalogue = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")
    with pytest.raises(LockedPictureError, match="password"):
        read_codes(make_pdf(*catalogue, trailer=locked))


# More than it is


def test_sizes_are_refused_by_what_is_said_before_anything_is_unpacked() -> None:
    for side, said in ((8_001, "64,000,000"), (30_000, "64,000,000")):
        with pytest.raises(PictureTooLargeError, match=said):
            read_codes(flat_png(side))
    with pytest.raises(PictureTooLargeError, match="33,554,433 bytes"):
        read_codes(GOOD["png"] + bytes((1 << 25) + 1 - len(GOOD["png"])))
    with pytest.raises(PictureTooLargeError, match="1,000,000 × 842 points"):
        read_codes(page_pdf(wide=1_000_000))
    with pytest.raises(PictureTooLargeError, match="21 pages"):
        read_codes(as_pdf(*(draw_page([], (10, 10)) for _ in range(21))))


def text_chunk_png() -> bytes:
    """Return a good PNG with 200 MB of text in 200 kB before its pixels."""
    text = b"Comment\0\0" + packed_zeros(200_000_000)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    return GOOD["png"][:33] + chunk + GOOD["png"][33:]


def wide_image_pdf() -> bytes:
    """Return a PDF whose page shows an image of 2.7 GB, deflated twice."""
    image = b"/Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceRGB /BitsPerComponent 8"
    data = zlib.compress(packed_zeros(2_700_000_000), 9)
    return page_pdf(
        stream(b"q 595 0 0 842 0 0 cm /I Do Q"),
        stream(data, image + b" /Filter [/FlateDecode /FlateDecode]"),
        resources=b"/XObject << /I 5 0 R >>",
    )


BOMBS: dict[str, tuple[bytes, object]] = {
    "pixels": (flat_png(30_000), PictureTooLargeError.code),
    "text": (text_chunk_png(), DamagedPictureError.code),
    "page": (page_pdf(wide=14_400, high=14_400), []),
}
LONG_BOMBS: dict[str, Callable[[], bytes]] = {
    "image": wide_image_pdf,
    "content": deep_pdf,
    "forms": lambda: forms_pdf(9),
    "corners": lambda: chessboard(400),
}

MEASURED = """
import json, resource, sys
from habeas.pictures import PictureError, _apart, read_codes
try:
    said = read_codes(sys.stdin.buffer.read())
except PictureError as error:
    said = error.code
_apart._apart.close()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([said, used.ru_maxrss // 1024, used.ru_utime + used.ru_stime]))
"""


def measured(data: bytes) -> tuple[object, int, float]:
    """Return what is said of a picture, and the MiB and seconds that the process apart took for it."""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", MEASURED], input=data, capture_output=True, check=True)
    assert ran.stderr == b""
    said, mib, seconds = json.loads(ran.stdout)
    return said, mib, seconds


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_unpacks_to_much_takes_little_memory(name: str) -> None:
    data, expected = BOMBS[name]
    said, mib, _ = measured(data)
    assert said == expected
    assert len(data) < 250_000
    assert mib < 400


@pytest.mark.long
@pytest.mark.parametrize("name", LONG_BOMBS)
def test_no_picture_takes_more_than_is_set(name: str) -> None:
    said, mib, seconds = measured(LONG_BOMBS[name]())
    assert said in ([], PictureTooLargeError.code)
    assert mib <= _reader.MEMORY_BYTES >> 20
    assert seconds < _reader.CPU_SECONDS + 5


# A process apart

ALONE = "import habeas.pictures._reader as reader\nreader.{} = {}\nreader.main()"


def read_alone(data: bytes, limit: str, value: int) -> subprocess.CompletedProcess[bytes]:
    program = [sys.executable, "-c", ALONE.format(limit, value)]
    return subprocess.run(program, input=len(data).to_bytes(8) + data, capture_output=True, check=False, timeout=30)


def test_what_works_too_long_is_ended_by_the_system() -> None:
    ran = read_alone(chessboard(300), "CPU_SECONDS", 0)
    assert (ran.returncode, ran.stdout) == (-24, b"")  # SIGXCPU


def test_narrower_limits_of_whoever_started_us_stand() -> None:
    narrow = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))\nresource.setrlimit(resource.RLIMIT_CPU, (20, 20))"
    data = GOOD["png"]
    program = [sys.executable, "-c", f"{narrow}\nimport habeas.pictures._reader as reader\nreader.main()"]
    ran = subprocess.run(program, input=len(data).to_bytes(8) + data, capture_output=True, check=True)
    assert json.loads(ran.stdout) == [TEXT]


def test_what_wants_too_much_memory_is_told_or_ended() -> None:
    ran = read_alone(flat_png(8_000), "MEMORY_BYTES", 80 << 20)
    assert json.loads(ran.stdout)["code"] == PictureTooLargeError.code


def test_each_picture_has_the_whole_time_for_itself() -> None:
    """With a second for each, pictures of two milliseconds are read for longer than any one may take."""
    text = "HC1:" + "A" * 800
    data = as_png(draw_code(text))
    program = [sys.executable, "-c", ALONE.format("CPU_SECONDS", 1)]
    ran = subprocess.run(program, input=(len(data).to_bytes(8) + data) * 1_500, capture_output=True, check=True)
    assert ran.stdout.splitlines() == [json.dumps([text]).encode()] * 1_500


def test_a_picture_that_ends_the_process_is_refused_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_codes(GOOD["png"]) == (TEXT,)
    monkeypatch.setattr(_apart, "WALL_SECONDS", 0.05)
    assert outcome(chessboard(200)) == PictureTooLargeError.code
    monkeypatch.undo()
    assert read_codes(GOOD["png"]) == (TEXT,)
    assert _apart._apart._running is not None
    _apart._apart._running.kill()
    assert outcome(GOOD["png"]) == PictureTooLargeError.code
    assert read_codes(GOOD["png"]) == (TEXT,)


def test_an_answer_that_nobody_waited_for_is_not_given_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    other = as_png(draw_code("HC1:SOMEBODY ELSE"))

    def interrupted(running: subprocess.Popen[bytes], data: bytes) -> bytes:
        assert running.stdin is not None
        running.stdin.write(len(data).to_bytes(8) + data)
        running.stdin.flush()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_apart, "_exchange", interrupted)
        with pytest.raises(KeyboardInterrupt):
            read_codes(other)
    assert read_codes(GOOD["png"]) == (TEXT,)


FORKED = """
import os, sys
from habeas.pictures import read_codes
ours, theirs = (bytes.fromhex(line) for line in sys.stdin)
first = read_codes(ours)
child = os.fork()
said = {read_codes(ours if child else theirs) for _ in range(50)}
if child:
    assert os.waitpid(child, 0)[1] == 0
print(child != 0, said)
"""


def test_after_a_fork_nobody_gets_the_other_s_answers() -> None:
    other = "HC1:SOMEBODY ELSE"
    given = f"{GOOD['png'].hex()}\n{as_png(draw_code(other)).hex()}\n".encode()
    ran = subprocess.run([sys.executable, "-c", FORKED], input=given, capture_output=True, check=True, timeout=60)
    expected = {f"True {{{(TEXT,)}}}", f"False {{{(other,)}}}"}
    assert set(ran.stdout.decode().splitlines()) == expected


LEFT = "import sys\nfrom habeas.pictures import _apart, read_codes\nread_codes(sys.stdin.buffer.read())\nprint(_apart._apart._running.pid)"


def test_the_process_ends_with_ours() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", LEFT], input=GOOD["png"], capture_output=True, check=True
    )
    assert ran.stderr == b""
    with pytest.raises(ProcessLookupError):
        os.kill(int(ran.stdout), 0)
