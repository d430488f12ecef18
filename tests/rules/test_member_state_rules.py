from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from habeas.rules import Verdict, compile_logic, outcome
from public_data import data_file


def lines() -> Iterator[dict[str, Any]]:
    with data_file("member-state-rules.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def test_the_rules_of_fourteen_states_and_the_eu_on_their_own_tests() -> None:
    rules = tests = 0
    for line in lines():
        logic = compile_logic(line["rule"]["Logic"])
        rules += 1
        for test in line["tests"]:
            data = {name: test[name] for name in ("payload", "external") if name in test}  # one leaves the payload out
            expected = Verdict.HOLDS if test["expected"] else Verdict.DOES_NOT
            assert logic.evaluate(data) is test["expected"], (line["path"], test["file"])
            assert outcome(logic, data).verdict is expected
            tests += 1

    assert (rules, tests) == (194, 1364)


def test_their_affected_fields_are_the_payload_paths_that_their_logic_uses() -> None:
    for line in lines():
        used = compile_logic(line["rule"]["Logic"]).fields
        of_payload = {path.removeprefix("payload.") for path in used if path.startswith("payload.")}
        assert of_payload == set(line["rule"]["AffectedFields"]), line["path"]
