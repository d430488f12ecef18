"""The option and the file that say whose certificates are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.certificates import (
    CardTrustList,
    TrustList,
    TrustListError,
    parse_card_trust_list,
    parse_trust_list,
)
from habeas.cli._reading import read_text, refusing

__all__ = ["Trust", "read_card_trust", "read_trust"]

_MEND = "mend the trust list, or get a new one from its publisher"

Trust: TypeAlias = Annotated[
    Path, typer.Option("--trust", "--keys", metavar="FILE", help="The trust list as JSON: which keys may sign.")
]


def read_trust(path: Path) -> TrustList:
    """Return the trust list of a file."""
    text = read_text(path)
    with refusing(str(path), _MEND, TrustListError):
        return parse_trust_list(text)


def read_card_trust(path: Path) -> CardTrustList:
    """Return the trust list of SMART Health Cards of a file."""
    text = read_text(path)
    with refusing(str(path), _MEND, TrustListError):
        return parse_card_trust_list(text)
