"""Every command of the program with its options, as the program itself has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from habeas.cli._app import COMMANDS, make_app


def every_command() -> Iterator[tuple[str, list[str]]]:
    """Yield each command's words and its options and arguments."""
    root = typer.main.get_command(make_app(*(command.name for command in COMMANDS)))
    yield from _below(root, "")


def _below(command: Any, name: str) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - typer's own classes are private
    for one, below in sorted(command.commands.items()):
        words = f"{name} {one}".strip()
        if hasattr(below, "commands"):
            yield from _below(below, words)
        else:
            yield words, [option for param in below.params for option in _names(param)]


def _names(param: Any) -> list[str]:  # noqa: ANN401 - the same
    if param.param_type_name == "argument":
        return [param.metavar or param.name]
    return [option for option in param.opts if option != "--help"]
