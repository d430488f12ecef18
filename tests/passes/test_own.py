"""A person's own view: what is theirs, the chain of it, and one alarm for each thing that may not be."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from habeas.passes import (
    ALARM_WORDS,
    AlarmCode,
    GateView,
    Held,
    Memory,
    MirrorError,
    OwnView,
    PassError,
    PersonKeys,
    Previous,
    Verdict,
    check_abuse,
    check_pass,
    day_of,
    decide,
    ground_commitment,
    label_at,
    make_abuse,
    own_view,
    rekey_commitment,
)
from habeas.stores import LogFolder
from habeas.tlog import (
    ADMISSION_KINDS,
    Admission,
    BlockError,
    Ground,
    Judged,
    Sections,
    TlogError,
    constants_entry,
    format_blocks,
    format_indexes,
    hash_leaf,
    judge,
)
from habeas.wire import DAY, HOUR, Cbor
from passes.attacks import fork_of, second_decision, superseded_for_one, unlogged_pass, unsorted, without_renewal
from passes.own_log import OwnLog
from passes.public_log import GREEN, LOG, POLICY, RED, WITNESSES, hint_of, keys_of
from tlog.blocks import CONSTANTS, FIRST, KEY

SAVER, FRIEND = 1, 2
DAY_EPOCHS = DAY // CONSTANTS.epoch_seconds


def seen(
    log: OwnLog, who: int = SAVER, *, now: int | None = None, keys: PersonKeys | None = None, **more: object
) -> OwnView:
    more = {"hint": hint_of(who), "told": log.told.get(who, {}), **more}
    fetch = more.pop("fetch", None)
    return own_view(log.open(fetch), keys or keys_of(who), now=log.now() if now is None else now, **more)  # type: ignore[arg-type]


def codes(view: OwnView) -> list[str]:
    return [alarm.code.value for alarm in view.alarms]


def plain_log() -> OwnLog:
    """Return a log in which a saver is green, then red, and a friend green throughout."""
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(FIRST + 1, {SAVER: GREEN, FRIEND: GREEN}, others=600)
    log.grow(FIRST + 3, {}, others=300)
    log.grow(FIRST + 5, {SAVER: RED}, others=300)
    return log


@pytest.fixture(scope="module")
def honest() -> OwnLog:
    return plain_log()


def test_a_person_sees_their_decisions_with_grounds_and_nothing_to_be_alarmed_of(honest: OwnLog) -> None:
    view = seen(honest)
    assert codes(view) == []
    assert [(one.decision.epoch, one.view.now if one.view else None) for one in view.decisions] == [
        (FIRST + 1, GREEN),
        (FIRST + 5, RED),
    ]
    assert [one.superseded_in for one in view.decisions] == [FIRST + 5, None]
    red = view.decisions[1].grounds
    assert isinstance(red, dict)
    assert red["code"] == "red"
    assert (view.blocks, view.newest) == (4, FIRST + 5)
    assert view.bundles <= 3 * view.blocks


def test_without_what_one_was_told_the_view_is_found_by_trying_and_the_grounds_stay_closed(honest: OwnLog) -> None:
    view = seen(honest, told={})
    assert codes(view) == []
    assert [one.view.now if one.view else None for one in view.decisions] == [GREEN, RED]
    assert [one.grounds for one in view.decisions] == [None, None]


def test_a_watcher_sees_that_something_came_and_when_but_not_what(honest: OwnLog) -> None:
    view = seen(honest, keys=PersonKeys(labels=keys_of(SAVER).labels), told={})
    assert codes(view) == []
    assert [(one.decision.epoch, one.view, one.grounds) for one in view.decisions] == [
        (FIRST + 1, None, None),
        (FIRST + 5, None, None),
    ]


def test_whoever_has_no_decision_sees_none_and_keys_of_a_later_day_begin_there(honest: OwnLog) -> None:
    assert seen(honest, 9).decisions == ()
    day = day_of(CONSTANTS.begins(FIRST + 5)) + 1
    view = seen(honest, keys=keys_of(SAVER, day))
    assert (view.decisions, view.blocks, codes(view)) == ((), 0, [])


def test_a_second_look_reads_only_what_is_new_and_says_the_same() -> None:
    log = plain_log()
    before = seen(log)
    log.grow(FIRST + 6, {SAVER: GREEN}, others=50)
    after = seen(log, memory=before.memory)
    whole = seen(log)
    assert (after.blocks, whole.blocks) == (1, 5)
    assert (after.decisions, after.alarms, after.memory) == (whole.decisions, whole.alarms, whole.memory)
    assert codes(after) == []


def test_memory_goes_on_where_newer_keys_leave_a_gap() -> None:
    log = plain_log()
    before = seen(log)
    log.grow(FIRST + 2 * DAY_EPOCHS, {FRIEND: GREEN}, others=20)  # whose line is in the chain, too
    log.grow(FIRST + 3 * DAY_EPOCHS, {SAVER: GREEN}, others=20)
    rolled = keys_of(SAVER, day_of(CONSTANTS.begins(FIRST + 3 * DAY_EPOCHS)))
    view = seen(log, memory=before.memory, keys=rolled)
    assert view.blocks == 1
    assert [one.decision.epoch for one in view.decisions] == [FIRST + 1, FIRST + 5, FIRST + 3 * DAY_EPOCHS]
    assert "superseded" not in codes(view)


def test_a_look_whose_keys_reach_no_block_goes_on_when_one_comes() -> None:
    log = plain_log()
    later = keys_of(SAVER, day_of(CONSTANTS.begins(FIRST + 5)) + 1)
    before = seen(log, keys=later, told={})
    assert before.blocks == 0
    log.grow(FIRST + 2 * DAY_EPOCHS, {SAVER: GREEN, FRIEND: GREEN}, others=20)
    view = seen(log, keys=later, told={}, memory=before.memory)
    assert (view.blocks, len(view.decisions), codes(view)) == (1, 1, [])


# Alarms ---------------------------------------------------------------------------------------------------------------


def test_a_wrong_hint_is_an_alarm_and_says_so(honest: OwnLog) -> None:
    view = seen(honest, hint="another", told={})
    assert codes(view) == ["does-not-open"] * 2
    assert "hint" in view.alarms[0].words[0]


def test_grounds_that_the_decision_does_not_commit_to_are_found(honest: OwnLog) -> None:
    leaf = honest.last[SAVER].leaf
    said = honest.told[SAVER][leaf]
    view = seen(honest, told={**honest.told[SAVER], leaf: replace(said, grounds={"code": "red", "grounds": []})})
    assert codes(view) == ["other-grounds"]
    view = seen(honest, told={**honest.told[SAVER], leaf: replace(said, view=replace(said.view, now=GREEN, until=0))})
    assert codes(view) == ["other-grounds"]


def test_a_decision_that_does_not_name_the_last_one_is_found() -> None:
    log = plain_log()
    log.last[SAVER] = Previous()  # as if the red one had never been
    log.grow(FIRST + 6, {SAVER: GREEN}, others=10)
    view = seen(log)
    assert "broken-chain" in codes(view)
    assert [alarm.epoch for alarm in view.alarms if alarm.code is AlarmCode.BROKEN_CHAIN] == [FIRST + 6]


def test_a_decision_that_one_was_told_of_and_that_is_not_logged_is_found(honest: OwnLog) -> None:
    told = {**honest.told[SAVER], b"x" * 32: honest.opening(FIRST + 3, SAVER, RED)}
    view = seen(honest, told=told)
    assert [(alarm.code.value, alarm.epoch) for alarm in view.alarms] == [("unlogged", FIRST + 3)]
    later = {**honest.told[SAVER], b"x" * 32: honest.opening(FIRST + 9, SAVER, RED)}
    assert codes(seen(honest, told=later)) == []  # it may come yet


def test_no_renewal_after_fourteen_days_is_an_alarm_and_one_on_time_is_none() -> None:
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(FIRST + 1, {SAVER: GREEN, FRIEND: GREEN}, others=5)
    due = FIRST + 1 + 14 * DAY_EPOCHS
    decided = log.decided(due, {SAVER: GREEN, FRIEND: GREEN}, others=5)
    block = log.build(
        due, without_renewal(Sections(decisions=list(decided.values())), decided[SAVER]), [log.last[FRIEND].index]
    )
    log.told[SAVER].popitem()
    log.append(block)
    log.follow(block, {FRIEND: decided[FRIEND]})
    assert codes(seen(log)) == []
    log.grow(due + 1, {}, others=5)
    assert codes(seen(log)) == ["not-renewed"]
    assert codes(seen(log, FRIEND)) == []
    new = keys_of(9, day_of(CONSTANTS.begins(FIRST + 1)))
    assert codes(seen(log, 9, keys=new)) == []  # they could still come: an enrolment has its day
    log.grow(due + DAY_EPOCHS, {}, others=5)
    assert codes(seen(log, 9, keys=new)) == ["not-renewed"]


def test_silence_of_the_log_and_a_clock_that_is_behind_are_told_apart(honest: OwnLog) -> None:
    newest = CONSTANTS.begins(FIRST + 5)
    for now, wanted in (
        (newest - CONSTANTS.epoch_seconds - 1, ["clock"]),
        (newest - CONSTANTS.epoch_seconds, []),
        (newest + DAY, []),
        (newest + DAY + 1, ["silence"]),
    ):
        assert codes(seen(honest, now=now)) == wanted


# The log goes back or forks -------------------------------------------------------------------------------------------


def test_a_checkpoint_that_goes_back_is_an_alarm_and_changes_nothing_that_is_known() -> None:
    log = plain_log()
    old = log.copy()
    log.grow(FIRST + 6, {SAVER: GREEN})
    before = seen(log)
    view = seen(log, fetch=LogFolder(old.disk, LOG.key).fetch, memory=before.memory)
    assert codes(view) == ["goes-back"]
    assert view.memory == before.memory
    assert len(view.decisions) == 3


def test_a_fork_is_an_alarm_whether_the_other_log_is_as_long_or_longer() -> None:
    log = plain_log()
    other = log.copy()
    log.grow(FIRST + 6, {SAVER: GREEN})
    before = seen(log)
    fork = OwnLog(disk=other.disk, blocks=other.blocks, last=other.last, told=other.told)
    fork.grow(FIRST + 6, {SAVER: RED})
    for _ in range(2):
        view = seen(fork, memory=before.memory)
        assert codes(view) == ["fork"]
        assert view.memory == before.memory
        fork.grow(fork.blocks[-1].header.epoch + 1, {}, others=700)
    assert codes(seen(log, memory=before.memory)) == []


def test_a_mirror_whose_tiles_lie_is_not_taken_for_a_log_that_forks() -> None:
    log = plain_log()
    before = seen(log)
    log.grow(FIRST + 6, {}, others=400)
    for name in [name for name in log.disk.files if name.startswith("log/tile/1/")]:
        data = bytearray(log.disk.files[name])
        for at in range(0, len(data), 96):
            lies = {**log.disk.files, name: bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]])}
            try:
                view = seen(log, fetch=lambda path, lies=lies: lies.get("log/" + path), memory=before.memory)
            except MirrorError:
                continue
            assert codes(view) == []


# A mirror lies --------------------------------------------------------------------------------------------------------


def _files(log: OwnLog) -> dict[str, bytes]:
    return {name.removeprefix("log/"): data for name, data in log.disk.files.items() if name.startswith("log/")}


def test_whatever_byte_a_mirror_changes_nobody_is_told_anything_else(honest: OwnLog) -> None:
    """Every file that is read, in every 389th byte and its last: the same view, or a refusal."""
    files, whole = _files(honest), seen(honest)
    for name, data in files.items():
        for at in {*range(0, len(data), 389), len(data) - 1} - {-1}:
            lie = {**files, name: data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]}
            try:
                view = seen(honest, fetch=lie.get)
            except (PassError, TlogError):
                continue
            assert (view.decisions, view.alarms) == (whole.decisions, whole.alarms), name


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_a_mirror_cannot_leave_a_block_out_of_the_list(honest: OwnLog, which: int) -> None:
    files = _files(honest)
    listed = files["blocks"]
    lie = {**files, "blocks": listed[: which * 9] + listed[which * 9 + 9 :]}
    with pytest.raises(MirrorError):
        seen(honest, fetch=lie.get)
    late = keys_of(SAVER, day_of(CONSTANTS.begins(FIRST + 5)) + 1)  # nothing to look at, and still no gap
    if which == 3:
        with pytest.raises(MirrorError):
            seen(honest, fetch=lie.get, keys=late)


@pytest.mark.parametrize("name", ["blocks", "checkpoint", f"block/{FIRST + 3}", f"superseded/{FIRST + 5}"])
def test_a_file_that_is_not_there_is_the_mirrors_fault(honest: OwnLog, name: str) -> None:
    files = _files(honest)
    del files[name]
    with pytest.raises(MirrorError, match="another mirror"):
        seen(honest, fetch=files.get)


@pytest.mark.parametrize("listed", [b"", format_blocks([(FIRST + 9, 0)]), format_blocks([(FIRST, 1 << 30)])[9:]])
def test_a_mirror_cannot_hide_all_blocks(honest: OwnLog, listed: bytes) -> None:
    late = keys_of(SAVER, day_of(CONSTANTS.begins(FIRST + 5)) + 9)
    for keys in (keys_of(SAVER), late):
        with pytest.raises(MirrorError):
            seen(honest, fetch={**_files(honest), "blocks": listed}.get, keys=keys)


@pytest.mark.parametrize("lines", [[], [258], [258, 259], [513]])
def test_a_list_that_is_not_the_blocks_own_is_refused(honest: OwnLog, lines: list[int]) -> None:
    assert honest.blocks[3].superseded not in map(format_indexes, ([], [258], [258, 259], [513]))
    lie = {**_files(honest), f"superseded/{FIRST + 5}": format_indexes(lines)}
    with pytest.raises(MirrorError):
        seen(honest, fetch=lie.get)


def test_a_mirror_that_leaves_the_new_block_out_is_found_with_memory_too() -> None:
    log = plain_log()
    before = seen(log)
    log.grow(FIRST + 6, {SAVER: GREEN})
    log.grow(FIRST + 7, {}, others=3)
    files = _files(log)
    for which in (4, 5):
        listed = files["blocks"]
        lie = {**files, "blocks": listed[: which * 9] + listed[which * 9 + 9 :]}
        with pytest.raises(MirrorError):
            seen(log, fetch=lie.get, memory=before.memory)


# Insiders: every key of the authority, and bribed checkers ------------------------------------------------------------


def judged(log: OwnLog) -> Judged:
    state = Judged(constants=CONSTANTS, entry=constants_entry(CONSTANTS, KEY))
    for block in log.blocks:
        state = judge(state, block, CONSTANTS.begins(block.header.epoch))
    return state


def test_an_unlogged_pass_opens_no_gate(honest: OwnLog) -> None:
    view = GateView(now=GREEN, until=0, then=GREEN, hint=hint_of(9))
    held = Held(
        constants=CONSTANTS,
        roots={block.start // 256 + at: root for block in honest.blocks for at, root in enumerate(block.roots())},
        superseded=frozenset(),
        newest=FIRST + 5,
        opens_to=frozenset({GREEN}),
    )
    text = unlogged_pass(keys_of(9), CONSTANTS, epoch=FIRST + 3, index=honest.blocks[2].start + 7, view=view)
    answer = check_pass(text, held, honest.now())
    assert (answer.verdict, answer.reason) == (Verdict.NO, "not-in-the-log")


def attacked_block(attack: Callable[[OwnLog, int], object]) -> tuple[OwnLog, str]:
    """Return the log with the attack's block in it, as bribed checkers would let it, and what an honest one says."""
    log, epoch = plain_log(), FIRST + 6
    block = attack(log, epoch)
    said = ""
    try:
        judge(judged(log), block, CONSTANTS.begins(epoch))  # type: ignore[arg-type]
    except BlockError as error:
        said = error.code
    log.append(block)  # type: ignore[arg-type]
    return log, said


