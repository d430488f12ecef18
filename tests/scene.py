"""A small province for tests: real keys, logged mandates, enrolled people, statements signed and admitted in order.

    scene = Scene()
    entry = scene.admit("border", BorderEntry(origin="SG"), "li", at="2022-06-12 21:04", observed="2022-06-03 10:00")
    scene.derivation("li", scene_book()).at(scene.now)

Bodies have a superior and an operator of their own, so each is a custodian of its own. Times are China's (UTC+8).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import TypedDict, Unpack

from habeas.evidence import (
    Admitted,
    BorderEntry,
    Contact,
    ContactFinding,
    CustodianRecord,
    Diagnosis,
    Docket,
    Facts,
    Form,
    Held,
    Kind,
    Limits,
    Method,
    Record,
    Refused,
    Result,
    Statement,
    TestResult,
    admit,
    hold,
    sign_statement,
)
from habeas.grounds import Derivation
from habeas.mandates import RULING, Body, BodyClass, Level, Logged, Mandate, Roster
from habeas.registry import Enrol, Merge, Registry, Split
from habeas.rules import (
    Anchor,
    Arrivals,
    Book,
    Code,
    Confidence,
    Effect,
    Pack,
    Relief,
    Rule,
    Rung,
    Source,
    compile_logic,
    make_book,
)
from habeas.wire import (
    DAY,
    FOREVER,
    HOUR,
    Algorithm,
    Area,
    Calendar,
    Identifier,
    Instant,
    SigningKey,
    Span,
    make_signing_key,
    parse_instant,
)

AREA = Area("CN-41")
CHINA = Calendar(((Instant(0), 8 * HOUR),))
REGISTRY_KEY = b"\x17" * 32
MINUTE = 60


def when(text: str | Instant) -> Instant:
    """Return the instant of "2022-06-12 21:04", China's time."""
    return text if isinstance(text, Instant) else parse_instant(f"{text.replace(' ', 'T')}+08:00")


START = when("2022-05-01 00:00")
"""When the scene's mandates are logged; they count seven days later."""

CODED = when("2022-06-12 21:04")
"""The minute of the screenshot in the case."""


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """A body with its key and the mandate that was logged for it."""

    key: SigningKey
    mandate: Mandate

    @property
    def body(self) -> Body:
        return self.mandate.body


_BODIES: dict[str, tuple[str, str, Level, tuple[str, ...]]] = {
    "lab": ("City Lab 4", "市第四检验所", Level.CITY, ("test-result", "custodian-record")),
    "lab2": ("Lab River", "河滨检验所", Level.CITY, ("test-result", "custodian-record")),
    "clinic": ("Clinic 7", "第七诊所", Level.COUNTY, ("custodian-record", "vaccination", "exemption", "recovery")),
    "hospital": ("County Hospital", "县医院", Level.COUNTY, ("diagnosis", "recovery", "discharge", "custodian-record")),
    "border": ("Border office of Z", "Z口岸", Level.PROVINCE, ("border-entry",)),
    "carrier": ("Sky Airline", "蓝天航空", Level.NATION, ("custodian-record",)),
    "hotel": ("Hotel Lotus", "莲花酒店", Level.COMMUNITY, ("custodian-record",)),
    "tracer": ("City CDC", "市疾控中心", Level.CITY, ("contact-finding",)),
    "register": ("Household register of Jinshui", "金水区户籍处", Level.COUNTY, ("custodian-record",)),
    "county": ("County health office", "县卫健委", Level.COUNTY, ("custodian-record", "contact-finding")),
    "site": ("Isolation office", "隔离管理处", Level.CITY, ("isolation-order", "custodian-record")),
    "redress": ("Provincial review office", "省复核处", Level.PROVINCE, (RULING,)),
}
BODIES = tuple(_BODIES)


def make_actor(name: str, *, kinds: Sequence[str] = (), superior: str = "", operator: str = "") -> Actor:
    """Return a body of the scene, or one made up under `name`, with a key that its name alone gives."""
    english, chinese, level, own = _BODIES.get(name, (name, name, Level.CITY, ()))
    body = Body(
        id=name,
        superior=superior or f"{name}-superior",
        operator=operator or name,
        level=level,
        body_class=BodyClass.REDRESS if RULING in (kinds or own) else BodyClass.SOURCE,
        names=(("en", english), ("zh", chinese)),
    )
    key = key_of(name)
    mandate = Mandate(
        body=body,
        kinds=frozenset(kinds or own),
        area=AREA,
        key=key.verifying,
        time=Span(START, when("2024-01-01 00:00")),
    )
    return Actor(key, mandate)


