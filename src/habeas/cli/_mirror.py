"""`habeas mirror`: keep and serve a copy of a log."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from habeas.cli._log_source import read_policy
from habeas.cli._options import AsJson
from habeas.cli._output import note, write, write_json
from habeas.cli._serving import Folder, Host, PolicyFile, tell
from habeas.cli.errors import InputError
from habeas.services import Due, Mirror, log_app, only_log, serve, source_of
from habeas.stores import FolderDisk
from habeas.tlog import Checkpoint

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command("follow")
def follow(
    folder: Folder,
    policy: PolicyFile,
    urls: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL", help="The log, and other mirrors of it; the policy's address if none is given."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", metavar="", help="Take over what is new, and end.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", help="How often to look; 60.")] = 60.0,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="8093 if not given; 0: any free one.")] = 8093,
    as_json: AsJson = False,
) -> None:
    """Copy a log under its quorum and serve the copy. Two logs in one: keeps the proof in DIR/forks, and ends with 1."""
    known = read_policy(policy)
    places = urls or [one for one in (known.urls.get(only_log(known)),) if one is not None]
    if not places:
        raise InputError("URL", "the policy has no address of the log", "give one or more, where its files are")
    with FolderDisk(folder) as disk, ExitStack() as stack:
        mirror = Mirror(disk, known, [stack.enter_context(source_of(place)) for place in places])
        if once:
            _say(mirror.follow(), mirror, as_json=as_json)
            return
        app_of = log_app(mirror.copy.fetch)
        serve(
            app_of,
            host=host,
            port=port,
            listens=tell("mirror", as_json=as_json),
            due=Due(every=every, do=lambda: _followed(mirror)),
        )


def _followed(mirror: Mirror) -> None:
    mirror.follow()
    for trouble in mirror.trouble:
        note(trouble)


def _say(checkpoint: Checkpoint, mirror: Mirror, *, as_json: bool) -> None:
    for trouble in mirror.trouble:
        note(trouble)
    head = checkpoint.head
    if as_json:
        write_json({"origin": head.origin, "size": head.size, "root": head.root.hex(), "trouble": mirror.trouble})
    else:
        write(f"{head.origin}: {head.size:,} entries, under quorum")
