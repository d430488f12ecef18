"""Our own texts as QR pictures: black squares on white with the margin that readers need, and nothing else.

No colour and nothing that moves: the proof is in the code, and a colour could be painted. Drawing is done in this process,
for its input is ours; reading is not (`_apart`). What draws is loaded when something is drawn, and not by who only reads.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING

from habeas.pictures.errors import TooMuchTextError

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MAX_VERSION", "Drawing", "Level", "draw_qr"]

MAX_VERSION = 23
"""The largest QR version that is drawn: 109 modules, which telephones of ten years ago read from a screen."""

MARGIN = 4
"""White modules on each side (ISO/IEC 18004, 5.3.8)."""
_SMALLEST, _STEP = 17, 4
_STRIP = 4
"""Modules that a caption adds below."""
_BLACK = 0


class Level(StrEnum):
    """How much of a picture may be lost: about 7 % at L, for screens; 15 % at M, for paper, which is folded and gets wet."""

    L = "L"
    M = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A QR picture as rows of modules, true for black, its margin not among them; `version` is 1 to 23."""

    modules: tuple[tuple[bool, ...], ...]

    @property
    def version(self) -> int:
        """The QR version, which says how many modules it has on a side."""
        return (len(self.modules) - _SMALLEST) // _STEP

    @property
    def side(self) -> int:
        """Modules on a side, the margin among them."""
        return len(self.modules) + 2 * MARGIN

    def png(self, module: int = 8, caption: str = "") -> bytes:
        """Return the picture as PNG of one bit, each module so many pixels wide; a caption, in English, stands below."""
        from PIL import Image

        image = Image.new("1", (self.side, self.side), 1)
        for y, row in enumerate(self.modules, MARGIN):
            for x, black in enumerate(row, MARGIN):
                if black:
                    image.putpixel((x, y), _BLACK)
        side = self.side * module
        drawn = image.resize((side, side), Image.Resampling.NEAREST)
        out = io.BytesIO()
        (_captioned(drawn, caption, module) if caption else drawn).save(out, "PNG")
        return out.getvalue()

    def svg(self, caption: str = "") -> str:
        """Return the picture as SVG, which scales to any size: one path of the rows' black runs on white, a caption below."""
        runs = []
        for y, row in enumerate(self.modules, MARGIN):
            x = 0
            while x < len(row):
                wide = 1
                while x + wide < len(row) and row[x + wide] == row[x]:
                    wide += 1
                if row[x]:
                    runs.append(f"M{x + MARGIN} {y}h{wide}v1h-{wide}z")
                x += wide
        high = self.side + (_STRIP if caption else 0)
        below = (
            f'<text x="{MARGIN}" y="{self.side + 1}" font-family="sans-serif" font-size="3" '
            f'textLength="{len(self.modules)}" lengthAdjust="spacingAndGlyphs">{escape(caption)}</text>'
            if caption
            else ""
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.side} {high}" shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{self.side}v{high}H0z"/><path d="{"".join(runs)}"/>{below}</svg>\n'
        )


def _captioned(drawn: Image.Image, caption: str, module: int) -> Image.Image:
    """Return a picture with a line below it, as wide as the code at most."""
    from PIL import Image, ImageDraw, ImageFont

    whole = Image.new("1", (drawn.width, drawn.height + _STRIP * module), 1)
    whole.paste(drawn)
    room, size = drawn.width - 2 * MARGIN * module, 4 * module
    while size > 1 and ImageFont.load_default(size).getlength(caption) > room:
        size -= 1
    ImageDraw.Draw(whole).text((MARGIN * module, drawn.height - module), caption, 0, ImageFont.load_default(size))
    return whole


def draw_qr(text: str, level: Level = Level.L) -> Drawing:
    """Return the QR picture of a text; raises `TooMuchTextError` for one that needs a version over `MAX_VERSION`."""
    import zxingcpp
    from PIL import Image

    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level.value)
    except (ValueError, RuntimeError):  # more than a picture of version 40 holds
        raise TooMuchTextError(f"{len(text)} characters are too many for a code: keep the file") from None
    image = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False)).convert("L")
    wide, high = image.size
    dark = [level == _BLACK for level in image.tobytes()]
    drawing = Drawing(modules=tuple(tuple(dark[at : at + wide]) for at in range(0, wide * high, wide)))
    if drawing.version > MAX_VERSION:
        raise TooMuchTextError(
            f"a code of version {drawing.version} is too fine for many cameras, {MAX_VERSION} is the most: keep the file"
        )
    return drawing
