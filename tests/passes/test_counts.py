"""Public counts and phantoms: held against a plain count of what was put in, and against a mirror that leaves things out."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import (
    FalseBlockError,
    MirrorError,
    PassError,
    Phantoms,
    audit_labels,
    counts,
    day_of,
    phantoms,
)
from habeas.tlog import Admission, Ground, Sections, TlogError, format_blocks, parse_blocks, parse_pool
from passes.own_log import OwnLog
from passes.public_log import GREEN, RED, keys_of
from tlog.blocks import CONSTANTS, FIRST, digest

DAY = day_of(CONSTANTS.begins(FIRST + 1))
LAST = (DAY + 1) * 12 - 1
POOLS = [parse_pool(text) for text in ("CN-41", "CN-42", "CN", "")]
PEOPLE = range(1, 9)


def admissions_of(epoch: int) -> list[bytes]:
    """Return 40 admissions whose kinds and pools follow from their numbers."""
    return [
        Admission(kind=1 + n % 3, pool=POOLS[n % 4], received=1, commitment=digest(epoch, n)).to_bytes()
        for n in range(40)
    ]


def grounds_of_day() -> list[bytes]:
    return [
        Ground(pack=257, rule=n % 2, pool=POOLS[n % 3], class_=1 + n % 5 // 4, commitment=digest("g", n)).to_bytes()
        for n in range(300)
    ]


@lru_cache(maxsize=1)
def the_log() -> OwnLog:
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(FIRST + 1, dict.fromkeys(PEOPLE, GREEN), admissions=admissions_of(FIRST + 1))
    log.grow(FIRST + 2, {1: RED}, admissions=admissions_of(FIRST + 2))
    log.grow(LAST, {}, admissions=admissions_of(LAST), grounds=grounds_of_day())
    log.grow(LAST + 2, {2: RED}, admissions=admissions_of(LAST + 2))
    return log


def test_the_counts_are_those_of_a_plain_count() -> None:
    found = counts(the_log().open(), DAY)
    assert (found.blocks, found.decisions, found.is_whole) == (4, 9, True)
    wanted = Counter((1 + n % 3, POOLS[n % 4]) for n in range(40))
    assert {(cell.kind, cell.pool): n for cell, n in found.admissions.items()} == {
        cell: 3 * n for cell, n in wanted.items()
    }
    assert {(c.pack, c.rule, c.pool, c.class_): n for c, n in found.grounds.items()} == Counter(
        (257, n % 2, POOLS[n % 3], 1 + n % 5 // 4) for n in range(300)
    )
    assert list(found.grounds) == sorted(found.grounds)


def test_a_day_is_whole_once_its_last_block_is_there_and_others_are_empty() -> None:
    log = the_log().open()
    after = counts(log, DAY + 1)
    assert (after.blocks, after.is_whole, after.grounds) == (1, False, {})
    for day in (DAY - 1, DAY + 2):
        found = counts(log, day)
        assert (found.blocks, found.is_whole) == (0, day < DAY)


def test_a_mirror_cannot_leave_a_block_out_of_a_day_nor_move_it_to_another() -> None:
    log = the_log()
    files = {name.removeprefix("log/"): data for name, data in log.disk.files.items()}
    rows = parse_blocks(files["blocks"])
    for at in range(len(rows)):
        with pytest.raises((MirrorError, TlogError)):
            counts(log.open({**files, "blocks": format_blocks([*rows[:at], *rows[at + 1 :]])}.get), DAY)
    for at, epoch in ((3, LAST + 1), (0, FIRST - 20), (4, LAST + 30)):
        moved = [*rows[:at], (epoch, rows[at][1]), *rows[at + 1 :]]
        with pytest.raises(MirrorError):
            counts(log.open({**files, "blocks": format_blocks(moved)}.get), DAY)


def test_a_changed_entry_is_not_counted() -> None:
    log = the_log()
    for at in range(0, len(log.blocks[3].entries), 7):
        name = f"log/tile/entries/{(log.blocks[3].start + at) >> 8:03d}"
        data = bytearray(log.disk.files[name])
        data[at % 200 + 1] ^= 1
        lie = {one.removeprefix("log/"): what for one, what in {**log.disk.files, name: bytes(data)}.items()}
        with pytest.raises(PassError):
            counts(log.open(lie.get), DAY)


def test_an_entry_of_another_kind_in_a_section_is_a_false_block() -> None:
    log = OwnLog()
    log.grow(FIRST, {})
    log.append(log.build(FIRST + 1, Sections(admissions=[b"\x12 is too short"])))
    log.append(log.build(FIRST + 2, Sections(decisions=[b"\x10 is too short"])))
    with pytest.raises(FalseBlockError):
        counts(log.open(), DAY)
    with pytest.raises(FalseBlockError):
        audit_labels(log.open(), DAY, [])


# Phantoms -------------------------------------------------------------------------------------------------------------


def day_keys(day: int, people: range = PEOPLE) -> list[bytes]:
    return [keys_of(who).labels.key(day) for who in people]


def test_where_everybody_is_enrolled_there_are_no_phantoms() -> None:
    log = the_log().open()
    assert audit_labels(log, DAY, day_keys(DAY)) == Phantoms(unexplained=(), shared=(), decisions=9)
    assert audit_labels(log, DAY + 1, day_keys(DAY + 1)) == Phantoms(unexplained=(), shared=(), decisions=1)


def test_one_who_is_not_enrolled_and_one_who_is_twice_are_found() -> None:
    log = the_log()
    found = audit_labels(log.open(), DAY, [*day_keys(DAY, range(2, 9)), day_keys(DAY)[2]])
    leaves = {who: log.blocks[1].start + log.blocks[1].entries.index(_decision(log, who)) for who in (1, 3)}
    red = log.last[1].index
    assert found == Phantoms(unexplained=tuple(sorted((leaves[1], red))), shared=(leaves[3],), decisions=9)
    assert audit_labels(log.open(), DAY, day_keys(DAY + 1)).unexplained  # keys of another day explain nothing


def _decision(log: OwnLog, who: int) -> bytes:
    """Return a person's decision in the second block."""
    before = log.copy()
    before.last.clear()
    return before.decided(FIRST + 1, {who: GREEN})[who]


def test_two_decisions_under_one_label_are_a_false_block() -> None:
    log = OwnLog()
    log.grow(FIRST, {})
    twice = [log.decided(FIRST + 1, {1: code})[1] for code in (GREEN, RED)]
    log.append(log.build(FIRST + 1, Sections(decisions=twice)))
    with pytest.raises(FalseBlockError, match="two decisions"):
        audit_labels(log.open(), DAY, day_keys(DAY))


@given(
    decisions=st.dictionaries(st.binary(min_size=1, max_size=2), st.integers(0, 99), max_size=20),
    labels=st.lists(st.binary(min_size=1, max_size=2), max_size=40),
)
def test_phantoms_are_those_whom_nobody_explains_and_shared_those_whom_two_do(
    decisions: dict[bytes, int], labels: list[bytes]
) -> None:
    found = phantoms(decisions, iter(labels))
    assert list(found.unexplained) == sorted(leaf for label, leaf in decisions.items() if labels.count(label) == 0)
    assert list(found.shared) == sorted(leaf for label, leaf in decisions.items() if labels.count(label) > 1)
    assert found.decisions == len(decisions)
