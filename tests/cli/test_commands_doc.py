"""`docs/commands.md` has every command, option and exit code, and its first hour runs as it stands there."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from cli.commands import every_command
from cli.running import ROOT, done
from habeas.cli import _app, _problems
from habeas.evidence import FACTS, REFUSALS, Kind, field_choices
from habeas.ledger import Fault

DOC = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### habeas ([a-z -]+)\n(.*?)(?=^##|\Z)", DOC, re.MULTILINE | re.DOTALL))


def test_every_command_has_a_section_with_its_options_and_an_example() -> None:
    commands = dict(every_command())
    assert set(SECTIONS) == set(commands)
    for name, options in commands.items():
        section = SECTIONS[name]
        assert f"$ habeas {name} " in section, name
        assert [option for option in options if f"`{option}" not in section] == [], name


def test_a_section_names_no_option_that_is_not_there() -> None:
    for name, options in every_command():
        named = set(re.findall(r"`(--[a-z-]+)", SECTIONS[name].partition("| |\n")[2].rpartition("|\n")[0]))
        assert named <= set(options), name


def test_every_exit_code_is_listed() -> None:
    codes = {getattr(_problems, name) for name in ("OK", "REFUSED", "USAGE", "TROUBLE", "INTERNAL")}
    for code in codes | {_app.INTERRUPTED, _app.CLOSED}:
        assert f"\n| {code} | " in DOC


def test_every_kind_and_every_fault_is_listed() -> None:
    for kind in Kind:
        row = next(line for line in DOC.splitlines() if line.startswith(f"| `{kind.value}` |"))
        for field in dataclasses.fields(FACTS[kind]):
            assert f"`{field.name}`" in row, kind
        for choices in field_choices(kind).values():
            if choices and kind is not Kind.RECOVERY:
                assert [choice for choice in choices if choice not in row] == []
    for fault in Fault:
        assert f"`{fault.value}`" in SECTIONS["audit"]
    assert "no-mandate" in REFUSALS


def test_the_first_hour_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hour = DOC.partition("## A first hour")[2].partition("\n## ")[0]
    (tmp_path / "packs").symlink_to(ROOT / "packs")
    monkeypatch.chdir(tmp_path)
    for name, text in re.findall(
        r"^`([a-z]+\.json)`[^\n]*\n(?:[^\n`]+\n)*\n```json\n(.*?)```", hour, re.MULTILINE | re.DOTALL
    ):
        Path(name).write_text(text, encoding="utf-8")
    said = ""
    ran = 0
    for line in "".join(re.findall(r"```console\n(.*?)```", hour, re.DOTALL)).splitlines():
        if not line.startswith("$ "):
            assert line in said.splitlines(), line
            continue
        words = shlex.split(line.removeprefix("$ habeas "))
        words, file = (words[:-2], Path(words[-1])) if ">" in words else (words, None)
        said = done(*words).out
        ran += 1
        if file is not None:
            file.write_text(said, encoding="utf-8")
    assert ran == 18
