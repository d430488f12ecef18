"""An explanation in words: what happens at a door, since and until when, why, who backs it, what next, who answers.

The order is that in which a person needs it, and it reads as sentences, aloud too. A mark's shape says what its colour
would. What an adverse code owes is checked before a line of it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from habeas.evidence import Kind
from habeas.grounds._explained import Default, Ended, Explained, Grounded, Order, ReliefOffer
from habeas.grounds._show import COLUMNS, show_id, show_left, show_zone, wrap
from habeas.grounds._voice import MARKS, Voice, capital, first_of
from habeas.grounds._words import Language
from habeas.grounds.errors import ExplanationError
from habeas.rules import Effect
from habeas.wire import FOREVER, Calendar

__all__ = ["OWED", "Section", "check_sections", "format_explanation", "sections"]

OWED = ("door", "since", "until", "why", "backs", "next", "answer", "act")
"""What every adverse explanation says, in this order."""

_INDENT = 2


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (none for the top lines) and its sentences; `part` names what of `OWED` it fulfils."""

    part: str
    lines: tuple[str, ...]
    heading: str = ""


def check_sections(given: Iterable[Section]) -> tuple[Section, ...]:
    """Return the sections of an adverse answer; raises `ExplanationError` if one that is owed is missing or empty."""
    found = tuple(given)
    said = [section.part for section in found if section.lines and all(line.strip() for line in section.lines)]
    missing = [part for part in OWED if part not in said]
    if missing:
        raise ExplanationError(f"an adverse explanation must say: {', '.join(missing)}")
    return found


def format_explanation(explained: Explained, language: Language, calendar: Calendar | None = None) -> str:
    """Return an explanation as plain text of at most 100 columns, in the pack's calendar unless another is given.

    Raises `ExplanationError` rather than show an adverse code without since, until, why, whose, next or who answers.
    """
    voice = Voice(language, calendar or explained.calendar)
    rows: list[str] = []
    for section in sections(explained, voice):
        if section.heading:
            rows += ["", section.heading]
        for line in section.lines:
            rows += wrap(line, _INDENT if section.heading else 0, COLUMNS)
    return "\n".join(rows) + "\n"


def sections(explained: Explained, voice: Voice) -> tuple[Section, ...]:
    """Return an explanation as sections, checked for all that it owes."""
    found = tuple(_sections(explained, voice))
    return check_sections(found) if explained.grounds else found


def _sections(explained: Explained, voice: Voice) -> Iterator[Section]:
    yield from _top(explained, voice)
    if explained.grounds:
        first, *others = explained.grounds
        yield Section("why", tuple(_why(first, voice)), voice.say("label.why"))
        yield Section("backs", tuple(_backs(first, voice)), voice.say("label.backs"))
        yield Section("next", tuple(_next(explained, voice)), voice.say("label.next"))
        yield Section("answer", tuple(_answer(first, voice)), voice.say("label.answer"))
        yield Section("act", tuple(_act(explained, first, voice)), voice.say("label.act"))
        for ground in others:
            lines = (
                _why(ground, voice),
                _backs(ground, voice),
                _answer(ground, voice),
                _default(explained, ground, voice),
            )
            yield Section("also", tuple(line for part in lines for line in part), voice.say("label.also"))
    yield from _beside(explained, voice)
    yield Section("zone", ("", voice.say("show.zone", zone=show_zone(explained.at, voice.calendar))))


def _top(explained: Explained, voice: Voice) -> Iterator[Section]:
    code = explained.code
    mark = f"{MARKS[code.effect]}  " if code else ""
    door = [mark + voice.door(explained)]
    if explained.grounds and explained.grounds[0].provisional:
        door.append(voice.say("state.provisional"))
    if code is not None and code.effect >= Effect.PARTLY:
        door.append(voice.say("state.care"))
    yield Section("door", tuple(door))
    if explained.since is not None:
        yield Section("since", (voice.say("show.since", time=voice.time(explained.since)),))
    if explained.until is not None and explained.rules_end:
        yield Section("until", (voice.say("show.rules.end", time=voice.time(explained.until)),))
    elif explained.until is not None:
        left = show_left(explained.at, explained.until, voice.language)
        yield Section("until", (voice.say("show.until", time=voice.time(explained.until), left=left),))
    if code is not None and not explained.grounds:
        yield Section("none", (voice.say("reason.none"),))


def _why(ground: Grounded, voice: Voice) -> Iterator[str]:
    record, pack = ground.record, ground.pack
    yield voice.rule(ground, "reason")
    if record.kind is Kind.CONTACT_FINDING:
        yield voice.say("reason.contact.who")
    yield voice.say("show.rule", title=voice.rule(ground, "title"), rule=ground.rule)
    title = first_of(pack.titles, voice.language)
    yield voice.say("show.pack", pack=title, version=pack.version, hash=show_id(pack.hash))
    yield voice.say(
        "show.record",
        kind=voice.kind(record.kind),
        observed=voice.time(record.observed),
        admitted=voice.time(record.since),
    )
    if record.bound:
        yield voice.say("reason.bound", date=voice.date(record.since))
    yield voice.say("show.signed", body=voice.body(record.signer), id=show_id(record.statement))


