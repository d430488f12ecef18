"""The one path, over both stores: what a batch does, what it leaves, and that replay gives it again."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import habeas.ledger._audit as audit_module
import habeas.ledger._ledger as ledger_module
import habeas.ledger._state as state_module
from case.henan import henan
from certificates import cards
from certificates.issuing import ELBONIA, UTOPIA, payload
from habeas.certificates import TrustListError
from habeas.evidence import (
    Admitted,
    BorderEntry,
    Contact,
    ContactFinding,
    Kind,
    Method,
    Refused,
    Result,
    Retraction,
    Ruling,
    RulingEffect,
    Statement,
    TestResult,
)
from habeas.grounds import explain, format_explanation
from habeas.ledger import (
    Clock,
    EndMandate,
    Fault,
    HandOver,
    Ledger,
    PackRefusedError,
    PublishCardTrust,
    PublishPack,
    PublishTrust,
    Submit,
    audit,
)
from habeas.mandates import GrantError
from habeas.registry import AddDocument, BindingError, Enrol, Merge, Split
from habeas.stores import DecisionRow, MemoryStore, NoticeRow, SqliteStore, Store
from habeas.wire import (
    DAY,
    HOUR,
    CborTag,
    Instant,
    Span,
    encode_base45,
    encode_cbor,
    format_hc1,
    open_hc1,
    parse_cbor,
    sign1,
)
from ledger.province import PACK, PEOPLE, check_ledger, commit_all, founding, submits
from scene import AREA, CODED, START, Scene, key_of, make_actor


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "ledger.sqlite") as opened:
        yield opened


def opened(store: Store, scene: Scene | None = None) -> Ledger:
    ledger = Ledger(store)
    commit_all(ledger, founding())
    if scene is not None:
        commit_all(ledger, submits(scene))
    return ledger


def code(ledger: Ledger, name: str, at: Instant) -> str | None:
    found = ledger.derivation(Scene().subject(name)).at(at).code
    return found.id if found else None


def codes(store: Store, name: str) -> list[object]:
    """Return the codes that the stored decisions of a person go through."""
    found: list[object] = []
    for row in store.decisions(Scene().subject(name)):
        value = parse_cbor(row.body)
        assert isinstance(value, dict)
        if not found or found[-1] != value["code"]:
            found.append(value["code"])
    return found


def test_a_supported_positive_is_decided_and_told_and_replays_byte_equal(store: Store) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    ledger = opened(store, scene)
    assert code(ledger, "li", CODED) == "red"
    assert codes(store, "li") == ["green", "red"]
    ledger.settle(CODED.after(40 * DAY))
    assert codes(store, "li") == ["green", "red", "yellow", "green"]
    check_ledger(store)


def test_the_ledger_reads_back_what_it_wrote(store: Store) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    first = opened(store, scene)
    again = Ledger(store)
    assert (again.head, again.last) == (first.head, first.last)
    assert code(again, "li", CODED) == "red"
    assert again.settle(CODED.after(40 * DAY)) == 1
    assert codes(store, "li") == ["green", "red", "yellow", "green"]


def test_the_same_statement_twice_is_one_event(store: Store) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    ledger = opened(store, scene)
    head = ledger.head
    commit_all(ledger, submits(scene))
    assert ledger.head == head
    check_ledger(store)


def test_a_refusal_is_answered_kept_and_has_no_effect(store: Store) -> None:
    scene = Scene()
    stray = scene.sign("clinic", Retraction(target=bytes(32)), "li")
    ledger = opened(store)
    (said,) = ledger.commit([Submit(data=stray)], CODED)
    assert isinstance(said.outcome, Refused)
    assert said.outcome.code == "names-nothing"
    assert said.outcome.next_step
    assert Ledger(store).state.refused[said.outcome.statement].code == "names-nothing"
    assert codes(store, "li") == ["green"]
    check_ledger(store)


def test_an_instant_is_never_used_twice_and_time_never_runs_back(store: Store) -> None:
    ledger = opened(store)
    ledger.commit([Clock()], CODED)
    ledger.commit([Clock()], CODED.after(-DAY))
    assert ledger.last == CODED.after(1)


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (PublishPack(text=PACK.replace("[yellow, 42]", "[yellow, 14]", 1)), PackRefusedError),
        (Merge(kept=Scene().subject("li"), absorbed=Scene().subject("li")), BindingError),
        (EndMandate(mandate=bytes(32)), GrantError),
    ],
)
def test_what_is_refused_changes_nothing_of_its_batch(store: Store, entry: object, error: type[Exception]) -> None:
    scene = Scene(("new",))
    ledger = opened(store)
    before = (ledger.head, list(store.events()))
    enrol = Enrol(subject=scene.subject("new"), ref=scene.ref("new"))
    with pytest.raises(error):
        ledger.commit([enrol, entry], CODED)  # type: ignore[list-item]
    assert (ledger.head, list(store.events())) == before
    assert len(ledger.state.registry) == len(PEOPLE)
    ledger.commit([enrol], CODED)
    check_ledger(store)


def test_a_channel_that_fails_was_attempted(store: Store) -> None:
    def fails(_: NoticeRow) -> None:
        raise OSError("no line")

    ledger = Ledger(store, send=fails)
    commit_all(ledger, founding())
    assert not list(store.notices(pending=True))
    check_ledger(store)


def test_a_mandate_that_ends_ends_forward(store: Store) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    ledger = opened(store, scene)
    ledger.commit([EndMandate(mandate=make_actor("lab").mandate.id)], CODED.after(HOUR))
    assert code(ledger, "li", CODED.after(DAY)) == "red"
    late = scene.sign("lab", Retraction(target=bytes(32)), "li", at=CODED.after(2 * HOUR))
    (said,) = ledger.commit([Submit(data=late)], CODED.after(2 * HOUR))
    assert isinstance(said.outcome, Refused)
    check_ledger(store)


# Row 1: there is no way to write a code


def unnamed_red_rows(path: Path) -> int:
    """Write a red row by SQL for somebody who is green; return how many such rows an audit leaves unnamed."""
    scene = Scene()
    scene.sampled_positive("li")
    with SqliteStore(path) as store:
        opened(store, scene)
        red = list(store.decisions(scene.subject("li")))[-1]
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO decisions (subject, at, body) VALUES (?, ?, ?)",
            (scene.subject("wang"), int(CODED.after(60)), red.body),
        )
    connection.close()
    with SqliteStore(path) as store:
        assert code(Ledger(store), "wang", CODED.after(HOUR)) == "green", "every reader derives; the row has no effect"
        named = {finding.subject for finding in audit(store) if finding.fault is Fault.FOREIGN_DECISION}
        ledger = Ledger(store)
        ledger.rebuild()
        assert codes(store, "wang") == ["green"]
        assert len(submits(scene)) == 2
        late = scene.sign("border", BorderEntry(origin="SG"), "wang", at=CODED.after(DAY), observed=CODED)
        ledger.commit([Submit(data=late)], CODED.after(DAY))
        assert codes(store, "wang") == ["green", "yellow-ask"], "after a rebuild the true history goes on"
        assert audit(store) == ()
    return 0 if named == {scene.subject("wang")} else 1


def test_case_01_a_red_row_by_sql_has_no_effect_and_is_named(tmp_path: Path) -> None:
    assert unnamed_red_rows(tmp_path / "ledger.sqlite") == 0


def test_case_01_switched_off_nobody_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "_compare", lambda *_: None)
    assert unnamed_red_rows(tmp_path / "ledger.sqlite") == 1


@pytest.mark.parametrize("body", [b"x", encode_cbor({"code": "green"})])
def test_a_forged_row_of_the_future_withholds_no_notice_and_locks_nothing(tmp_path: Path, body: bytes) -> None:
    scene = Scene()
    scene.entry("li")
    path = tmp_path / "ledger.sqlite"
    with SqliteStore(path) as store:
        opened(store)
    with sqlite3.connect(path) as connection:
        row = (scene.subject("li"), int(CODED.after(900 * DAY)), body)
        connection.execute("INSERT INTO decisions (subject, at, body) VALUES (?, ?, ?)", row)
    connection.close()
    with SqliteStore(path) as store:
        ledger = Ledger(store)
        commit_all(ledger, submits(scene))
        told = [_what(notice) for notice in store.notices(scene.subject("li"))]
        assert told.count("decision") == 2, "green at first, and the question after the entry"
        assert {finding.fault for finding in audit(store)} == {Fault.FOREIGN_DECISION}
        ledger.rebuild()
        assert codes(store, "li") == ["green", "yellow-ask"]


def test_case_01_all_decisions_deleted_and_replayed_are_byte_equal(store: Store) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    scene.entry("wang", at=scene.now.after(HOUR))
    ledger = opened(store, scene)
    ledger.settle(CODED.after(60 * DAY))
    before = list(store.decisions())
    store.drop_decisions()
    assert not list(store.decisions())
    assert ledger.rebuild() == len(before)
    assert list(store.decisions()) == before


# Rows 10 and 11 on the path: what rested on a withdrawn statement is decided again in the same step


def stale_family_decisions() -> int:
    scene = Scene()
    index = scene.sampled_positive("li")
    scene.contact("wang", index, household="li")
    scene.contact("zhao", index, household="li")
    scene.admit("lab", Retraction(target=index), "li")
    with MemoryStore() as store:
        ledger = opened(store, scene)
        assert ledger.last == scene.now
        return sum(codes(store, name)[-1] != "green" for name in PEOPLE)


def test_case_10_whatever_rested_on_a_withdrawn_statement_is_decided_again_in_the_same_step() -> None:
    assert stale_family_decisions() == 0


def test_case_10_switched_off_the_family_stays_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "affected", lambda one, docket, at, _: {docket.subject(one.statement.ref, at)})
    assert stale_family_decisions() == 2


# Row 28: a true positive's record re-pointed at a saver's number


def untold_by_a_merge() -> int:
    scene = Scene()
    scene.sampled_positive("li")
    with MemoryStore() as store:
        ledger = opened(store, scene)
        merged = CODED.after(HOUR)
        kept, absorbed = scene.subject("wang"), scene.subject("li")
        ledger.commit([Merge(kept=kept, absorbed=absorbed)], merged)
        assert code(ledger, "wang", merged) == "red"
        assert code(ledger, "wang", CODED) == "green", "a merge never reaches back"
        told = {notice.subject for notice in store.notices() if _what(notice) == "merged"}
        bound = [cause.what for cause in ledger.derivation(kept).causes(merged)]
        assert "bound" in bound, "the history names the merge as the cause"
        ledger.commit([Split(subject=kept, refs=(scene.ref("li"),), other=absorbed)], merged.after(DAY))
        assert code(ledger, "wang", merged.after(DAY)) == "green"
        assert code(ledger, "li", merged.after(DAY)) == "red"
        check_ledger(store)
        return len({kept, absorbed} - told)


def _what(notice: NoticeRow) -> object:
    value = parse_cbor(notice.body)
    assert isinstance(value, dict)
    return value["what"]


def test_case_28_both_people_of_a_merge_are_told_and_a_split_undoes_it() -> None:
    assert untold_by_a_merge() == 0


def test_case_28_switched_off_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "_WHAT", {})
    assert untold_by_a_merge() == 2


# Decided step by step, or all at once from the events: the same bytes


STEPS = ["positive", "contact", "entry", "ruling", "negative", "retract", "merge", "split", "wait", "pack"]


def successor() -> str:
    """Return a pack that follows the province's as soon as it is logged, and is no stricter."""
    name = "pack: cn-henan-2021-2\n"
    assert PACK.count(name) == 1
    return PACK.replace(name, "pack: cn-henan-next\nsucceeds: cn-henan-2021-2\ntransition: milder\n")


