"""What an explanation is made of: a tree of values in no language, complete by construction.

An adverse code whose ground does not say since when, until when, why, whose signature and what comes next cannot be
built here (I3, I11, row 14 of the case), so no text made from it can leave one of them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from habeas.evidence import Kind, Method
from habeas.grounds.errors import ExplanationError
from habeas.rules import Code
from habeas.wire import FOREVER, Calendar, Instant, Span

__all__ = [
    "Backer",
    "Contest",
    "Default",
    "EndWord",
    "Ended",
    "Explained",
    "Grounded",
    "Order",
    "PackRef",
    "Record",
    "ReliefOffer",
    "Signer",
    "Step",
    "UndecidedRule",
    "Unread",
]


class EndWord(Enum):
    """Why something counts no more. Wrong, ended and replaced are different words, always (I10)."""

    ANNULLED = "annulled"
    RETRACTED = "retracted"
    CORRECTED = "corrected"
    SUSPENDED = "suspended"
    INDEX = "index"
    BASIS = "basis"
    MOVED = "moved"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    STEPPED = "stepped"
    REPLACED = "replaced"
    UNBACKED = "unbacked"
    SHORT = "short"
    ONCE = "once"
    AGAIN = "again"
    RELIEVED = "relieved"
    RULES = "rules"


class Default(Enum):
    """What happens to a ground when its person objects and nobody answers in time, by its tier and support (I4)."""

    FILING = "filing"
    TIER3 = "tier3"
    TIER2 = "tier2"
    LONE = "lone"
    TIER1 = "tier1"
    TIER1_LONE = "tier1.lone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whose word something is: a body with its names, or `self`, or `certificate:DE`."""

    id: str
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A statement about the person: what sort, which, of when, in force for this person since when, whose word.

    `bound` says that it came to this person's name after it was admitted, by a merge or a split.
    """

    kind: Kind
    statement: bytes
    observed: Instant
    admitted: Instant
    since: Instant
    signer: Signer
    bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Backer:
    """A custodian behind a record, the record of its own that it has, and since when that counts for this one."""

    custodian: str
    signer: Signer
    record: bytes
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRef:
    """The pack that a rule stands in: enough to fetch it and check its hash."""

    id: str
    version: str
    hash: bytes
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Who must answer an objection, within how many hours, and what follows if nobody does.

    `due` belongs to the default: when a test must have been offered (tier 1), or when it ends anyway (`LONE`).
    `otherwise` is the code that the person would have without this ground.
    """

    signer: Signer
    hours: int
    default: Default
    due: Instant | None
    otherwise: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefOffer:
    """What ends a ground sooner: records of a kind (tests by any of `methods`) on `days` different days, within `window`.

    `counted` days have counted so far; then the code is at most `cuts_to`.
    """

    kind: Kind
    methods: tuple[Method, ...]
    days: int
    counted: int
    window: Span
    cuts_to: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """One ground with all that it owes.

    `texts` are the rule's own, as published: for each language `title`, `reason`, `do`. `missing` custodians more are
    needed for full effect. `capped` says that the tier table holds it at asking for a test (supported travel, tier 3).
    """

    rule: str
    texts: Mapping[str, Mapping[str, str]]
    pack: PackRef
    tier: int
    code: Code
    record: Record
    backers: tuple[Backer, ...]
    missing: int
    provisional: bool
    once_hours: int
    capped: bool
    since: Instant
    until: Instant
    contest: Contest
    reliefs: tuple[ReliefOffer, ...]

    def __post_init__(self) -> None:
        lacks = [
            name
            for name, there in (
                (
                    "why",
                    self.texts and all(texts.get("title") and texts.get("reason") for texts in self.texts.values()),
                ),
                ("who must answer", self.contest.signer.id),
                ("since before until", self.since < self.until),
            )
            if not there
        ]
        if lacks:
            raise ExplanationError(f"ground {self.rule} does not say: {', '.join(lacks)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A code that comes next if nothing new happens, and from when; None when no rules are in force then."""

    at: Instant
    code: Code | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedRule:
    """A rule that could not be worked out. It counts for nothing (I2); `fault` is for those who mend it."""

    rule: str
    texts: Mapping[str, Mapping[str, str]]
    statement: bytes
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A result that its laboratory could not read, and by when it must send it again (I2)."""

    record: Record
    due: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A record that counts no more: in which word, since when, by which statement (its own id if by time alone)."""

    record: Record
    word: EndWord
    at: Instant
    by: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An isolation order: never a ground. It orders something only while its basis is a supported ground (I4).

    `ended` is None while it has not ended.
    """

    record: Record
    basis: bytes
    review: Instant
    stands: bool
    ended: Ended | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everything that one answer owes to its person. `code` is None when no rules are in force (I14).

    `since` is None only if there never were rules before; `until` is None when nothing in sight changes the code.
    `following` are the codes from `until` on: the steps down, to the default or to the end of the rules. Grounds come
    strongest first; the code rests on the first.
    """

    at: Instant
    calendar: Calendar
    code: Code | None
    since: Instant | None
    until: Instant | None
    following: tuple[Step, ...]
    grounds: tuple[Grounded, ...]
    helps: tuple[Record, ...]
    undecided: tuple[UndecidedRule, ...]
    unread: tuple[Unread, ...]
    orders: tuple[Order, ...]
    ended: tuple[Ended, ...]

    @property
    def rules_end(self) -> bool:
        """Whether what comes next is that no rules are in force."""
        return bool(self.following) and self.following[0].code is None

    def __post_init__(self) -> None:
        if not self.grounds:
            return
        if self.code is None or self.code != self.grounds[0].code:
            raise ExplanationError("a code is that of its strongest ground, or it is none")
        if self.since is None or self.until is None or not (self.following or self.until == FOREVER):
            raise ExplanationError(f"{self.code.id} does not say since when, until when, or what comes next")
