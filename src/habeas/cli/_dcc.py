"""`habeas dcc`: EU Digital COVID Certificates, read from pictures, opened and checked against a trust list."""

from __future__ import annotations

import typer

from habeas.cli._dcc_check import check
from habeas.cli._dcc_open import show
from habeas.cli._dcc_scan import scan

__all__ = ["app"]

app = typer.Typer(add_completion=False)
app.command("scan")(scan)
app.command("open")(show)
app.command("check")(check)
