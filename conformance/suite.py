"""Holds any implementation of the command-line protocol of docs/conformance.md against public data and our own vectors.

    python3 conformance/run.py --command habeas

Needs Python 3.11 and nothing else; the implementation may be written in anything.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import own
import public
from asking import Asker
from cases import Batch

__all__ = ["main", "read_xfails"]

HERE = Path(__file__).resolve().parent
BESIDE = HERE.parents[1] / "shared" / "data"
GROUPS = ("certlogic", "dcc", "scan", "derive")
PASSED, FAILED, EXPECTED, SURPRISING = "passed", "failed", "expected to fail", "passed, though expected to fail"
_SHOWN = 40


class UsageError(Exception):
    """Arguments or files that this program cannot go by."""


@dataclass
class Outcome:
    """What became of one group: by case what is wrong with it, nothing if it passed; and why cases were left out."""

    faults: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Return 0 when every case came out as it was expected to, 1 when one did not, 2 when it could not be tried."""
    args = _arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):  # what is shown of an answer may be half a character
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        command = _command(args.command)
        expected = read_xfails(args.xfails) if args.xfails else {}
        data = None if args.ours else _data(args.data)
        groups = [args.only] if args.only else list(GROUPS)
        asker = Asker(command, args.timeout)
        found = {group: _group(group, asker, data, args.jobs) for group in groups}
    except UsageError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    outcomes = {group: _outcomes(outcome.faults, expected) for group, outcome in found.items()}
    known = {name for outcome in found.values() for name in outcome.faults}
    unknown = [name for name in expected if name not in known and _was_asked(name, groups, public=data is not None)]
    if args.json:
        _print_json(args.command, found, outcomes, expected, unknown)
    else:
        _print_table(found, outcomes, unknown)
    bad = sum(
        counted[what] for counted in map(Counter, map(dict.values, outcomes.values())) for what in (FAILED, SURPRISING)
    )
    return 1 if bad or unknown else 0


def _was_asked(name: str, groups: Collection[str], *, public: bool) -> bool:
    """Whether a case of this name would have been asked, if there were one."""
    group, _, rest = name.partition("/")
    return group in groups and (public or group == "derive" or rest.startswith("lines/"))


def read_xfails(path: Path) -> dict[str, str]:
    """Return the cases that are expected to fail, with the reason of each: `<case id> # <reason>`, one a line."""
    found: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, reason = (part.strip() for part in line.partition("#"))
        if not name or not reason or name in found:
            raise UsageError(f"{path}, line {number}: write `<case id> # <reason>`, each id once")
        found[name] = reason
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Hold an implementation of docs/conformance.md against public data and this repository's vectors."
    )
    parser.add_argument("--command", default="habeas", help="how the implementation is started; split as a shell would")
    parser.add_argument("--data", type=Path, help="the folder of public data; HABEAS_DATA if not given")
    parser.add_argument("--ours", action="store_true", help="only the vectors of this repository, without public data")
    parser.add_argument("--only", choices=GROUPS, help="one group of cases")
    parser.add_argument("--xfails", type=Path, help="cases that are expected to fail, one a line, each with a reason")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--timeout", type=float, default=20, help="seconds that one answer may take; 20 if not given")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time; 2 if not given")
    return parser.parse_args()


def _command(text: str) -> list[str]:
    words = shlex.split(text)
    found = shutil.which(words[0]) if words else None
    if found is None:
        raise UsageError(f"there is no program {text!r}")
    return [str(Path(found).absolute()), *words[1:]]  # it is started from other folders


def _data(given: Path | None) -> Path:
    data = given or Path(os.environ.get("HABEAS_DATA") or BESIDE)
    for name in ("certlogic/testSuite", "member-state-rules.jsonl", "dcc-testdata.jsonl"):
        if not (data / name).exists():
            raise UsageError(
                f"the public data are not there: {data / name}. Name their folder with --data or HABEAS_DATA "
                "(docs/conformance.md says where they come from), or give --ours for this repository's vectors alone"
            )
    for line in (HERE / "data.sha256").read_text().splitlines():
        wanted, name = line.split("  ")
        if (data / name).exists() and hashlib.sha256((data / name).read_bytes()).hexdigest() != wanted:
            sys.stderr.write(f"note: {name} is not the one that docs/conformance.md lists; counts may differ\n")
    return data


