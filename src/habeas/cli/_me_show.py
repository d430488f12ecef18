"""A person's own view on the screen: line by line, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from habeas.cli._me_words import said
from habeas.cli._options import Language
from habeas.cli._output import printable
from habeas.passes import Alarm, OwnDecision, OwnView, PublicLog
from habeas.rules import Code
from habeas.wire import HOUR, Cbor, CborTag, Instant

__all__ = ["plain", "shown", "told_lines"]


def told_lines(log: PublicLog, view: OwnView, codes: Sequence[Code], lang: Language, *, opens: bool) -> Iterator[str]:
    """Yield the view line by line; `opens` is false for a watcher's keys."""
    origin = printable(log.origin)
    if view.newest is None:
        yield said(lang, "known", origin=origin)
    else:
        yield said(
            lang,
            "looked",
            origin=origin,
            blocks=f"{view.blocks:,}",
            bundles=f"{view.bundles:,}",
            entries=f"{log.checkpoint.head.size:,}",
            newest=Instant(log.constants.begins(view.newest)),
        )
    yield ""
    if not view.decisions:
        yield said(lang, "nothing")
    for one in view.decisions:
        yield from _decision(log, one, codes, lang, opens=opens)
    yield ""
    if not view.alarms:
        yield said(lang, "quiet")
    for alarm in view.alarms:
        yield said(lang, "alarm", code=alarm.code.value, where=_where(alarm))
        yield f"  {alarm.words[lang is Language.ZH]}"


def shown(log: PublicLog, view: OwnView) -> dict[str, object]:
    """Return the view as JSON."""
    return {
        "origin": log.origin,
        "size": log.checkpoint.head.size,
        "newest": None if view.newest is None else str(Instant(log.constants.begins(view.newest))),
        "blocks": view.blocks,
        "bundles": view.bundles,
        "decisions": [_shown(one) for one in view.decisions],
        "alarms": [
            {"code": one.code.value, "epoch": one.epoch, "index": one.index, "en": one.words[0], "zh": one.words[1]}
            for one in view.alarms
        ],
    }


def plain(value: Cbor) -> object:
    """Return CBOR as JSON has it, bytes in hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return {"tag": value.tag, "value": plain(value.value)} if isinstance(value, CborTag) else value


def _decision(log: PublicLog, one: OwnDecision, codes: Sequence[Code], lang: Language, *, opens: bool) -> Iterator[str]:
    gone = one.superseded_in
    state = said(lang, "stands") if gone is None else _gone(log, gone, lang)
    yield f"{Instant(one.begins)}  #{one.index}  {_code(one, codes, lang)}  ({state})"
    if one.grounds is not None:
        yield "  " + said(lang, "grounds", grounds=printable(str(plain(one.grounds))))
    elif opens:
        yield "  " + said(lang, "no-grounds")


def _gone(log: PublicLog, epoch: int, lang: Language) -> str:
    return said(lang, "superseded", when=Instant(log.constants.begins(epoch)))


def _code(one: OwnDecision, codes: Sequence[Code], lang: Language) -> str:
    view = one.view
    if view is None:
        return said(lang, "watched")
    now, then = (_named(number, codes, lang) for number in (view.now, view.then))
    return said(lang, "until", code=now, until=Instant(0).after(view.until * HOUR), then=then) if view.until else now


def _named(number: int, codes: Sequence[Code], lang: Language) -> str:
    names = {code.severity: code.names for code in codes}
    return names.get(number, {}).get(lang.value) or said(lang, "code", number=number)


def _where(alarm: Alarm) -> str:
    places = (("epoch", alarm.epoch), ("index", alarm.index))
    return "".join(f" --{name} {value}" for name, value in places if value is not None)


def _shown(one: OwnDecision) -> dict[str, object]:
    view = one.view
    return {
        "index": one.index,
        "epoch": one.decision.epoch,
        "decided": str(Instant(one.begins)),
        "view": view
        and {"now": view.now, "until": str(Instant(0).after(view.until * HOUR)), "then": view.then, "hint": view.hint},
        "grounds": plain(one.grounds) if one.grounds is not None else None,
        "superseded_in": one.superseded_in,
    }
