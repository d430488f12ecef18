"""The roster: which mandates were logged when, and which one a signature rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from habeas.mandates._mandate import EMERGENCY_MAX, WAITING, BodyClass, Mandate
from habeas.mandates.errors import GrantError, NoMandateError
from habeas.wire import Area, Instant, Span, VerifyingKey

__all__ = ["RULES", "RULING", "Logged", "Roster"]

RULES = "rules"
RULING = "ruling"
_HOLDS = {BodyClass.RULES: {RULES}, BodyClass.REDRESS: {RULING}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A mandate with the instant at which it was logged and, if ended early, the instant of that."""

    mandate: Mandate
    at: Instant
    ended: Instant | None = None

    @property
    def effect(self) -> Span:
        """When it counts: 7 days after logging (in an emergency at once, for at most 7 days), until its end (I7)."""
        asked = self.mandate.time
        if self.mandate.emergency:
            span = Span(max(asked.start, self.at), min(asked.end, self.at.after(EMERGENCY_MAX)))
        else:
            span = Span(max(asked.start, self.at.after(WAITING)), asked.end)
        return span if self.ended is None else Span(span.start, min(span.end, self.ended))


class Roster:
    """All mandates ever logged. Only `grant` and `end` change it; both check everything before they change anything."""

    def __init__(self) -> None:
        self._by_id: dict[bytes, Logged] = {}
        self._by_kid: dict[bytes, list[bytes]] = {}
        self._classes: dict[str, BodyClass] = {}

    def __iter__(self) -> Iterator[Logged]:
        return iter(self._by_id.values())

    def __contains__(self, mandate_id: bytes) -> bool:
        return mandate_id in self._by_id

    def grant(self, mandate: Mandate, at: Instant) -> Logged:
        """Log `mandate`; the same one again changes nothing. Raises `GrantError` with the invariant."""
        known = self._by_id.get(mandate.id)
        if known:
            return known
        self._check(mandate)
        logged = Logged(mandate=mandate, at=at)
        self._by_id[mandate.id] = logged
        self._by_kid.setdefault(mandate.key.kid, []).append(mandate.id)
        self._classes[mandate.body.id] = mandate.body.body_class
        return logged

    def end(self, mandate_id: bytes, at: Instant) -> Logged:
        """End a mandate from `at` on; what was admitted under it stays (I7). Raises `GrantError` if there is none."""
        logged = self._by_id.get(mandate_id)
        if logged is None:
            raise GrantError(f"there is no mandate {mandate_id.hex()}; `habeas mandate list` shows them")
        if logged.ended is None:
            logged = Logged(mandate=logged.mandate, at=logged.at, ended=at)
            self._by_id[mandate_id] = logged
        return logged

    def key(self, kid: bytes) -> VerifyingKey | None:
        """Return the key of that name, if any mandate was ever logged for one."""
        return next((self._by_id[name].mandate.key for name in self._by_kid.get(kid, ())), None)

    def find(self, kid: bytes, kind: str, area: Area, *, issued: Instant, at: Instant) -> Mandate:
        """Return the mandate under which `kid` may say `kind` about `area`, in effect both when issued and `at`.

        Raises `NoMandateError` with the code of the nearest miss.
        """
        miss = NoMandateError("no-mandate", f"no logged mandate holds key {kid.hex()}; sign with a mandated key")
        for mandate_id in self._by_kid.get(kid, ()):
            logged = self._by_id[mandate_id]
            mandate, effect = logged.mandate, logged.effect
            if kind not in mandate.kinds:
                may = ", ".join(sorted(mandate.kinds))
                miss = NoMandateError("wrong-kind", f"{mandate.body.id} may sign {may}, not {kind}")
            elif not mandate.area.covers(area):
                miss = NoMandateError("wrong-area", f"{mandate.body.id} may speak for {mandate.area}, not for {area}")
            elif at < effect.start or issued < effect.start:
                why = f"the mandate of {mandate.body.id} was logged at {logged.at} and counts from {effect.start} (I7)"
                miss = NoMandateError("waiting", f"{why}; sign again after that")
            elif at >= effect.end:
                miss = NoMandateError("ended", f"the mandate of {mandate.body.id} ended at {effect.end}")
            else:
                return mandate
        raise miss

    def body_classes(self) -> dict[str, BodyClass]:
        """Return each body's class, by id."""
        return dict(self._classes)

    def _check(self, mandate: Mandate) -> None:
        body = mandate.body
        before = self._classes.get(body.id)
        if before not in (None, body.body_class):
            raise GrantError(
                f"I7: {body.id} is on the roster as {before and before.value}; who does one cannot do the other"
            )
        if body.body_class in (BodyClass.OPERATOR, BodyClass.VENDOR, BodyClass.POLICY):
            raise GrantError(
                f"I7: {body.id} is a {body.body_class.value} body; operators, vendors and policy offices hold no keys for "
                "evidence, rules or rulings. Grant the mandate to the body that sees the event itself"
            )
        holds = _HOLDS.get(body.body_class)
        if holds is not None and not mandate.kinds <= holds:
            raise GrantError(
                f"I7: a {body.body_class.value} body signs {', '.join(holds)} only; who signs rules cannot sign evidence"
            )
        if holds is None and mandate.kinds & {RULES, RULING}:
            raise GrantError("I7: a source signs evidence only; rules and rulings are for bodies of their own")
        for other_id in self._by_kid.get(mandate.key.kid, ()):
            other = self._by_id[other_id].mandate.body
            if other.id != body.id:
                raise GrantError(
                    f"I7: this key is {other.id}'s; one key is one custodian, so make a new one for {body.id}"
                )