def _backs(ground: Grounded, voice: Voice) -> Iterator[str]:
    if not ground.backers:
        yield voice.say("reason.unbacked")
    for backer in ground.backers:
        yield capital(
            voice.say(
                "reason.backer",
                body=voice.body(backer.signer),
                time=voice.time(backer.since),
                id=show_id(backer.record),
            )
        )
    if ground.missing == 1:
        yield voice.say("reason.needs.one")
    elif ground.missing:
        yield voice.say("reason.needs", n=str(ground.missing))
    else:
        yield voice.say("reason.enough")
    if ground.capped:
        yield voice.say("reason.asks.only")


def _next(explained: Explained, voice: Voice) -> Iterator[str]:
    for step in explained.following:
        if step.code is None:
            yield voice.say("next.none", time=voice.time(step.at))
        else:
            yield voice.say("next.step", time=voice.time(step.at), code=voice.code(step.code))
    if explained.until == FOREVER:
        yield voice.say("next.forever")
    else:
        yield voice.say("clock.self")
    first = explained.grounds[0]
    if first.provisional:
        yield voice.say("clock.once", h=str(first.once_hours))


def _answer(ground: Grounded, voice: Voice) -> Iterator[str]:
    contest = ground.contest
    yield capital(voice.say("clock.answer", body=voice.body(contest.signer), h=str(contest.hours)))
    yield voice.say("clock.always")


def _act(explained: Explained, ground: Grounded, voice: Voice) -> Iterator[str]:
    do = voice.rule(ground, "do")
    if do:
        yield do
    yield voice.say("act.object")
    yield voice.say("act.noproof")
    yield from _default(explained, ground, voice)
    for relief in ground.reliefs:
        yield from _relief(relief, voice)


def _default(explained: Explained, ground: Grounded, voice: Voice) -> Iterator[str]:
    """Yield what follows if nobody answers, and what the code would be without this ground."""
    contest = ground.contest
    key = f"clock.default.{contest.default.value}"
    if contest.due is None:
        yield voice.say(key)
    else:
        late = contest.default is not Default.LONE and contest.due <= explained.at
        yield voice.say(f"{key}.past" if late else key, time=voice.time(contest.due))
    yield voice.say("clock.then", code=voice.code(contest.otherwise))


def _relief(relief: ReliefOffer, voice: Voice) -> Iterator[str]:
    code = voice.code(relief.cuts_to)
    if relief.kind is not Kind.TEST_RESULT:
        yield voice.say("relief.record", kind=voice.kind(relief.kind), code=code)
        return
    methods = voice.list(voice.say(f"method.{method.value}") for method in relief.methods)
    if relief.days == 1:
        yield voice.say("relief.test", methods=methods, code=code)
    else:
        yield voice.say("relief.tests", methods=methods, n=str(relief.days), code=code)
    first, last = voice.date(relief.window.start), voice.date(relief.window.end.after(-1))
    yield voice.say("relief.window", first=first, last=last, n=str(relief.counted))


def _beside(explained: Explained, voice: Voice) -> Iterator[Section]:
    """Yield what is on record beside the grounds: help, what nobody could read or work out, orders, what has ended."""
    if explained.helps:
        phrase = voice.list(voice.record(record) for record in explained.helps)
        yield Section("helps", (voice.say("reason.helps", list=phrase),), voice.say("label.helps"))
    for unread in explained.unread:
        key = "clock.unread" if explained.at < unread.due else "clock.unread.past"
        again = voice.say(key, body=voice.body(unread.record.signer), time=voice.time(unread.due))
        lines = (voice.say("state.unread"), voice.say("state.unread.care"), again)
        yield Section("unread", lines, voice.say("label.unread"))
    if explained.undecided:
        rows = tuple(
            voice.say("reason.error.rule", title=first_of(row.texts, voice.language).get("title", ""), rule=row.rule)
            for row in explained.undecided
        )
        yield Section("undecided", (voice.say("reason.error"), *rows), voice.say("label.undecided"))
    if explained.orders:
        said = [_order(order, voice) for order in explained.orders]
        if not any(order.stands for order in explained.orders):
            said.append(voice.say("reason.order.leave"))
        yield Section("orders", (*said, voice.say("reason.order")), voice.say("label.orders"))
    if explained.ended:
        ends = tuple(line for end in explained.ended for line in _ended(end, voice))
        yield Section("ended", ends, voice.say("label.ended"))


def _order(order: Order, voice: Voice) -> str:
    body, number = voice.body(order.record.signer), show_id(order.record.statement)
    if order.ended is not None:
        return voice.say("reason.order.ended", id=number, body=body, time=voice.time(order.ended.at))
    if order.stands:
        return voice.say("reason.order.stands", id=number, body=body, time=voice.time(order.review))
    return voice.say("reason.order.void", id=number, body=body)


def _ended(end: Ended, voice: Voice) -> Iterator[str]:
    yield capital(voice.say("end.what", record=voice.record(end.record), id=show_id(end.record.statement)))
    yield voice.say(f"end.{end.word.value}")
    yield voice.say("end.since", time=voice.time(end.at), id=show_id(end.by))