def key_of(name: str) -> SigningKey:
    """Return the key that belongs to a name: a body's, or a person's own."""
    return make_signing_key(Algorithm.EDDSA, hashlib.sha256(name.encode()).digest())


def sample_number(name: str) -> bytes:
    """Return 16 bytes that stand for a sample, an event or whatever needs a number."""
    return hashlib.sha256(name.encode()).digest()[:16]


class _When(TypedDict, total=False):
    at: str | Instant
    observed: str | Instant
    issued: str | Instant
    expires: str | Instant


class Scene:
    """A roster, a registry and a docket, and the clock that they share. Everything goes in through the real doors."""

    def __init__(self, people: Sequence[str] = ("li", "wang", "zhao")) -> None:
        self.roster = Roster()
        self.registry = Registry()
        self.docket = Docket(self.registry)
        self.actors: dict[str, Actor] = {}
        self.sent: list[tuple[Instant, bytes]] = []
        self.now = START
        for name in BODIES:
            self.mandate(name)
        for name in people:
            self.enrol(name)
        self.now = START.after(8 * DAY)

    def mandate(
        self, name: str, *, kinds: Sequence[str] = (), superior: str = "", operator: str = "", at: str | Instant = ""
    ) -> Logged:
        """Log a mandate for a body, now or at an instant; it counts seven days later."""
        actor = self.actors[name] = make_actor(name, kinds=kinds, superior=superior, operator=operator)
        return self.roster.grant(actor.mandate, self._to(at))

    def enrol(self, name: str) -> bytes:
        """Enrol a person with a document and a key of their own; return the subject."""
        self.registry.apply(Enrol(subject=self.subject(name), ref=self.ref(name), key=key_of(name).verifying), self.now)
        return self.subject(name)

    def subject(self, name: str) -> bytes:
        """Return the id under which a person is enrolled."""
        return sample_number(f"subject {name}")

    def ref(self, name: str) -> bytes:
        """Return the reference that sources sign for a person's document."""
        digits = int.from_bytes(sample_number(f"document {name}")) % 10**17
        return Identifier(kind="resident-id", country="CN", number=f"{digits:017d}X").ref(REGISTRY_KEY)

    def merge(self, kept: str, absorbed: str, *, at: str | Instant = "") -> None:
        """Join two records, now or at an instant."""
        self.registry.apply(Merge(kept=self.subject(kept), absorbed=self.subject(absorbed)), self._to(at))

    def split(self, name: str, other: str, *, at: str | Instant = "") -> None:
        """Take `other`'s reference off `name`."""
        self.registry.apply(
            Split(subject=self.subject(name), refs=(self.ref(other),), other=self.subject(other)), self._to(at)
        )

    def sign(self, by: str, facts: Facts, about: str, **times: Unpack[_When]) -> bytes:
        """Return the bytes of a statement by a body, or by a person's own key, without admitting it."""
        at = when(times.get("at", self.now))
        observed = when(times.get("observed", at))
        statement = Statement(
            ref=self.ref(about),
            facts=facts,
            observed=observed,
            issued=when(times.get("issued", max(observed, at.after(-1)))),
            area=AREA,
            expires=when(times["expires"]) if "expires" in times else None,
        )
        return sign_statement(statement, self.actors[by].key if by in self.actors else key_of(by))

    def submit(self, data: bytes, *, at: str | Instant = "") -> tuple[Admitted, ...] | Refused:
        """Put bytes through the door, now or at an instant."""
        found = admit(data, self.docket, self.roster, self._to(at))
        for one in () if isinstance(found, Refused) else found:
            self.docket.add(one)
        self.sent.append((self.now, data))
        return found

    def admit(self, by: str, facts: Facts, about: str, **times: Unpack[_When]) -> bytes:
        """Sign a statement, admit it a minute after the last one (or at `at`), and return its id; refusals fail."""
        times["at"] = at = self._to(times.get("at", self.now.after(MINUTE)))
        found = self.submit(self.sign(by, facts, about, **times), at=at)
        assert not isinstance(found, Refused), f"{by} about {about}: {found.code}: {found.message}"
        return found[0].id

    def held(self, name: str, book: Book | None = None) -> tuple[Held, ...]:
        """Return what is held about a person."""
        return hold(self.subject(name), self.docket, book.limits_at if book else lambda _: Limits())

    def derivation(self, name: str, book: Book) -> Derivation:
        """Return a person's derivation under a book."""
        return Derivation(book, self.held(name, book))

    def _to(self, at: str | Instant) -> Instant:
        instant = when(at) if at else self.now
        assert instant >= self.now, f"{instant} is earlier than {self.now}: a scene goes forward"
        self.now = instant
        return instant

    # Whole situations, each as it comes about in life.

    def sampled_positive(
        self, about: str, *, sample: str = "a", by: str = "lab", sampler: str = "clinic", at: str | Instant = CODED
    ) -> bytes:
        """Admit another body's sampling record, then the laboratory's positive: supported. Return the positive."""
        result = when(at)
        taken = result.after(-12 * HOUR)
        record = CustodianRecord(record=Record.SAMPLING, sample=sample_number(sample))
        self.admit(sampler, record, about, at=taken, observed=taken.after(-MINUTE))
        return self.positive(about, sample=sample, by=by, at=result, observed=taken.after(-MINUTE))

    def positive(self, about: str, *, sample: str = "a", by: str = "lab", **times: Unpack[_When]) -> bytes:
        """Admit a laboratory's positive alone: provisional unless somebody took the sample."""
        return self.admit(by, _test(Result.POSITIVE, sample), about, **times)

    def negative(
        self, about: str, *, sample: str, by: str = "lab2", method: Method = Method.PCR, **times: Unpack[_When]
    ) -> bytes:
        """Admit a clear test."""
        return self.admit(by, _test(Result.NEGATIVE, sample, method), about, **times)

    def unreadable(self, about: str, *, sample: str, by: str = "lab", **times: Unpack[_When]) -> bytes:
        """Admit a result that its laboratory says it cannot read."""
        return self.admit(by, _test(Result.UNREAD, sample), about, **times)

    def diagnosis(self, about: str, names: bytes, **times: Unpack[_When]) -> bytes:
        """Admit a clinician's diagnosis that names a positive."""
        return self.admit("hospital", Diagnosis(form=Form.CONFIRMED, names=names), about, **times)

    def contact(
        self, about: str, index: bytes, *, by: str = "tracer", household: str = "", **times: Unpack[_When]
    ) -> bytes:
        """Admit a tracer's finding; with `household`, the register's older record that `about` lives with that person."""
        if household:
            at = when(times["at"]).after(-HOUR) if "at" in times else self.now.after(MINUTE)
            record = CustodianRecord(record=Record.HOUSEHOLD, other=self.ref(household))
            self.admit("register", record, about, at=at)
        return self.admit(by, ContactFinding(contact=Contact.CLOSE, index=index), about, **times)

    def entry(self, about: str, *, backed_by: Sequence[str] = (), at: str | Instant = CODED) -> bytes:
        """Admit an entry over the border of a day before `at`, after the own records of the bodies in `backed_by`."""
        observed = when(at).after(-DAY)
        kinds = {"carrier": Record.MANIFEST, "hotel": Record.SITE_REGISTER}
        for place, name in enumerate(backed_by):
            record = CustodianRecord(record=kinds.get(name, Record.ACCESSION))
            self.admit(name, record, about, at=observed.after((place + 1) * MINUTE), observed=observed)
        return self.admit("border", BorderEntry(origin="SG"), about, at=at, observed=observed)