def test_a_second_decision_is_refused_by_checkers_and_seen_by_its_owner() -> None:
    def attack(log: OwnLog, epoch: int) -> object:
        decided = log.decided(epoch, {SAVER: GREEN}, others=500)
        red = log.opening(epoch, SAVER, RED)
        entries = second_decision(
            Sections(decisions=list(decided.values())), keys_of(SAVER), CONSTANTS, epoch=epoch, opening=red
        )
        return log.build(epoch, entries, [log.last[SAVER].index])

    log, said = attacked_block(attack)
    assert said == "label"
    view = seen(log)
    assert codes(view)[0] == "false-block"
    assert view.alarms[0].epoch == FIRST + 6
    again = seen(log, memory=view.memory)
    assert codes(again)[0] == "false-block"  # it is remembered: nothing of it is read again


def test_an_unsorted_block_is_refused_by_checkers_and_seen_by_its_owner() -> None:
    def attack(log: OwnLog, epoch: int) -> object:
        decided = log.decided(epoch, {SAVER: RED}, others=500)
        block = log.build(epoch, Sections(decisions=list(decided.values())), [log.last[SAVER].index])
        return unsorted(block, block.start + block.entries.index(decided[SAVER]))

    log, said = attacked_block(attack)
    assert said in {"label", "order"}
    assert {"false-block", "superseded"} & set(codes(seen(log)))


