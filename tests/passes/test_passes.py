"""From seeds to a gate's answer, over a log of real blocks; then every way to show something else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import (
    GateView,
    Held,
    KeyRangeError,
    Opening,
    OpeningError,
    Pass,
    PassFormatError,
    PersonKeys,
    Previous,
    Ratchet,
    Salt,
    Verdict,
    check_pass,
    day_of,
    decide,
    format_pass,
    label_at,
    make_pass,
    open_decision,
    parse_pass,
    salt_at,
)
from habeas.tlog import Decision, Sections, hash_leaf, nodes_of, prove_subtree
from habeas.wire import DAY, HOUR, encode_base45, parse_base45
from tlog.blocks import CONSTANTS, FIRST, Chain

ORIGIN = CONSTANTS.origin
EPOCH = FIRST + 1
BEGINS = CONSTANTS.begins(EPOCH)
START_DAY = day_of(BEGINS) - 3
GREEN, YELLOW, RED = range(3)


def keys_of(who: int) -> PersonKeys:
    seeds = (bytes([who, part]) * 16 for part in (1, 2))
    return PersonKeys(
        **{name: Ratchet(day=START_DAY, state=seed) for name, seed in zip(("labels", "openings"), seeds, strict=True)}
    )


def view_of(who: int, now: int = GREEN, hours: int = 168) -> GateView:
    return GateView(now=now, until=BEGINS // HOUR + hours, then=GREEN, hint=f"{who:04d} 1958")


def opening_of(who: int, now: int = GREEN) -> Opening:
    return Opening(view=view_of(who, now), grounds=["none"], previous=Previous())


def decision_of(who: int, now: int = GREEN) -> Decision:
    return decide(keys_of(who), ORIGIN, EPOCH, BEGINS, opening_of(who, now))


PEOPLE = range(20)
NOW_RED = 7


def the_log() -> Chain:
    chain = Chain()
    chain.grow(FIRST)
    rows = [decision_of(who, RED if who == NOW_RED else GREEN).to_bytes() for who in PEOPLE]
    chain.grow(EPOCH, Sections(decisions=rows))
    return chain


CHAIN = the_log()
ENTRIES = [entry for block in CHAIN.blocks for entry in block.entries]
NODES = nodes_of([hash_leaf(entry) for entry in ENTRIES])
HELD = Held(
    constants=CONSTANTS,
    roots={0: NODES(8, 0), 1: NODES(8, 1)},
    superseded=frozenset(),
    newest=EPOCH,
    opens_to=frozenset({GREEN}),
)


def pass_of(who: int) -> Pass:
    """Make a person's pass from what is public and their own keys."""
    decision = decision_of(who, RED if who == NOW_RED else GREEN)
    index = ENTRIES.index(decision.to_bytes())
    openings = keys_of(who).openings
    assert openings is not None
    salt = salt_at(openings.key(day_of(BEGINS)), Salt.GATE, ORIGIN, EPOCH)
    path = [NODES(level, (index >> level) ^ 1) for level in range(8)]
    view = view_of(who, RED if who == NOW_RED else GREEN)
    return make_pass(decision, salt, view, origin=ORIGIN, index=index, path=path)


def answer(shown: Pass | str, held: Held = HELD, now: int = BEGINS + 60) -> tuple[Verdict, str]:
    found = check_pass(shown if isinstance(shown, str) else format_pass(shown), held, now)
    return found.verdict, found.reason


def test_a_person_makes_a_pass_and_the_gate_says_yes_and_no_by_what_the_log_says() -> None:
    for who in PEOPLE:
        text = format_pass(pass_of(who))
        assert parse_pass(text) == pass_of(who)
        assert len(text) == 4 + 355 * 3 // 2 + 1
        wanted = (Verdict.NO, "code") if who == NOW_RED else (Verdict.YES, "open")
        assert answer(text) == wanted
        assert check_pass(text, HELD, BEGINS).hint == f"{who:04d} 1958"


def test_the_path_of_a_pass_goes_on_to_the_checkpoint() -> None:
    shown = pass_of(3)
    path = prove_subtree(NODES, 8, shown.index >> 8, len(ENTRIES))
    assert shown.root(ORIGIN) == NODES(8, 1)
    assert path == (NODES(8, 0),)


