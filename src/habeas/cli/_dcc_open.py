"""`habeas dcc open`: a certificate's contents, of one file for people or of many lines for another program."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from habeas.certificates import CertificateError, Dcc, TrustList, open_dcc
from habeas.cli._certificate_file import EU_BEGINNING, read_certificate_texts
from habeas.cli._lines import LineError, Row, answer_lines, read_string
from habeas.cli._options import AsJson, At
from habeas.cli._output import counted, write_json
from habeas.cli._problems import OK
from habeas.cli._reading import read_instant
from habeas.cli._trust_file import Trust, read_trust
from habeas.cli.errors import InputError, RefusedError
from habeas.wire import Instant

__all__ = ["show"]


def show(
    trust: Trust,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="A picture, or its code's text (HC1:...); - reads stdin. None: lines, see above."
        ),
    ] = None,
    at: At = None,
    _as_json: AsJson = False,
) -> int:
    """Print a certificate's contents as JSON, if a trusted key signed it and it is valid. It names its holder.

    Without FILE, read lines {"hc1": …} from stdin; answer each with {"payload": …, "kid": …} or {"error": …}.
    """
    now, trusted = read_instant("--at", at), read_trust(trust)
    if file is None:
        return answer_lines(lambda row: _answer(row, trusted, now), fields=("hc1",))
    try:
        dcc = open_dcc(_one_text(file), trusted, now)
    except CertificateError as error:
        raise RefusedError(
            str(file), f"not verified, {error.code}: {error}", "scan it again, or ask its issuer"
        ) from None
    write_json(_contents(dcc))
    return OK


def _answer(row: Row, trust: TrustList, at: Instant) -> Row:
    try:
        dcc = open_dcc(read_string(row, "hc1"), trust, at)
    except CertificateError as error:
        raise LineError(error.code, str(error)) from None
    return {"payload": _contents(dcc), "kid": base64.b64encode(dcc.kid).decode()}


def _one_text(path: Path) -> str:
    texts = read_certificate_texts(path)
    of_the_eu = [text for text in texts if text.startswith(EU_BEGINNING)]
    if len(of_the_eu) > 1:
        raise InputError(
            str(path),
            f"has {counted(len(of_the_eu), 'certificate', 'certificates')}, where one is opened at a time",
            f"`habeas dcc check` shows them all; `habeas dcc scan {path}` gives their texts: put the one that was meant on stdin",
        )
    return (of_the_eu or texts)[0]


def _contents(dcc: Dcc) -> object:
    return _plain(dcc.payload)


def _plain(value: object) -> object:
    """Return contents as JSON: bytes as hex, a number that is not finite as null, tags as their text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)
