"""`habeas demo` from end to end: the story's facts held against the ledger that it leaves, and against missing controls."""

from __future__ import annotations

import gc
import io
import json
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import habeas.grounds._claims as claims_module
import habeas.ledger._audit as audit_module
import habeas.mandates._roster as roster_module
from case.henan import PACKS
from habeas.cli import _demo
from habeas.cli._demo import run_demo
from habeas.cli.errors import InputError
from habeas.evidence import MIN_SUPPORT
from habeas.ledger import Ledger, audit
from habeas.rules import Effect
from habeas.stores import SqliteStore
from habeas.synthetic import Town, make_town
from habeas.wire import DAY, Span, parse_instant
from public_data import data_file

Story: TypeAlias = dict[str, Any]
PEOPLE = 300
BEFORE = parse_instant("2022-06-12T20:00+08:00")
LATER = parse_instant("2022-07-30T00:00+08:00")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Story]:
    """Return the folder of a demo that ended well, and what it told."""
    folder, out = tmp_path_factory.mktemp("demo") / "demo", io.StringIO()
    with redirect_stdout(out):
        assert run_demo(folder, PEOPLE, packs=PACKS, as_json=True, with_log=False) == 0
    return folder, json.loads(out.getvalue())


@pytest.fixture(scope="module")
def folder(demo: tuple[Path, Story]) -> Path:
    return demo[0]


@pytest.fixture(scope="module")
def story(demo: tuple[Path, Story]) -> Story:
    return demo[1]


@pytest.fixture(scope="module")
def town() -> Town:
    return make_town(people=PEOPLE)


@pytest.fixture(scope="module")
def ledger(folder: Path) -> Iterator[Ledger]:
    with SqliteStore(folder / "town.sqlite", create=False) as store:
        yield Ledger(store)


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Story:
    capsys.readouterr()
    run_demo(folder, PEOPLE, packs=PACKS, as_json=True, with_log=False)
    found: Story = json.loads(capsys.readouterr().out)
    return found


def test_every_promise_holds(story: Story) -> None:
    promises = [one for step in story["steps"] for one in step["promises"]] + story["promises"]
    assert story["held"] is True
    assert [one["words"] for one in promises if not one["held"]] == []
    assert len(story["steps"]) == 6
    assert all(step["promises"] for step in story["steps"])


def test_the_counts_by_code_and_rule_are_those_of_the_ledger(story: Story, ledger: Ledger) -> None:
    found: Counter[tuple[str, str, bool]] = Counter()
    for person in ledger.state.registry.people():
        derived = ledger.derivation(person.subject).at(BEFORE)
        assert derived.code is not None
        winner = derived.winner
        key = (winner.rule, winner.provisional) if winner else ("", False)
        found[(derived.code.names["en"], *key)] += 1
    shown = {(row["code"], row["rule"], row["provisional"]): row["people"] for row in story["counts"]}
    assert shown == found
    assert {"green", "red", "yellow, test asked"} <= {code for code, _, _ in shown}


def test_what_is_said_of_savers_at_each_moment_is_what_the_ledger_derives(
    story: Story, ledger: Ledger, town: Town
) -> None:
    for moment in story["moments"]:
        at = parse_instant(moment["at"])
        codes = [ledger.derivation(who.subject).at(at).code for who in town.savers]
        effects = Counter(code.effect for code in codes if code is not None)
        assert moment["savers"]["people"] == len(town.savers) == effects.total()
        assert moment["savers"]["asked"] == effects[Effect.ASK]
        assert moment["savers"]["closed"] == effects[Effect.PARTLY] + effects[Effect.CLOSED]
    assert [moment["savers"]["asked"] for moment in story["moments"]] == [
        0,
        *[len(town.savers)] * 2,
        0,
        len(town.savers),
        0,
    ]


def test_at_no_instant_at_all_is_a_gate_closed_to_a_saver(ledger: Ledger, town: Town) -> None:
    for who in town.savers:
        derivation = ledger.derivation(who.subject)
        for change in derivation.timeline(Span(BEFORE, LATER)):
            assert change.derived.code is not None
            assert change.derived.code.effect <= Effect.ASK
            assert all(ground.until <= change.derived.at.after(2 * DAY) for ground in change.derived.grounds)


def test_the_attempts_are_on_the_ledger_as_told(story: Story, ledger: Ledger, town: Town) -> None:
    savers, here = len(town.savers), town.savers_here
    kinds = Counter(event.kind for _, event in ledger.store.events())
    assert kinds["statement.refused"] == here + 2 * here
    assert kinds["statement.admitted"] == story["town"]["admitted"] + 3 * savers
    codes = Counter(one.code for one in ledger.state.refused.values())
    assert codes == {"no-mandate": here, "waiting": 2 * here}


def test_the_true_positive_stays_red_with_grounds(story: Story, ledger: Ledger, town: Town) -> None:
    derivation = ledger.derivation(town.cast.positive.subject)
    for moment in story["moments"]:
        derived = derivation.at(parse_instant(moment["at"]))
        assert derived.code is not None
        assert derived.code.effect is Effect.CLOSED
        assert derived.winner is not None
        assert not derived.winner.provisional
    assert story["beside"]["mark"] == "[—]"
    assert "enough for full effect" in " ".join(story["beside"]["lines"])


