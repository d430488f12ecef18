"""Cases from files that other people published (docs/conformance.md says whence): each says itself what is right."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import cbor
from cases import Batch, Case, Judge, gives, is_one_of, refuses

__all__ = ["certlogic", "dcc", "scan"]

Row = dict[str, Any]

REFUSALS = {
    # what a file expects to fail, and the codes that say so. A decoder that goes on where another stops meets the next
    # fault: contents that are no CBOR, for one, may never get as far as the payload.
    "UNPREFIX": {"not-a-certificate"},
    "B45DECODE": {"not-a-certificate"},
    "COMPRESSION": {"not-a-certificate"},
    "DECODE": {"not-a-certificate", "bad-signature", "unknown-kid"},
    "VERIFY": {"not-a-certificate", "bad-signature", "unknown-kid"},
    "EXPIRATIONCHECK": {"expired", "not-yet-valid"},
    "SCHEMAVALIDATION": {"not-a-certificate", "unknown-kid", "bad-signature", "not-yet-valid", "expired"},
    "KEYUSAGE": {"key-usage"},
}
NO_LOGIC = refuses(("bad-logic",))


def certlogic(data: Path) -> tuple[list[Case], Counter[str]]:
    """Return the cases of the CertLogic suites and of the member states' rules, and why others are left out."""
    left_out: Counter[str] = Counter()
    return [*_suites(data, left_out), *_validation(data), *_rules(data)], left_out


def _suites(data: Path, left_out: Counter[str]) -> Iterator[Case]:
    """Yield every active assertion; `directive: skip` may stand on suite, case or assertion."""
    for file in sorted((data / "certlogic/testSuite").glob("*.json")):
        suite = json.loads(file.read_bytes())
        for place, case in enumerate(suite["cases"], start=1):
            for number, assertion in enumerate(case["assertions"], start=1):
                if "skip" in [part.get("directive") for part in (suite, case, assertion)]:
                    left_out["the suite skips them"] += 1
                    continue
                logic = assertion.get("certLogicExpression", case.get("certLogicExpression"))
                judge = gives({"value": assertion["expected"]})
                yield _eval(f"certlogic/suite/{file.stem}/{place}.{number}", logic, assertion["data"], judge)


def _validation(data: Path) -> Iterator[Case]:
    for file in sorted((data / "certlogic/validation-testSuite").glob("*.json")):
        for place, case in enumerate(json.loads(file.read_bytes())["cases"], start=1):
            judge = NO_LOGIC if case["issues"] else is_one_of(_any_value, refuses(("undecided",)))
            yield _eval(f"certlogic/validation/{file.stem}/{place}", case["certLogicExpression"], None, judge)


def _any_value(answer: dict[str, object]) -> str:
    return "" if answer.keys() == {"value"} else f"{answer}, where the logic is a good one"


def _rules(data: Path) -> Iterator[Case]:
    with (data / "member-state-rules.jsonl").open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            for test in line["tests"]:
                given = {name: test[name] for name in ("payload", "external") if name in test}
                name = f"certlogic/rules/{line['path']}/{test['file'].removesuffix('.json')}"
                yield _eval(name, line["rule"]["Logic"], given, gives({"value": test["expected"]}))


def _eval(name: str, logic: object, data: object, judge: Judge) -> Case:
    return Case(name, json.dumps({"logic": logic, "data": data}).encode(), judge)


def rows_of(data: Path) -> Iterator[Row]:
    """Yield the certificates of the test data."""
    with (data / "dcc-testdata.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@dataclass
class _Group:
    """Certificates that can be asked about together: at one instant, and with keys that say nothing of each other's."""

    at: int
    trust: dict[str, object] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)  # kids that must stay unknown

    def takes(self, own: str, kid: str, times: tuple[int, int]) -> bool:
        """Whether a certificate may join that has this key, names that kid, and can be judged within these times."""
        first, last = times
        return first <= self.at <= last and own not in self.foreign and (kid == own or kid not in self.trust)


