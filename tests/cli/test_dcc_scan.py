"""`habeas dcc scan`: the texts of certificates in pictures and text files, for people and, a line each, for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from certificates.issuing import UTOPIA, payload
from cli.running import Ran, done, habeas
from pictures.drawing import as_pdf, as_png, draw_code, draw_page

ONE, TWO = UTOPIA.text(payload("v")), UTOPIA.text(payload("t"))
SMART = "shc:/" + "5676290952432060" * 8
LINK = "https://example.org/menu"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    codes = {text: draw_code(text, module=3) for text in (ONE, TWO, SMART, LINK)}
    page = draw_page([(codes[ONE], (50, 50)), (codes[LINK], (450, 50)), (codes[ONE], (50, 450))], (900, 900))
    (folder / "one.png").write_bytes(as_png(codes[ONE]))
    (folder / "two.png").write_bytes(as_png(draw_page([(codes[ONE], (50, 50)), (codes[TWO], (500, 60))], (950, 500))))
    (folder / "page.pdf").write_bytes(as_pdf(page))
    (folder / "link.png").write_bytes(as_png(codes[LINK]))
    (folder / "smart.png").write_bytes(as_png(codes[SMART]))
    (folder / "blank.png").write_bytes(as_png(draw_page([], (200, 200))))
    (folder / "cut.png").write_bytes(as_png(codes[ONE])[:-200])
    (folder / "text").write_text(f"\ufeff{ONE}\n\n  {TWO}\r\n{ONE}\n", encoding="utf-8")
    (folder / "letter").write_text(f"{ONE}\nwith kind regards\n", encoding="utf-8")
    (folder / "empty").write_text(" \n", encoding="utf-8")
    (folder / "bytes").write_bytes(b"\xff\xfe\xfd")
    return folder


FOUND = {"one.png": [ONE], "two.png": [ONE, TWO], "page.pdf": [ONE], "smart.png": [SMART], "text": [ONE, TWO]}
NOT_FOUND = {
    "link.png": ("no-certificate", "has 1 QR code, but no health certificate's"),
    "blank.png": ("no-code", "no QR code could be read in it"),
    "cut.png": ("damaged-picture", "is damaged or cut off: send it again, or take another picture"),
    "letter": ("no-certificate", "does not begin with HC1: or shc:/"),
    "empty": ("no-certificate", "is empty"),
    "bytes": ("not-a-picture", "is no picture and no UTF-8 text"),
    "nothing": ("unreadable-file", "cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_texts_and_nothing_else_are_on_stdout(folder: Path, name: str) -> None:
    ran = done("dcc", "scan", folder / name)
    assert ran.out.splitlines() == FOUND[name]
    count = "1 certificate" if len(FOUND[name]) == 1 else "2 certificates"
    assert ran.err == f"note: {folder / name}: {count}, not verified\n"
    assert done("dcc", "scan", "-", stdin=(folder / name).read_bytes()).out == ran.out


@pytest.mark.parametrize("name", NOT_FOUND)
def test_a_file_without_a_certificate_says_what_it_has_and_what_to_do(folder: Path, name: str) -> None:
    ran = habeas("dcc", "scan", folder / name)
    assert (ran.code, ran.out) == (1, "")
    assert NOT_FOUND[name][1] in ran.err
    assert ". Next: " in ran.err


def test_no_file_keeps_another_from_being_read(folder: Path) -> None:
    names = [*NOT_FOUND, *FOUND]
    ran = habeas("dcc", "scan", *(folder / name for name in names), "--json")
    assert ran.code == 1
    assert ran.json["verified"] is False
    rows = ran.json["files"]
    assert [Path(row["file"]).name for row in rows] == names
    assert [row["texts"] for row in rows] == [[] for _ in NOT_FOUND] + list(FOUND.values())
    assert [row["error"] and (row["error"]["code"], row["error"]["message"]) for row in rows] == [
        *NOT_FOUND.values(),
        *(None for _ in FOUND),
    ]
    assert habeas("dcc", "scan", *(folder / name for name in FOUND)).code == 0


# Without a file: a line in, a line out


def asked(*lines: str | bytes) -> Ran:
    given = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    return done("dcc", "scan", stdin=given)


def answers(*lines: str | bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in asked(*lines).out.splitlines()]


def of_file(path: Path | str) -> str:
    return json.dumps({"file": str(path)})


def test_each_line_has_its_answer_in_its_place(folder: Path) -> None:
    names = [*NOT_FOUND, "one.png", "page.pdf"]
    said = answers(*(of_file(folder / name) for name in names))
    assert [answer["file"] for answer in said] == [str(folder / name) for name in names]
    assert [answer.get("hc1") for answer in said] == [*(None for _ in NOT_FOUND), ONE, ONE]
    errors = [answer["error"] for answer in said if "error" in answer]
    assert [error["code"] for error in errors if isinstance(error, dict)] == [code for code, _ in NOT_FOUND.values()]
    assert {frozenset(answer) for answer in said} == {frozenset({"file", "hc1"}), frozenset({"file", "error"})}


@pytest.mark.parametrize(
    ("name", "code"),
    [("two.png", "several-certificates"), ("text", "several-certificates"), ("smart.png", "other-certificate")],
)
def test_a_line_asks_for_one_certificate_of_the_eu(folder: Path, name: str, code: str) -> None:
    (said,) = answers(of_file(folder / name))
    assert isinstance(said["error"], dict)
    assert said["error"]["code"] == code


BAD = (
    b"",
    b"{",
    b"\xff",
    b"[]",
    b"null",
    b'{"file": 1}',
    b'{"file": null}',
    b'{"path": "x"}',
    b'{"file": "a", "file": "b"}',
    b'{"file": "-"}',
    b'{"file": ""}',
    b'{"file": "\\u0000"}',
    b'{"file": "\\ud800"}',
    b'{"file": "/"}',
    b"[" * 100_000,
    b'{"file": "' + b"x" * 10_000 + b'"}',
    b'{"file": "' + b"x" * (1 << 21) + b'"}',
)


def test_no_line_stops_the_others(folder: Path) -> None:
    good = of_file(folder / "one.png")
    said = answers(*(line for bad in BAD for line in (bad, good)))
    assert len(said) == 2 * len(BAD)
    assert all(answer["hc1"] == ONE for answer in said[1::2])
    for bad, answer in zip(BAD, said[::2], strict=True):
        assert isinstance(answer["error"], dict), bad[:40]
        assert answer["error"]["code"] != "fault", bad[:40]
    assert asked().out == ""


def test_a_line_reads_no_pipe_and_not_the_lines_after_it(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    good = of_file(folder / "one.png")
    ways = (pipe, "/dev/stdin", "/proc/self/fd/0", folder)
    given = "".join(f"{line}\n" for way in ways for line in (of_file(way), good))
    ran = subprocess.run(
        [sys.executable, "-m", "habeas.cli", "dcc", "scan"],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer["error"]["code"] for answer in said[::2]] == ["unreadable-file"] * len(ways)
    assert [answer["hc1"] for answer in said[1::2]] == [ONE] * len(ways)


@pytest.mark.parametrize("text", ["HC1:\x1b]0;x\x07", "HC1:6BF\nHC1:7AA", "HC1:\u202eABC"])
def test_a_code_that_would_move_the_terminal_is_no_certificate(tmp_path: Path, text: str) -> None:
    picture = tmp_path / "hostile.png"
    picture.write_bytes(as_png(draw_code(text)))
    ran = habeas("dcc", "scan", str(picture))
    assert ran.code == 1
    assert ran.out == ""
    assert "no health certificate's" in ran.err