def _test(result: Result, sample: str, method: Method = Method.PCR) -> TestResult:
    return TestResult(method=method, result=result, sample=sample_number(sample))


# A pack by hand, in the smallest form that has every tier.

CODES = (
    Code(id="green", severity=0, effect=Effect.OPEN, colour="#128a5c", names={"en": "green", "zh": "绿码"}),
    Code(
        id="ask",
        severity=1,
        effect=Effect.ASK,
        colour="#ffd23f",
        names={"en": "yellow, test asked", "zh": "黄码（请检测）"},
    ),
    Code(id="part", severity=2, effect=Effect.PARTLY, colour="#ffd23f", names={"en": "yellow", "zh": "黄码"}),
    Code(id="red", severity=3, effect=Effect.CLOSED, colour="#8f1230", names={"en": "red", "zh": "红码"}),
)

_TEXTS: dict[str, dict[str, dict[str, str]]] = {
    "positive": {
        "en": {
            "title": "A positive test",
            "reason": "{signer} says your test of {date} is positive.",
            "do": "Stay home until {until}. Take a new test when it is offered.",
        },
        "zh": {
            "title": "检测阳性",
            "reason": "{signer}报告您{date}的检测结果为阳性。",
            "do": "请在{until}之前留在家里，通知您复检时请参加。",
        },
    },
    "diagnosis": {
        "en": {
            "title": "A doctor's diagnosis",
            "reason": "A doctor at {signer} says you have the infection. It rests on your test.",
            "do": "Stay home until {until}. Call a doctor if you feel worse.",
        },
        "zh": {
            "title": "医生诊断",
            "reason": "{signer}的医生根据您的检测，诊断您已感染。",
            "do": "请在{until}之前留在家里，病情加重请联系医生。",
        },
    },
    "contact": {
        "en": {
            "title": "Close to a person who tested positive",
            "reason": "{signer} says you were close to somebody on {date}. That person tested positive.",
            "do": "Stay home and take a test.",
        },
        "zh": {
            "title": "与阳性感染者有过近距离接触",
            "reason": "{signer}认为，您在{date}与一位阳性感染者有过近距离接触。",
            "do": "请留在家里，做一次检测。",
        },
    },
    "entry": {
        "en": {
            "title": "Entry from abroad",
            "reason": "{signer} says you entered on {date}.",
            "do": "Take a test.",
        },
        "zh": {"title": "境外入境", "reason": "{signer}称您在{date}入境。", "do": "请做一次检测。"},
    },
}


