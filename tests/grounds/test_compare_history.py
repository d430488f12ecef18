"""What was really published, compared: China's national phases one after the other, and rules of EU member states.

The member states' rules as they stood at other times are made here from the public test data by what is known of the change:
`eu-digital-green-certificates/dgc-business-rules-testdata` was read at the commits that stand beside each row.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from habeas.certificates import AcceptanceRules, parse_acceptance_rules
from habeas.grounds import Aspect, Direction, Silence, compare_packs, silent_rules
from habeas.rules import Code, Pack, Rule, parse_pack
from public_data import data_file

ROOT = Path(__file__).parents[2]
PACKS = {path.stem: parse_pack(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "packs").glob("*.yaml"))}
NINTH, TWENTY, TEN = (PACKS[name] for name in ("cn-national-9", "cn-national-9-20m", "cn-national-new10"))
STRICTER, MILDER, UNKNOWN = Direction.STRICTER, Direction.MILDER, Direction.UNKNOWN


def bearing(old: Pack, new: Pack) -> list[tuple[object, ...]]:
    """Return what somebody's code or promise can turn on, codes and rules by their ids."""
    return [
        (row.rule, row.aspect, row.days or row.item, _id(row.old), _id(row.new), row.direction)
        for row in compare_packs(old, new).differences
        if row.bears
    ]


def _id(value: object) -> object:
    return value.id if isinstance(value, Code | Rule) else value


PHASES = (
    (NINTH, TWENTY, [
        (None, Aspect.DATES, "from", "2022-06-30T00:00:00+08:00", "2022-11-11T00:00:00+08:00", UNKNOWN),
        (None, Aspect.DATES, "until", "2022-11-11T00:00:00+08:00", "2022-12-07T00:00:00+08:00", UNKNOWN),
        ("close-contact", Aspect.LADDER, (6, 7), "red", "yellow", MILDER),
        ("close-contact", Aspect.LADDER, (9, 10), "yellow", "green", MILDER),
        ("inbound", Aspect.LADDER, (6, 7), "red", "yellow", MILDER),
        ("inbound", Aspect.LADDER, (9, 10), "yellow", "green", MILDER),
        ("secondary-contact", Aspect.REMOVED, "", "secondary-contact", None, MILDER),
    ]),
    (TWENTY, TEN, [
        (None, Aspect.DATES, "from", "2022-11-11T00:00:00+08:00", "2022-12-07T00:00:00+08:00", UNKNOWN),
        (None, Aspect.DATES, "until", "2022-12-07T00:00:00+08:00", "2023-01-08T00:00:00+08:00", UNKNOWN),
        ("close-contact", Aspect.REMOVED, "", "close-contact", None, MILDER),
        ("inbound", Aspect.REMOVED, "", "inbound", None, MILDER),
    ]),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), PHASES, ids=["twenty measures", "ten measures"])
def test_a_national_phase_is_milder_in_just_what_was_published(
    old: Pack, new: Pack, wanted: list[tuple[object, ...]]
) -> None:
    assert bearing(old, new) == wanted


@pytest.mark.parametrize("names", list(permutations(PACKS, 2)), ids=" to ".join)
def test_no_published_act_is_a_silent_change_of_another(names: tuple[str, str]) -> None:
    """Rules of two phases have the same words for the same reason; the act itself says that it is another."""
    comparison = compare_packs(*(PACKS[name] for name in names))
    assert comparison.of_its_own
    assert comparison.silent == ()


@pytest.mark.parametrize(("old", "new", "wanted"), PHASES, ids=["twenty measures", "ten measures"])
def test_the_same_change_under_the_old_name_is_silent(old: Pack, new: Pack, wanted: list[tuple[object, ...]]) -> None:
    """Had the phase been slipped into the act before it, each of its rules would have been found."""
    text = (ROOT / "packs" / f"{new.id}.yaml").read_text(encoding="utf-8")
    slipped = parse_pack(text.replace(f"pack: {new.id}", f"pack: {old.id}", 1).replace(f"succeeds: {old.id}\n", ""))
    found = {row.rule: row.unchanged for row in compare_packs(old, slipped).silent}
    assert set(found) == {row[0] for row in wanted}
    stayed = {rule.id for rule in old.rules} & {rule.id for rule in new.rules}
    assert {rule for rule, unchanged in found.items() if rule and Silence.TEXTS in unchanged} == stayed


# Member states


Document = dict[str, Any]


