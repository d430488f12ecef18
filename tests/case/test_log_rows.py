"""Rows of the case whose control is in the log: each with the control on, and then switched off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import habeas.ledger._openings as openings_module
import habeas.ledger._press as press_module
import habeas.ledger._standing as standing_module
import habeas.passes._gate as gate_module
from habeas.evidence import BorderEntry
from habeas.grounds import Derivation, explain
from habeas.ledger import Clock, Entry, Fault, Ledger, Submit, audit, parse_openings
from habeas.passes import (
    AlarmCode,
    Answer,
    GateView,
    Held,
    Opening,
    OwnView,
    PassError,
    PersonKeys,
    Previous,
    Receipt,
    Verdict,
    check_pass,
    check_receipt,
    counts,
    find_decision,
    format_pass,
    format_receipt,
    make_receipt,
    open_log,
    own_view,
    parse_receipt,
    pass_from,
    sync,
)
from habeas.stores import Batch, DecisionRow
from habeas.tlog import ADMISSION_KINDS, Admission, Constants, EntryKind, Policy, format_pool, kind_of
from habeas.wire import DAY, HOUR, Instant, encode_cbor, parse_deterministic_cbor
from ledger.logged import CONSTANTS, POLICY_TEXT, Logged, policy, read_block
from ledger.province import founding, submits
from passes.attacks import unlogged_pass
from scene import CODED, Scene

SAVERS = 1_317
EPOCH = CONSTANTS.epoch_seconds
PEOPLE = ("li", "wang")
BEFORE = CODED.after(-DAY)


class Town(Logged):
    """A ledger with its log, and people who hold their own keys."""

    def found(self, people: tuple[str, ...] = PEOPLE) -> Ledger:
        self.scene = Scene(people)
        self.ledger = self.open()
        for at, entries in founding(people):
            self.commit(entries, at)
        return self.ledger

    def commit(self, entries: list[Entry], at: Instant) -> None:
        self.clock = int(self.ledger.instant(at))
        self.ledger.commit(entries, at)

    def pass_time(self, to: Instant) -> None:
        self.commit([Clock()], to)

    def keys(self, name: str) -> PersonKeys:
        row = self.keyring.at(self.scene.subject(name), 1 << 31)
        assert row is not None
        return row.keys

    def pass_of(self, name: str) -> str:
        return format_pass(pass_from(self.folder.fetch, policy(), self.keys(name)))

    def gate(self) -> Held:
        held = sync(None, self.folder.fetch, POLICY_TEXT).held(self.clock)
        return Held(
            constants=held.constants,
            roots=held.roots,
            superseded=held.superseded,
            newest=held.newest,
            opens_to=frozenset({0, 1}),
        )

    def answer(self, name: str, after: int = 0) -> Answer:
        return check_pass(self.pass_of(name), self.gate(), self.clock + after)

    def told(self, name: str) -> dict[bytes, Opening]:
        """Return what a person was told that their decisions open to."""
        own = self.scene.subject(name)
        rows = [row for epoch, _ in self.folder.blocks() for row in parse_openings(self.openings(epoch))]
        return {row.leaf: row.opening for row in rows if row.subject == own}

    def openings(self, epoch: int) -> bytes:
        return self.folder.openings(epoch) or b""

    def own_view(self, name: str, *, told: bool = True) -> OwnView:
        log = open_log(self.folder.fetch, policy())
        return own_view(log, self.keys(name), now=self.clock, told=self.told(name) if told else {})

    def entries(self, kind: EntryKind) -> Iterator[bytes]:
        for epoch, _ in self.folder.blocks():
            yield from (entry for entry in read_block(self.folder, epoch).entries if kind_of(entry) is kind)


def positive_town() -> Town:
    """Return a town in which li's result is supported by another body's record."""
    town = Town()
    town.found()
    town.scene.sampled_positive("li")
    for at, entries in submits(town.scene):
        town.commit(entries, at)
    return town


# 1: nobody can write a code: what is not in the log opens no gate and shuts none


def red_pass_by_an_insider(town: Town) -> Answer:
    epoch = town.folder.blocks()[-1][0]
    red = GateView(now=3, until=town.clock // HOUR + 48, then=0, hint="")
    return check_pass(
        unlogged_pass(town.keys("li"), CONSTANTS, epoch=epoch, index=5, view=red), town.gate(), town.clock
    )


def test_case_01_a_red_row_by_sql_reaches_no_gate_and_a_code_outside_the_log_is_no_code() -> None:
    town = Town()
    town.found()
    body = encode_cbor({"v": 1, "subject": town.scene.subject("li"), "at": int(BEFORE), "code": "red", "grounds": []})
    town.store.commit(Batch(decisions=(DecisionRow(subject=town.scene.subject("li"), at=BEFORE, body=body),)))

    assert [one.fault for one in audit(town.store)] == [Fault.FOREIGN_DECISION]
    assert town.answer("li").verdict is Verdict.YES
    assert red_pass_by_an_insider(town).reason == "not-in-the-log"
    assert town.own_view("li").alarms == ()


def test_case_01_switched_off_a_gate_that_does_not_ask_the_log_takes_the_insiders_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    town.found()
    monkeypatch.setattr(gate_module, "_found", lambda *_: None)
    assert red_pass_by_an_insider(town).reason == "code"


# 6: screenshots were the only proof: a receipt is checked offline by anybody


def receipt_of(town: Town, name: str) -> Receipt:
    log, keys = open_log(town.folder.fetch, policy()), town.keys(name)
    found = find_decision(log, keys)
    opening = next(iter([one for leaf, one in town.told(name).items() if leaf == found.leaf]))
    return make_receipt(log, found, keys, hint="", grounds=opening.grounds, previous=opening.previous, policy=policy())


def altered(data: bytes) -> Iterator[bytes]:
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        yield bytes(changed)


def believed(data: bytes) -> bool:
    try:
        check_receipt(parse_receipt(data), policy())
    except PassError:
        return False
    return True


def test_case_06_a_receipt_proves_rule_signer_and_end_offline_and_no_byte_of_it_can_be_altered() -> None:
    town = positive_town()
    data = format_receipt(receipt_of(town, "li"))
    shown = check_receipt(parse_receipt(data), policy())
    said: Any = parse_deterministic_cbor(shown.opened.grounds)
    (ground,) = said["grounds"]
    assert said["code"] == "red"
    assert (ground["signer"], ground["provisional"]) == ("lab", False)
    assert ground["until"] > int(CODED)
    assert not any(believed(one) for one in altered(data))


def test_case_06_switched_off_without_the_quorum_a_receipt_of_no_log_is_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = positive_town()
    receipt = receipt_of(town, "li")
    lone = format_receipt(
        replace(receipt, checkpoint=replace(receipt.checkpoint, signatures=receipt.checkpoint.signatures[:3]))
    )
    assert not believed(lone)
    monkeypatch.setattr(Policy, "is_witnessed", lambda *_: True)
    assert believed(lone)


# 9: "today it was green again, I don't understand": each decision names its causes and the one before


def recovered() -> Town:
    """Return a town in which li was red, and the ground has ended by itself."""
    town = positive_town()
    town.pass_time(Instant(town.clock // DAY * DAY + DAY - EPOCH))  # the block in which the day's grounds are counted
    town.pass_time(CODED.after(40 * DAY))
    return town


def test_case_09_every_decision_in_the_log_names_its_causes_and_the_one_before() -> None:
    town = recovered()
    view = town.own_view("li")
    assert view.alarms == ()
    answers = [one.view.now for one in view.decisions if one.view]
    assert 3 in answers
    assert answers[-1] == 0
    told: Any = [one.grounds for one in view.decisions]
    changed = [
        one["causes"]
        for before, one in zip([None, *told], told, strict=False)
        if before and before["code"] != one["code"]
    ]
    assert changed
    assert all(changed)


def test_case_09_switched_off_without_the_chain_a_decision_left_out_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The insider logs decisions that name none before: whoever follows the chain is alarmed, whoever does not, is not."""
    monkeypatch.setattr(standing_module.LoggedDecision, "previous", property(lambda _: Previous()))
    town = recovered()
    assert AlarmCode.BROKEN_CHAIN in {one.code for one in town.own_view("li").alarms}
    assert AlarmCode.BROKEN_CHAIN not in {one.code for one in town.own_view("li", told=False).alarms}


