"""`habeas keys`: make a signing key, show its public part."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._key_file import ALGORITHMS, format_public, read_signing_key, write_signing_key
from habeas.cli._options import AsJson
from habeas.cli._output import write_json

__all__ = ["app"]

app = typer.Typer(add_completion=False)
_SEED_BYTES = 32


class KeyAlgorithm(StrEnum):
    """What new keys sign with."""

    EDDSA = "EdDSA"
    ES256 = "ES256"


@app.command("new")
def new(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for the secret key; mode 0600.")],
    alg: Annotated[KeyAlgorithm, typer.Option("--alg", help="The signature algorithm.")] = KeyAlgorithm.EDDSA,
    _as_json: AsJson = False,
) -> None:
    """Make a signing key and print its public part, for a mandate. A file that is there is never overwritten."""
    key = write_signing_key(out, ALGORITHMS[alg.value], secrets.token_bytes(_SEED_BYTES))
    write_json(format_public(key.verifying))


@app.command("show")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A secret key of `keys new`.")],
    _as_json: AsJson = False,
) -> None:
    """Print the public part of a signing key as JSON: kid, algorithm, key in Base64."""
    write_json(format_public(read_signing_key(file).verifying))
