"""Cases of this repository's own vectors: hostile and malformed lines, and files of events with the codes that follow."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cases import Batch, Case, Once, gives, refuses

__all__ = ["derive", "lines"]

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def lines(name: str) -> Batch:
    """Return the lines of `vectors/<name>/lines.json` for the command that stands there."""
    folder = VECTORS / name
    read = json.loads((folder / "lines.json").read_bytes())
    cases = tuple(
        Case(
            f"{name}/lines/{row['id']}",
            _sent(row["send"]),
            gives(row["gives"]) if "gives" in row else refuses(row["refuses"]),
        )
        for row in read["lines"]
    )
    return Batch(f"{name}/lines", tuple(read["command"]), cases, folder)


def _sent(send: Any) -> bytes:  # noqa: ANN401 - as the file has it
    """Return a line: as text, as pieces with how often each stands, or as bytes in Base64."""
    if isinstance(send, dict):
        return base64.b64decode(send["base64"])
    return (send if isinstance(send, str) else "".join(text * times for text, times in send)).encode()


def derive() -> list[Once]:
    """Return the cases of vectors/derive."""
    folder = VECTORS / "derive"
    return [_derive(folder, case) for case in json.loads((folder / "cases.json").read_bytes())]


def _derive(folder: Path, case: dict[str, Any]) -> Once:
    words = ["derive", "--statements", case["events"], "--at", case["at"], "--json"]
    if "packs" in case:
        words += ["--packs", case["packs"]]
    document = case["document"] and json.loads((folder / case["document"]).read_bytes())
    return Once(f"derive/{case['id']}", tuple(words), document, folder)
