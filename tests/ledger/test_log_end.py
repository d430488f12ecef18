"""The ledger ends in the log: what is not published under a quorum has no effect, and what is can be opened and shown."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from habeas.evidence import BorderEntry, parse_statement
from habeas.ledger import (
    Clock,
    Entry,
    Erase,
    Ledger,
    OldCopyError,
    PublishPack,
    Rekey,
    Submit,
    UnpublishedError,
    audit,
    parse_openings,
)
from habeas.passes import (
    Held,
    KeyRangeError,
    PersonKeys,
    Verdict,
    admission_commitment,
    check_pass,
    decide,
    format_pass,
    ground_commitment,
    label_at,
    make_pass,
    open_decision,
    refusal_commitment,
    rekey_commitment,
    salt_at,
)
from habeas.passes import Salt as SaltOf
from habeas.stores import Batch, DamagedStoreError, Keyring, MemoryStore, Store, StoreError
from habeas.tlog import (
    ADMISSION_KINDS,
    Admission,
    Block,
    BlockError,
    Decision,
    EntryKind,
    Ground,
    format_pool,
    hash_leaf,
    kind_of,
    nodes_of,
    parse_indexes,
    prove_inclusion,
)
from habeas.wire import DAY, HOUR, Instant
from ledger.logged import CONSTANTS, Logged, policy, read_block
from ledger.province import PACK, PEOPLE, check_ledger, founding, submits
from ledger.test_ledger import successor
from scene import CODED, Scene
from stores.disks import Break, MemoryDisk

EPOCH = CONSTANTS.epoch_seconds
SCENE = Scene(PEOPLE)


def run(logged: Logged, ledger: Ledger, batches: list[tuple[Instant, list[Entry]]]) -> None:
    """Commit batches, the clock of everybody being that of the block."""
    for at, entries in batches:
        logged.clock = int(ledger.instant(at))
        ledger.commit(entries, at)


def founded() -> tuple[Logged, Ledger]:
    logged = Logged()
    ledger = logged.open()
    run(logged, ledger, founding())
    return logged, ledger


def blocks(logged: Logged) -> dict[int, Block]:
    return {epoch: read_block(logged.folder, epoch) for epoch, _ in logged.folder.blocks()}


def keys_of(logged: Logged, name: str, epoch: int) -> PersonKeys:
    row = logged.keyring.at(SCENE.subject(name), epoch)
    assert row is not None
    return row.keys


def pass_of(logged: Logged, name: str) -> str:
    """Return a person's newest pass, made with their keys from what is public, and the view that they open."""
    found = logged.log.newest(SCENE.subject(name))
    assert found is not None
    index, row = found
    all_blocks = blocks(logged)
    epoch = max(epoch for epoch, start in logged.folder.blocks() if start <= index)
    block = all_blocks[epoch]
    entry = block.entries[index - block.start]
    keys = keys_of(logged, name, epoch)
    decision = Decision.of_bytes(entry)
    opening = open_decision(decision, keys, CONSTANTS.origin, CONSTANTS.begins(epoch), row.opening)
    assert keys.openings is not None
    salt = salt_at(keys.openings.key(CONSTANTS.begins(epoch) // DAY), SaltOf.GATE, CONSTANTS.origin, epoch)
    width = 1 << CONSTANTS.height
    at = index - block.start
    leaves = [hash_leaf(one) for one in block.entries[at // width * width : at // width * width + width]]
    path = prove_inclusion(nodes_of(leaves), at % width, width)
    return format_pass(make_pass(decision, salt, opening.view, origin=CONSTANTS.origin, index=index, path=path))


def gate(logged: Logged) -> Held:
    """Return what a gate holds that has synced everything."""
    roots: dict[int, bytes] = {}
    gone: set[int] = set()
    newest = 0
    for epoch, block in blocks(logged).items():
        for place, root in enumerate(block.roots()):
            roots[(block.start >> CONSTANTS.height) + place] = root
        gone.update(parse_indexes(block.superseded))
        newest = epoch
    return Held(constants=CONSTANTS, roots=roots, superseded=frozenset(gone), newest=newest, opens_to=frozenset({0, 1}))


def check_all(logged: Logged, ledger: Ledger) -> None:
    """Hold everything against everything: the ledger's audit, the log under its quorum, each person's newest opening."""
    check_ledger(logged.store)
    published = logged.folder.published
    assert published is not None
    policy().check(published.note)
    assert logged.notary.judged.tree.root() == published.head.root, "the checker has judged all of it"
    assert [CONSTANTS.begins(epoch) for epoch, _ in logged.folder.blocks()] == sorted(
        {int(event.at) for _, event in logged.store.events()}
    )
    for person in ledger.state.registry.people():
        found = logged.log.newest(person.subject)
        assert found is not None
        _, row = found
        assert row.subject == person.subject
        assert ledger.last is not None
        derived = ledger.derivation(person.subject).at(ledger.last)
        assert row.opening.view.now == (derived.winner.severity if derived.winner else 0)


def test_everybody_who_is_enrolled_has_a_pass_that_opens_a_gate() -> None:
    logged, ledger = founded()
    check_all(logged, ledger)
    held = gate(logged)
    for name in PEOPLE:
        answer = check_pass(pass_of(logged, name), held, logged.clock)
        assert (answer.verdict, answer.reason) == (Verdict.YES, "open")


RESULT = CODED.after(10 * DAY)  # the pack and the mandates of the scene have long had their notice


def positive() -> tuple[Logged, Ledger, Scene]:
    """Return the province after somebody's result that another body's sampling record supports."""
    logged, ledger = founded()
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    run(logged, ledger, submits(scene))
    return logged, ledger, scene


def test_a_supported_result_ends_the_green_pass_and_the_new_one_shuts_the_gate() -> None:
    logged, ledger = founded()
    green = pass_of(logged, "li")
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    run(logged, ledger, submits(scene))

    check_all(logged, ledger)
    held = gate(logged)
    assert check_pass(pass_of(logged, "li"), held, logged.clock).reason == "code"
    assert check_pass(green, held, logged.clock).verdict is not Verdict.YES
    assert check_pass(pass_of(logged, "wang"), held, logged.clock).verdict is Verdict.YES


def test_what_is_admitted_and_what_is_refused_both_stand_in_the_block() -> None:
    logged, ledger, scene = positive()
    unmandated = Scene(PEOPLE).sign("tracer", henan_entry(), "wang", at=RESULT.after(DAY))
    run(logged, ledger, [(RESULT.after(DAY), [Submit(data=unmandated)])])

    entries = [entry for block in blocks(logged).values() for entry in block.entries]
    admitted = {one.commitment: one for one in map(admission, entries) if one}
    for _, data in scene.sent:
        signed = parse_statement(data)
        kind = ADMISSION_KINDS[signed.statement.facts.kind.value]
        found = admitted[admission_commitment(CONSTANTS.origin, kind, signed.id)]
        assert format_pool(found.pool) == "CN-41"
        assert found.received * HOUR <= logged.clock
    plain = b"".join(entry for entry in entries if kind_of(entry) is EntryKind.REFUSAL)
    assert refusal_commitment(CONSTANTS.origin, digest(unmandated)) in plain
    assert b"wrong-kind" in plain


def test_each_adverse_ground_is_counted_once_in_the_last_block_of_its_day() -> None:
    logged, ledger, _ = positive()
    last = (int(ledger.last or 0) // DAY + 1) * DAY - EPOCH
    run(logged, ledger, [(Instant(last), [Clock()]), (Instant(last + DAY), [Clock()])])

    counted = [
        (epoch, Ground.of_bytes(entry))
        for epoch, block in blocks(logged).items()
        for entry in block.entries
        if kind_of(entry) is EntryKind.GROUND
    ]
    assert len(counted) == 1
    ((epoch, ground),) = counted
    assert CONSTANTS.begins(epoch) == last
    found = logged.log.newest(SCENE.subject("li"))
    assert found is not None
    grounds: Any = found[1].opening.grounds
    (opened,) = grounds["grounds"]
    assert ground.class_ == opened["severity"]
    assert ground.commitment == ground_commitment(
        keys_of(logged, "li", epoch),
        CONSTANTS.origin,
        epoch,
        last,
        pack=opened["pack"],
        rule=opened["rule"],
        statement=opened["statement"],
    )


def test_without_a_quorum_nothing_has_effect_and_the_same_block_goes_on() -> None:
    logged, ledger = founded()
    before = logged.folder.published
    decisions = list(logged.store.decisions())
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    (first, *rest) = submits(scene)
    logged.notary.down = {"w1.example", "w2.example"}
    with pytest.raises(UnpublishedError, match="no quorum yet"):
        run(logged, ledger, [first])

    assert logged.folder.published == before
    assert list(logged.store.decisions()) == decisions
    for refused in (
        lambda: ledger.derivation(SCENE.subject("li")),
        lambda: ledger.commit([Clock()], RESULT),
        ledger.resume,
    ):
        with pytest.raises(UnpublishedError):
            refused()
    ledger = logged.open()
    assert ledger.waits
    signed = logged.folder.signed

    logged.notary.down = {"w1.example"}
    ledger.resume()
    assert logged.folder.published is not None
    assert signed is not None
    assert logged.folder.published.head == signed.head
    run(logged, ledger, rest)
    check_all(logged, ledger)


def test_switched_off_a_ledger_that_does_not_wait_shows_what_nobody_has_witnessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control is that decisions are written after the quorum: without it they are read before."""
    monkeypatch.setattr(Ledger, "_publish", lambda *_: None)
    logged = Logged()
    ledger = logged.open()
    logged.notary.down = {"w1.example", "w2.example"}
    run(logged, ledger, founding())
    assert list(logged.store.decisions())
    assert logged.folder.published is None


@pytest.mark.parametrize(
    "how",
    [Break.ALL, Break.NOTHING, *(pytest.param(how, marks=pytest.mark.long) for how in (Break.PART, Break.FULL))],
)
def test_whatever_write_of_the_log_breaks_the_next_opening_goes_on(how: Break) -> None:
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    batches = [*founding(), *submits(scene)]
    disk = MemoryDisk()
    clean = Logged(disk=disk)
    run(clean, clean.open(), batches)
    assert disk.operations > len(batches) * 5

    for at in range(1, disk.operations + 1):
        logged = Logged(disk=MemoryDisk(at=at, how=how))
        ledger = logged.open()
        for instant, entries in batches:
            logged.clock = int(ledger.instant(instant))
            try:
                ledger.commit(entries, instant)
            except (StoreError, UnpublishedError):
                ledger = logged.open()
                if int(ledger.last or 0) < logged.clock:
                    ledger.commit(entries, instant)
        check_all(logged, ledger)
        assert [epoch for epoch, _ in logged.folder.blocks()] == [epoch for epoch, _ in clean.folder.blocks()]


def test_a_signed_block_whose_bytes_are_lost_is_made_again_from_the_events() -> None:
    logged, ledger = founded()
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    (first, *_) = submits(scene)
    logged.notary.down = {"w1.example", "w2.example"}
    with pytest.raises(UnpublishedError):
        run(logged, ledger, [first])
    assert isinstance(logged.disk, MemoryDisk)
    for name in [name for name in logged.disk.files if name == "private/staged"]:
        del logged.disk.files[name]

    logged.notary.down = set()
    ledger = logged.open()
    assert not ledger.waits
    check_all(logged, ledger)


def test_new_keys_are_a_decision_in_the_log_that_names_the_old_one() -> None:
    logged, ledger, _ = positive()
    old = pass_of(logged, "wang")
    before = logged.log.newest(SCENE.subject("wang"))
    assert before is not None
    run(logged, ledger, [(RESULT.after(DAY), [Rekey(subject=SCENE.subject("wang"))])])

    check_all(logged, ledger)
    after = logged.log.newest(SCENE.subject("wang"))
    assert after is not None
    assert after[1].opening.previous.index == before[0]
    assert after[1].opening.previous.leaf == before[1].leaf
    epochs = [epoch for epoch, _ in logged.folder.blocks()]
    old_keys = keys_of(logged, "wang", epochs[-2]).labels
    label = label_at(old_keys.key(CONSTANTS.begins(epochs[-1]) // DAY), CONSTANTS.origin, epochs[-1])
    said = [found for entry in read_block(logged.folder, epochs[-1]).entries if (found := admission(entry))]
    assert [one.commitment for one in said] == [rekey_commitment(CONSTANTS.origin, label)]
    assert keys_of(logged, "wang", epochs[-2]) != keys_of(logged, "wang", epochs[-1])
    held = gate(logged)
    assert check_pass(old, held, logged.clock).reason == "superseded"
    assert check_pass(pass_of(logged, "wang"), held, logged.clock).verdict is Verdict.YES


def test_a_decision_is_logged_anew_after_fourteen_days_and_not_before() -> None:
    logged, ledger = founded()
    start = ledger.last
    assert start is not None
    for days, fresh in ((13, False), (14, True), (20, False)):
        before = logged.log.newest(SCENE.subject("wang"))
        run(logged, ledger, [(start.after(days * DAY), [Clock()])])
        assert (logged.log.newest(SCENE.subject("wang")) != before) is fresh, days
    check_all(logged, ledger)


def test_old_states_are_destroyed_as_the_log_says_and_old_decisions_open_no_more() -> None:
    logged, ledger = founded()
    first = logged.folder.blocks()[-1][0]
    before = logged.log.newest(SCENE.subject("wang"))
    assert before is not None
    later = CODED.after(70 * DAY)
    run(logged, ledger, [(later, [Clock()])])
    day = int(later) // DAY - 60
    assert audit(logged.store) == ()
    run(logged, ledger, [(later.after(HOUR), [Erase(day=day, audited=ledger.head)])])

    assert logged.keyring.oldest() == day
    assert logged.folder.openings(first) is None
    with pytest.raises(KeyRangeError):
        decide(keys_of(logged, "wang", first), CONSTANTS.origin, first, CONSTANTS.begins(first), before[1].opening)
    reopened = logged.open()
    check_all(logged, reopened)
    held = gate(logged)
    assert check_pass(pass_of(logged, "wang"), held, logged.clock).verdict is Verdict.YES


def test_the_openings_of_a_block_are_read_back_and_lost_ones_are_said() -> None:
    logged, _, _ = positive()
    epoch = logged.folder.blocks()[-1][0]
    data = logged.folder.openings(epoch)
    assert data is not None
    rows = parse_openings(data)
    assert [row.subject for row in rows] == [SCENE.subject("li")]
    assert isinstance(logged.disk, MemoryDisk)
    del logged.disk.files[f"private/openings/{epoch}"]
    with pytest.raises(Exception, match="openings of block"):
        logged.open()


def test_a_milder_pack_counts_at_once_for_ledger_and_checker_alike() -> None:
    logged, ledger, _ = positive()
    at = RESULT.after(DAY)
    later: list[tuple[Instant, list[Entry]]] = [(at.after(hours * HOUR), [Clock()]) for hours in (2, 4, 60)]
    run(logged, ledger, [(at, [PublishPack(text=successor())]), *later])
    check_all(logged, ledger)
    newest = [parse_indexes(block.packs) for block in blocks(logged).values()]
    assert [len(one) for one in newest[-4:]] == [1, 2, 2, 2], "listed from the block after the one that logs it"


def test_no_pack_counts_at_once_by_being_milder_than_one_that_does_not_count_yet() -> None:
    logged, ledger, _ = positive()
    at = RESULT.after(DAY)
    harsh = PACK.replace("pack: cn-henan-2021-2\n", "pack: cn-harsh\nsucceeds: cn-henan-2021-2\ntransition: notice\n")
    softer = PACK.replace("pack: cn-henan-2021-2\n", "pack: cn-softer\nsucceeds: cn-harsh\ntransition: milder\n")
    harsh = harsh.replace("[yellow, 28]", "[yellow, 35]")
    run(logged, ledger, [(at, [PublishPack(text=harsh)]), (at.after(2 * HOUR), [PublishPack(text=softer)])])
    starts = {pack.id: span.start for span, pack in ledger.state.book.periods}
    assert starts["cn-softer"] >= starts["cn-harsh"] >= at.after(2 * DAY)


@pytest.mark.parametrize("lost", ["ledger", "keys"])
def test_an_old_copy_of_a_file_that_was_put_back_stops_the_ledger(lost: str) -> None:
    logged, ledger = founded()
    (first, *_) = submits(scene_with_result())
    if lost == "ledger":
        logged.store = replayed(logged.store, until=ledger.last)
        old = replayed(logged.store, until=Instant(int(ledger.last or 0) - 1))
        run(logged, logged.open(), [first])
        logged.store = old
        with pytest.raises(OldCopyError, match="ledger's file was put back"):
            logged.open()
    else:
        run(logged, ledger, [first])
        logged.keyring = Keyring(None)
        with pytest.raises(DamagedStoreError, match="are lost"):
            logged.open()


def scene_with_result() -> Scene:
    scene = Scene(PEOPLE)
    scene.sampled_positive("li", at=RESULT)
    return scene


def replayed(store: Store, until: Instant | None) -> MemoryStore:
    copy = MemoryStore()
    copy.commit(Batch(events=tuple(event for _, event in store.events() if until is None or event.at <= until)))
    copy.commit(Batch(decisions=tuple(store.decisions())))
    return copy


def test_a_staged_block_whose_openings_alone_are_lost_gets_them_again() -> None:
    logged, ledger = founded()
    (first, *_) = submits(scene_with_result())
    logged.notary.down = {"w1.example", "w2.example"}
    with pytest.raises(UnpublishedError):
        run(logged, ledger, [first])
    epoch = int(ledger.last or 0) // EPOCH
    assert isinstance(logged.disk, MemoryDisk)
    del logged.disk.files[f"private/openings/{epoch}"]
    logged.notary.down = set()
    ledger = logged.open()
    check_all(logged, ledger)
    check_all(logged, logged.open())


def test_the_same_entry_twice_in_one_block_stands_there_once() -> None:
    logged, ledger, _ = positive()
    erase = Erase(day=int(RESULT) // DAY - 60, audited=1)
    run(logged, ledger, [(RESULT.after(DAY), [erase, erase])])
    check_all(logged, ledger)


def late_pack(monkeypatch: pytest.MonkeyPatch | None = None) -> Logged:
    """Return a log whose checker was away for a day while a pack was logged, and that goes on until the pack counts."""
    if monkeypatch:
        monkeypatch.setattr(Ledger, "_late", lambda _: ())
    logged = Logged()
    ledger = logged.open()
    (at, entries), *rest = founding()
    logged.notary.down = {"c1.example"}
    logged.clock = int(ledger.instant(at))
    with pytest.raises(UnpublishedError):
        ledger.commit(entries, at)
    logged.notary.down = set()
    logged.clock += DAY
    ledger.resume()
    run(logged, ledger, [(max(instant, Instant(logged.clock)), batch) for instant, batch in rest])
    start = Instant(logged.clock)
    run(logged, ledger, [(start.after(hours * HOUR), [Clock()]) for hours in (20, 30, 40, 60, 80)])
    check_all(logged, ledger)
    assert logged.folder.published is not None
    return logged


def test_a_pack_in_a_block_that_came_late_counts_from_when_its_checker_saw_it() -> None:
    logged = late_pack()
    newest = logged.folder.blocks()[-1][0]
    assert parse_indexes(read_block(logged.folder, newest).packs), "it counts in the end"


def test_switched_off_the_log_ends_on_a_pack_that_counts_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BlockError, match="notice"):
        late_pack(monkeypatch)


def henan_entry() -> BorderEntry:
    return BorderEntry(origin="SG")


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def admission(entry: bytes) -> Admission | None:
    return Admission.of_bytes(entry) if kind_of(entry) is EntryKind.ADMISSION else None