def hidden(log: OwnLog, epoch: int = FIRST + 6) -> None:
    """Take the saver's decision off the gates and log no new one."""
    decided = log.decided(epoch, {SAVER: GREEN}, others=20)
    log.told[SAVER].popitem()
    index = log.last[SAVER].index
    entries = Sections(decisions=list(decided.values()))
    block = superseded_for_one(
        entries, decided[SAVER], index=index, epoch=epoch, constants=CONSTANTS, after=log.blocks[-1]
    )
    judge(judged(log), block, CONSTANTS.begins(epoch))  # no checker can see it
    log.append(block)


def test_a_line_for_one_saver_passes_every_checker_and_is_seen_and_proved_by_its_owner() -> None:
    log = plain_log()
    index = log.last[SAVER].index
    hidden(log)
    view = seen(log)
    assert [(alarm.code.value, alarm.epoch, alarm.index) for alarm in view.alarms] == [("superseded", FIRST + 6, index)]
    assert codes(seen(log, FRIEND)) == []
    watcher = seen(log, keys=PersonKeys(labels=keys_of(SAVER).labels), told={})
    assert codes(watcher) == ["superseded"]  # a watcher sees it, too
    assert check_abuse(make_abuse(log.open(), keys_of(SAVER), index, FIRST + 6), POLICY) == index
    again = seen(log, memory=view.memory)
    assert codes(again) == ["superseded"]


