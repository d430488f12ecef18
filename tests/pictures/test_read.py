"""Codes as people send them: turned, small, blurred, noisy, dim, aslant, several, on a page, in every kind of pixel."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps

from habeas.pictures import _look, read_codes
from habeas.wire import encode_base45
from pictures.drawing import (
    add_noise,
    as_jpeg,
    as_pdf,
    as_png,
    dim,
    draw_code,
    draw_page,
    photograph,
    rotate,
    tilt,
)

ONE = "HC1:" + encode_base45(bytes(range(256)) + bytes(reversed(range(100))))
TWO = "HC1:" + encode_base45(bytes(range(0, 256, 2)) * 2)
"""As long as certificates' texts are."""


def reads(image: Image.Image, text: str = ONE) -> bool:
    return read_codes(as_png(image)) == (text,)


# Properties


@given(st.binary(min_size=1, max_size=700), st.sampled_from("LMQH"), st.sampled_from([2, 3, 4, 5]), st.booleans())
def test_what_is_drawn_is_read(data: bytes, level: str, module: int, aztec: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    text = "HC1:" + encode_base45(data)
    assert reads(draw_code(text, module=module, level=level, aztec=aztec), text)


@given(st.integers(0, 359), st.floats(0, 0.3), st.integers(0, 20), st.integers(50, 95))
@settings(max_examples=30)
def test_what_is_photographed_is_read(degrees: int, aslant: float, grain: int, quality: int) -> None:
    code = rotate(tilt(draw_code(ONE, module=6), aslant), degrees)
    seen = photograph(add_noise(code, grain), (1600, 1300), (150, 100))
    assert read_codes(as_jpeg(seen, quality)) == (ONE,)


LINK = "https://example.org"


@given(st.lists(st.sampled_from([ONE, TWO, LINK, ""]), max_size=6))
@settings(max_examples=20)
def test_codes_come_row_by_row_and_identical_ones_once(texts: list[str]) -> None:
    """Drawn two to a row, the right one a little higher, and of different sizes."""
    placed = [
        (draw_code(text, module=3), (20 + 350 * (at % 2), 50 + 400 * (at // 2) - 30 * (at % 2)))
        for at, text in enumerate(texts)
        if text
    ]
    expected = tuple(dict.fromkeys(text for text in texts if text))
    assert read_codes(as_png(draw_page(placed, (750, 1250)))) == expected


def test_a_code_hardly_lower_than_the_one_beside_it_is_in_its_row_and_one_much_lower_is_not() -> None:
    for lower, expected in ((100, (TWO, ONE)), (200, (ONE, TWO))):
        placed = [(draw_code(ONE, module=3), (400, 20)), (draw_code(TWO, module=3), (20, 20 + lower))]
        assert read_codes(as_png(draw_page(placed, (800, 800)))) == expected


# How bad it may be: what these tests hold is what docs/adr/0008-pictures.md says


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_turned_by_any_angle(degrees: int) -> None:
    assert reads(rotate(draw_code(ONE, module=3), degrees))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_whatever_exif_says_of_which_way_is_up(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = ImageOps.mirror(draw_code(ONE)) if orientation in (2, 4, 5, 7) else draw_code(ONE)
    assert read_codes(as_jpeg(stored, exif=exif)) == (ONE,)


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("1.5 pixels a module", draw_code(ONE, module=1.5)),
        ("2 pixels a module, turned", rotate(draw_code(ONE, module=2), 33)),
        ("blurred over half a module", draw_code(ONE, module=4).filter(ImageFilter.GaussianBlur(2))),
        ("noise of 60 in 128 levels", add_noise(dim(draw_code(ONE, module=4), darkest=64, brightest=192), 60)),
        ("12 levels of grey between black and white", add_noise(dim(draw_code(ONE), darkest=60, brightest=72), 2)),
        ("seen aslant, one edge half the other", tilt(draw_code(ONE, module=6), 0.5)),
        ("white on black", ImageOps.invert(draw_code(ONE))),
        ("in a shadow", photograph(draw_code(ONE), (500, 500), (50, 50), shadow=200)),
        ("small on a large photograph", photograph(draw_code(ONE, module=2), (4000, 3000), (2500, 1700))),
    ],
)
def test_seen_badly(name: str, image: Image.Image) -> None:
    assert reads(image), name


def test_steps_earn_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step reads a picture that those before it do not."""
    noisy = add_noise(dim(draw_code(ONE), darkest=60, brightest=68), 3)
    pictures = {
        0: draw_code(ONE),
        1: rotate(draw_code(ONE, module=1.5), 20),
        2: draw_code(ONE).filter(ImageFilter.GaussianBlur(2.2)),
        3: noisy,
    }
    steps = _look._steps
    for needed, image in pictures.items():
        for given_steps in range(4):
            monkeypatch.setattr(_look, "_steps", lambda seen, n=given_steps: list(steps(seen))[: n + 1])
            found = _look.find_codes(image)
            assert found == ((ONE,) if given_steps >= needed else ()), (needed, given_steps)


# Every kind of pixel


def white_on_clear(text: str) -> Image.Image:
    clear = Image.new("RGBA", draw_code(text).size, (0, 0, 0, 0))
    clear.paste((255, 255, 255, 255), mask=ImageOps.invert(draw_code(text)))
    return clear


def black_on_clear(text: str) -> Image.Image:
    clear = Image.new("RGBA", draw_code(text).size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=ImageOps.invert(draw_code(text)))
    return clear


def sixteen_bits(text: str) -> Image.Image:
    """Return a code whose black is above what eight bits hold."""
    return draw_code(text).convert("I").point(lambda level: level * 100 + 20_000).convert("I;16")


def moving(text: str) -> bytes:
    return as_png(draw_code(text), save_all=True, append_images=[draw_code(TWO)], duration=100)


def interlaced_jpeg(text: str) -> bytes:
    return as_jpeg(draw_code(text).convert("RGB"), progressive=True)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("one bit", as_png(draw_code(ONE).convert("1"))),
        ("sixteen bits", as_png(sixteen_bits(ONE))),
        ("palette", as_png(draw_code(ONE).convert("P"))),
        ("palette with a clear colour", as_png(draw_code(ONE).convert("P"), transparency=0)),
        ("colour", as_png(ImageOps.colorize(draw_code(ONE), "navy", "wheat"))),
        ("grey with alpha", as_png(draw_code(ONE).convert("LA"))),
        ("black on clear", as_png(black_on_clear(ONE))),
        ("white on clear", as_png(white_on_clear(ONE))),
        ("animated: the still", moving(ONE)),
        ("JPEG in colour", as_jpeg(ImageOps.colorize(draw_code(ONE), "darkred", "white"))),
        ("JPEG in CMYK", as_jpeg(draw_code(ONE).convert("CMYK"))),
        ("JPEG that comes in scans", interlaced_jpeg(ONE)),
        ("JPEG of the worst quality", as_jpeg(draw_code(ONE, module=4), 5)),
        ("JPEG with something after it", as_jpeg(draw_code(ONE)) + bytes(1000)),
    ],
)
def test_in_every_kind_of_pixel(name: str, data: bytes) -> None:
    assert read_codes(data) == (ONE,), name


# PDFs


def test_pages_in_their_order() -> None:
    first = draw_page([(draw_code(TWO, module=3), (100, 900))], (1240, 1754))
    second = draw_page([(draw_code(ONE, module=3), (100, 100)), (draw_code(TWO, module=3), (700, 100))], (1240, 1754))
    assert read_codes(as_pdf(first, draw_page([], (500, 500)), second, dpi=150)) == (TWO, ONE)


@pytest.mark.parametrize("millimetres", [10, 20, 40, 80])
def test_a_code_printed_small(millimetres: int) -> None:
    side = round(millimetres / 25.4 * 600)
    code = draw_code(ONE, module=8).resize((side, side), Image.Resampling.LANCZOS)
    assert read_codes(as_pdf(draw_page([(code, (500, 500))], (4960, 7016)), dpi=600)) == (ONE,)


def test_a_page_wider_than_it_can_be_shown_at_full_sharpness() -> None:
    poster = draw_page([(draw_code(ONE, module=4), (100, 100))], (3000, 3000))
    assert read_codes(as_pdf(poster, dpi=72)) == (ONE,)


# None


def test_a_picture_without_a_code_gives_none() -> None:
    assert read_codes(as_png(draw_page([], (1, 1)))) == ()
    assert read_codes(as_png(draw_page([], (400, 300)))) == ()
    assert read_codes(as_jpeg(photograph(Image.new("L", (10, 10)), (800, 600), (5, 5)))) == ()
    assert read_codes(as_pdf(draw_page([], (400, 300)))) == ()
