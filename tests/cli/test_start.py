"""Starting: `--help` and `--version` load no room, and say what there is."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from cli.running import ROOT, done, habeas
from habeas.cli._app import COMMANDS


def test_help_loads_no_room() -> None:
    program = "import sys; from habeas.cli._app import run; run(['--help']); print([m for m in sys.modules if m.startswith('habeas.')])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = ran.stdout.splitlines()[-1]
    assert "habeas.cli._app" in loaded
    assert [
        room for room in ("wire", "rules", "evidence", "grounds", "ledger", "stores") if f"habeas.{room}" in loaded
    ] == []


def test_help_names_every_command_and_every_exit_code() -> None:
    said = done("--help").out
    assert done().out == said
    for command in COMMANDS:
        assert f" {command.name} " in said
    for number in range(5):
        assert f"{number} " in said


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert done("--version").out == f"habeas {project['version']}\n"


def test_the_command_is_also_a_module() -> None:
    ran = subprocess.run([sys.executable, "-m", "habeas.cli", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("habeas ")


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant() -> None:
    assert "Did you mean 'export'" in habeas("exprot").err