def _group(group: str, asker: Asker, data: Path | None, jobs: int) -> Outcome:
    outcome = Outcome()
    if group == "derive":
        cases = own.derive()
        with ThreadPoolExecutor(jobs) as pool:
            outcome.faults.update(zip((case.id for case in cases), pool.map(asker.run, cases), strict=True))
        return outcome
    ours = own.lines(group)
    batches = [ours]
    if data is not None:
        more, outcome.left_out = _public(group, ours, data)
        batches += more
    with ThreadPoolExecutor(jobs) as pool:
        manners = pool.submit(asker.manners, ours)
        for faults in pool.map(asker.ask, batches):
            for name, fault in faults.items():
                outcome.faults[name] = outcome.faults.get(name) or fault
        outcome.faults |= manners.result()
    return outcome


def _public(group: str, ours: Batch, data: Path) -> tuple[list[Batch], Counter[str]]:
    """Return the batches of a group's public data, and why the rest of it is no case."""
    if group == "dcc":
        rows = json.loads((HERE / "dcc-faulty.json").read_bytes())
        return public.dcc(data, {row["path"]: row["effect"] for row in rows})
    if group == "scan":
        batch, why = public.scan(data)
        return [batch], why
    cases, why = public.certlogic(data)
    return [Batch("certlogic/data", ours.words, tuple(cases), ours.folder)], why


def _outcomes(faults: Mapping[str, str], expected: Mapping[str, str]) -> dict[str, str]:
    return {
        name: (EXPECTED if fault else SURPRISING) if name in expected else (FAILED if fault else PASSED)
        for name, fault in faults.items()
    }


def _print_table(found: Mapping[str, Outcome], outcomes: Mapping[str, Mapping[str, str]], unknown: list[str]) -> None:
    columns = (PASSED, FAILED, EXPECTED, SURPRISING)
    rows = [("GROUP", *(name.upper() for name in columns), "LEFT OUT")]
    for group, by_name in outcomes.items():
        counted = Counter(by_name.values())
        rows.append((group, *(f"{counted[name]:,}" for name in columns), f"{found[group].left_out.total():,}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(
            "  ".join(
                cell.ljust(width) if not at else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
    for group, outcome in found.items():
        for why, number in outcome.left_out.items():
            print(f"Left out of {group}: {number:,}, because {why}.")
    wrong = [
        (name, what, outcome.faults[name])
        for group, outcome in found.items()
        for name, what in outcomes[group].items()
        if what in (FAILED, SURPRISING)
    ]
    for name, what, fault in wrong[:_SHOWN]:
        print(f"\n{what}: {name}" + (f"\n  {fault}" if fault else "\n  take it out of the list"))
    if len(wrong) > _SHOWN:
        print(f"\n… and {len(wrong) - _SHOWN:,} more; --json has all")
    for name in unknown:
        print(f"\nexpected to fail, and no such case: {name}")


def _print_json(
    command: str,
    found: Mapping[str, Outcome],
    outcomes: Mapping[str, Mapping[str, str]],
    expected: Mapping[str, str],
    unknown: list[str],
) -> None:
    cases = [
        {"id": name, "outcome": what, "fault": found[group].faults[name] or None, "reason": expected.get(name)}
        for group, by_name in outcomes.items()
        for name, what in by_name.items()
    ]
    counts = {
        group: {**Counter(by_name.values()), "left out": dict(found[group].left_out)}
        for group, by_name in outcomes.items()
    }
    print(json.dumps({"command": command, "groups": counts, "unknown": unknown, "cases": cases}, indent=1))
