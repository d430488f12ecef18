"""Published EU rules evaluated by ours and by certlogic-js, in turns, on the same machine: evaluations a second of each.

    ./dev bench certlogic [ROUNDS]

A pass is one rule on all payloads. Both engines make passes for a while, by turns, and of each rule the quickest counts:
what else the machine does can only slow one down. JSON is parsed and our rules are compiled before; certlogic-js interprets
the expression, as it has no other way. An evaluation without an answer counts like any other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from _report import report
from habeas.rules import Verdict, compile_logic, outcome

HERE = Path(__file__).resolve()
TESTS = HERE.parents[1] / "tests"
DATA = Path(os.environ.get("HABEAS_DATA") or HERE.parents[2] / "shared" / "data") / "member-state-rules.jsonl"
SECONDS = 0.2
"""Of each engine on each row in each round."""

_Row: TypeAlias = "tuple[str, str, list[object], list[object]]"


@contextmanager
def certlogic_js() -> Iterator[subprocess.Popen[str]]:
    """Start the reference behind a pipe."""
    command = ["node", str(TESTS / "node" / "certlogic.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as node:  # noqa: S603 - our own script
        yield node
        assert node.stdin is not None
        node.stdin.close()


def theirs(node: subprocess.Popen[str], rules: list[object], payloads: list[object]) -> list[float]:
    """Return of each rule the seconds of certlogic-js's quickest pass."""
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(json.dumps({"time": {"rules": rules, "data": payloads, "seconds": SECONDS}}) + "\n")
    node.stdin.flush()
    return list(json.loads(node.stdout.readline()))


def ours(rules: list[object], payloads: list[object]) -> list[float]:
    """Return of each rule the seconds of our quickest pass."""
    compiled = [compile_logic(rule) for rule in rules]
    quickest, end = [float("inf")] * len(rules), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for at, logic in enumerate(compiled):
            started = time.perf_counter()
            for data in payloads:
                outcome(logic, data)
            quickest[at] = min(quickest[at], time.perf_counter() - started)
    return quickest


def undecided(rules: list[object], payloads: list[object]) -> int:
    """Return how many evaluations have no answer."""
    outcomes = [outcome(compile_logic(rule), data) for rule in rules for data in payloads]
    return [one.verdict for one in outcomes].count(Verdict.UNDECIDED)


def sets() -> Iterator[_Row]:
    """Return the rows: a set's rules on the payloads of its own tests, and on those of all tests."""
    lines = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    everything = distinct(lines)
    for name in ("DE", "IE", "EU"):
        chosen = [line for line in lines if line["path"].startswith(f"{name}/")]
        rules = [line["rule"]["Logic"] for line in chosen]
        yield name, "its tests'", rules, distinct(chosen)
        yield name, "all", rules, everything
    yield "all", "all", [line["rule"]["Logic"] for line in lines], everything


def distinct(lines: list[dict[str, Any]]) -> list[object]:
    """Return what the tests put to the rules, each once."""
    given = [
        {name: test[name] for name in ("payload", "external") if name in test}
        for line in lines
        for test in line["tests"]
    ]
    return list({json.dumps(data, sort_keys=True): data for data in given}.values())


def main() -> None:
    """Measure by turns and report."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    rows = list(sets())
    best = [([float("inf")] * len(rules), [float("inf")] * len(rules)) for _, _, rules, _ in rows]
    with certlogic_js() as node:
        for _ in range(rounds):
            for at, (_, _, rules, payloads) in enumerate(rows):
                turn = ours(rules, payloads), theirs(node, rules, payloads)
                best[at] = list(map(min, best[at][0], turn[0])), list(map(min, best[at][1], turn[1]))
    report(
        "certlogic",
        f"CertLogic, evaluations a second: the quickest pass of each rule in {rounds} rounds by turns",
        [
            {
                "rules of": name,
                "rules": len(rules),
                "payloads": f"{of}: {len(payloads)}",
                "undecided": undecided(rules, payloads),
                "ours/s": round(len(rules) * len(payloads) / sum(best[at][0])),
                "certlogic-js/s": round(len(rules) * len(payloads) / sum(best[at][1])),
                "ratio": round(sum(best[at][1]) / sum(best[at][0]), 2),
            }
            for at, (name, of, rules, payloads) in enumerate(rows)
        ],
    )


if __name__ == "__main__":
    main()