def test_when_the_hour_of_a_view_is_over_the_code_after_it_counts() -> None:
    red = pass_of(NOW_RED)
    fresh = replace(HELD, newest=EPOCH + 84)
    until = (BEGINS // HOUR + 168) * HOUR
    assert CONSTANTS.begins(fresh.newest) == until
    assert answer(red, replace(HELD, newest=EPOCH + 83), until - 1) == (Verdict.NO, "code")
    assert answer(red, fresh, until - 1) == (Verdict.YES, "open")  # a clock that is behind the log's is not believed
    assert answer(red, fresh, until) == (Verdict.YES, "open")


def test_the_gates_own_troubles_are_not_the_persons() -> None:
    shown = pass_of(1)
    assert answer(shown, now=BEGINS - 7201) == (Verdict.OURS, "clock")
    assert answer(shown, now=BEGINS + DAY) == (Verdict.YES, "open")
    assert answer(shown, now=BEGINS + DAY + 1) == (Verdict.OURS, "stale")


def test_what_a_pass_says_of_its_epoch_is_the_passs_trouble_never_the_gates() -> None:
    shown, red = pass_of(1), pass_of(NOW_RED)
    behind = replace(HELD, newest=EPOCH - 1, roots={0: NODES(8, 0)})
    assert answer(shown, behind, BEGINS) == (Verdict.THEIRS, "newer")
    assert answer(shown, replace(HELD, newest=EPOCH - 1), BEGINS) == (Verdict.THEIRS, "newer")
    assert answer(replace(red, epoch=EPOCH + 1)) == (Verdict.NO, "not-in-the-log")
    assert answer(replace(red, epoch=2**32 - 1, index=2**30)) == (Verdict.THEIRS, "newer")
    assert answer(replace(red, index=2**30)) == (Verdict.THEIRS, "not-held")
    assert answer(replace(red, epoch=1, index=2**30)) == (Verdict.THEIRS, "too-old")


@given(st.integers(0, 355 * 8 - 1))
def test_whatever_bit_of_a_red_pass_is_changed_it_opens_no_gate(bit: int) -> None:
    data = bytearray(parse_base45(format_pass(pass_of(NOW_RED))[4:]))
    data[bit >> 3] ^= 1 << (bit & 7)
    assert answer("HB1:" + encode_base45(bytes(data)))[0] in {Verdict.NO, Verdict.THEIRS}


def test_an_old_or_superseded_pass_is_answered_with_show_a_newer_one() -> None:
    shown = pass_of(1)
    later = replace(HELD, newest=EPOCH + 28 * 12)
    assert answer(shown, later, BEGINS + 28 * DAY - 1) == (Verdict.YES, "open")
    assert answer(shown, later, BEGINS + 28 * DAY) == (Verdict.THEIRS, "too-old")
    assert answer(shown, replace(HELD, superseded=frozenset({shown.index}))) == (Verdict.THEIRS, "superseded")


def test_a_pass_that_was_made_up_is_not_in_the_log() -> None:
    red = pass_of(NOW_RED)
    painted = replace(red, view=view_of(NOW_RED, GREEN))
    assert answer(painted) == (Verdict.NO, "not-in-the-log")
    assert answer(replace(pass_of(1), index=red.index)) == (Verdict.NO, "not-in-the-log")
    unlogged = decide(keys_of(99), ORIGIN, EPOCH, BEGINS, opening_of(99))
    made = make_pass(unlogged, bytes(16), view_of(99), origin=ORIGIN, index=260, path=pass_of(1).path)
    assert answer(made) == (Verdict.NO, "not-in-the-log")
    other = replace(HELD, constants=replace(CONSTANTS, origin="other.example"))
    assert answer(pass_of(1), other) == (Verdict.THEIRS, "another-log")


@given(st.data())
def test_whatever_bit_of_a_pass_is_changed_no_gate_opens(data: st.DataObject) -> None:
    text = format_pass(pass_of(2))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"))
    changed = text[:at] + other + text[at + 1 :]
    if changed != text:
        assert answer(changed)[0] is not Verdict.YES


@given(st.text(max_size=60) | st.binary(max_size=700).map(lambda data: "HB1:" + data.hex().upper()))
def test_any_text_gets_an_answer_and_it_is_not_yes(text: str) -> None:
    assert answer(text) == (Verdict.THEIRS, "unreadable")


def test_a_gate_learns_the_view_and_nothing_that_joins_two_epochs() -> None:
    later = decide(keys_of(1), ORIGIN, EPOCH + 1, BEGINS + 7200, opening_of(1))
    mine = decision_of(1)
    assert len({mine.label, later.label, mine.gate, later.gate, mine.rest, later.rest}) == 6
    other_log = decide(keys_of(1), "other.example", EPOCH, BEGINS, opening_of(1))
    assert other_log.label != mine.label


def test_a_decision_opens_with_its_own_keys_and_values_only() -> None:
    mine = decision_of(1)
    assert open_decision(mine, keys_of(1), ORIGIN, BEGINS, opening_of(1)) == opening_of(1)
    wrong = [
        replace(opening_of(1), view=view_of(1, RED)),
        replace(opening_of(1), grounds=["inbound"]),
        replace(opening_of(1), previous=Previous(index=1, leaf=bytes(32))),
    ]
    for opening in wrong:
        with pytest.raises(OpeningError):
            open_decision(mine, keys_of(1), ORIGIN, BEGINS, opening)
    with pytest.raises(OpeningError):
        open_decision(mine, keys_of(2), ORIGIN, BEGINS, opening_of(1))
    with pytest.raises(OpeningError, match="watcher"):
        open_decision(mine, replace(keys_of(1), openings=None), ORIGIN, BEGINS, opening_of(1))


def test_keys_go_forward_only() -> None:
    ratchet = keys_of(1).labels
    later = ratchet.at(START_DAY + 2)
    assert later.key(START_DAY + 5) == ratchet.key(START_DAY + 5)
    assert later.key(START_DAY + 2) != ratchet.key(START_DAY + 3)
    with pytest.raises(KeyRangeError):
        later.key(START_DAY + 1)
    with pytest.raises(KeyRangeError):
        ratchet.key(START_DAY + 50_000)
    label = label_at(ratchet.key(day_of(BEGINS)), ORIGIN, EPOCH)
    assert label == decision_of(1).label


VIEWS = st.builds(
    GateView,
    now=st.integers(0, 255),
    until=st.integers(0, 2**32 - 1),
    then=st.just(0),
    hint=st.text("0123456789 b.年", max_size=4).map(str.strip),
).flatmap(lambda view: st.integers(0, view.now).map(lambda then: replace(view, then=then)))


@given(VIEWS)
def test_a_view_comes_back(view: GateView) -> None:
    assert GateView.of_bytes(view.to_bytes()) == view


@given(st.binary(max_size=24))
def test_any_bytes_are_a_view_in_its_one_form_or_refused(data: bytes) -> None:
    try:
        assert GateView.of_bytes(data).to_bytes() == data
    except PassFormatError:
        return


@pytest.mark.parametrize(
    "wrong",
    [
        {"now": 256},
        {"then": -1},
        {"then": 1},
        {"until": 2**32},
        {"hint": "x" * 13},
        {"hint": " x"},
        {"hint": "\n"},
        {"hint": "\ud83d"},
    ],
)
def test_what_no_view_can_hold_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PassFormatError):
        GateView(**({"now": 0, "until": 0, "then": 0, "hint": ""} | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"index": 2**40},
        {"epoch": 2**32},
        {"epoch": -1},
        {"log": b"abc"},
        {"label": bytes(15)},
        {"rest": bytes(31)},
        {"salt": bytes(17)},
        {"path": (bytes(32),) * 9},
        {"path": (bytes(31),) * 8},
    ],
)
def test_what_no_pass_can_hold_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PassFormatError):
        replace(pass_of(1), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"index": 2**40}, {"index": -1}, {"leaf": bytes(31)}])
def test_what_no_previous_decision_can_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PassFormatError):
        Previous(**wrong)  # type: ignore[arg-type]