def clear_tests(cuts_to: str = "green", *, days: int = 2, last: int = 14) -> Relief:
    """Return the relief of clear PCR tests on different days."""
    logic = {
        "and": [
            {"===": [{"var": "facts.method"}, "pcr"]},
            {"===": [{"var": "facts.result"}, "negative"]},
        ]
    }
    return Relief(kind=Kind.TEST_RESULT, when=compile_logic(logic), days=days, first=0, last=last, cuts_to=cuts_to)


class _RuleOptions(TypedDict, total=False):
    kind: Kind
    tier: int
    logic: object
    ladder: tuple[tuple[str, int], ...]
    support: int
    provisional_hours: int
    relief: tuple[Relief, ...]
    in_force: Span
    succeeds: str | None


_KINDS = {
    "positive": (Kind.TEST_RESULT, 1, 2),
    "diagnosis": (Kind.DIAGNOSIS, 1, 2),
    "contact": (Kind.CONTACT_FINDING, 2, 2),
    "entry": (Kind.BORDER_ENTRY, 3, 3),
}
_POSITIVE = {"===": [{"var": "facts.result"}, "positive"]}


def make_rule(name: str, **options: Unpack[_RuleOptions]) -> Rule:
    """Return one of the four rules (positive, diagnosis, contact, entry), with anything of it changed."""
    kind, tier, support = _KINDS[name]
    kind = options.get("kind", kind)
    logic = options.get("logic", _POSITIVE if kind is Kind.TEST_RESULT else {"===": [1, 1]})
    return Rule(
        id=name,
        kind=kind,
        tier=options.get("tier", tier),
        when=compile_logic(logic),
        anchor=Anchor.DAY0,
        ladder=tuple(Rung(code, day) for code, day in options.get("ladder", (("red", 7), ("ask", 10)))),
        support=options.get("support", support),
        provisional_hours=options.get("provisional_hours", 48),
        relief=options.get("relief", (clear_tests(),)),
        requires=(),
        in_force=options.get("in_force", Span(when("2022-01-01 00:00"), FOREVER)),
        texts=_TEXTS[name],
        source=Source(row="scene", page="scene", confidence=Confidence.LOW),
        examples=(),
        succeeds=options.get("succeeds"),
    )


class _PackOptions(TypedDict, total=False):
    id: str
    version: str
    in_force: Span
    published: Instant
    arrivals: tuple[Arrivals, ...]
    over: str | None
    succeeds: str | None


PACK_SPAN = Span(when("2022-05-01 00:00"), when("2022-12-31 00:00"))


def make_pack(rules: Sequence[Rule] | None = None, **options: Unpack[_PackOptions]) -> Pack:
    """Return a pack of some rules; of one rule for each kind if none are given."""
    pack_id, version = options.get("id", "scene-pack"), options.get("version", "1.0.0")
    in_force = options.get("in_force", PACK_SPAN)
    return Pack(
        id=pack_id,
        version=version,
        titles={"en": "Rules of the scene", "zh": "示例规则"},
        languages=("en", "zh"),
        issuer="health",
        published=options.get("published", in_force.start.after(-3 * DAY)),
        in_force=in_force,
        calendar=CHINA,
        codes=CODES,
        default="green",
        provisional="ask",
        parameters={},
        limits=Limits(),
        rules=tuple(make_rule(name) for name in _KINDS) if rules is None else tuple(rules),
        left_out=(),
        arrivals=options.get("arrivals", ()),
        over=options.get("over"),
        succeeds=options.get("succeeds"),
        transition="milder-at-once",
        criteria=None,
        hash=hashlib.sha256(f"{pack_id} {version}".encode()).digest(),
    )


def scene_book(rules: Sequence[Rule] | None = None, **options: Unpack[_PackOptions]) -> Book:
    """Return the book of one pack."""
    return make_book([make_pack(rules, **options)])
