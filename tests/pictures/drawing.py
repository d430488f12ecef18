"""Pictures of codes as people make them: printed, photographed from the side, blurred, dim, squeezed by a messenger.

Everything is drawn from its arguments, so that a picture is the same in every run.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from random import Random

import zxingcpp
from PIL import Image, ImageChops, ImageFilter

from certificates.data import Row, all_rows

__all__ = [
    "add_noise",
    "as_jpeg",
    "as_pdf",
    "as_png",
    "dim",
    "draw_code",
    "draw_page",
    "photograph",
    "real_pictures",
    "rotate",
    "tilt",
]

WHITE, GREY = 255, 128


def draw_code(text: str, *, module: float = 4, level: str = "Q", aztec: bool = False) -> Image.Image:
    """Draw a text as a code with its white margin, each of its modules so many pixels wide; levels are L, M, Q, H."""
    kind = zxingcpp.BarcodeFormat.Aztec if aztec else zxingcpp.BarcodeFormat.QRCode
    options = {} if aztec else {"ec_level": level}
    small = Image.fromarray(zxingcpp.create_barcode(text, kind, **options).to_image(scale=1))
    side = round(small.width * module)
    return small.convert("L").resize(
        (side, side), Image.Resampling.NEAREST if module == int(module) else Image.Resampling.BOX
    )


def draw_page(codes: Sequence[tuple[Image.Image, tuple[int, int]]], size: tuple[int, int]) -> Image.Image:
    """Put codes on a white page, each at its left upper corner."""
    page = Image.new("L", size, WHITE)
    for code, corner in codes:
        page.paste(code, corner)
    return page


def rotate(image: Image.Image, degrees: float) -> Image.Image:
    """Turn a picture on a white ground; its corners stay in it."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def tilt(image: Image.Image, by: float) -> Image.Image:
    """Look at a picture from the side: its right edge is shorter than the left by this part of its height, seen as a camera would."""
    wide, high = image.size
    inset = by * high / 2
    corners = ((0.0, 0.0), (wide * (1 - by / 2), inset), (wide * (1 - by / 2), high - inset), (0.0, float(high)))
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        _perspective(corners, wide, high),
        Image.Resampling.BICUBIC,
        fillcolor=WHITE,
    )


def add_noise(image: Image.Image, most: int) -> Image.Image:
    """Lay noise over a picture, of at most so many grey levels up or down."""
    return ImageChops.add(image, _noise(image.size, most), scale=1, offset=-GREY)


def dim(image: Image.Image, *, darkest: int, brightest: int) -> Image.Image:
    """Take contrast away: black becomes `darkest`, white `brightest`."""
    return image.point([darkest + (brightest - darkest) * level // WHITE for level in range(256)])


def photograph(image: Image.Image, size: tuple[int, int], corner: tuple[int, int], *, shadow: int = 80) -> Image.Image:
    """Lay a picture on a desk: a ground of blotches and lines, and light that falls off by `shadow` to one side."""
    blotches = Image.effect_mandelbrot(size, (-1.5, -1.0, 0.5, 1.0), 60).filter(ImageFilter.GaussianBlur(2))
    desk = Image.blend(blotches, _noise(size, GREY - 1).filter(ImageFilter.GaussianBlur(1)), 0.5)
    desk.paste(image, corner)
    light = Image.linear_gradient("L").rotate(90).resize(size).point([level * shadow // WHITE for level in range(256)])
    return ImageChops.subtract(desk, light)


def as_png(image: Image.Image, **options: object) -> bytes:
    """Return a picture as PNG."""
    return _saved(image, "PNG", options)


def as_jpeg(image: Image.Image, quality: int = 75, **options: object) -> bytes:
    """Return a picture as JPEG; a messenger's quality is about 60."""
    return _saved(image, "JPEG", {"quality": quality} | options)


def as_pdf(*pages: Image.Image, dpi: float = 72) -> bytes:
    """Return pictures as a PDF, one to a page."""
    first, *rest = pages
    return _saved(first, "PDF", {"save_all": True, "append_images": rest, "resolution": dpi})


@lru_cache(maxsize=1)
def real_pictures() -> dict[str, tuple[bytes, str]]:
    """Return the pictures in the public test data by path, each with the text that its file says is in it."""
    return {
        path: (base64.b64decode(picture_of(row) or ""), row["PREFIX"])
        for path, row in all_rows().items()
        if picture_of(row)
    }


def picture_of(row: Row) -> str | None:
    """Return a file's picture in Base64; Latvia's files have it under another name."""
    picture = row.get("2DCODE") or row.get("_2DCODE")
    assert picture is None or isinstance(picture, str)
    return picture


def _noise(size: tuple[int, int], most: int) -> Image.Image:
    grain = Image.frombytes("L", size, Random(most).randbytes(size[0] * size[1]))  # noqa: S311 - grain
    return grain.point([GREY + (2 * level - WHITE) * most // WHITE for level in range(256)])


def _saved(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _perspective(corners: Sequence[tuple[float, float]], wide: float, high: float) -> tuple[float, ...]:
    """Return Pillow's coefficients for a picture seen with these corners: P. Heckbert's square to quadrilateral, inverted."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    below = dx1 * dy2 - dx2 * dy1
    g, h = (dx3 * dy2 - dx2 * dy3) / below, (dx1 * dy3 - dx3 * dy1) / below
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    rows = (
        (e - f * h, c * h - b, b * f - c * e),
        (f * g - d, a - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    last = rows[2][2]
    scaled = [[one / last for one in row] for row in rows]
    return (
        *(one * wide for one in scaled[0]),
        *(one * high for one in scaled[1]),
        scaled[2][0],
        scaled[2][1],
    )
