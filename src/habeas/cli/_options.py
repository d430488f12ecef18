"""Options that several commands share, each described once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

__all__ = ["AsJson", "At", "Db", "Document", "Lang", "Language", "Out", "RegistryKey", "Subject"]


class Language(StrEnum):
    """The languages in which Habeas speaks."""

    EN = "en"
    ZH = "zh"


AsJson: TypeAlias = Annotated[bool, typer.Option("--json", metavar="", help="Print one JSON document instead of text.")]
At: TypeAlias = Annotated[
    str | None,
    typer.Option("--at", metavar="INSTANT", help="The instant, such as 2022-06-12T21:04+08:00; now if not given."),
]
Db: TypeAlias = Annotated[Path, typer.Option("--db", metavar="FILE", help="The ledger, a SQLite file of `db new`.")]
Document: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--document",
        metavar="KIND:COUNTRY:NUMBER",
        help="A document of the person, such as passport:CN:E12345678; - reads it from stdin.",
    ),
]
Lang: TypeAlias = Annotated[Language, typer.Option("--lang", help="The language of the text.")]
Out: TypeAlias = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A new file to write to.")]
RegistryKey: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--registry-key", metavar="FILE", help="The registry's key; registry.key beside the ledger if not given."
    ),
]
Subject: TypeAlias = Annotated[
    str | None, typer.Option("--subject", metavar="HEX", help="The person's id in the ledger, 32 hex digits.")
]