def dcc(data: Path, faulty: Mapping[str, str]) -> tuple[list[Batch], Counter[str]]:
    """Return the 581 test certificates in few processes, and why some are left out; `faulty` has effects by path."""
    groups: list[_Group] = []
    left_out: Counter[str] = Counter()
    rows = [(_times(row), row) for row in rows_of(data)]
    for times, row in sorted(rows, key=lambda one: one[0][1] - one[0][0]):  # those with one instant alone come first
        effect = faulty.get(row["path"])
        judge = _expected(row, compare=effect != "payload not compared")
        if effect == "left out":
            left_out["they are faulty themselves (conformance/dcc-faulty.json)"] += 1
        elif judge is None:
            left_out["they do not say what is right"] += 1
        else:
            _join(groups, times, row, judge)
    return [_batch(group) for group in groups], left_out


def _join(groups: list[_Group], times: tuple[int, int], row: Row, judge: Judge) -> None:
    der = base64.b64decode(row["TESTCTX"]["CERTIFICATE"])
    own = base64.b64encode(hashlib.sha256(der).digest()[:8]).decode()
    kid = _kid(row)
    group = next((one for one in groups if one.takes(own, kid, times)), None)
    if group is None:
        groups.append(group := _Group(at=times[0]))
    group.trust[own] = {"certificate": base64.b64encode(der).decode()}
    if kid != own:
        group.foreign.add(kid)
    name = f"dcc/data/{row['path'].removesuffix('.json')}"
    group.cases.append(Case(name, json.dumps({"hc1": row["PREFIX"]}).encode(), judge))


def _batch(group: _Group) -> Batch:
    words = ("dcc", "open", "--keys", "trust.json", "--at", cbor.instant(group.at))
    files = (("trust.json", json.dumps(group.trust).encode()),)
    return Batch("dcc/data", words, tuple(group.cases), Path(), files)


def _expected(row: Row, *, compare: bool) -> Judge | None:
    """Return the judge that a file's own expectations make, as its README has them; None if they settle nothing."""
    stated = {name: row["EXPECTEDRESULTS"].get(f"EXPECTED{name}") for name in REFUSALS}
    failing = [name for name, expected in stated.items() if expected is False]
    if failing:
        return refuses(sorted(set().union(*(REFUSALS[name] for name in failing))))
    if not stated["VERIFY"]:
        return None
    kid = _kid(row)
    if compare and row["EXPECTEDRESULTS"].get("EXPECTEDVALIDJSON"):
        return gives({"payload": row["JSON"], "kid": kid})
    return lambda answer: "" if answer.keys() == {"payload", "kid"} and answer["kid"] == kid else f"{answer}"[:300]


def _kid(row: Row) -> str:
    try:
        return cbor.kid_of(cbor.cose_of(row))
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        return ""


def _times(row: Row) -> tuple[int, int]:
    """Return from when to when a file can be judged: at its own clock, or where it says nothing of expiry while it is valid.

    Many clocks leave the offset out, or its colon, and mean UTC.
    """
    found = re.fullmatch(r"(.{10}T.{8})(?:\.\d+)?(?:Z|([+-]\d\d):?(\d\d))?", row["TESTCTX"]["VALIDATIONCLOCK"])
    if found is None:
        raise ValueError(f"{row['path']}: no clock")
    own = int(datetime.fromisoformat(found[1] + (f"{found[2]}:{found[3]}" if found[2] else "+00:00")).timestamp())
    if "EXPECTEDEXPIRATIONCHECK" in row["EXPECTEDRESULTS"] or not row.get("COSE"):
        return own, own
    try:
        first, last = cbor.times_of(cbor.cose_of(row))
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        return own, own
    return (first, last) if first <= last else (own, own)


def scan(data: Path) -> tuple[Batch, Counter[str]]:
    """Return the pictures that lie beside the test certificates; each must give its certificate's text."""
    cases, files = [], []
    left_out: Counter[str] = Counter()
    for row in rows_of(data):
        if not row.get("2DCODE"):
            left_out["they have no picture"] += 1
            continue
        if not row["EXPECTEDRESULTS"].get("EXPECTEDPICTUREDECODE"):
            left_out["they do not say what is right"] += 1
            continue
        path = row["path"].removesuffix(".json")
        file = f"{path.replace('/', '-')}.png"
        files.append((file, base64.b64decode(row["2DCODE"])))
        judge = gives({"file": file, "hc1": row["PREFIX"]})
        cases.append(Case(f"scan/data/{path}", json.dumps({"file": file}).encode(), judge))
    return Batch("scan/data", ("dcc", "scan"), tuple(cases), Path(), tuple(files)), left_out