@settings(max_examples=max(15, settings().max_examples // 5))  # each example is audited whole
@example(["positive", "positive", "contact", "ruling", "merge"])
@example(["positive", "positive", "merge", "split"])
@example(["positive", "pack"])
@example(["entry", "contact", "positive", "pack", "wait", "entry"])
@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_decisions_made_in_time_are_those_that_replay_gives(steps: list[str]) -> None:  # noqa: C901 - a step each
    scene = Scene()
    with MemoryStore() as store:
        ledger = opened(store)
        at = CODED
        sent, merged, index = 0, False, b""
        for number, step in enumerate(steps):
            at = at.after(7 * HOUR)
            scene.now = max(scene.now, at)
            name = PEOPLE[number % 3]
            if step == "positive":
                index = scene.sampled_positive(name, sample=f"s{number}", at=scene.now.after(13 * HOUR))
            elif step == "contact" and index:
                _try_contact(scene, PEOPLE[(number + 1) % 3], index)
            elif step == "entry":
                scene.entry(name, backed_by=("carrier", "hotel")[: number % 3], at=scene.now.after(2 * DAY))
            elif step == "negative":
                scene.negative(name, sample=f"n{number}", at=scene.now)
            elif step in ("ruling", "retract") and index:
                _try_undo(scene, step, index)
            elif step == "wait":
                scene.now = scene.now.after(3 * DAY)
            for when, data in scene.sent[sent:]:
                ledger.commit([Submit(data=data)], when)
            sent = len(scene.sent)
            if step == "merge" and not merged:
                ledger.commit([Merge(kept=scene.subject("li"), absorbed=scene.subject("wang"))], scene.now.after(1))
                merged = True
            elif step == "split" and merged:
                ledger.commit(
                    [Split(subject=scene.subject("li"), refs=(scene.ref("wang"),), other=scene.subject("wang"))],
                    scene.now.after(1),
                )
                merged = False
            elif step == "pack" and len(ledger.state.packs) == 1:
                ledger.commit([PublishPack(text=successor())], scene.now.after(1))
            at = scene.now = max(scene.now, ledger.last or at)
        ledger.settle(at.after(5 * DAY))
        check_ledger(store)


def _try_contact(scene: Scene, name: str, index: bytes) -> None:
    at = scene.now.after(60)
    scene.submit(scene.sign("tracer", ContactFinding(contact=Contact.CLOSE, index=index), name, at=at), at=at)


def _try_undo(scene: Scene, step: str, index: bytes) -> None:
    at = scene.now.after(60)
    for name in PEOPLE:
        facts = Ruling(target=index, effect=RulingEffect.ANNUL) if step == "ruling" else Retraction(target=index)
        scene.submit(scene.sign("redress" if step == "ruling" else "lab", facts, name, at=at), at=at)


def test_a_history_is_the_same_from_every_side(store: Store) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    ledger = opened(store, scene)
    ledger.settle(CODED.after(60 * DAY))
    timeline = ledger.derivation(scene.subject("li")).timeline(Span(START.after(DAY), CODED.after(60 * DAY)))
    rows: list[DecisionRow] = list(store.decisions(scene.subject("li")))
    assert [row.at for row in rows] == [change.derived.at for change in timeline]
    assert henan().codes[-1].id == "red"


# A result that nobody can read (I2)


def test_an_unread_result_counts_for_nothing_is_kept_and_shown(store: Store) -> None:
    scene = Scene()
    value = Statement(
        ref=scene.ref("li"),
        facts=TestResult(method=Method.PCR, result=Result.POSITIVE, sample=bytes(16)),
        observed=CODED,
        issued=CODED,
        area=AREA,
    ).to_cbor()
    value["facts"] = {"method": "pcr", "result": "阳？", "sample": bytes(16)}
    first = opened(store)
    (said,) = first.commit([Submit(data=sign1(encode_cbor(value), key_of("lab")))], CODED)
    assert isinstance(said.outcome, Refused)
    assert said.outcome.code == "unread"
    ledger = Ledger(store)
    subject = scene.subject("li")
    explained = explain(ledger.derivation(subject), CODED, unread=ledger.state.unread(subject, CODED))
    assert explained.code is not None
    assert explained.code.id == "green"
    assert [row.record.signer.id for row in explained.unread] == ["lab"]
    assert "could not be read" in format_explanation(explained, "en")
    assert "读不出来" in format_explanation(explained, "zh")
    assert not ledger.state.unread(scene.subject("wang"), CODED)
    told = [_what(notice) for notice in store.notices(subject)]
    assert "result-unread" in told
    again = scene.sign("lab", TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=bytes(16)), "li", at=CODED)
    ledger.commit([Submit(data=again)], CODED.after(HOUR))
    assert not ledger.state.unread(subject, CODED.after(HOUR)), "the laboratory has sent it again"
    check_ledger(store)


def test_a_refusal_is_settled_when_the_same_bytes_are_admitted(store: Store) -> None:
    scene = Scene()
    ledger = opened(store)
    positive = scene.sampled_positive("li")
    early = scene.sign("lab", Retraction(target=positive), "li", at=CODED.after(HOUR))
    ledger.commit([Submit(data=early)], CODED.after(HOUR))
    assert len(ledger.state.refused) == 1
    for _, data in scene.sent:
        ledger.commit([Submit(data=data)], CODED.after(2 * HOUR))
    ledger.commit([Submit(data=early)], CODED.after(3 * HOUR))
    assert not ledger.state.refused
    assert not Ledger(store).state.refused
    check_ledger(store)


# A certificate of another country: what it says is read from its signature, by the ledger and by every auditor


def test_a_certificate_is_read_by_the_ledger_and_nobody_can_add_to_what_it_says(store: Store) -> None:
    scene = Scene()
    ledger = opened(store)
    trust = json.dumps({UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}})
    text = UTOPIA.text(payload("v"))
    ledger.commit([PublishTrust(text=trust)], CODED)
    (said,) = ledger.commit([HandOver(ref=scene.ref("li"), text=text)], CODED.after(60))
    assert isinstance(said.outcome, tuple)
    assert [one.kind for one in said.outcome if isinstance(one, Admitted)] == [Kind.VACCINATION]
    for wrong, code in (
        (ELBONIA.text(payload("v")), "bad-certificate"),
        ("HC1:nonsense", "bad-certificate"),
        (UTOPIA.text(payload("t", tr="260373001")), "nothing-in-favour"),
    ):
        (said,) = ledger.commit([HandOver(ref=scene.ref("li"), text=wrong)], CODED.after(120))
        assert isinstance(said.outcome, Refused)
        assert said.outcome.code == code
    head = ledger.head
    ledger.commit([HandOver(ref=scene.ref("li"), text=text), PublishTrust(text=trust)], CODED.after(180))
    assert ledger.head == head
    assert len(Ledger(store).state.docket) == 1
    check_ledger(store)