# 14: source, time and reason meant nothing: 1,317 "inbound" without a border's further records, seen from outside


def coded_town() -> Town:
    names = tuple(f"saver {number}" for number in range(SAVERS))
    town = Town()
    town.found(names)
    signed: list[Entry] = [
        Submit(data=town.scene.sign("border", BorderEntry(origin="SG"), name, at=CODED, observed=CODED.after(-DAY)))
        for name in names
    ]
    town.commit(signed, CODED)
    return town


def counted(town: Town) -> dict[str, int]:
    """Count what the newest block admits, by kind: what anybody can who has the public log and no key."""
    names = {number: name for name, number in ADMISSION_KINDS.items()}
    block = read_block(town.folder, town.folder.blocks()[-1][0])
    found: dict[str, int] = {}
    for entry in block.entries:
        if kind_of(entry) is EntryKind.ADMISSION:
            one = Admission.of_bytes(entry)
            assert format_pool(one.pool) == "CN-41"
            assert one.received * HOUR <= int(CODED) + EPOCH
            found[names[one.kind]] = found.get(names[one.kind], 0) + 1
    return found


def test_case_14_of_1317_entries_without_support_the_public_sees_all_and_no_gate_shuts() -> None:
    town = coded_town()
    assert counted(town) == {"border-entry": SAVERS}, "and no custodian's record beside them"
    opens_to = town.gate().opens_to or frozenset()
    rows = parse_openings(town.openings(town.folder.blocks()[-1][0]))
    assert len(rows) == SAVERS
    for row in rows:
        said: Any = row.opening.grounds
        (ground,) = said["grounds"]
        assert ground["provisional"]
        assert ground["signer"] == "border"
        assert 0 < ground["until"] - int(CODED) <= 2 * DAY + EPOCH
        assert row.opening.view.code_at(town.clock) in opens_to
    assert town.answer("saver 0").verdict is Verdict.YES


