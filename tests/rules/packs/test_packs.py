"""The packs that we publish: each is read, allowed by the invariants, and true to its source."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from habeas.rules import Effect, ExampleSign, Pack, check_pack, make_book, parse_pack
from habeas.wire import parse_instant
from public_data import data_file

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "packs").glob("*.yaml"))
PACKS = {path.stem: parse_pack(path.read_text(encoding="utf-8")) for path in FILES}


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_published_pack_is_allowed(pack: Pack) -> None:
    assert check_pack(pack) == ()


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_published_pack_is_true_to_its_source(pack: Pack) -> None:
    criteria = json.loads(data_file("published-criteria.json").read_text(encoding="utf-8"))
    assert pack.criteria is not None
    assert check_pack(pack, criteria) == ()


@pytest.mark.parametrize("name", PACKS)
def test_a_file_is_named_after_its_pack(name: str) -> None:
    assert PACKS[name].id == name


def test_they_share_one_scale_of_codes() -> None:
    scales = {tuple((code.id, code.effect, code.colour) for code in pack.codes) for pack in PACKS.values()}
    assert scales == {
        (
            ("green", Effect.OPEN, "green"),
            ("yellow-ask", Effect.ASK, "yellow"),
            ("yellow", Effect.PARTLY, "yellow"),
            ("red", Effect.CLOSED, "red"),
        )
    }


def test_hashes_differ() -> None:
    assert len({pack.hash for pack in PACKS.values()}) == len(FILES) == 6


def test_henan_is_in_force_on_the_day_of_the_case() -> None:
    assert PACKS["cn-henan-2021-2"].in_force.covers(parse_instant("2022-06-12T21:04:00+08:00"))


def test_the_national_phases_follow_each_other_without_a_gap_and_then_nobody_has_a_code() -> None:
    chain = [PACKS["cn-national-9"], PACKS["cn-national-9-20m"], PACKS["cn-national-new10"]]
    for before, after in pairwise(chain):
        assert (after.succeeds, after.transition) == (before.id, "milder")
        assert before.in_force.end == after.in_force.start
    assert chain[-1].rules == ()
    book = make_book(chain)
    assert book.in_force(parse_instant("2023-01-07T23:59:59+08:00"))
    assert not book.in_force(parse_instant("2023-01-08T00:00:00+08:00"))


def test_hebei_lies_over_the_national_plan() -> None:
    hebei, national = PACKS["cn-hebei-2022-11-colours"], PACKS["cn-national-9"]
    assert hebei.over == national.id
    shared = {rule.id for rule in hebei.rules} & {rule.id for rule in national.rules}
    assert shared == {"close-contact", "secondary-contact", "inbound"}
    assert all(rule.own_act for rule in hebei.rules if rule.id not in shared)
    make_book([national, hebei])


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_boundary_examples_stand_at_the_edge_of_a_day_or_window(pack: Pack) -> None:
    for rule in pack.rules:
        assert any(
            pack.calendar.day(example.at) != pack.calendar.day(example.at - 1)
            or pack.calendar.day(example.at) != pack.calendar.day(example.at + 1)
            for example in rule.examples
            if example.sign is ExampleSign.BOUNDARY
        ), rule.id


_CLAUSE = re.compile(r"[，。；：？！]")


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_the_words_are_plain(pack: Pack) -> None:
    for rule in pack.rules:
        for text in rule.texts["en"].values():
            for sentence in re.split(r"(?<=[.?!])\s", text):
                assert len(sentence.split()) <= 20, sentence
        for text in rule.texts["zh"].values():
            for clause in _CLAUSE.split(re.sub(r"\{\w+\}", "", text)):
                assert len(clause) <= 24, clause
            assert not re.search("有关部门|相关|配合|须|务必|予以|及时|敬请|受理|办结|诉求|赋码|转码|大数据|追究", text)
            assert not re.search(r"[一-鿿] ?[,;:!?] ?|[一-鿿] \d|\d [一-鿿]", text)


_FIELD = re.compile(r"(?:^|[{,]) *(?:- *)?\{?([a-z_]+): ", re.MULTILINE)


def test_the_reference_names_every_field() -> None:
    reference = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
    good = (Path(__file__).parent / "good.yaml").read_text(encoding="utf-8")
    facts = {"dose", "of", "product", "contact", "var", "in", "doses", "contacts", "strict", "en", "zh"}
    fields = set(_FIELD.findall(good)) - facts | {"over", "succeeds", "own_act"}
    assert len(fields) > 50
    assert sorted(field for field in fields if f"`{field}`" not in reference) == []
