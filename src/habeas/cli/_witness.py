"""`habeas witness`: make its key, run it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from habeas.cli._options import AsJson
from habeas.cli._output import note
from habeas.cli._reading import refusing
from habeas.cli._serving import Folder, Host, KeyFile, KeyName, NewKey, make_key, tell
from habeas.services import HttpSource, Rate, SourceError, Witness, read_signer, serve, witness_app
from habeas.stores import FolderDisk
from habeas.tlog import NoteError, NoteKey, SignatureType, parse_note, parse_vkey

__all__ = ["PerSecond", "app", "rate_of"]

app = typer.Typer(add_completion=False)

PerSecond = Annotated[
    float, typer.Option("--rate", metavar="N", help="Requests a second of one address; 20, and twice as many at once.")
]


@app.command("key")
def key(name: KeyName, out: NewKey, as_json: AsJson = False) -> None:
    """Make the key of a witness or a checker and print its public part, for policies."""
    make_key(name, out, SignatureType.COSIGNATURE, as_json=as_json)


@app.command("serve")
def run(
    *,
    folder: Folder,
    key_file: KeyFile,
    log: Annotated[
        list[str], typer.Option("--log", metavar="VKEY", help="The key of a log to witness; may be repeated.")
    ],
    ask: Annotated[
        list[str] | None,
        typer.Option("--ask", metavar="URL", help="A log or mirror to ask first what this key has cosigned."),
    ] = None,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="8091 if not given; 0: any free one.")] = 8091,
    rate: PerSecond = 20.0,
    as_json: AsJson = False,
) -> None:
    """Cosign what continues the logs that it knows (C2SP tlog-witness). Ends on a signal, or when going on would be wrong."""
    signer = read_signer(key_file)
    with FolderDisk(folder) as disk:
        witness = Witness(disk, signer, _logs(log), lambda: int(time.time()))
        for url in ask or ():
            recall(witness, url)
        serve(witness_app(witness, rate_of(rate)), host=host, port=port, listens=tell("witness", as_json=as_json))


def rate_of(per_second: float) -> Rate:
    """Return how often one address may ask."""
    return Rate(per_second, max(1, int(2 * per_second)))


def recall(witness: Witness, url: str) -> None:
    """Have a witness look at what a log or mirror serves: its own cosignature there is what it has seen."""
    try:
        with HttpSource(url) as source:
            data = source("checkpoint")
        if data is not None:
            witness.remember(parse_note(data))
    except (SourceError, NoteError) as error:
        note(f"--ask {url}: {error}")


def _logs(vkeys: list[str]) -> dict[str, NoteKey]:
    out: dict[str, NoteKey] = {}
    for text in vkeys:
        with refusing("--log", "give the whole key, as `log key` printed it", NoteError):
            one = parse_vkey(text)
        out[one.name] = one
    return out
