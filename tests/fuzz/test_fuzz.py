"""Every parser under its fuzz target: its seeds, mutations of them, and every input that once crashed it."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from _results import add_slice, read_slices, totals
from _tally import Tally
from targets import TARGETS, Target

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
INPUTS = Path(__file__).parent / "inputs"

LONG_INPUT = 4096
"""Of more bytes than these, a document takes milliseconds, and a picture or a pack tens of them."""

PREFIXES = ("parse_", "read_", "open_")
NOT_FUZZED = {
    "habeas.certificates._rule_inputs.read_elsewhere": "looks at a compiled expression; acceptance-rules asks it",
    "habeas.cli._dcc_rules.read_asked": "options, and files whose parsers are acceptance-rules and value-sets",
    "habeas.cli._door.open_door": "opens a store and a log's folder: sqlite, log-settings",
    "habeas.cli._gate_folder.read_synced": "reads a file: gate-file",
    "habeas.cli._lines.read_string": "a field of a line: dcc-lines",
    "habeas.cli._ledger_file.open_ledger": "opens a store, whose target is sqlite, and carries out events: event-file",
    "habeas.cli._ledger_file.open_events": "opens a store, and carries out events: sqlite, event-file",
    "habeas.cli._ledger_file.open_published": "opens a store: sqlite",
    "habeas.cli._ledger_file.open_store": "opens a store: sqlite",
    "habeas.cli._ledger_file.read_ref": "a document and a key file: argument, key-file",
    "habeas.cli._log_append.open_writer": "opens stores, a policy and keys, each with its own target",
    "habeas.cli._log_folder.read_place": "a log's settings: log-settings",
    "habeas.cli._me_state.read_state": "reads a file: own-state",
    "habeas.cli._pack_files.read_folder": "read_pack, file by file",
    "habeas.cli._story_values.read_page": "writes a page of the demo; it reads no bytes",
    "habeas.passes._find.open_log": "files from a mirror, each with its own target: note, bundle, constants, blocks",
    "habeas.passes._look.read_block": "files from a mirror, each with its own target: block-file, tile",
    "habeas.passes._view.open_decision": "compares values with what they commit to; it reads no bytes",
    "habeas.pictures._apart.read_apart": "asks the process that reads pictures: pictures, and picture-reader in its place",
    "habeas.rules._rule_file.read_span": "a field of a pack: pack",
    "habeas.rules._rule_file.read_word": "a field of a pack: pack",
    "habeas.rules._when.read_when": "a field of a pack: pack",
    "habeas.services._signer_file.read_signer": "the file of parse_signer: note-signer",
}
"""Functions that are named like parsers, and why no target calls them itself."""


def public_parsers() -> set[str]:
    """Return the full names of all functions that read bytes or text, by their names."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIXES):
                found.add(f"{module}.{node.name}")
    return found


def test_every_parser_has_a_target_or_a_reason() -> None:
    covered = {name for target in TARGETS.values() for name in target.parsers}
    assert public_parsers() - covered - NOT_FUZZED.keys() == set()
    assert NOT_FUZZED.keys() - public_parsers() == set(), "a reason for what is no longer there"
    assert NOT_FUZZED.keys() & covered == set(), "a reason for what has a target"


@lru_cache
def seeds(name: str) -> tuple[bytes, ...]:
    return tuple(TARGETS[name].seeds())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_reach_the_far_side(name: str) -> None:
    taken = [TARGETS[name].run(seed) for seed in seeds(name)]
    assert any(taken), "a target that takes nothing tests only refusals"


@pytest.mark.parametrize("path", sorted(INPUTS.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_crashed_once_does_so_no_more(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


@st.composite
def mutations(draw: st.DrawFn, name: str) -> bytes:
    """Draw a seed with some stretches of it left out, repeated, or written over; or any bytes."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.binary(max_size=64))
    data = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(start + draw(st.integers(0, 8)), len(data))
        stretch = bytes(data[start:end])
        data[start:end] = draw(st.one_of(st.binary(max_size=8), st.just(stretch * 2), st.just(b"")))
    return bytes(data[: TARGETS[name].max_bytes])


def mutated(name: str, examples: int) -> Callable[[], None]:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(mutations(name))
    def run(data: bytes) -> None:
        TARGETS[name].run(data)

    return run


@pytest.mark.parametrize("name", TARGETS)
def test_mutations_of_seeds(name: str) -> None:
    mutated(name, 25)()


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_many_mutations_of_seeds(name: str) -> None:
    mutated(name, 1_500 if TARGETS[name].max_bytes <= LONG_INPUT else 150)()


def broken(_: bytes) -> bool:
    raise KeyError("not what any room raises")


def test_a_target_lets_no_other_error_pass() -> None:
    whole = TARGETS["cbor"]
    other = Target(name="other", run=broken, parsers=(), seeds=whole.seeds, **whole.limits)
    with pytest.raises(KeyError):
        other.run(b"")


def slice_of(target: str, **changed: object) -> dict[str, object]:
    row = {"target": target, "at": "2022-06-12T13:04:00+00:00", "seconds": 60.0, "executions": 1000, "taken": 100}
    rest = {"failures": 0, "places": [], "coverage": 10, "features": 20, "peak_mib": 30, "ended": "done"}
    return row | rest | changed


def test_totals_outlive_whoever_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "slices.jsonl"
    add_slice(path, slice_of("cbor"))
    add_slice(path, slice_of("cbor", seconds=30.0, executions=500, taken=200, coverage=12, peak_mib=20))
    add_slice(path, slice_of("sign1", places=["KeyError in _cose.parse_sign1"], failures=3, ended="memory"))
    with path.open("a") as file:
        file.write(json.dumps(slice_of("cbor"))[:40])
    cbor, sign1, everything = totals(read_slices(path))
    assert (cbor["executions"], cbor["taken %"], cbor["coverage"], cbor["peak MiB"]) == (1500, 20.0, 12, 30)
    assert (sign1["crashes"], sign1["broken off"]) == (1, 1)
    assert (everything["executions"], everything["crashes"]) == (2500, 1)


def test_a_tally_is_read_by_another_process(tmp_path: Path) -> None:
    own = Tally.make(tmp_path)
    slices = Tally(tmp_path)
    slices.add(taken=True)
    slices.add(failed=True)
    slices.add_place("KeyError in here")
    counts = own.counts()
    assert (counts["executions"], counts["taken"], counts["failures"]) == (2, 1, 1)
    assert own.places() == ["KeyError in here"]


def test_stdin_is_given_back() -> None:
    before = sys.stdin
    TARGETS["mandate-file"].run(b"{")
    assert sys.stdin is before