@cache
def published() -> dict[str, Document]:
    lines = data_file("member-state-rules.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["path"]: row["rule"] for row in map(json.loads, lines)}


def rules(*documents: Document) -> AcceptanceRules:
    return parse_acceptance_rules(json.dumps(documents))


def _ten_days_for_fourteen(rule: Document) -> None:
    rule["Logic"] = _swapped(rule["Logic"], 10, 14)
    rule["Description"] = json.loads(json.dumps(rule["Description"]).replace("+10", "+14"))


def _not_only_for_a_test(rule: Document) -> None:
    rule["Logic"] = rule["Logic"]["if"][1]
    rule["Description"][0]["desc"] += " (as it was)"


def _one_more_vaccine(rule: Document) -> None:
    """Make the version after that of the test data: a vaccine more, and the same words in five languages."""
    rule["Version"] = "1.0.5"
    rule["Logic"] = json.loads(json.dumps(rule["Logic"]).replace('"EU/1/21/1529"', '"EU/1/21/1529", "EU/1/21/1618"'))


def _three_days_more(rule: Document) -> None:
    rule["Version"] = "1.0.0"
    rule["Logic"] = _swapped(rule["Logic"], 180, 183)
    for text in rule["Description"]:
        text["desc"] += " (as it was)"


def _swapped(node: Any, old: int, new: int) -> Any:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        return {name: _swapped(value, old, new) for name, value in node.items()}
    if isinstance(node, list):
        return [_swapped(value, old, new) for value in node]
    return new if type(node) is int and node == old else node


def _words_alone(rule: Document) -> None:
    rule["Description"][0]["desc"] += " In other words."


VERSION, TEXTS = Silence.VERSION, Silence.TEXTS
REAL: list[tuple[str, Callable[[Document], None], bool, tuple[Silence, ...] | None]] = [
    # f2bd20b7: 14 days, where the test data have 10; both are version 1.0.0
    ("CY/RR-CY-0004", _ten_days_for_fourteen, True, (VERSION,)),
    # 72544ece: judged also what is no test; both are version 1.0.0
    ("CY/TR-CY-0002", _not_only_for_a_test, True, (VERSION,)),
    # 983c0566: 1.0.4 to 1.0.5 with one vaccine more and the same words
    ("DE/VR-DE-0003", _one_more_vaccine, False, (TEXTS,)),
    # 733f3d8a: 1.0.0 to 1.0.1, from 183 days to 180, with other words: told
    ("DE/RR-DE-0002", _three_days_more, True, None),
    # 4fa964c0: other words, the same logic
    ("DE/VR-DE-0002", _words_alone, True, None),
]


@pytest.mark.parametrize(("path", "change", "before", "unchanged"), REAL, ids=[row[0] for row in REAL])
def test_what_a_member_state_changed_unsaid_is_found(
    path: str,
    change: Callable[[Document], None],
    before: bool,  # noqa: FBT001 - a row of the table: whether the test data has the later one
    unchanged: tuple[Silence, ...] | None,
) -> None:
    known = published()[path]
    other = copy.deepcopy(known)
    change(other)
    assert other != known
    old, new = (other, known) if before else (known, other)
    assert [row.unchanged for row in silent_rules(rules(old), rules(new))] == ([unchanged] if unchanged else [])


def test_rules_that_stay_or_come_are_not_silent() -> None:
    every = [rule for rule in published().values() if rule["Country"] == "DE"]
    assert silent_rules(rules(*every), rules(*every)) == ()
    assert silent_rules(rules(), rules(*every)) == ()
    assert silent_rules(rules(*every), rules()) == ()


@pytest.mark.parametrize("country", ["AT", "CY", "DE", "FR", "LU"])
@pytest.mark.parametrize(
    ("version", "words", "unchanged"),
    [
        ("same", "same", (VERSION, TEXTS)),
        ("new", "same", (TEXTS,)),
        ("same", "new", (VERSION,)),
        ("new", "new", None),
    ],
)
@pytest.mark.parametrize("field", ["Logic", "ValidFrom", "SchemaVersion"])
def test_every_rule_of_a_state_changed_unsaid_is_found(
    country: str, version: str, words: str, unchanged: tuple[Silence, ...] | None, field: str
) -> None:
    old = [rule for rule in published().values() if rule["Country"] == country]
    new = copy.deepcopy(old)
    for rule in new:
        rule[field] = {
            "Logic": {"and": [rule["Logic"], {"===": [1, 1]}]},
            "ValidFrom": "2021-05-31T00:00:00Z",
            "SchemaVersion": "1.99.0",
        }[field]
        rule["Version"] = "99.0.0" if version == "new" else rule["Version"]
        for text in rule["Description"]:
            text["desc"] += " It is otherwise now." if words == "new" else ""
    found = [row.unchanged for row in silent_rules(rules(*old), rules(*new))]
    assert found == ([unchanged] * len(old) if unchanged else [])
