"""Packs and rules as values (docs/design.md §4).

Time is in `anchor`, `ladder` and `relief` alone; `when` has no clock. A pack that exists is well formed; whether the
invariants allow it is what `check_pack` says, and nothing derives from a pack that it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from habeas.evidence import Kind, Limits
from habeas.rules._certlogic import Logic
from habeas.wire import Calendar, Instant, Span

__all__ = [
    "Anchor",
    "Arrivals",
    "Code",
    "Confidence",
    "Effect",
    "Example",
    "ExampleSign",
    "ExampleStatement",
    "LeftOut",
    "Pack",
    "Relief",
    "Requirement",
    "Rule",
    "Rung",
    "Source",
]


class Effect(IntEnum):
    """What a code does at a door, from mildest: nothing, asks for a test, closes some gates, closes ordinary gates."""

    OPEN = 0
    ASK = 1
    PARTLY = 2
    CLOSED = 3


class Anchor(Enum):
    """How the day of the event is numbered: as day 0, so that day 1 is the first full day after, or as day 1 itself."""

    DAY0 = "day0"
    DAY1 = "day1"


class Confidence(Enum):
    """How sure we are that the published text says so."""

    HIGH = "high"
    MID = "mid"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that a pack names. Its severity is its place in the pack's list; `names` has a word in each language."""

    id: str
    severity: int
    effect: Effect
    colour: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a ladder: `code` up to the end of day `until_day`, counted from the anchor."""

    code: str
    until_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What cuts a ladder short: statements of a kind on `days` different days, each within `first` to `last` days of it.

    Days count from the local day of the event (0). Rungs more severe than `cuts_to` fall; nothing is ever extended.
    """

    kind: Kind
    when: Logic
    days: int
    first: int
    last: int
    cuts_to: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A consequence that the rule promises (`test`, `order`, `tracing`) and the hours within which it must come."""

    consequence: str
    within_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a rule was published: row of `published-criteria.json`, page, and how sure we are.

    `note` says, for each language, where our reading differs from the page and why.
    """

    row: str
    page: str
    confidence: Confidence
    note: Mapping[str, str] | None = None


class ExampleSign(Enum):
    """Whether an example shows the rule at work, not at work, or at the edge of a day."""

    HOLDS = "+"
    DOES_NOT = "-"
    BOUNDARY = "boundary"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleStatement:
    """A statement of an example: kind, facts as a rule sees them, when, and how many custodians stand behind it.

    `backed` counts custodians beside the signer; `admitted` defaults to `observed`.
    """

    kind: Kind
    facts: tuple[tuple[str, object], ...]
    observed: Instant
    admitted: Instant
    backed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Statements, an instant, and the code that follows; for a health officer to read."""

    name: Mapping[str, str]
    sign: ExampleSign
    statements: tuple[ExampleStatement, ...]
    at: Instant
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A published rule: when a statement of `kind` is a ground, for which codes, until which days.

    `support` is the number of distinct custodians, the signer among them, for full effect; below it the ground is
    provisional for `provisional_hours` (at most 48) under the pack's provisional code. `texts` holds, for each language,
    `title`, `reason` and `do`; these are the only words a person is ever shown as the reason (I6). `own_act` names the
    published act of a lower layer that may be stricter than the layer above it. `succeeds` is the rule of the same pack
    whose running grounds pass over to this one when it comes into force.
    """

    id: str
    kind: Kind
    tier: int
    when: Logic
    anchor: Anchor
    ladder: tuple[Rung, ...]
    support: int
    provisional_hours: int
    relief: tuple[Relief, ...]
    requires: tuple[Requirement, ...]
    in_force: Span
    texts: Mapping[str, Mapping[str, str]]
    source: Source
    examples: tuple[Example, ...]
    own_act: str | None = None
    succeeds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A published rule that is not in the pack, and why: an invariant (`I5`) or a kind of statement that is missing."""

    row: str
    because: str
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Arrivals' positivity as measured: while it is high enough, supported travel may close gates (tier 3, I4).

    `positives` of `tests` in the 7 days before `time`; `measured_by` is a body that signs no travel statement.
    """

    positives: int
    tests: int
    measured_by: str
    time: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A rule pack: one published act as data.

    `over` names the pack that this one is a layer of; `succeeds` the pack whose running grounds pass over to it.
    `published` is when it was made public; `in_force` is half-open and always ends (I14). `hash` is the SHA-256 of the
    deterministic CBOR of its plain text tree. `parameters` are what `when` may read beside the facts.
    """

    id: str
    version: str
    titles: Mapping[str, str]
    languages: tuple[str, ...]
    issuer: str
    published: Instant
    in_force: Span
    calendar: Calendar
    codes: tuple[Code, ...]
    default: str
    provisional: str
    parameters: Mapping[str, object]
    limits: Limits
    rules: tuple[Rule, ...]
    left_out: tuple[LeftOut, ...]
    arrivals: tuple[Arrivals, ...]
    over: str | None
    succeeds: str | None
    transition: str
    criteria: str | None
    hash: bytes

    def code(self, code_id: str) -> Code:
        """Return a code of the pack; raises `KeyError` for one that it does not name."""
        return next(code for code in self.codes if code.id == code_id)
