"""The pictures of the public DCC test data: each gives the text beside it.

519 files state what becomes of their picture, and 36 pictures are in the data: one an issuer. What the other 487 state is
not judged; that their texts can be drawn and read again is a property of ours, and says nothing of their pictures.
"""

from __future__ import annotations

from collections import Counter

import pytest

from certificates.data import all_rows
from habeas.pictures import is_picture, read_codes
from pictures.drawing import as_png, draw_code, picture_of, real_pictures

STATED = "EXPECTEDPICTUREDECODE"


@pytest.fixture(name="pictures")
def _the_pictures() -> dict[str, tuple[bytes, str]]:
    return real_pictures()


def test_every_picture_gives_its_text(pictures: dict[str, tuple[bytes, str]]) -> None:
    assert len(pictures) == 36
    for path, (data, text) in pictures.items():
        assert is_picture(data), path
        assert read_codes(data) == (text,), path


def test_how_many_expectations_are_judged_by_that(pictures: dict[str, tuple[bytes, str]]) -> None:
    stated = {path: row["EXPECTEDRESULTS"].get(STATED) for path, row in all_rows().items()}
    judged = Counter(stated[path] for path in pictures)
    assert judged == {True: 32, None: 4}
    assert Counter(stated[path] for path in stated.keys() - pictures.keys()) == {True: 486, False: 1, None: 58}
    misnamed = {path for path in pictures if not all_rows()[path].get("2DCODE")}
    assert misnamed == {f"LV/2DCode/raw/{number}.json" for number in (1, 2, 3)}  # _2DCODE, as faulty.py has it


def test_the_one_file_whose_picture_should_not_decode_has_none() -> None:
    (path,) = (path for path, row in all_rows().items() if row["EXPECTEDRESULTS"].get(STATED) is False)
    assert (path, picture_of(all_rows()[path])) == ("common/2DCode/raw/Q1.json", None)


@pytest.mark.long
def test_every_text_can_be_drawn_and_read_again() -> None:
    texts = {row["PREFIX"] for row in all_rows().values()}
    assert len(texts) > 500
    for text in texts:
        assert read_codes(as_png(draw_code(text, module=3, level="L"))) == (text,)
