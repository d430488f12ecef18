"""The gate's answer, offline: from a pass and what the gate has synced, yes, no, or which of the two cannot tell."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from habeas.passes._pass import Pass, parse_pass
from habeas.passes.errors import PassFormatError
from habeas.tlog import Constants
from habeas.wire import DAY

__all__ = ["Answer", "Held", "Verdict", "check_pass"]

PASS_DAYS = 14
GRACE_DAYS = 14


class Verdict(Enum):
    """What the keeper does. Where it is the gate that cannot tell, the person goes in, and the screen counts them."""

    YES = "yes"
    NO = "no"
    OURS = "cannot tell: the gate"
    THEIRS = "cannot tell: the pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A verdict with its reason, one word of a closed list (docs/formats.md), and the hint to compare on a yes or a no."""

    verdict: Verdict
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a gate has synced, all of it under one checkpoint with a quorum, and the codes that its mandate lets in.

    `roots` are those of the log's subtrees of its height, by index, within the horizon; `superseded` are leaves. `newest` is
    the newest header's epoch. `opens_to` is None where no gate mandate is in force: then nobody may be asked for a pass.
    """

    constants: Constants
    roots: Mapping[int, bytes]
    superseded: Container[int]
    newest: int
    opens_to: frozenset[int] | None
    fresh_for: int = DAY

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", MappingProxyType(dict(self.roots)))


def check_pass(text: str, held: Held, now: int) -> Answer:
    """Answer for a pass at an instant (seconds since 1970). Any text gets an answer; nothing of it is kept."""
    newest = held.constants.begins(held.newest)
    if now < newest - held.constants.epoch_seconds:
        return Answer(verdict=Verdict.OURS, reason="clock")
    if now > newest + held.fresh_for:
        return Answer(verdict=Verdict.OURS, reason="stale")
    if held.opens_to is None:
        return Answer(verdict=Verdict.OURS, reason="no-mandate")
    try:
        shown = parse_pass(text)
    except PassFormatError:
        return Answer(verdict=Verdict.THEIRS, reason="unreadable")
    return _found(shown, held, now) or by_view(shown, held.opens_to, max(now, newest))


def by_view(shown: Pass, opens_to: frozenset[int], at: int) -> Answer:
    """Return yes or no by the view of a pass that stands in the log, at an instant."""
    is_open = shown.view.code_at(at) in opens_to
    verdict, reason = (Verdict.YES, "open") if is_open else (Verdict.NO, "code")
    return Answer(verdict=verdict, reason=reason, hint=shown.view.hint)


def _found(shown: Pass, held: Held, now: int) -> Answer | None:
    """Return why a pass says nothing here; None for one whose decision stands in the log.

    Nothing that a pass says of itself, its epoch neither, is ever the gate's trouble: that would open every gate.
    """
    if not shown.is_of(held.constants.origin) or shown.height != held.constants.height:
        return Answer(verdict=Verdict.THEIRS, reason="another-log")
    root, begins = held.roots.get(shown.index >> shown.height), held.constants.begins(shown.epoch)
    if root is not None and root != shown.root(held.constants.origin):
        return Answer(verdict=Verdict.NO, reason="not-in-the-log")
    for applies, reason in (
        (shown.epoch > held.newest, "newer"),
        (now >= begins + (PASS_DAYS + GRACE_DAYS) * DAY, "too-old"),
        (root is None, "not-held"),
        (shown.index in held.superseded, "superseded"),
    ):
        if applies:
            return Answer(verdict=Verdict.THEIRS, reason=reason)
    return None