def test_new_keys_are_told_apart_from_abuse() -> None:
    log, epoch = plain_log(), FIRST + 6
    label = label_at(keys_of(SAVER).labels.key(day_of(CONSTANTS.begins(epoch))), CONSTANTS.origin, epoch)
    rekeyed = Admission(
        kind=ADMISSION_KINDS["rekey"],
        pool=0,
        received=CONSTANTS.begins(epoch) // HOUR,
        commitment=rekey_commitment(CONSTANTS.origin, label),
    ).to_bytes()
    block = log.build(
        epoch,
        Sections(admissions=[rekeyed], decisions=list(log.decided(epoch, {}, 9).values())),
        [log.last[SAVER].index],
    )
    judge(judged(log), block, CONSTANTS.begins(epoch))
    log.append(block)
    assert codes(seen(log)) == ["rekeyed"]


def test_a_fork_for_one_gate_is_seen_by_a_person_who_has_seen_the_other() -> None:
    log = plain_log()
    other = log.copy()
    entries = [entry for block in log.blocks for entry in block.entries]
    log.grow(FIRST + 6, {SAVER: GREEN})
    before = seen(log)
    false = other.build(FIRST + 6, Sections(decisions=list(other.decided(FIRST + 6, {SAVER: RED}).values())), [])
    note = fork_of(entries, false, LOG, WITNESSES, other.now())
    assert POLICY.check(note).head.size == before.memory.size
    other.append(false)
    assert codes(seen(other, memory=before.memory)) == ["fork"]


