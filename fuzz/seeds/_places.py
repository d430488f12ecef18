"""Where seeds come from: this repository, and public data where they are (`HABEAS_DATA`, else `../shared/data`)."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DATA", "EACH", "ROOT"]

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("HABEAS_DATA") or ROOT.parent / "shared" / "data")
EACH = 24
"""How many of a sort."""
