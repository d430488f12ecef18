"""How answers are set: tables that fit are plain lines, text is broken anew where the terminal is narrow."""

from __future__ import annotations

import pytest

from cli.running import columns
from habeas.cli._output import counted, table, write_fitted


def test_a_line_that_was_broken_goes_on_and_others_stay_apart(capsys: pytest.CaptureFixture[str]) -> None:
    text = "WHY\n  one two three four\n  five six\n  seven\n\n  单位的记录可以印证这\n  条原因。\n"
    with columns(60):
        write_fitted(text, 22)
        assert capsys.readouterr().out.rstrip() == text.rstrip()
        write_fitted(" ".join("a" * 40) + "\n" + "b " * 10, 80)
    assert capsys.readouterr().out.splitlines() == ["a " * 29 + "a", "a " * 10 + "b " * 9 + "b"]


def test_short_lines_are_never_joined(capsys: pytest.CaptureFixture[str]) -> None:
    with columns(60):
        write_fitted("Red.\nSince then.\n\nWHY\n  One.\n  Two.", 100)
    assert capsys.readouterr().out == "Red.\nSince then.\n\nWHY\n  One.\n  Two.\n"


def test_chinese_goes_on_without_a_space(capsys: pytest.CaptureFixture[str]) -> None:
    with columns(60):
        write_fitted("中" * 50 + "\n文。", 100)
    assert capsys.readouterr().out.replace("\n", "") == "中" * 50 + "文。"


def test_a_table_that_fits_is_plain_and_one_that_does_not_is_folded(capsys: pytest.CaptureFixture[str]) -> None:
    with columns(60):
        table(("CODE", "PEOPLE"), [("黄码", "7"), ("red", "1,024")], numbers=("PEOPLE",))
        assert capsys.readouterr().out == "CODE  PEOPLE\n黄码       7\nred    1,024\n"
        table(("A", "B"), [("x", "word " * 30)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(len(line) <= 60 for line in lines)


def test_numbers_have_their_nouns() -> None:
    assert [counted(n, "event", "events") for n in (0, 1, 2_000)] == ["0 events", "1 event", "2,000 events"]
