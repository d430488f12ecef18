"""`habeas pass`: what a holder makes of the public log, and what a gate checks with no network."""

from __future__ import annotations

import typer

from habeas.cli._pass_bridge import bridge
from habeas.cli._pass_check import check
from habeas.cli._pass_make import make
from habeas.cli._pass_receipt import app as receipt
from habeas.cli._pass_sync import gossip, sync_gate

__all__ = ["app"]

app = typer.Typer(add_completion=False)
app.command("make")(make)
app.command("bridge")(bridge)
app.command("check")(check)
app.command("sync")(sync_gate)
app.command("gossip")(gossip)
app.add_typer(receipt, name="receipt", help="Decisions opened and proved, for their holders.")
