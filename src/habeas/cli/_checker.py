"""`habeas checker`: run a witness that reads every block."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._key_file import read_public_file
from habeas.cli._log_source import read_policy
from habeas.cli._options import AsJson
from habeas.cli._serving import Folder, Host, KeyFile, PolicyFile, tell
from habeas.cli._witness import PerSecond, rate_of, recall
from habeas.cli.errors import InputError
from habeas.services import Checker, Due, HttpSource, checker_app, only_log, read_signer, serve
from habeas.stores import FolderDisk

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command("serve")
def run(
    *,
    folder: Folder,
    key_file: KeyFile,
    policy: PolicyFile,
    founder: Annotated[
        Path, typer.Option("--founder", metavar="FILE", help="The public key of `keys show` that signed the constants.")
    ],
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Where the log's files are; the policy's if not given.")
    ] = None,
    ask: Annotated[
        list[str] | None,
        typer.Option("--ask", metavar="URL", help="A log or mirror to ask first what this key has cosigned."),
    ] = None,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", help="How often to look for a new checkpoint; 30.")
    ] = 30.0,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="8092 if not given; 0: any free one.")] = 8092,
    rate: PerSecond = 20.0,
    as_json: AsJson = False,
) -> None:
    """Cosign only blocks that keep every rule, and refuse the others in public; serve a copy of the log."""
    signer, known, key = read_signer(key_file), read_policy(policy), read_public_file(founder)
    address = url or known.urls.get(only_log(known))
    if address is None:
        raise InputError("--url", "the policy has no address of the log", "give --url, where its files are")
    with FolderDisk(folder) as disk, HttpSource(address) as source:
        checker = Checker(disk, signer, known, source, key, lambda: int(time.time()))
        for one in ask or ():
            recall(checker, one)
        app_of = checker_app(checker, rate_of(rate))
        due = Due(every=every, do=checker.publish)
        serve(app_of, host=host, port=port, listens=tell("checker", as_json=as_json), due=due)
