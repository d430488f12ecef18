"""Entries come back, blocks are the same bytes each time, and the checker refuses every block that breaks a rule."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence import Kind
from habeas.tlog import (
    ADMISSION_KINDS,
    MAX_BLOCK_ENTRIES,
    PAD,
    Admission,
    Block,
    BlockError,
    CaseEvent,
    Constants,
    Counts,
    Decision,
    EntryError,
    EntryKind,
    Ground,
    Header,
    Plain,
    Sections,
    build_block,
    constants_entry,
    format_indexes,
    format_pool,
    hash_leaf,
    judge,
    kind_of,
    nodes_of,
    parse_indexes,
    parse_pool,
    read_constants,
    root_of,
)
from habeas.wire import DAY, Algorithm, Cbor, CborTag, encode_cbor, make_signing_key
from tlog.blocks import (
    CONSTANTS,
    FIRST,
    KEY,
    LAST,
    NEXT,
    PACK,
    POOL,
    Chain,
    admission,
    decision,
    ground,
    plain,
    three_blocks,
)

H32 = st.binary(min_size=32, max_size=32)
U8, U16, U32, U40 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 40))
ENTRIES = st.one_of(
    st.builds(Header, epoch=U32, height=U8, counts=st.builds(Counts, plain=U32, admissions=U32, cases=U32, decisions=U32, grounds=U32),
              previous=U40, superseded=U32, chain=H32, exposure=H32, packs=H32, policy=H32),
    st.builds(Decision, epoch=U32, label=st.binary(min_size=16, max_size=16), gate=H32, rest=H32),
    st.builds(Ground, pack=U40, rule=U16, pool=U40, class_=U8, commitment=H32),
    st.builds(Admission, kind=U8, pool=U40, received=U32, commitment=H32),
    st.builds(CaseEvent, kind=U8, event=U8, pool=U40, due=U32, commitment=H32),
)  # fmt: skip
FORMS = (Header, Decision, Ground, Admission, CaseEvent, Plain)


@given(ENTRIES)
def test_an_entry_comes_back_and_has_its_one_length(entry: Header | Decision | Ground | Admission | CaseEvent) -> None:
    data = entry.to_bytes()
    assert type(entry).of_bytes(data) == entry
    assert len(data) == {1: 163, 0x10: 85, 0x11: 46, 0x12: 43, 0x13: 44}[kind_of(data)]


@given(st.binary(max_size=200) | ENTRIES.map(lambda entry: entry.to_bytes()[:-1]))
def test_any_bytes_are_an_entry_or_refused(data: bytes) -> None:
    for form in FORMS:
        try:
            assert form.of_bytes(data).to_bytes() == data
        except EntryError:
            continue


def test_what_does_not_fit_its_bytes_is_refused() -> None:
    fine = Decision(epoch=1, label=bytes(16), gate=bytes(32), rest=bytes(32))
    for wrong in ({"epoch": 2**32}, {"epoch": -1}, {"label": bytes(15)}, {"gate": bytes(33)}):
        with pytest.raises(EntryError):
            replace(fine, **wrong).to_bytes()
    with pytest.raises(EntryError):
        Ground(pack=2**40, rule=0, pool=0, class_=0, commitment=bytes(32)).to_bytes()
    hashed = b"\0" + (70_000).to_bytes(4) + bytes(32)
    assert Plain(kind=EntryKind.PACK, body=hashed).to_bytes()[1:] == hashed
    for kind, body in (
        (EntryKind.DECISION, hashed),
        (EntryKind.PACK, b"\0" + (65_534).to_bytes(4) + bytes(32)),
        (EntryKind.PACK, b"text"),
        (EntryKind.PACK, b""),
        (EntryKind.PACK, b"\xd2" + bytes(65_535)),
    ):
        with pytest.raises(EntryError):
            Plain(kind=kind, body=body)


@given(st.sets(U40, max_size=40))
def test_a_list_of_indexes_comes_back(indexes: set[int]) -> None:
    assert parse_indexes(format_indexes(indexes)) == tuple(sorted(indexes))


@given(st.binary(max_size=30))
def test_any_bytes_are_a_list_in_its_one_form_or_refused(data: bytes) -> None:
    try:
        assert format_indexes(parse_indexes(data)) == data
    except EntryError:
        return


def test_a_list_has_no_second_form() -> None:
    assert format_indexes([5]) == bytes([0, 0, 0, 1, 6])
    for wrong in (
        "0000000186 00",
        "00000001 00",
        "00000002 06",
        "00000000 06",
        "000000",
        "00000001 ffffffffff7f",
        "00000001 86",
    ):
        with pytest.raises(EntryError):
            parse_indexes(bytes.fromhex(wrong))
    with pytest.raises(EntryError, match="twice"):
        format_indexes([1, 1])


def test_the_constants_are_read_from_their_signed_entry_only() -> None:
    entry = constants_entry(CONSTANTS, KEY)
    assert read_constants(entry, KEY.verifying) == CONSTANTS
    with pytest.raises(EntryError):
        read_constants(entry, make_signing_key(Algorithm.EDDSA, b"x" * 32).verifying)
    with pytest.raises(EntryError):
        read_constants(plain(EntryKind.CONSTANTS), KEY.verifying)
    with pytest.raises(EntryError):
        read_constants(plain(EntryKind.PACK), KEY.verifying)
    for wrong in (
        {"height": 9},
        {"epoch_seconds": 7000},
        {"epoch_seconds": 0},
        {"origin": ""},
        {"horizon": 28 * DAY - 1},
        {"pool_minimum": -1},
    ):
        with pytest.raises(EntryError):
            replace(CONSTANTS, **wrong)


def test_blocks_are_the_same_bytes_in_whatever_order_their_entries_come() -> None:
    one, other = three_blocks(), Chain()
    for block in one.blocks:
        counts, at, parts = block.header.counts, 1, {}
        for name in ("plain", "admissions", "cases", "decisions", "grounds"):
            parts[name] = list(reversed(block.entries[at : at + getattr(counts, name)]))
            at += getattr(counts, name)
        other.add(other.next(block.header.epoch, Sections(**parts), packs=parse_indexes(block.packs)))
    assert one.blocks == other.blocks
    assert [len(block.entries) for block in one.blocks] == [256, 512, 256]


def test_the_checker_holds_the_root_of_the_whole_log() -> None:
    chain = three_blocks()
    leaves = [hash_leaf(entry) for block in chain.blocks for entry in block.entries]
    assert chain.state.tree.root() == root_of(leaves)
    assert [root for block in chain.blocks for root in block.roots()] == [nodes_of(leaves)(8, n) for n in range(4)]


Change = Callable[[Chain], Block]


def _changed(change: Callable[[list[bytes]], object], **more: object) -> Change:
    """Return what makes the next block of 30 decisions and then changes its entries."""

    def make(chain: Chain) -> Block:
        block = chain.next(NEXT, Sections(decisions=[decision(NEXT, who) for who in range(30)]), **more)
        entries = list(block.entries)
        change(entries)
        return replace(block, entries=tuple(entries))

    return make


def _with(**changes: object) -> Change:
    def make(chain: Chain) -> Block:
        block = chain.next(NEXT)
        header = replace(block.header, **changes).to_bytes()  # type: ignore[arg-type]
        return replace(block, entries=(header, *block.entries[1:]))

    return make


def _next(epoch: int = NEXT, **sections: object) -> Change:
    lists = {name: sections.pop(name) for name in ("superseded", "packs", "policy") if name in sections}
    return lambda chain: chain.next(epoch, Sections(**sections), **lists)  # type: ignore[arg-type]


def _twice(entries: list[bytes]) -> None:
    """Put a second decision under the first one's label where it sorts, in the place of the last."""
    entries[3:31] = [decision(NEXT, 0, "red"), *entries[3:30]]
    entries[1:31] = sorted({*entries[1:31], decision(NEXT, 0)})[:30]