def test_case_14_switched_off_without_admissions_in_the_log_nobody_outside_can_count_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(press_module, "admission_entries", lambda *_, **__: ())
    monkeypatch.setitem(globals(), "SAVERS", 20)
    assert counted(coded_town()) == {}


# 19: a push from one province turned codes red in others: a code is of one log, and no other's pass counts


def pushed(monkeypatch: pytest.MonkeyPatch | None = None) -> Answer:
    """Return what a gate of the home log says of a red pass that another province's log would hold."""
    town = Town()
    town.found()
    away = Constants(origin="hebei.example/habeas", epoch_seconds=EPOCH, height=8)
    epoch = town.folder.blocks()[-1][0]
    red = GateView(now=3, until=town.clock // HOUR + 48, then=0, hint="")
    if monkeypatch:
        monkeypatch.setattr("habeas.passes._pass.Pass.is_of", lambda *_: True)
    return check_pass(unlogged_pass(town.keys("li"), away, epoch=epoch, index=5, view=red), town.gate(), town.clock)


def test_case_19_a_code_of_another_log_says_nothing_at_a_gate() -> None:
    assert pushed() == Answer(verdict=Verdict.THEIRS, reason="another-log")


def test_case_19_switched_off_it_shuts_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pushed(monkeypatch).verdict is Verdict.NO


# 20: a tester's screen and the phone's differed: every way of reading gives one answer


def answers(town: Town, name: str) -> set[int]:
    """Return the severity that each reader sees now: ledger, stored row, explanation, pass, own view, receipt."""
    subject, at = town.scene.subject(name), Instant(town.clock)
    derivation: Derivation = town.ledger.derivation(subject)
    codes = {code.id: code.severity for code in derivation.book.codes}
    winner = derivation.at(at).winner
    row = town.store.latest_decision(subject, at)
    assert row is not None
    stored: Any = parse_deterministic_cbor(row.body)
    own = town.own_view(name).decisions[-1]
    assert own.view is not None
    receipt: Any = parse_deterministic_cbor(check_receipt(receipt_of(town, name), policy()).opened.grounds)
    explained = explain(derivation, at).code
    assert explained is not None
    shown = pass_from(town.folder.fetch, policy(), town.keys(name)).view
    return {
        winner.severity if winner else 0,
        codes[stored["code"]],
        explained.severity,
        shown.code_at(town.clock),
        own.view.code_at(town.clock),
        codes[receipt["code"]],
    }


def test_case_20_ledger_screen_pass_own_view_and_receipt_say_one_code() -> None:
    town = positive_town()
    assert answers(town, "li") == {3}
    assert answers(town, "wang") == {0}
    later = recovered()
    assert answers(later, "li") == answers(later, "wang") == {0}


def test_case_20_switched_off_a_press_that_derives_by_itself_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings_module, "_view", lambda *_: GateView(now=0, until=0, then=0, hint=""))
    assert len(answers(positive_town(), "li")) == 2


