"""A ledger over any store, with the scene's bodies, people and pack: for tests of the one path."""

from __future__ import annotations

from case.henan import PACKS
from habeas.ledger import EndMandate, Entry, GrantMandate, Ledger, PublishPack, Submit, audit
from habeas.registry import Enrol
from habeas.stores import Store
from habeas.wire import DAY, Instant
from scene import BODIES, START, Scene, make_actor

PACK = (PACKS / "cn-henan-2021-2.yaml").read_text()
PEOPLE = ("li", "wang", "zhao")


def founding(people: tuple[str, ...] = PEOPLE) -> list[tuple[Instant, list[Entry]]]:
    """Return the batches with which a province begins: the pack, the mandates, the people."""
    scene = Scene(people)
    grants: list[Entry] = [GrantMandate(mandate=make_actor(name).mandate) for name in BODIES]
    enrolments: list[Entry] = [Enrol(subject=scene.subject(name), ref=scene.ref(name)) for name in people]
    return [
        (START.after(-DAY), [PublishPack(text=PACK)]),
        (START, grants),
        (START.after(DAY), enrolments),
    ]


def commit_all(ledger: Ledger, batches: list[tuple[Instant, list[Entry]]]) -> None:
    """Commit batches in order."""
    for at, entries in batches:
        ledger.commit(entries, at)


def submits(scene: Scene) -> list[tuple[Instant, list[Entry]]]:
    """Return what was admitted in a scene as batches, one a statement."""
    return [(at, [Submit(data=data)]) for at, data in scene.sent]


def check_ledger(store: Store) -> None:
    """Hold a store against everything that must be true of it after any step: the one oracle of these tests."""
    assert audit(store) == ()
    told = {(notice.subject, notice.at) for notice in store.notices() if notice.attempted is not None}
    for row in store.decisions():
        assert (row.subject, row.at) in told, "a decision can be read whose notice was not attempted (I10)"
    before = list(store.decisions())
    Ledger(store).rebuild()
    assert list(store.decisions()) == before, "replay is not byte-equal (I1)"


__all__ = ["PACK", "PEOPLE", "EndMandate", "check_ledger", "commit_all", "founding", "submits"]