LATER = NEXT + 24  # a pack's notice of 48 hours is over


def _signed(protected: Cbor = None, unprotected: Cbor = None) -> bytes:
    """Return a pack as a COSE_Sign1 of these headers; nobody checks who signed it here."""
    headers = {1: -8, 4: b"k"} if protected is None else protected
    return b"\x20" + encode_cbor(CborTag(18, [encode_cbor(headers), unprotected or {}, b"payload", bytes(64)]))


def _admission(**changes: int) -> bytes:
    return replace(Admission.of_bytes(admission(1)), **changes).to_bytes()  # type: ignore[arg-type]


def _ground(**changes: int) -> bytes:
    return replace(Ground.of_bytes(ground(1)), **changes).to_bytes()  # type: ignore[arg-type]


def _packs_of(chain: Chain, packs: bytes) -> tuple[bytes, ...]:
    """Return the next block's entries with a header that binds these bytes as its list of packs."""
    block = chain.next(NEXT)
    return (replace(block.header, packs=hashlib.sha256(packs).digest()).to_bytes(), *block.entries[1:])


WRONG: list[tuple[str, Change]] = [
    ("header", _changed(lambda entries: entries.__setitem__(0, PAD))),
    ("header", _with(previous=256)),
    ("header", lambda chain: replace(chain.next(NEXT), start=0)),
    ("size", _with(height=16)),
    ("size", _with(counts=Counts(decisions=256))),
    ("size", lambda chain: replace(chain.next(NEXT), entries=chain.next(NEXT).entries[:-1])),
    ("size", lambda chain: replace(chain.next(NEXT), entries=chain.next(NEXT).entries + (PAD,) * 256)),
    ("epoch", _next(LAST)),
    ("epoch", _next(FIRST)),
    ("epoch", _next(decisions=[decision(NEXT + 1, 1)])),
    ("padding", _changed(lambda entries: entries.__setitem__(-1, b"\1"))),
    ("padding", _changed(lambda entries: entries.__setitem__(40, decision(NEXT, 99)))),
    ("padding", _changed(lambda entries: entries.__setitem__(40, b"\0\0"))),
    ("order", _changed(lambda entries: entries.__setitem__(slice(1, 3), entries[2:0:-1]))),
    ("label", _changed(_twice)),
    ("kind", _changed(lambda entries: entries.__setitem__(30, ground(1)[:1] + entries[30][1:]))),
    ("order", _changed(lambda entries: entries.__setitem__(1, b""))),
    ("kind", _next(admissions=[decision(NEXT, 1)])),
    ("kind", _next(decisions=[decision(NEXT, 1) + b"\0"])),
    ("kind", _next(plain=[decision(NEXT, 1)])),
    ("grounds", _next(grounds=[ground(9)])),
    ("constants", _next(plain=[constants_entry(CONSTANTS, KEY)])),
    ("superseded", _next(superseded=[260])),
    ("superseded", _next(decisions=[decision(NEXT, 1)], superseded=[256])),
    ("superseded", _next(decisions=[decision(NEXT, 1)], superseded=[5000])),
    ("chain", _with(chain=bytes(31) + b"\1")),
    ("chain", _with(superseded=1)),
    ("packs", _with(packs=bytes(31) + b"\1")),
    ("packs", _next(packs=[1])),
    ("notice", _next(packs=[PACK, 769])),
    ("policy", _with(policy=bytes(31) + b"\1")),
    ("exposure", _with(exposure=bytes(31) + b"\1")),
    ("grounds", _next(LAST + 12, grounds=[ground(9)])),
    (
        "grounds",
        _next(
            LAST + 12,
            grounds=[Ground(pack=769, rule=1, pool=POOL, class_=1, commitment=bytes(32)).to_bytes()],
            packs=[PACK],
        ),
    ),
    ("admission", _next(admissions=[admission(CONSTANTS.begins(NEXT) // 3600 + 1)])),
    ("admission", _next(admissions=[_admission(kind=15)])),
    ("admission", _next(admissions=[_admission(kind=0)])),
    ("pool", _next(admissions=[_admission(pool=9)])),
    ("pool", _next(admissions=[admission(1), _admission(pool=int.from_bytes(b"cn41\0"))])),
    ("pool", _next(admissions=[_admission(pool=int.from_bytes(b"CN\x0041"))])),
    ("pool", _next(admissions=[_admission(pool=int.from_bytes(b"C\0\0\0\0"))])),
    ("pool", _next(LAST + 12, grounds=[_ground(pool=9)], packs=[PACK])),
    ("grounds", _next(LAST + 12, grounds=[_ground(class_=0)], packs=[PACK])),
    ("case", _next(cases=[CaseEvent(kind=1, event=1, pool=POOL, due=1, commitment=bytes(32)).to_bytes()])),
    ("list", lambda chain: replace(chain.next(NEXT), packs=b"\0\0\0\1", entries=_packs_of(chain, b"\0\0\0\1"))),
    ("kind", _next(plain=[_signed(unprotected={0: 1})])),
    ("kind", _next(plain=[_signed(protected={1: -8, 4: b"k", 5: 1})])),
    ("kind", _next(plain=[bytes([EntryKind.PACK]) + b"\xd2\x01"])),
    ("kind", _next(plain=[_signed()[:3] + b"\x58\x07" + _signed()[4:]])),
]


@pytest.mark.parametrize(("code", "change"), WRONG, ids=[f"{n}-{code}" for n, (code, _) in enumerate(WRONG)])
def test_a_block_that_breaks_a_rule_is_refused_and_nothing_changes(code: str, change: Change) -> None:
    chain = three_blocks()
    before, block = chain.state, change(chain)
    with pytest.raises(BlockError) as caught:
        judge(before, block, CONSTANTS.begins(NEXT if code == "header" else block.header.epoch))
    assert caught.value.code == code
    chain.grow(
        NEXT,
        Sections(
            decisions=[decision(NEXT, 1)],
        ),
        superseded=[260],
    )


def test_a_plain_entry_in_its_one_form_is_taken_whoever_signed_it() -> None:
    chain = three_blocks()
    chain.grow(
        NEXT,
        Sections(plain=[_signed(), plain(EntryKind.PACK, 9)], admissions=[admission(CONSTANTS.begins(NEXT) // 3600)]),
    )


def test_the_first_policy_counts_at_once_and_another_after_its_notice_and_never_none_or_an_older_one() -> None:
    chain, first = three_blocks(), hashlib.sha256(plain(EntryKind.POLICY)).digest()
    early, second = plain(EntryKind.POLICY, 1), plain(EntryKind.POLICY, 2)
    old, new = (hashlib.sha256(entry).digest() for entry in (early, second))
    chain.grow(NEXT, Sections(plain=[early]))  # before any header names one
    chain.grow(NEXT + 1, Sections(plain=[second]), policy=old)
    for epoch, policy, code in (
        (NEXT + 2, bytes(32), "policy"),
        (NEXT + 90, first, "policy"),
        (NEXT + 84, new, "notice"),
    ):
        with pytest.raises(BlockError) as caught:
            chain.grow(epoch, policy=policy)
        assert caught.value.code == code
    chain.grow(NEXT + 2, policy=old)
    chain.grow(NEXT + 85, policy=new)
    chain.grow(NEXT + 86, Sections(plain=[early]), policy=new)
    with pytest.raises(BlockError, match="notice"):
        chain.grow(NEXT + 86 + 83, policy=old)
    chain.grow(NEXT + 86 + 84, policy=old)  # logged anew, so everybody could know


def test_the_constants_are_those_that_the_checker_was_set_up_with() -> None:
    wrong = constants_entry(replace(CONSTANTS, pack_notice=0), KEY)
    block = build_block(Sections(plain=[wrong]), epoch=FIRST, height=8)
    with pytest.raises(BlockError, match="this log's constants"):
        judge(Chain().state, block, CONSTANTS.begins(FIRST))


def test_a_pack_counts_after_its_notice_and_a_decision_is_superseded_once() -> None:
    chain = three_blocks()
    chain.grow(LATER, Sections(decisions=[decision(LATER, 1)]), packs=[PACK, 769], superseded=[260])
    with pytest.raises(BlockError, match="twice"):
        chain.grow(LATER + 1, Sections(decisions=[decision(LATER + 1, 1)]), superseded=[260])
    past = LATER + 28 * 12 + 100
    with pytest.raises(BlockError, match="within the horizon"):
        chain.grow(past, Sections(decisions=[decision(past, 1)]), superseded=[261])


def test_a_checker_takes_no_block_that_is_more_than_an_epoch_ahead_of_its_own_clock_however_late_it_may_come() -> None:
    chain, begins = three_blocks(), CONSTANTS.begins(NEXT)
    block = chain.next(NEXT)
    for now in (begins - 7200, begins, begins + 7200, begins + 90 * DAY):
        assert judge(chain.state, block, now)
    with pytest.raises(BlockError, match="clock"):
        judge(chain.state, block, begins - 7201)
    assert judge(chain.state, block, 0, settled=True)


def _after_a_pack_that_was_seen(late: int, *, settled: bool = False) -> Chain:
    """Return a log whose next block logs a pack and a policy at once, and is judged so many seconds after it begins."""
    chain = three_blocks()
    chain.grow(NEXT, policy=hashlib.sha256(plain(EntryKind.POLICY)).digest())
    logged = Sections(plain=[plain(EntryKind.PACK, 9), plain(EntryKind.POLICY, 9)])
    block = chain.next(NEXT + 1, logged, policy=chain.blocks[-1].header.policy)
    chain.state = judge(chain.state, block, CONSTANTS.begins(NEXT + 1) + late, settled=settled)
    chain.blocks.append(block)
    return chain


@pytest.mark.parametrize(
    ("late", "settled", "delay"), [(0, False, 0), (7200, False, 0), (7201, False, 2), (DAY, False, 12), (DAY, True, 0)]
)
def test_what_a_late_block_logs_counts_for_its_notice_from_when_the_checker_saw_it(
    *, late: int, settled: bool, delay: int
) -> None:
    logged = NEXT + 1
    new = hashlib.sha256(plain(EntryKind.POLICY, 9)).digest()
    old = hashlib.sha256(plain(EntryKind.POLICY)).digest()
    chain = _after_a_pack_that_was_seen(late, settled=settled)
    pack = next(
        index
        for index, entry in enumerate(chain.blocks[-1].entries, chain.blocks[-1].start)
        if entry[0] == EntryKind.PACK
    )
    for first, more in (
        (logged + 24 + delay, {"packs": [pack], "policy": old}),
        (logged + 84 + delay, {"policy": new}),
    ):
        with pytest.raises(BlockError, match="notice"):
            judge(chain.state, chain.next(first - 1, **more), CONSTANTS.begins(first - 1))
        assert judge(chain.state, chain.next(first, **more), CONSTANTS.begins(first))


def test_a_pack_that_was_found_milder_needs_no_notice_but_must_be_logged() -> None:
    chain = three_blocks()
    block = chain.next(NEXT, packs=[PACK, 769])
    begins = CONSTANTS.begins(NEXT)
    with pytest.raises(BlockError, match="notice"):
        judge(chain.state, block, begins, milder=frozenset({PACK}))
    assert judge(chain.state, block, begins, milder=frozenset({769}))
    with pytest.raises(BlockError, match="no pack of this log"):
        judge(chain.state, chain.next(NEXT, packs=[5]), begins, milder=frozenset({5}))
    own = chain.next(NEXT, Sections(plain=[plain(EntryKind.PACK, 9)]), packs=[chain.blocks[-1].end + 1])
    assert judge(chain.state, own, begins, milder=frozenset({chain.blocks[-1].end + 1}))


def test_a_block_has_no_more_entries_than_a_checker_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = three_blocks()
    block = chain.next(NEXT, Sections(decisions=[decision(NEXT, who) for who in range(600)]))
    assert MAX_BLOCK_ENTRIES == 16_777_216
    for most, taken in ((768, True), (512, False)):
        monkeypatch.setattr("habeas.tlog._judge.MAX_BLOCK_ENTRIES", most)
        if taken:
            assert judge(chain.state, block, CONSTANTS.begins(NEXT))
        else:
            with pytest.raises(BlockError, match="size"):
                judge(chain.state, block, CONSTANTS.begins(NEXT))


def test_every_kind_of_statement_has_its_number_and_every_number_is_taken() -> None:
    assert list(ADMISSION_KINDS)[:14] == [kind.value for kind in Kind]
    assert len(set(ADMISSION_KINDS.values())) == len(ADMISSION_KINDS)
    chain = three_blocks()
    chain.grow(NEXT, Sections(admissions=[_admission(kind=number) for number in ADMISSION_KINDS.values()]))


@given(
    st.from_regex(r"([A-Z]{2}(-[0-9A-Z]{1,3})?)?", fullmatch=True, alphabet=st.characters(codec="ascii"))
    | st.text(max_size=7)
)
def test_any_text_is_a_pool_or_refused(text: str) -> None:
    try:
        pool = parse_pool(text)
    except EntryError:
        return
    assert format_pool(pool) == text


@given(st.binary(min_size=5, max_size=5) | st.from_regex(rb"[A-Z]{2}[0-9A-Z]{0,3}", fullmatch=True))
def test_any_five_bytes_are_one_pool_or_refused(data: bytes) -> None:
    pool = int.from_bytes(data.ljust(5, b"\0"))
    try:
        assert parse_pool(format_pool(pool)) == pool
    except EntryError:
        return


def test_pools_are_written_in_one_way() -> None:
    assert parse_pool("CN-41").to_bytes(5) == b"CN41\0"
    assert (parse_pool(""), format_pool(0)) == (0, "")
    for wrong in ("cn-41", "CN41", "CN-", "CN-4101", "C", "CHN", "CN-4 ", "CN-41\n", "CN-٤١"):
        with pytest.raises(EntryError):
            parse_pool(wrong)
    for number in (9, -1, 1 << 40):
        with pytest.raises(EntryError):
            format_pool(number)


def test_the_first_block_has_the_constants_and_one_only() -> None:
    with pytest.raises(BlockError, match="constants"):
        judge(Chain().state, build_block(Sections(), epoch=FIRST, height=8), CONSTANTS.begins(FIRST))
    other = constants_entry(Constants(origin="x", epoch_seconds=60, height=8), KEY)
    both = build_block(Sections(plain=[constants_entry(CONSTANTS, KEY), other]), epoch=FIRST, height=8)
    with pytest.raises(BlockError, match="constants"):
        judge(Chain().state, both, CONSTANTS.begins(FIRST))


def test_two_entries_alike_are_no_block() -> None:
    with pytest.raises(BlockError, match="twice"):
        build_block(Sections(decisions=[decision(1, 1)] * 2), epoch=1, height=8)


@given(st.data())
def test_whatever_two_entries_change_places_the_block_is_refused(data: st.DataObject) -> None:
    chain = three_blocks()
    block = chain.next(NEXT, Sections(decisions=[decision(NEXT, who) for who in range(30)]))
    one, other = data.draw(st.tuples(st.integers(0, 60), st.integers(0, 60)))
    entries = list(block.entries)
    entries[one], entries[other] = entries[other], entries[one]
    if tuple(entries) == block.entries:
        return
    with pytest.raises(BlockError):
        judge(chain.state, replace(block, entries=tuple(entries)), CONSTANTS.begins(NEXT))
