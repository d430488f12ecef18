"""A person's own view of a log that the ledger itself wrote: nothing unexpected, whatever it has logged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.ledger import Clock, Entry, Ledger, Rekey, parse_openings
from habeas.passes import Opening, OwnView, PersonKeys, PublicLog, audit_labels, counts, day_of, open_log, own_view
from habeas.wire import DAY, Instant
from ledger.logged import CONSTANTS, Logged, policy
from ledger.province import PEOPLE, founding, submits
from ledger.test_log_end import RESULT, SCENE, run
from scene import Scene

EPOCH = CONSTANTS.epoch_seconds
LAST_OF_DAY = (int(RESULT) // DAY + 1) * DAY - EPOCH


def person(logged: Logged, name: str, epoch: int | None = None) -> tuple[PersonKeys, str]:
    at = logged.folder.blocks()[-1][0] if epoch is None else epoch
    row = logged.keyring.at(SCENE.subject(name), at)
    assert row is not None
    return row.keys, row.hint


def told(logged: Logged, name: str) -> dict[bytes, Opening]:
    """Return what a person was told with the notices."""
    rows = [row for epoch, _ in logged.folder.blocks() for row in parse_openings(logged.folder.openings(epoch) or b"")]
    return {row.leaf: row.opening for row in rows if row.subject == SCENE.subject(name)}


def the_log(logged: Logged) -> PublicLog:
    return open_log(logged.folder.fetch, policy())


def seen(logged: Logged, name: str, *, epoch: int | None = None) -> OwnView:
    keys, hint = person(logged, name, epoch)
    return own_view(the_log(logged), keys, now=logged.clock + 60, hint=hint, told=told(logged, name))


def codes(view: OwnView) -> list[str]:
    return [alarm.code.value for alarm in view.alarms]


@pytest.fixture
def province() -> tuple[Logged, Ledger]:
    """Return the province with a result of one person, up to two days after it, and a renewal of everybody's."""
    logged = Logged()
    ledger = logged.open()
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    run(logged, ledger, [*founding(), *submits(scene)])
    days: list[tuple[Instant, list[Entry]]] = [
        (Instant(LAST_OF_DAY + after * DAY), [Clock()]) for after in (0, 1, 4, 13, 15)
    ]
    run(logged, ledger, days)
    return logged, ledger


def test_nobody_is_alarmed_of_what_the_ledger_logs(province: tuple[Logged, Ledger]) -> None:
    logged, _ = province
    for name in PEOPLE:
        view = seen(logged, name)
        assert codes(view) == [], name
        assert len(view.decisions) >= 2, "the first, and a renewal"
        assert all(one.view is not None and one.grounds is not None for one in view.decisions)
        assert [one.superseded_in is None for one in view.decisions][-1]
    assert len(seen(logged, "li").decisions) > 2


def test_the_ground_is_counted_and_its_loss_would_be_seen(province: tuple[Logged, Ledger]) -> None:
    logged, _ = province
    found = counts(the_log(logged), day_of(LAST_OF_DAY))
    assert sum(found.grounds.values()) == 1
    assert sum(found.admissions.values()) > 0
    keys, hint = person(logged, "li")
    opened = told(logged, "li")
    renamed = {
        leaf: replace(one, grounds={**one.grounds, "code": "blue"} if isinstance(one.grounds, dict) else one.grounds)
        for leaf, one in opened.items()
    }
    view = own_view(the_log(logged), keys, now=logged.clock, hint=hint, told=renamed)
    assert set(codes(view)) == {"other-grounds"}


def test_new_keys_are_seen_with_the_old_ones_and_all_is_quiet_with_the_new(province: tuple[Logged, Ledger]) -> None:
    logged, ledger = province
    before = logged.folder.blocks()[-1][0]
    run(logged, ledger, [(Instant(logged.clock + DAY), [Rekey(subject=SCENE.subject("wang"))])])
    assert codes(seen(logged, "wang", epoch=before)) == ["rekeyed"]
    view = seen(logged, "wang")
    assert codes(view) == []
    assert view.decisions[-1].decision.epoch == logged.folder.blocks()[-1][0]


def test_every_decision_is_one_enrolled_persons(province: tuple[Logged, Ledger]) -> None:
    logged, _ = province
    log = the_log(logged)
    people = [person(logged, name)[0].labels for name in PEOPLE]
    for day in sorted({day_of(CONSTANTS.begins(epoch)) for epoch, _ in logged.folder.blocks()}):
        keys = [labels.key(day) for labels in people if labels.day <= day]
        found = audit_labels(log, day, keys)
        assert (found.unexplained, found.shared) == ((), ())
        assert len(audit_labels(log, day, []).unexplained) == found.decisions