def test_the_ledger_that_is_left_is_clean(folder: Path) -> None:
    with SqliteStore(folder / "town.sqlite", create=False) as store:
        assert audit(store) == ()


def test_every_function_that_is_named_is_public_and_there(story: Story) -> None:
    for step in story["steps"]:
        for name in step["by"]:
            assert callable(pkgutil.resolve_name(name)), name
            assert "._" not in name


@pytest.mark.parametrize("columns", [72, 80, 100])
def test_the_story_fits_the_screen_in_plain_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run_demo(tmp_path / "demo", 200, packs=PACKS, with_log=False) == 0
    lines = capsys.readouterr().out.splitlines()
    story = [line for line in lines if not line.startswith("  ") or "habeas" not in line]
    assert "\x1b" not in "".join(lines)
    assert max(len(line) for line in story if "--document" not in line) <= columns
    assert not any(line.endswith(" ") for line in lines)
    text = " ".join("\n".join(lines).split())
    for said in ("All 20 promises held", "find a gate closed", "No other body has a record of it", "stays red".upper()):
        assert said in text
    assert len(lines) < 160


def test_the_commands_that_it_gives_lead_to_the_people_of_the_story(folder: Path, story: Story) -> None:
    text = (folder / "README.txt").read_text()
    assert set(re.findall(r"--document (\S+)", text)) == {
        story["steps"][3]["page"]["document"],
        story["beside"]["document"],
    }
    for command in ("explain", "history", "audit"):
        assert f"habeas {command} --db {folder / 'town.sqlite'}" in text


def test_a_second_demo_replaces_the_first_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    first = told(folder, capsys)
    (folder / "mine.txt").write_text("mine")
    assert told(folder, capsys) == first
    assert (folder / "mine.txt").read_text() == "mine"


def test_a_folder_of_somebody_elses_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "town.sqlite").write_text("mine")
    with pytest.raises(InputError, match="no demo's"):
        run_demo(tmp_path, PEOPLE, packs=PACKS)
    assert [path.name for path in tmp_path.iterdir()] == ["town.sqlite"]
    assert (tmp_path / "town.sqlite").read_text() == "mine"


def test_where_a_file_is_or_the_packs_are_not_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be used"):
        run_demo(tmp_path / "file", PEOPLE, packs=PACKS)
    with pytest.raises(InputError, match=r"cn-henan-2021-2\.yaml: cannot be read"):
        run_demo(tmp_path / "demo", PEOPLE, packs=tmp_path)
    with pytest.raises(InputError, match="is no town"):
        run_demo(tmp_path / "demo", 3, packs=PACKS)
    assert not (tmp_path / "demo").exists()


def test_certificates_come_in_where_the_data_is_and_are_missed_in_one_line_where_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = data_file("dcc-testdata.jsonl").parent
    monkeypatch.setenv("HABEAS_DATA", str(tmp_path))
    without = told(tmp_path / "demo", capsys)
    run_demo(tmp_path / "demo", 200, packs=PACKS, as_json=True, with_log=False)
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("HABEAS_DATA", str(data))
    with_them = told(tmp_path / "demo", capsys)
    assert without["town"]["certificates"] == 0
    assert with_them["town"]["certificates"] > 1
    assert with_them["counts"] == without["counts"], "they help, and here there is nothing to help against"


# Each control that the story shows, switched off: the demo must say so, and end as a failure.


def lone_words_of_travel_count(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(MIN_SUPPORT, 3, 1)


def positives_without_samples_count(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(MIN_SUPPORT, 1, 1)


def anybody_gets_a_mandate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(roster_module.Roster, "_check", lambda *_: None)


def mandates_count_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(roster_module, "WAITING", 0)


def the_audit_sees_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audit_module, "_compare", lambda *_: None)


def the_same_may_be_signed_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(claims_module, "_same_custodian", lambda *_: False)
    patch.setattr(claims_module, "_spent", lambda *_: [])


@pytest.mark.parametrize(
    ("switched_off", "said"),
    [
        (anybody_gets_a_mandate, "policy office and vendor get no mandate"),
        (the_audit_sees_nothing, "the audit names every row"),
        (mandates_count_at_once, "no record of a body mandated an hour ago is admitted"),
        (lone_words_of_travel_count, "nobody stands behind the entries"),
        (the_same_may_be_signed_again, "signing again has no effect"),
        (positives_without_samples_count, "no positive without a sample is supported"),
    ],
)
def test_with_a_control_switched_off_the_demo_says_so_and_fails(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    switched_off: Callable[[pytest.MonkeyPatch], None],
    said: str,
) -> None:
    switched_off(monkeypatch)
    assert run_demo(tmp_path / "demo", 200, packs=PACKS, with_log=False) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert f"NOT HELD {said} !!" in text
    assert "promises NOT HELD" in text
    assert "promises held" not in text


def test_the_collector_is_on_again_after_a_demo_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(_demo, "_run", fails)
    with pytest.raises(RuntimeError):
        run_demo(tmp_path / "demo", 200, packs=PACKS, with_log=False)
    assert gc.isenabled()
