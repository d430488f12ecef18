"""Our own codes: read back as they were drawn, at the sizes that cameras can read, and plain black on white."""

from __future__ import annotations

import io
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from habeas.pictures import MAX_VERSION, Drawing, Level, TooMuchTextError, draw_qr, read_codes

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def text_of(bytes_: int) -> str:
    rng = Random(bytes_)  # noqa: S311 - any text of that length
    return "HB1:" + "".join(rng.choices(ALPHABET, k=bytes_ // 2 * 3 + 2 * (bytes_ % 2)))


def from_svg(svg: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules that a drawing's path paints, its margin taken off."""
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    painted = [[False] * side for _ in range(side)]
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        for at in range(int(x), int(x) + int(wide)):
            painted[int(y)][at] = True
    assert not any(any(row[:4]) or any(row[-4:]) for row in painted)
    assert not any(any(row) for row in (*painted[:4], *painted[-4:]))
    return tuple(tuple(row[4:-4]) for row in painted[4:-4])


# docs/formats.md: a pass at height 8 and 16, a bridge, and the most that a receipt's picture may have.
@pytest.mark.parametrize(
    ("size", "level", "version"),
    [
        (355, Level.L, 13), (355, Level.M, 15),
        (611, Level.L, 17), (611, Level.M, 20),
        (665, Level.L, 18), (665, Level.M, 21),
        (1056, Level.L, 23),
    ],
)  # fmt: skip
def test_each_form_has_its_version_and_is_read_back(size: int, level: Level, version: int) -> None:
    text = text_of(size)
    drawn = draw_qr(text, level)
    assert drawn.version == version <= MAX_VERSION
    assert len(drawn.modules) == 17 + 4 * version
    assert read_codes(drawn.png()) == (text,)
    assert from_svg(drawn.svg()) == drawn.modules


@settings(max_examples=10)
@given(st.text(ALPHABET, min_size=1, max_size=400), st.sampled_from(Level))
def test_any_text_of_ours_is_read_back(text: str, level: Level) -> None:
    assert read_codes(draw_qr(text, level).png(4)) == (text,)


def test_a_picture_is_of_one_bit_with_a_white_margin_of_four_modules() -> None:
    drawn = draw_qr(text_of(355))
    with Image.open(io.BytesIO(drawn.png(module=3))) as image:
        assert image.mode == "1"
        assert image.size == (3 * drawn.side,) * 2
        assert drawn.side == len(drawn.modules) + 8
        black = image.convert("L").point(lambda level: 255 - level).getbbox()
    assert black == (12, 12, 3 * (drawn.side - 4), 3 * (drawn.side - 4))


def test_a_caption_stands_below_and_hinders_nobody() -> None:
    text, caption = text_of(887), "RECEIPT, for its holder & nobody else. " * 2
    drawn = draw_qr(text)
    data = drawn.png(caption=caption)
    assert read_codes(data) == (text,)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (8 * drawn.side, 8 * (drawn.side + 4))
        black = (
            image.convert("L").point(lambda level: 255 - level).crop((0, 8 * (drawn.side - 4), *image.size)).getbbox()
        )
    assert black is not None
    assert 8 * len(drawn.modules) // 2 < black[2] - black[0] <= 8 * len(drawn.modules)
    svg = drawn.svg(caption)
    assert "holder &amp; nobody" in svg
    assert svg.replace(f"0 0 {drawn.side} {drawn.side + 4}", "").count("<path") == 2


@pytest.mark.parametrize(("size", "level"), [(1057, Level.L), (845, Level.M), (5000, Level.L)])
def test_what_cameras_could_not_read_is_not_drawn(size: int, level: Level) -> None:
    with pytest.raises(TooMuchTextError, match="keep the file"):
        draw_qr(text_of(size), level)


def test_a_drawing_knows_its_version_from_its_modules() -> None:
    assert Drawing(modules=((True,) * 21,) * 21).version == 1