# 24: a code withheld: nobody issues passes, and silence counts for the person


def silent_fortnight() -> list[Answer]:
    """Return what gates say of everybody, day by day, while the authority is off: they hold what they had."""
    town = Town()
    town.found()
    passes, held = [town.pass_of(name) for name in PEOPLE], town.gate()
    return [check_pass(one, held, town.clock + day * DAY) for day in range(15) for one in passes]


def goes_in(answer: Answer) -> bool:
    return answer.verdict in (Verdict.YES, Verdict.OURS)


def test_case_24_with_the_authority_off_for_14_days_every_pass_opens_gates() -> None:
    assert all(map(goes_in, silent_fortnight()))


def test_case_24_switched_off_a_gate_that_blames_the_pass_for_its_own_age_shuts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def blamed(verdict: Verdict, reason: str, hint: str = "") -> Answer:
        return Answer(verdict=Verdict.THEIRS if verdict is Verdict.OURS else verdict, reason=reason, hint=hint)

    monkeypatch.setattr(gate_module, "Answer", blamed)
    assert not all(map(goes_in, silent_fortnight()))


def withheld(days: int) -> tuple[Answer, OwnView]:
    """Return gate and own view when everybody's decision is renewed but li's."""
    town = Town()
    town.found()
    li = town.scene.subject("li")
    honest = press_module.Press._candidates
    town.log._candidates = lambda *args: honest(town.log, *args) - {li}  # type: ignore[method-assign]
    start = Instant(town.clock)
    for day in range(1, days + 1):
        town.pass_time(start.after(day * DAY))
    return town.answer("li"), town.own_view("li")


def test_case_24_a_renewal_withheld_from_one_person_is_seen_by_them_and_their_pass_holds_on() -> None:
    answer, view = withheld(20)
    assert answer.verdict is Verdict.YES
    assert AlarmCode.NOT_RENEWED in {one.code for one in view.alarms}


def test_case_24_switched_off_without_the_grace_the_pass_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "GRACE_DAYS", 0)
    answer, _ = withheld(20)
    assert answer.verdict is not Verdict.YES


# 18: the press office knew nothing: counts of a day by rule, code and pool need nobody's leave


def counted_day() -> tuple[int, int]:
    """Return how many adverse grounds the public log shows of the day on which li's result came, and how many there are."""
    town = positive_town()
    town.pass_time(Instant(town.clock // DAY * DAY + DAY - EPOCH))
    log = open_log(town.folder.fetch, policy())
    shown = counts(log, town.clock // DAY)
    derived = [town.ledger.derivation(town.scene.subject(name)).at(Instant(town.clock)) for name in PEOPLE]
    assert {format_pool(cell.pool) for cell in shown.grounds} <= {"CN-41"}
    return sum(shown.grounds.values()), sum(ground.severity > 0 for one in derived for ground in one.grounds)


def test_case_18_the_days_counts_come_from_the_public_log_alone_and_are_true() -> None:
    shown, true = counted_day()
    assert shown == true == 1


def test_case_18_switched_off_a_log_without_ground_entries_tells_the_press_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(press_module.Press, "_counted", lambda *_: [])
    shown, true = counted_day()
    assert (shown, true) == (0, 1)
