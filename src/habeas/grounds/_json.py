"""An explanation for programs: documented keys that stay, ids in hex, instants as RFC 3339 in UTC, both languages."""

from __future__ import annotations

from collections.abc import Mapping

from habeas.grounds._explained import (
    Contest,
    Ended,
    Explained,
    Grounded,
    Order,
    Record,
    ReliefOffer,
    Signer,
)
from habeas.grounds._text import format_explanation
from habeas.grounds._voice import rule_text
from habeas.grounds._words import LANGUAGES, say
from habeas.rules import Code
from habeas.wire import FOREVER, Instant

__all__ = ["json_explanation"]

_Json = dict[str, object]


def json_explanation(explained: Explained) -> _Json:
    """Return an explanation as JSON values.

    - `at`, `since`, `until`: instants; `until` null when nothing in sight changes the code.
    - `code`: `id`, `severity`, `effect` (open, ask, partly, closed), `colour`, `names`; null when no rules are in force.
    - `next`: the steps down, each `at` and `code` (an id or null).
    - `grounds`, strongest first: `rule`, `texts` (the rule's own, filled in: language → `title`, `reason`, `do`), `pack`
      (`id`, `version`, `hash`, `titles`), `tier`, `code`, `record`, `backers` (`custodian`, `body`, `record`, `since`),
      `missing`, `provisional`, `once_hours`, `capped`, `since`, `until`, `contest` (`body`, `hours`, `default`, `due`,
      `otherwise`), `reliefs` (`kind`, `methods`, `days`, `counted`, `from`, `to`, `code`).
    - a `record`: `kind`, `statement`, `observed`, `admitted`, `since`, `body` (`id`, `names`), `bound`.
    - `helps`: records; `undecided`: `rule`, `texts`, `statement`, `fault`; `unread`: `record`, `due`.
    - `orders`: `record`, `basis`, `review`, `stands`, `ended`; `ended`: `record`, `word`, `at`, `by`, `texts`.
    - `text`: language → the whole in words.
    """
    return {
        "at": str(explained.at),
        "code": _code(explained.code) if explained.code else None,
        "since": _instant(explained.since),
        "until": _instant(explained.until),
        "next": [{"at": str(step.at), "code": step.code.id if step.code else None} for step in explained.following],
        "grounds": [_ground(ground, explained) for ground in explained.grounds],
        "helps": [_record(record) for record in explained.helps],
        "undecided": [
            {"rule": row.rule, "texts": _copy(row.texts), "statement": row.statement.hex(), "fault": row.fault}
            for row in explained.undecided
        ],
        "unread": [{"record": _record(row.record), "due": str(row.due)} for row in explained.unread],
        "orders": [_order(order) for order in explained.orders],
        "ended": [_ended(end) for end in explained.ended],
        "text": {language: format_explanation(explained, language) for language in LANGUAGES},
    }


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None or instant == FOREVER else str(instant)


def _copy(texts: Mapping[str, Mapping[str, str]]) -> _Json:
    return {language: dict(parts) for language, parts in texts.items()}


def _code(code: Code) -> _Json:
    return {
        "id": code.id,
        "severity": code.severity,
        "effect": code.effect.name.lower(),
        "colour": code.colour,
        "names": dict(code.names),
    }


def _signer(signer: Signer) -> _Json:
    return {"id": signer.id, "names": dict(signer.names)}


def _record(record: Record) -> _Json:
    return {
        "kind": record.kind.value,
        "statement": record.statement.hex(),
        "observed": str(record.observed),
        "admitted": str(record.admitted),
        "since": str(record.since),
        "body": _signer(record.signer),
        "bound": record.bound,
    }


def _ground(ground: Grounded, explained: Explained) -> _Json:
    calendar = explained.calendar
    return {
        "rule": ground.rule,
        "texts": {
            language: {part: rule_text(ground, part, language, calendar) for part in parts}
            for language, parts in ground.texts.items()
        },
        "pack": {
            "id": ground.pack.id,
            "version": ground.pack.version,
            "hash": ground.pack.hash.hex(),
            "titles": dict(ground.pack.titles),
        },
        "tier": ground.tier,
        "code": ground.code.id,
        "record": _record(ground.record),
        "backers": [
            {
                "custodian": backer.custodian,
                "body": _signer(backer.signer),
                "record": backer.record.hex(),
                "since": str(backer.since),
            }
            for backer in ground.backers
        ],
        "missing": ground.missing,
        "provisional": ground.provisional,
        "once_hours": ground.once_hours,
        "capped": ground.capped,
        "since": str(ground.since),
        "until": _instant(ground.until),
        "contest": _contest(ground.contest),
        "reliefs": [_relief(relief) for relief in ground.reliefs],
    }


def _contest(contest: Contest) -> _Json:
    return {
        "body": _signer(contest.signer),
        "hours": contest.hours,
        "default": contest.default.value,
        "due": _instant(contest.due),
        "otherwise": contest.otherwise.id,
    }


def _relief(relief: ReliefOffer) -> _Json:
    return {
        "kind": relief.kind.value,
        "methods": [method.value for method in relief.methods],
        "days": relief.days,
        "counted": relief.counted,
        "from": str(relief.window.start),
        "to": str(relief.window.end),
        "code": relief.cuts_to.id,
    }


def _order(order: Order) -> _Json:
    return {
        "record": _record(order.record),
        "basis": order.basis.hex(),
        "review": str(order.review),
        "stands": order.stands,
        "ended": _ended(order.ended) if order.ended else None,
    }


def _ended(end: Ended) -> _Json:
    return {
        "record": _record(end.record),
        "word": end.word.value,
        "at": str(end.at),
        "by": end.by.hex(),
        "texts": {language: say(f"end.{end.word.value}", language) for language in LANGUAGES},
    }
