"""Frames as a gate's camera sees a code: tilted, turned, blurred, noisy, in light that falls off; 1280 × 720, from a seed."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from random import Random

from PIL import Image, ImageChops, ImageFilter

__all__ = ["FRAMES", "SIZE", "frames"]

SIZE = (1280, 720)
FRAMES = 8
_SIDE = 590
"""Pixels of the code's side, margin and all, before it is turned: a phone held so that the code fills the height."""
_TURN, _TILT = 8.0, 0.10
_BLUR = (0.8, 1.2)
_NOISE, _SHADOW = 22, 70
_PAPER, _GREY = 235, 128


def frames(png: bytes, seed: int) -> Iterator[bytes]:
    """Yield eight frames of a picture, as PNG: each with its own tilt, turn, blur and noise."""
    with Image.open(io.BytesIO(png)) as image:
        code = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    rng = Random(seed)  # noqa: S311 - a camera's shake, no secret
    for _ in range(FRAMES):
        out = io.BytesIO()
        _frame(code, rng).save(out, "PNG", compress_level=1)
        yield out.getvalue()


def _frame(code: Image.Image, rng: Random) -> Image.Image:
    ground = Image.new("L", SIZE, _PAPER)
    seen = code.transform(
        SIZE, Image.Transform.PERSPECTIVE, _seen_at(_corners(rng)), Image.Resampling.BICUBIC, fillcolor=_PAPER
    )
    ground.paste(seen)
    ground = ground.filter(ImageFilter.GaussianBlur(rng.uniform(*_BLUR)))
    light = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize(SIZE)
    ground = ImageChops.subtract(ground, light.point([level * _SHADOW // 255 for level in range(256)]))
    grain = Image.frombytes("L", SIZE, rng.randbytes(SIZE[0] * SIZE[1]))
    noise = grain.point([_GREY + (2 * level - 255) * _NOISE // 255 for level in range(256)])
    return ImageChops.add(ground, noise, scale=1, offset=-_GREY)


def _corners(rng: Random) -> list[tuple[float, float]]:
    """Return where the code's corners are seen: turned, and one edge further away than the opposite one."""
    turn = math.radians(rng.uniform(-_TURN, _TURN))
    lean = (rng.uniform(-_TILT, _TILT), rng.uniform(-_TILT, _TILT))
    corners = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        depth = 1 + x * lean[0] + y * lean[1]
        flat = (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        corners.append((SIZE[0] / 2 + flat[0] * _SIDE / 2 / depth, SIZE[1] / 2 + flat[1] * _SIDE / 2 / depth))
    return corners


def _seen_at(corners: Sequence[tuple[float, float]]) -> list[float]:
    """Return Pillow's eight coefficients from a frame's pixel to the code's, by elimination (four corners, two rows each)."""
    rows = []
    for (x, y), (u, v) in zip(corners, ((0, 0), (_SIDE, 0), (_SIDE, _SIDE), (0, _SIDE)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        best = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(8):
            if other != at:
                rows[other] = [one - rows[other][at] * two for one, two in zip(rows[other], rows[at], strict=True)]
    return [row[8] for row in rows]
