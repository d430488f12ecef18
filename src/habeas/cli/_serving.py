"""What all services share at the command line: where they listen, the line that says so, their keys."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.cli._output import write, write_json
from habeas.cli._reading import refusing
from habeas.services import KeyFileError, write_signer
from habeas.tlog import NoteError, SignatureType, format_vkey

__all__ = ["Folder", "Host", "KeyFile", "KeyName", "NewKey", "PolicyFile", "make_key", "tell"]

_SEED_BYTES = 32

Folder: TypeAlias = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="Its folder; made if it is not there. One process at a time.")
]
Host: TypeAlias = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1, for a proxy, if not given.")
]
KeyFile: TypeAlias = Annotated[Path, typer.Option("--key", metavar="FILE", help="Its secret key of `witness key`.")]
KeyName: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The key's name, such as witness.example/w1.")]
NewKey: TypeAlias = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for it; mode 0600.")]
PolicyFile: TypeAlias = Annotated[
    Path, typer.Option("--policy", metavar="FILE", help="Which log, which witnesses, what quorum (C2SP tlog-policy).")
]


def make_key(name: str, out: Path, kind: SignatureType, *, as_json: bool) -> None:
    """Make a key of notes and print its public part."""
    with (
        refusing("NAME", "give a name without spaces and +", NoteError),
        refusing("--out", "give a new path", KeyFileError),
    ):
        signer = write_signer(out, name, kind, secrets.token_bytes(_SEED_BYTES))
    vkey = format_vkey(signer.key)
    if as_json:
        write_json({"key": vkey})
    else:
        write(vkey)


def tell(what: str, *, as_json: bool) -> Callable[[str], None]:
    """Return what prints the one line of a service that listens."""

    def listens(url: str) -> None:
        if as_json:
            write_json({"service": what, "url": url})
        else:
            write(f"{what} listens on {url}")
        sys.stdout.flush()

    return listens