def _repacked(text: str) -> list[str]:
    """Return a certificate's text in other forms that anybody can give it without its issuer."""
    cose = open_hc1(text)
    message = parse_cbor(cose)
    assert isinstance(message, CborTag)
    assert isinstance(message.value, list)
    protected, _, signed, signature = message.value
    other = encode_cbor(CborTag(18, [protected, {99: "mine"}, signed, signature]))
    return ["HC1:" + encode_base45(zlib.compress(cose, level)) for level in (0, 1)] + [format_hc1(other)]


def test_one_certificate_is_one_however_it_is_packed_and_under_whichever_document(store: Store) -> None:
    scene = Scene()
    ledger = opened(store)
    trust = json.dumps({UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}})
    text, ref = UTOPIA.text(payload("v")), scene.ref("li")
    passport = bytes(31) + b"\7"
    ledger.commit([PublishTrust(text=trust), AddDocument(subject=scene.subject("li"), ref=passport)], CODED)
    ledger.commit([HandOver(ref=ref, text=text)], CODED.after(60))
    head = ledger.head
    for other in (*_repacked(text), UTOPIA.text(payload("v"), c6=int(CODED) - 100)):
        ledger.commit([HandOver(ref=ref, text=other)], CODED.after(120))
    ledger.commit([HandOver(ref=passport, text=text)], CODED.after(180))
    assert (ledger.head, len(ledger.state.docket)) == (head, 1)
    ledger.commit([HandOver(ref=ref, text=UTOPIA.text(payload("v"), c4=int(CODED) + 10**8))], CODED.after(240))
    assert len(ledger.state.docket) == 2  # issued anew, for longer
    check_ledger(store)


