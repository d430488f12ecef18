"""vectors/gate: what the generator writes, what this library answers, and what a second gate without it answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from habeas.passes import parse_pass
from passes import gate_vectors, second_gate

FOLDER = Path(__file__).parents[2] / "vectors" / "gate"
PASSES, BRIDGES, SYNCS = (
    json.loads((FOLDER / name).read_text()) for name in ("passes.json", "bridges.json", "sync.json")
)
VERDICTS = {"yes", "no", "ours", "theirs"}


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in cases]


def test_the_files_are_what_their_generator_and_this_library_make() -> None:
    for name, value in gate_vectors.all_vectors().items():
        assert json.loads((FOLDER / name).read_text()) == value, name


def test_every_reason_of_a_gate_is_among_the_cases() -> None:
    reasons = {case["reason"] for case in (*PASSES["cases"], *BRIDGES["cases"])}
    assert reasons == {
        *("open", "code", "not-in-the-log", "clock", "stale", "no-mandate"),
        *("unreadable", "another-log", "newer", "too-old", "not-held", "superseded", "bridge"),
    }
    assert {case["verdict"] for case in PASSES["cases"]} == VERDICTS
    assert sum(case["holds"] == "refused" for case in SYNCS["cases"]) > 60


def test_the_examples_of_the_page_are_those_of_the_vectors() -> None:
    page: dict[str, str] = {}
    document = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")
    for block in re.findall(r"```hex\n(.*?)```", document, re.DOTALL):
        for part in block.split("# ")[1:]:
            name, *lines = part.splitlines()
            page[name] = "".join(lines)
    files = SYNCS["files"]["forty"]
    assert second_gate.read_list(bytes.fromhex(page["list"])) == [256, 258, 259]
    assert second_gate.sha(bytes(32), second_gate.sha(bytes.fromhex(page["list"]))).hex() == page["chain"]
    assert page["header"] == files["block/230344"][18 : 18 + 2 * 163]
    assert page["superseded"] == files["superseded/230344"]
    assert files["blocks"].endswith(page["blocks"])
    shown = second_gate._read_pass(PASSES["cases"][0]["pass"])
    assert (shown["index"], shown["index"] >> 8) == (4353, 17)
    assert shown["view"].hex() == page["view"]
    assert (
        second_gate.subtree_of(shown, PASSES["held"]["origin"]).hex() == page["root"] == PASSES["held"]["roots"]["17"]
    )
    assert parse_pass(PASSES["cases"][0]["pass"]).leaf(PASSES["held"]["origin"]).hex() == page["leaf"]


@pytest.mark.parametrize("case", named(PASSES["cases"]))
def test_a_second_gate_gives_the_same_answers(case: dict[str, Any]) -> None:
    held = PASSES["held"] if case["opens"] else PASSES["held"] | {"opens_to": None}
    assert second_gate.check_pass(case["pass"], held, case["now"]) == [case["verdict"], case["reason"], case["hint"]]


@pytest.mark.parametrize("case", named(BRIDGES["cases"]))
def test_a_second_gate_takes_the_same_bridges(case: dict[str, Any]) -> None:
    policy = second_gate.read_policy(BRIDGES["policy"])
    found = second_gate.check_pass_by_bridge(case["pass"], case["bridge"], BRIDGES["held"], policy, case["now"])
    assert found == [case["verdict"], case["reason"], case["hint"]]


def test_a_bridge_leads_a_second_gate_to_the_same_root() -> None:
    leads, policy = BRIDGES["leads"], second_gate.read_policy(BRIDGES["policy"])
    found = second_gate.check_bridge(leads["bridge"], bytes.fromhex(leads["subtree"]), policy)
    assert found == (leads["node"], leads["size"], bytes.fromhex(leads["root"]))


@pytest.fixture(scope="module")
def begun() -> second_gate.State:
    return synced(None, SYNCS["cases"][0])


def synced(state: second_gate.State | None, case: dict[str, Any]) -> second_gate.State:
    files = {path: bytes.fromhex(data) for path, data in SYNCS["files"][case["from"]].items()}
    for path, data in case["changes"].items():
        files.pop(path, None)
        if data is not None:
            files[path] = bytes.fromhex(data)
    return second_gate.sync(state, files.get, second_gate.read_policy(SYNCS["policy"]))


@pytest.mark.parametrize("case", named(SYNCS["cases"]))
def test_a_second_gate_holds_and_refuses_the_same(case: dict[str, Any], begun: second_gate.State) -> None:
    state = begun if case["from"] == "forty" else None
    if case["holds"] == "refused":
        with pytest.raises(second_gate.RefusedError):
            synced(state, case)
        return
    held = synced(state, case)
    assert case["holds"] == {
        "size": held.size,
        "root": held.root.hex(),
        "newest": held.blocks[-1].epoch,
        "before": held.before_end,
        "chain": held.chain.hex(),
        "blocks": [[block.epoch, block.start] for block in held.blocks],
        "superseded": sorted(held.gone),
    }
