"""`habeas dcc open`: a certificate's contents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from habeas.certificates import CertificateError, open_dcc
from habeas.cli._options import AsJson, At
from habeas.cli._output import write_json
from habeas.cli._reading import read_instant, read_text
from habeas.cli._trust_file import Trust, read_trust
from habeas.cli.errors import RefusedError

__all__ = ["show"]


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The QR picture's text (HC1:...); - reads stdin.")],
    trust: Trust,
    at: At = None,
    _as_json: AsJson = False,
) -> None:
    """Print a certificate's contents as JSON, if a trusted key signed it and it is valid. It names its holder."""
    now, trusted = read_instant("--at", at), read_trust(trust)
    try:
        dcc = open_dcc(read_text(file).strip(), trusted, now)
    except CertificateError as error:
        raise RefusedError(
            str(file), f"not verified, {error.code}: {error}", "scan it again, or ask its issuer"
        ) from None
    write_json(_plain(dcc.payload))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return (
        value.hex()
        if isinstance(value, bytes)
        else value
        if isinstance(value, str | int | float | None)
        else str(value)
    )