def test_a_number_that_no_cbor_integer_holds_harms_no_batch(store: Store) -> None:
    scene = Scene()
    ledger = opened(store)
    trust = json.dumps({UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}})
    odd = payload("v") | {"odd": 1e300}
    both = [
        HandOver(ref=scene.ref("li"), text=UTOPIA.text(odd)),
        HandOver(ref=scene.ref("wang"), text=UTOPIA.text(payload("r"))),
    ]
    ledger.commit([PublishTrust(text=trust)], CODED)
    applied = ledger.commit(both, CODED.after(60))
    assert all(isinstance(one.outcome, tuple) for one in applied)
    check_ledger(store)


def test_a_card_is_checked_against_the_list_of_its_own_scheme(store: Store) -> None:
    scene = Scene()
    ledger = opened(store)
    at = cards.NOW.after(DAY)
    jws = cards.STATE.jws(cards.STATE.payload(cards.dose(), cards.result()))
    whole = HandOver(ref=scene.ref("li"), text=f"shc:/{cards.numeric(jws)}")
    in_pieces = HandOver(ref=scene.ref("li"), text="\n".join(cards.chunks(jws, 3)[::-1]))
    (said,) = ledger.commit([whole], at)
    assert isinstance(said.outcome, Refused)
    assert (said.outcome.code, "no key" in said.outcome.message) == ("bad-certificate", True)
    ledger.commit([PublishCardTrust(text=cards.trust_text(cards.STATE))], at)
    (said,) = ledger.commit([whole], at)
    assert isinstance(said.outcome, tuple)
    assert [one.kind for one in said.outcome if isinstance(one, Admitted)] == [Kind.VACCINATION, Kind.TEST_RESULT]
    head = ledger.head
    ledger.commit([in_pieces, PublishCardTrust(text=cards.trust_text(cards.STATE))], at)
    assert ledger.head == head, "the same card in another form is no further evidence"
    for text, person, code in (
        (cards.STRANGER.text(cards.dose()), "li", "bad-certificate"),
        ("shc:/nonsense", "li", "bad-certificate"),
        (cards.STATE.text(cards.dose(status="not-done")), "li", "nothing-in-favour"),
        (in_pieces.text, "wang", "bad-certificate"),
        (cards.STATE.text(cards.dose(), cards.result(), nbf=int(cards.BEFORE)), "wang", "bad-certificate"),
    ):
        (said,) = ledger.commit([HandOver(ref=scene.ref(person), text=text)], at)
        assert isinstance(said.outcome, Refused)
        assert said.outcome.code == code
        assert "Ada" not in said.outcome.message
    assert len(Ledger(store).state.docket) == 2
    check_ledger(store)


def test_each_scheme_s_list_leaves_the_other_s_as_it_is(store: Store) -> None:
    scene = Scene()
    ledger = opened(store)
    eu = PublishTrust(text=json.dumps({UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}}))
    ledger.commit([eu, PublishCardTrust(text=cards.trust_text(cards.STATE))], CODED)
    ledger.commit([PublishCardTrust(text="{}")], CODED.after(60))
    after = cards.NOW.after(60)
    for text, admitted in ((cards.STATE.text(cards.dose()), False), (UTOPIA.text(payload("v")), True)):
        for _ in range(2):
            (said,) = ledger.commit([HandOver(ref=scene.ref("li"), text=text)], after)
            assert isinstance(said.outcome, Refused) is not admitted
            ledger = Ledger(store)
    for wrong in (eu.text, "[]", '{"https://a.b": {}}'):
        with pytest.raises(TrustListError):
            ledger.commit([PublishCardTrust(text=wrong)], after)
    check_ledger(store)
