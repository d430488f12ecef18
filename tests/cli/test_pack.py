"""`habeas pack`: checked with its examples, compared with the one before, told in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.running import CODED, HENAN, ROOT, columns, done, habeas, one_rule
from public_data import data_file

PACKS = sorted((ROOT / "packs").glob("*.yaml"))


def test_the_packs_that_we_ship_are_clean() -> None:
    ran = done("pack", "check", *PACKS, "--json")
    rows = ran.json["packs"]
    assert [row["file"] for row in rows] == [str(path) for path in PACKS]
    assert all(row["ok"] and not row["problems"] and not row["failed"] for row in rows)


def test_a_pack_is_held_against_what_was_published() -> None:
    criteria = data_file("published-criteria.json")
    assert done("pack", "check", HENAN, "--criteria", criteria).out.count("0 problems") == 1


def test_an_example_that_does_not_hold_is_named(tmp_path: Path) -> None:
    pack = one_rule(tmp_path / "pack.yaml", old="code: red\n", new="code: yellow\n")
    ran = habeas("pack", "check", pack)
    assert ran.code == 1
    assert "red, where yellow is written" in ran.out
    (row,) = habeas("pack", "check", pack, "--json").json["packs"]
    assert {one["got"] for one in row["failed"]} == {"red"}


def test_a_file_that_is_no_pack_is_a_problem_found_and_the_others_are_checked(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("pack: x\npack: y\n")
    ran = habeas("pack", "check", broken, one_rule(tmp_path / "pack.yaml"), "--json")
    assert ran.code == 1
    bad, good = ran.json["packs"]
    assert (bad["pack"], bad["ok"], good["ok"]) == (None, False, True)
    assert "line 2" in bad["problems"][0]["message"]


def test_a_layer_finds_its_base_beside_it(tmp_path: Path) -> None:
    base = one_rule(tmp_path / "base.yaml")
    layer = one_rule(tmp_path / "layer.yaml", old="pack: cn-henan-2021-2", new="pack: cn-layer\nover: cn-henan-2021-2")
    assert done("pack", "check", base, layer, "--json").json["packs"][1]["pack"] == "cn-layer"
    base.unlink()
    alone = habeas("pack", "check", layer)
    assert alone.code == 1
    assert "beside it, in the same folder" in " ".join(alone.out.split())


def test_a_silent_change_is_found_and_whose_code_it_changes(province: Path) -> None:
    old = province / "pack.yaml"
    new = one_rule(province / "new.yaml", old="- [red, 14]", new="- [red, 2]")
    ran = habeas(
        "pack", "compare", old, new, "--statements", province / "events.jsonl", "--at", CODED, "--json", "--full"
    )
    assert ran.code == 1
    assert {row["rule"] for row in ran.json["silent"]} == {"H2-test"}
    (total,) = ran.json["affected"]["total"]
    assert (total["old"], total["new"], total["worse"], total["people"]) == ("red", "yellow", False, 1)
    public = habeas("pack", "compare", old, new, "--statements", province / "events.jsonl", "--at", CODED)
    assert "too few to show" in public.out
    assert "CHANGED WITHOUT A WORD" in public.out


def test_two_equal_packs_have_no_difference() -> None:
    assert "No difference" in done("pack", "compare", HENAN, HENAN).out


def test_comparing_outside_of_a_pack_s_time_is_noted(province: Path) -> None:
    old = province / "pack.yaml"
    ran = done("pack", "compare", old, old, "--statements", province / "events.jsonl", "--at", "2030-01-01T00:00Z")
    assert "not in force" in ran.err


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.stem)
def test_a_pack_is_told_in_plain_words(pack: Path, language: str) -> None:
    with columns(100):
        text = done("pack", "show", pack, "--lang", language).out
    assert "{id}" not in text
    assert not re.search(r'"var"|===', text)
    parts = done("pack", "show", pack, "--lang", language, "--json").json["parts"]
    assert [part["heading"] for part in parts if part["heading"] not in text] == []


def test_publishing_says_from_when_the_pack_counts(province: Path) -> None:
    again = done("pack", "publish", "--db", province / "ledger.db", province / "pack.yaml", "--json").json
    assert (again["logged"], again["from"]) == ("2022-01-03T00:00:00Z", "2022-01-05T00:00:00Z")
