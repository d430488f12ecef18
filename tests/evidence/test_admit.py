"""The one door: each refusal by its code, each with a next step, and nothing changed by any of them."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence import (
    REFUSALS,
    Admitted,
    BorderEntry,
    CertificateClaim,
    Contact,
    ContactFinding,
    Correction,
    CustodianRecord,
    Diagnosis,
    EvidenceError,
    Form,
    IsolationOrder,
    Kind,
    Method,
    OwnAccount,
    Record,
    Recovery,
    Refused,
    Result,
    Retraction,
    Ruling,
    RulingEffect,
    Statement,
    TestResult,
    admit,
    admit_again,
    admit_certificate,
    parse_statement,
    sign_statement,
)
from habeas.wire import DAY, HOUR, CborTag, Instant, encode_cbor, parse_sign1, sign1
from scene import AREA, CODED, Scene, key_of, sample_number

POSITIVE = TestResult(method=Method.PCR, result=Result.POSITIVE, sample=sample_number("p"))
ENTRY = BorderEntry(origin="SG")
SAMPLING = CustodianRecord(record=Record.SAMPLING, sample=sample_number("p"))


def payload(scene: Scene, **changed: object) -> bytes:
    """Return the bytes of an entry signed by the border office, with fields of its payload changed after typing."""
    value = Statement(ref=scene.ref("li"), facts=ENTRY, observed=CODED, issued=CODED, area=AREA).to_cbor()
    value.update(changed)
    return sign1(encode_cbor({name: field for name, field in value.items() if field is not None}), key_of("border"))


def refusal(scene: Scene, data: bytes, at: Instant = CODED) -> Refused:
    before = (len(scene.docket), len(scene.registry))
    found = scene.submit(data, at=at)
    assert isinstance(found, Refused)
    assert (len(scene.docket), len(scene.registry)) == before
    assert found.message
    assert found.next_step == REFUSALS[found.code]
    return found


BAD: dict[str, tuple[str, Callable[[Scene], bytes]]] = {
    "no CBOR at all": ("not-a-statement", lambda _: b"\xff\xff"),
    "empty": ("not-a-statement", lambda _: b""),
    "too long": ("not-a-statement", lambda _: bytes(10_000)),
    "a code is carried": ("not-a-statement", lambda s: payload(s, code="red")),
    "a colour among the facts": ("bad-facts", lambda s: payload(s, facts={"origin": "SG", "colour": "red"})),
    "a place among the facts": ("bad-facts", lambda s: payload(s, facts={"origin": "SG", "place": "the square"})),
    "a reason in words": ("not-a-statement", lambda s: payload(s, reason="as required by the command")),
    "an unknown kind": ("bad-facts", lambda s: payload(s, kind="code-assignment")),
    "a missing fact": ("bad-facts", lambda s: payload(s, facts={})),
    "a fact of another type": ("bad-facts", lambda s: payload(s, facts={"origin": 7})),
    "facts that are no map": ("bad-facts", lambda s: payload(s, facts=["SG"])),
    "a name instead of a reference": ("not-a-statement", lambda s: payload(s, ref="Li Xiuying")),
    "a short reference": ("not-a-statement", lambda s: payload(s, ref=b"short")),
    "an instant in words": ("bad-facts", lambda s: payload(s, observed="yesterday")),
    "an instant beyond the calendar": ("not-a-statement", lambda s: payload(s, observed=1 << 60)),
    "observed after issued": ("not-a-statement", lambda s: payload(s, observed=int(CODED) + 1)),
    "no area": ("not-a-statement", lambda s: payload(s, area=None)),
    "an area in words": ("not-a-statement", lambda s: payload(s, area="Zhengzhou")),
    "another version": ("not-a-statement", lambda s: payload(s, v=2)),
    "expired before it was issued": ("not-a-statement", lambda s: payload(s, expires=int(CODED))),
    "issued in the future": (
        "future",
        lambda s: s.sign("border", ENTRY, "li", at=CODED.after(HOUR), observed=CODED, issued=CODED.after(HOUR)),
    ),
    "expired on arrival": (
        "expired",
        lambda s: s.sign(
            "border", ENTRY, "li", at=CODED, observed=CODED.after(-DAY), issued=CODED.after(-DAY), expires=CODED
        ),
    ),
    "nobody's key": ("no-mandate", lambda s: s.sign("stranger", ENTRY, "li", at=CODED)),
    "another's mandate": ("wrong-kind", lambda s: s.sign("lab", ENTRY, "li", at=CODED)),
    "another area": ("wrong-area", lambda s: payload(s, area="CN-42")),
    "a person who is not enrolled": ("unknown-person", lambda s: s.sign("border", ENTRY, "nobody", at=CODED)),
    "an index that was not admitted": (
        "names-nothing",
        lambda s: s.sign("tracer", ContactFinding(contact=Contact.CLOSE, index=bytes(32)), "li", at=CODED),
    ),
    "a ruling on nothing": (
        "names-nothing",
        lambda s: s.sign("redress", Ruling(target=bytes(32), effect=RulingEffect.ANNUL), "li", at=CODED),
    ),
    "a retraction of nothing": ("names-nothing", lambda s: s.sign("lab", Retraction(target=bytes(32)), "li", at=CODED)),
    "an act that is not the person's": (
        "bad-act",
        lambda s: s.sign("clinic", dataclasses.replace(SAMPLING, act=bytes(64)), "li", at=CODED),
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_each_bad_statement_is_refused_with_its_code(what: str) -> None:
    scene = Scene()
    code, make = BAD[what]
    assert refusal(scene, make(scene)).code == code


def test_every_refusal_has_a_test() -> None:
    tested = {code for code, _ in BAD.values()} | {
        "waiting",
        "ended",
        "bad-signature",
        "wrong-target",
        "not-the-signer",
        "unread",
    }
    tested |= {"bad-certificate", "nothing-in-favour", "too-many"}  # the ledger says these
    assert tested == set(REFUSALS)


def test_every_flipped_bit_of_a_statement_is_refused() -> None:
    scene = Scene()
    data = scene.sign("border", ENTRY, "li", at=CODED)
    codes = set()
    for place in range(0, len(data) * 8, 3):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        codes.add(refusal(scene, bytes(flipped)).code)
    assert "bad-signature" in codes


@given(st.binary(max_size=300))
def test_any_bytes_are_no_statement_or_an_evidence_error(data: bytes) -> None:
    with contextlib.suppress(EvidenceError):
        parse_statement(data)
    assert isinstance(admit(data, Scene(()).docket, Scene(()).roster, CODED), Refused)


def test_a_mandate_waits_seven_days_and_ends_forward() -> None:
    scene = Scene()
    scene.mandate("new", kinds=("border-entry",), at=CODED)
    data = scene.sign("new", ENTRY, "li", at=CODED.after(HOUR))
    assert refusal(scene, data, CODED.after(HOUR)).code == "waiting"
    later = CODED.after(8 * DAY)
    assert refusal(scene, data, later).code == "waiting", "what was signed in the waiting time never counts"
    fresh = scene.sign("new", ENTRY, "li", at=later)
    assert not isinstance(scene.submit(fresh, at=later), Refused)
    scene.roster.end(scene.actors["new"].mandate.id, later.after(HOUR))
    last = scene.sign("new", ENTRY, "wang", at=later.after(HOUR))
    assert refusal(scene, last, later.after(HOUR)).code == "ended"


def test_the_same_statement_again_is_the_same_admission() -> None:
    scene = Scene()
    data = scene.sign("border", ENTRY, "li", at=CODED)
    first = scene.submit(data, at=CODED)
    assert scene.submit(data, at=CODED.after(DAY)) == first
    assert len(scene.docket) == 1


def targets(scene: Scene) -> dict[str, bytes]:
    positive = scene.sampled_positive("li")
    return {
        "positive": positive,
        "negative": scene.negative("li", sample="n"),
        "finding": scene.contact("wang", positive, household="li"),
        "entry": scene.entry("zhao", at=scene.now.after(HOUR)),
    }


@pytest.mark.parametrize(
    ("by", "about", "make"),
    [
        ("tracer", "wang", lambda t: ContactFinding(contact=Contact.CLOSE, index=t["negative"])),
        ("tracer", "li", lambda t: ContactFinding(contact=Contact.CLOSE, index=t["positive"])),
        ("tracer", "zhao", lambda t: ContactFinding(contact=Contact.SECONDARY, index=t["positive"], via=t["positive"])),
        ("hospital", "wang", lambda t: Diagnosis(form=Form.CONFIRMED, names=t["positive"])),
        ("hospital", "li", lambda t: Diagnosis(form=Form.CONFIRMED, names=t["negative"])),
        (
            "site",
            "li",
            lambda t: IsolationOrder(basis=t["negative"], review=CODED),
        ),
        ("site", "wang", lambda t: IsolationOrder(basis=t["positive"], review=CODED)),
        ("redress", "wang", lambda t: Ruling(target=t["positive"], effect=RulingEffect.ANNUL)),
        ("lab2", "wang", lambda t: Retraction(target=t["negative"])),
        ("clinic", "wang", lambda t: CustodianRecord(record=Record.STAMP, against=t["entry"])),
        ("lab", "li", lambda t: CustodianRecord(record=Record.COUNTERSIGNATURE, countersigns=t["positive"])),
        ("wang", "wang", lambda t: OwnAccount(index=t["positive"], contact=bytes(32))),
    ],
)
def test_a_statement_that_names_what_it_cannot_be_about_is_refused(
    by: str, about: str, make: Callable[..., object]
) -> None:
    scene = Scene()
    named = targets(scene)
    if by == "site" and about == "li":
        named["negative"] = scene.admit(
            "site", IsolationOrder(basis=named["positive"], review=scene.now.after(DAY)), "li"
        )
    data = scene.sign(by, make(named), about, at=scene.now.after(60))  # type: ignore[arg-type]
    kinds = scene.actors[by].mandate.kinds if by in scene.actors else {"own-account"}
    assert kinds
    assert refusal(scene, data, scene.now.after(60)).code == "wrong-target"


def test_only_the_signer_takes_back() -> None:
    scene = Scene()
    positive = scene.sampled_positive("li")
    data = scene.sign("lab2", Retraction(target=positive), "li", at=scene.now.after(60))
    assert refusal(scene, data, scene.now.after(60)).code == "not-the-signer"


def test_a_correction_admits_two_or_nothing() -> None:
    scene = Scene()
    entry = scene.entry("li")
    at = scene.now.after(HOUR)
    right = scene.sign("border", ENTRY, "li", at=at, observed=CODED.after(-2 * DAY))
    found = scene.submit(scene.sign("border", Correction(target=entry, replacement=right), "li", at=at), at=at)
    assert not isinstance(found, Refused)
    assert [one.kind for one in found] == [Kind.CORRECTION, Kind.BORDER_ENTRY]
    others = scene.sign("lab", POSITIVE, "li", at=at)
    fresh = scene.sign("border", ENTRY, "li", at=at, observed=CODED.after(-3 * DAY))
    for wrong, code in (
        (others, "not-the-signer"),
        (b"junk", "not-a-statement"),
        (fresh[:-1] + b"\0", "bad-signature"),
    ):
        data = scene.sign("border", Correction(target=found[1].id, replacement=wrong), "li", at=at)
        assert refusal(scene, data, at).code == code
    circle = scene.sign("border", Retraction(target=found[1].id), "li", at=at)
    data = scene.sign("border", Correction(target=found[1].id, replacement=circle), "li", at=at)
    assert refusal(scene, data, at).code == "wrong-target"


def test_the_persons_own_act_makes_a_laboratorys_own_sampling_count() -> None:
    scene = Scene()
    act = key_of("li").sign(sample_number("p"))
    record = dataclasses.replace(SAMPLING, act=act)
    scene.admit("lab", record, "li", at=CODED.after(-12 * HOUR), observed=CODED.after(-13 * HOUR))
    scene.admit("lab", POSITIVE, "li", at=CODED, observed=CODED.after(-13 * HOUR))
    assert [row.custodian for row in scene.held("li")[0].backing] == ["person's own act"]


def test_an_own_account_is_signed_by_the_person_and_can_be_taken_back() -> None:
    scene = Scene()
    positive = scene.sampled_positive("li")
    account = scene.admit("li", OwnAccount(index=positive, contact=scene.ref("wang")), "li")
    stranger = scene.sign("wang", OwnAccount(index=positive, contact=scene.ref("zhao")), "li", at=scene.now.after(60))
    assert refusal(scene, stranger, scene.now.after(60)).code == "no-mandate"
    assert scene.admit("li", Retraction(target=account), "li")


def test_a_result_that_nobody_can_read_is_unread_and_goes_back_to_its_laboratory() -> None:
    scene = Scene()
    value = Statement(ref=scene.ref("li"), facts=POSITIVE, observed=CODED, issued=CODED, area=AREA).to_cbor()
    facts = value["facts"]
    assert isinstance(facts, dict)
    facts["result"] = "阳？"
    found = refusal(scene, sign1(encode_cbor(value), key_of("lab")))
    assert (found.code, found.ref) == ("unread", scene.ref("li"))
    assert refusal(scene, sign1(encode_cbor(value), key_of("border"))).code == "bad-facts", (
        "only its laboratory's is a result"
    )


def test_a_certificate_can_only_help_and_is_the_holders_own() -> None:
    scene = Scene()
    recovery = CertificateClaim(facts=Recovery(method=Method.PCR), observed=CODED.after(-30 * DAY), country="DE")
    found = admit_certificate(recovery, b"certificate", scene.ref("li"), scene.docket, CODED)
    assert isinstance(found, Admitted)
    assert found.issuer == "certificate:DE"
    for facts, code in (
        (POSITIVE, "wrong-kind"),
        (ENTRY, "wrong-kind"),
        (Ruling(target=bytes(32), effect=RulingEffect.ANNUL), "wrong-kind"),
    ):
        claim = CertificateClaim(facts=facts, observed=CODED, country="DE")
        refused = admit_certificate(claim, b"certificate", scene.ref("li"), scene.docket, CODED)
        assert isinstance(refused, Refused)
        assert refused.code == code
    for changed, code in (
        (dataclasses.replace(recovery, country="Germany"), "not-a-statement"),
        (dataclasses.replace(recovery, observed=CODED.after(DAY)), "future"),
        (dataclasses.replace(recovery, expires=CODED), "expired"),
        (dataclasses.replace(recovery, expires=recovery.observed), "not-a-statement"),
    ):
        refused = admit_certificate(changed, b"certificate", scene.ref("li"), scene.docket, CODED)
        assert isinstance(refused, Refused)
        assert refused.code == code
    nobody = admit_certificate(recovery, b"certificate", scene.ref("nobody"), scene.docket, CODED)
    assert isinstance(nobody, Refused)
    assert nobody.code == "unknown-person"


def test_reading_back_takes_the_signature_as_checked_and_nothing_else() -> None:
    scene = Scene()
    data = scene.sign("border", ENTRY, "li", at=CODED)
    forged = data[:-1] + bytes([data[-1] ^ 1])
    assert not isinstance(admit_again(forged, scene.docket, scene.roster, CODED), Refused)
    assert isinstance(admit(forged, scene.docket, scene.roster, CODED), Refused)
    unmandated = scene.sign("stranger", ENTRY, "li", at=CODED)
    assert isinstance(admit_again(unmandated, scene.docket, scene.roster, CODED), Refused)


def test_nobody_without_the_key_can_give_one_statement_two_ids() -> None:
    scene = Scene()
    data = scene.sign("border", ENTRY, "li", at=CODED)
    (first,) = scene.submit(data, at=CODED)  # type: ignore[misc]
    decorated = parse_sign1(data)
    again = encode_cbor(CborTag(18, [decorated.protected, {"note": "x"}, decorated.payload, decorated.signature]))
    assert again != data
    assert scene.submit(again, at=CODED.after(60)) == (first,)
    assert len(scene.docket) == 1


def test_signing_is_deterministic() -> None:
    scene = Scene()
    statement = Statement(ref=scene.ref("li"), facts=ENTRY, observed=CODED, issued=CODED, area=AREA)
    assert sign_statement(statement, key_of("border")) == sign_statement(statement, key_of("border"))


def test_a_body_that_floods_one_person_with_statements_is_refused() -> None:
    scene = Scene()
    for number in range(20):
        scene.positive("li", sample=f"junk {number}", at=CODED, observed=CODED.after(-HOUR))
    more = scene.sign("lab", POSITIVE, "li", at=CODED.after(HOUR), observed=CODED)
    assert refusal(scene, more, CODED.after(HOUR)).code == "too-many"
    tomorrow = CODED.after(DAY + HOUR)
    scene.positive("li", sample="next day", at=tomorrow, observed=CODED)