# Grounds, counted in public -------------------------------------------------------------------------------------------


def counted_log(*, counts: bool, late: bool = False) -> OwnLog:
    """Return a log with the saver's ground counted in the last block of its day, of the next day, or never."""
    log = plain_log()
    red = log.told[SAVER][log.last[SAVER].leaf].grounds
    assert isinstance(red, dict)
    assert isinstance(red["grounds"], list)
    ground = red["grounds"][0]
    assert isinstance(ground, dict)
    end = (CONSTANTS.begins(FIRST + 5) // DAY + 1) * DAY_EPOCHS - 1
    for epoch, has in ((end, counts and not late), (end + DAY_EPOCHS, counts and late)):
        commitment = ground_commitment(
            keys_of(SAVER), CONSTANTS.origin, epoch, CONSTANTS.begins(epoch),
            pack=ground["pack"], rule=ground["rule"], statement=ground["statement"],  # type: ignore[arg-type]
        )  # fmt: skip
        rows = [Ground(pack=3, rule=n, pool=0, class_=1, commitment=bytes(32)).to_bytes() for n in range(400)]
        mine = Ground(pack=3, rule=7, pool=0, class_=RED, commitment=commitment).to_bytes()
        log.grow(epoch, {}, others=3, grounds=[*rows, *([mine] if has else [])])
    return log


def test_a_ground_that_is_not_counted_by_the_end_of_the_next_day_is_an_alarm() -> None:
    assert codes(seen(counted_log(counts=True))) == []
    assert codes(seen(counted_log(counts=True, late=True))) == []
    view = seen(counted_log(counts=False))
    assert [(alarm.code.value, alarm.epoch) for alarm in view.alarms] == [("uncounted", FIRST + 5)]


def test_a_ground_may_still_be_counted_until_the_next_day_ends(honest: OwnLog) -> None:
    log = plain_log()
    end = (CONSTANTS.begins(FIRST + 5) // DAY + 1) * DAY_EPOCHS - 1
    log.grow(end, {}, others=3)
    assert codes(seen(log)) == []
    assert codes(seen(honest)) == []


def test_a_mirror_cannot_hide_the_block_that_counts() -> None:
    log = counted_log(counts=True)
    files = _files(log)
    before = seen(log).memory
    listed = files["blocks"]
    lie = {**files, "blocks": listed[: 4 * 9] + listed[5 * 9 :]}
    with pytest.raises(MirrorError):
        seen(log, fetch=lie.get)
    with pytest.raises(MirrorError):
        seen(log, fetch=lie.get, memory=before)


def test_grounds_of_another_shape_are_none_and_an_adverse_code_without_grounds_is_an_alarm() -> None:
    log = OwnLog()
    log.grow(FIRST, {})
    favourable: Cbor = {"pack": bytes(32), "rule": "default", "statement": bytes(32), "severity": 0}
    odd: tuple[Cbor, ...] = ([], {"grounds": 1}, {"grounds": [1, favourable, {"pack": b"x", "severity": 3}]})
    for epoch, grounds in enumerate(odd, FIRST + 1):
        opening = log.opening(epoch, SAVER, RED, grounds)
        entry = decide(keys_of(SAVER), CONSTANTS.origin, epoch, CONSTANTS.begins(epoch), opening).to_bytes()
        log.told.setdefault(SAVER, {})[hash_leaf(entry)] = opening
        block = log.build(epoch, Sections(decisions=[entry]))
        log.append(block)
        log.follow(block, {SAVER: entry})
    log.grow(FIRST + 4 * DAY_EPOCHS, {}, others=1)
    view = seen(log)
    assert [(alarm.code.value, alarm.epoch) for alarm in view.alarms] == [
        ("groundless", FIRST + number) for number in (1, 2, 3)
    ]
    assert [one.grounds is not None for one in view.decisions] == [True] * 3


# A long run -----------------------------------------------------------------------------------------------------------


def _days(seed: int) -> Iterator[tuple[int, dict[int, int]]]:
    rng = random.Random(seed)  # noqa: S311 - a made-up history
    epoch = FIRST
    for _ in range(25):
        epoch += rng.randrange(1, 8)
        yield epoch, {who: rng.choice([GREEN, RED]) for who in (SAVER, FRIEND) if rng.random() < 0.4}


@pytest.mark.parametrize("seed", range(3))
def test_looks_at_any_time_see_what_was_decided_and_agree_with_one_long_look(seed: int) -> None:
    log, rng = OwnLog(), random.Random(seed)  # noqa: S311 - a made-up history
    log.grow(FIRST - 1, {})
    decided: list[tuple[int, int]] = []
    memory: Memory | None = None
    for epoch, changes in _days(seed):
        log.grow(epoch, changes, others=rng.randrange(400))
        decided += [(epoch, changes[SAVER])] if SAVER in changes else []
        if rng.random() < 0.5:
            view = seen(log, memory=memory)
            memory = view.memory
            assert [(one.decision.epoch, one.view.now if one.view else None) for one in view.decisions] == decided
            assert set(codes(view)) <= {"uncounted"}
    assert seen(log, memory=memory).decisions == seen(log).decisions


def test_every_alarm_has_words_in_both_languages() -> None:
    assert set(ALARM_WORDS) == set(AlarmCode)
    for english, chinese in ALARM_WORDS.values():
        assert english.isascii()
        assert english.endswith(".")
        assert chinese.endswith("。")
        assert sum(character > "\u3000" for character in chinese) > 15


def test_an_empty_mirror_is_refused(honest: OwnLog) -> None:
    nothing: dict[str, bytes] = {}
    with pytest.raises(MirrorError):
        seen(honest, fetch=nothing.get)
