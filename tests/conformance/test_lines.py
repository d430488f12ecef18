"""Lines in, lines out: whatever comes, each line has one answer in its place, and nothing of another's."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from threading import Timer
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.cli import _lines
from habeas.cli._lines import LineError, Row, answer_lines, read_string

NUMBER = "410105199001011230"
EVAL = [sys.executable, "-m", "habeas.cli", "certlogic", "eval"]


def answers(data: bytes, *, max_bytes: int = 200) -> list[dict[str, Any]]:
    """Return what the lines of `data` are answered by a command that gives its one field back, or fails as it says."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        assert answer_lines(_answer, fields=("x",), max_bytes=max_bytes, source=io.BytesIO(data)) == 0
    text = out.getvalue()
    assert text.isascii()
    assert not text or text.endswith("\n")
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


def _answer(row: Row) -> Row:
    match row["x"]:
        case "refuse":
            raise LineError("refused", "it was to be")
        case "fail":
            raise KeyError(NUMBER)
        case "no-json":
            return {"x": float("nan")}
        case "no-value":
            return {"x": b"bytes"}
        case "too-deep":
            raise RecursionError
        case "text":
            return {"x": read_string({"y": 1}, "y")}
        case value:
            return {"x": value}


def codes(*lines: bytes) -> list[str]:
    return [row["error"]["code"] if "error" in row else "" for row in answers(b"\n".join(lines) + b"\n")]


GOOD = st.sampled_from(
    [b'{"x": 1}', b'{"x": "a"}', b' {"x":null}\r', b'{"x": "refuse"}', b'{"x": "fail"}', b'{"x": "\xc3\xa9"}']
)
BAD = st.sampled_from(
    [
        b"",
        b" ",
        b"{",
        b'{"x": NaN}',
        b'{"x": 1e999}',
        b'{"x": 1, "x": 2}',
        b'{"y": 1}',
        b"[]",
        b"\xff",
        b'{"x": 1} {}',
        b"a" * 300,
    ]
)
LINES = st.lists(GOOD | BAD | st.binary(max_size=260).map(lambda data: data.replace(b"\n", b"")), max_size=12)


@given(LINES)
def test_every_line_has_one_answer_and_it_is_the_one_that_it_has_alone(lines: Sequence[bytes]) -> None:
    together = answers(b"".join(line + b"\n" for line in lines))
    assert together == [found for line in lines for found in answers(line + b"\n")]
    assert len(together) == len(lines)
    for found in together:
        if "error" in found:
            assert found.keys() == {"error"}
            assert found["error"].keys() == {"code", "message"}


@given(LINES)
def test_the_last_line_may_lack_its_end(lines: Sequence[bytes]) -> None:
    data = b"\n".join(lines)
    assert answers(data) == answers(data + b"\n" if data and not data.endswith(b"\n") else data)


def test_what_a_line_cannot_be() -> None:
    malformed = (
        b"",
        b"  ",
        b"true story",
        b"{}{}",
        b'{"x": NaN}',
        b'{"x": -Infinity}',
        b'{"x": 1e999}',
        b'{"x": "\xff"}',
    )
    assert set(codes(*malformed)) == {"not-json"}
    assert codes(b'{"x": 1, "x": 1}', b'{"x": {"a": 1, "a": 1}}', b'{"x": "a\x01"}') == ["not-json"] * 3
    assert codes(b"[]", b"null", b'"x"', b"{}", b'{"y": 1}', b'{"x": 1, "y": 2}', b'{"X": 1}') == ["bad-fields"] * 7
    assert codes(b'{"x": 1}', b'{"x": "refuse"}', b'{"x": "text"}') == ["", "refused", "bad-fields"]


def test_a_line_nested_as_deep_as_it_can_be_has_an_answer() -> None:
    for depth in (10_000, 500_000):
        for line in (b"[" * depth, b"[" * depth + b"]" * depth, b'{"x":' * depth + b"1" + b"}" * depth):
            found = answers(line + b'\n{"x": 1}', max_bytes=1 << 24)
            assert [row.get("x") for row in found] == [None, 1]
            assert found[0]["error"]["code"] == "not-json"
    assert codes(b'{"x": "too-deep"}') == ["not-json"]
    assert "x" in answers(b'{"x": ' + b"[" * 64 + b"]" * 64 + b"}")[0]


def test_a_fault_of_ours_is_opaque_and_not_the_end() -> None:
    found = answers(b'{"x": "fail"}\n{"x": "no-json"}\n{"x": "no-value"}\n{"x": 2}\n')
    assert [row.get("error", {}).get("code") for row in found] == ["fault", "fault", "fault", None]
    assert NUMBER not in json.dumps(found)
    assert "KeyError" in found[0]["error"]["message"]


def test_an_error_quotes_nothing_of_its_line() -> None:
    for line in (
        f'{{"{NUMBER}": 1}}',
        f"{NUMBER} {NUMBER}",
        f'{{"x": 1, "{NUMBER}": 2}}',
        f'{{"x": "{NUMBER}"',
        f"[{NUMBER}]",
    ):
        (found,) = answers(line.encode())
        assert NUMBER not in json.dumps(found)


def test_a_line_may_have_just_so_many_bytes() -> None:
    longest = b'{"x": "' + b"a" * 191 + b'"}'
    assert len(longest) == 200
    for end in (b"", b"\n", b'\n{"x": 1}'):
        assert "x" in answers(longest + end)[0]
        assert answers(b" " + longest + end)[0]["error"]["code"] == "too-long"
    assert answers(b" " + longest + b'\n{"x": 1}\n')[1] == {"x": 1}


class Endless(io.RawIOBase):
    """A line of a gigabyte that nobody could hold twice, then another; it notes the largest piece asked for."""

    def __init__(self) -> None:
        self.left = 1 << 30
        self.most = 0

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        self.most = max(self.most, size)
        if self.left > 0:
            piece = min(size, self.left)
            self.left -= piece
            return b"a" * (piece - (self.left == 0)) + (b"\n" if self.left == 0 else b"")
        self.left -= 1
        return b'{"x": 1}' if self.left == -1 else b""


def test_a_line_that_is_too_long_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    source = Endless()
    answer_lines(_answer, fields=("x",), source=cast("BinaryIO", source))
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["error"]["code"] == "too-long"
    assert second == {"x": 1}
    assert source.most == _lines.MAX_LINE_BYTES + 1


def test_an_answer_is_there_before_the_next_line_is_sent() -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(EVAL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=buffered) as process:
        too_late = Timer(60, process.kill)
        too_late.start()
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"logic": {"var": ""}, "data": number}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"value": number}
        process.stdin.close()
        assert process.wait() == 0
        too_late.cancel()


def test_a_reader_that_goes_away_ends_it_without_a_word() -> None:
    with subprocess.Popen(EVAL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b'{"logic": 1, "data": 1}\n')
        process.stdin.close()
        assert (process.wait(), process.stderr.read()) == (141, b"")
