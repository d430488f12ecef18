"""Rows of the case whose control is the check of packs: text that lets somebody in later, and places as grounds."""

from __future__ import annotations

import pytest

import habeas.rules._check as check_module
from case.henan import PACKS
from habeas.ledger import Ledger, PackRefusedError, PublishPack
from habeas.rules import RulesError, check_pack, parse_pack
from habeas.stores import MemoryStore
from habeas.wire import DAY
from scene import START

HENAN = (PACKS / "cn-henan-2021-2.yaml").read_text()
REASON_EN = "wrote on {date} that you have the infection, with symptoms."
REASON_ZH = "在{date}诊断您已感染，并有症状。"

OPEN = {
    "in English": HENAN.replace(
        REASON_EN, "wrote on {date} that you are among other persons as required by the command."
    ),
    "in Chinese": HENAN.replace(REASON_ZH, "在{date}将您列入其他需要赋码的人员。"),
    "with a wide space inside": HENAN.replace(REASON_ZH, "在{date}将您列入其他 需要赋码 的人员。"),
}
AREA = HENAN.replace("  - id: H1\n    kind: diagnosis\n", "  - id: H9-special-area\n    kind: diagnosis\n", 1).replace(
    "A doctor's diagnosis, with symptoms", "Stayed in the special area round the square", 1
)


def published(text: str) -> int:
    """Return 1 if the ledger takes a pack."""
    with MemoryStore() as store:
        ledger = Ledger(store)
        try:
            ledger.commit([PublishPack(text=text)], START.after(-DAY))
        except (PackRefusedError, RulesError):
            assert ledger.head == 0
            return 0
        return 1


def refused_by(text: str) -> set[str]:
    return {problem.invariant for problem in check_pack(parse_pack(text), None)}


def test_the_pack_itself_is_allowed() -> None:
    assert published(HENAN) == 1


@pytest.mark.parametrize("what", OPEN)
def test_case_23_an_open_clause_is_refused(what: str) -> None:
    assert OPEN[what] != HENAN
    assert published(OPEN[what]) == 0
    assert "I6" in refused_by(OPEN[what])


def test_case_23_an_invisible_mark_does_not_hide_one() -> None:
    assert published(HENAN.replace(REASON_EN, "listed you on {date} with oth\u200ber persons as required.")) == 0


@pytest.mark.parametrize("what", ["in English", "in Chinese"])
def test_case_23_switched_off_it_is_published(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, "text_problems", lambda _: iter(()))
    assert published(OPEN[what]) == 1


def test_case_27_a_special_area_is_no_ground_and_is_listed_as_left_out() -> None:
    assert AREA != HENAN
    assert published(AREA) == 0
    assert "I5" in refused_by(AREA)
    left_out = {row.row: row.because for row in parse_pack(HENAN).left_out}
    assert {row: left_out[row] for row in ("H7", "H8", "H9")} == {"H7": "I5", "H8": "I5", "H9": "I5"}


def test_case_27_switched_off_the_square_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, "text_problems", lambda _: iter(()))
    assert published(AREA) == 1
