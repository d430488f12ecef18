"""Pictures a second: the real ones of the public DCC test data, as they are and on the page of a PDF.

By the clock, for the work is done by a process apart: with nothing else running, one core reads and a little of another sends.
"""

from __future__ import annotations

import base64
import io
import json
import os
import statistics
import time
from pathlib import Path

from PIL import Image

from habeas.pictures import read_codes

__all__ = ["measure_pictures"]

_DATA = Path(os.environ.get("HABEAS_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
_FILE = "dcc-testdata.jsonl"
_A4 = (1240, 1754)
_CORNER = (120, 240)


def measure_pictures(rounds: int = 3) -> list[dict[str, object]]:
    """Return a row for each form of the real pictures: how many give their text, and how many are read a second.

    Needs the public test data; raises `FileNotFoundError` without them.
    """
    real = _real_pictures()
    read_codes(real[0][0])  # starts the process
    return [
        _measured("the data's own PNGs", real, rounds),
        _measured(
            "on an A4 page of 150 dots an inch, as JPEG", [(_page(data, "JPEG"), text) for data, text in real], rounds
        ),
        _measured("the same page as PDF", [(_page(data, "PDF"), text) for data, text in real], rounds),
    ]


def _measured(name: str, pictures: list[tuple[bytes, str]], rounds: int) -> dict[str, object]:
    seconds: list[float] = []
    right = 0
    for _ in range(rounds):
        right = 0
        for data, text in pictures:
            began = time.perf_counter()
            found = read_codes(data)
            seconds.append(time.perf_counter() - began)
            right += found == (text,)
    return {
        "pictures": name,
        "number": len(pictures),
        "read": right,
        "pictures/s": round(len(seconds) / sum(seconds), 1),
        "median ms": round(statistics.median(seconds) * 1000, 1),
        "slowest ms": round(max(seconds) * 1000, 1),
    }


def _real_pictures() -> list[tuple[bytes, str]]:
    found = []
    with (_DATA / _FILE).open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            picture = row.get("2DCODE") or row.get("_2DCODE")
            if picture:
                found.append((base64.b64decode(picture), row["PREFIX"]))
    return found


def _page(data: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        code = image.convert("RGBA")
    code.thumbnail((800, 800))
    page = Image.new("RGB", _A4, "white")
    page.paste(code, _CORNER, code)
    out = io.BytesIO()
    page.save(out, kind, resolution=150)
    return out.getvalue()
