"""`habeas pass bridge`: for a gate that has not synced the block of somebody's pass yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._log_source import log_source, read_policy
from habeas.cli._options import AsJson
from habeas.cli._output import write, write_json
from habeas.cli._problems import OK
from habeas.cli._reading import read_text
from habeas.cli.errors import InputError, RefusedError
from habeas.passes import PREFIX, PassError, PassFormatError, format_bridge, make_bridge, parse_pass

__all__ = ["bridge"]


def bridge(
    shown: Annotated[str, typer.Argument(metavar="PASS", help="The pass's text, or a file with it; - reads stdin.")],
    log: Annotated[str, typer.Option("--log", metavar="URL|FOLDER", help="The log, or any mirror of it.")],
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="Whom the gate believes.")],
    as_json: AsJson = False,
) -> int:
    """Print the bridge from a pass's part of the log to the newest checkpoint, to be shown beside the pass.

    It is the same for everybody with a decision in that part, and says nothing of any of them.
    """
    text = shown if shown.startswith(PREFIX) else read_text(Path(shown)).strip()
    try:
        own = parse_pass(text)
    except PassFormatError as error:
        raise InputError("PASS", str(error), "give the text that `habeas pass make` printed") from None
    try:
        made = make_bridge(log_source(log), read_policy(policy), own.index >> own.height, own.height)
    except PassError as error:
        raise RefusedError(log, str(error), "wait for the next checkpoint, or ask another mirror") from None
    if as_json:
        write_json({"bridge": format_bridge(made), "node": made.node, "size": made.size})
    else:
        write(format_bridge(made))
    return OK
