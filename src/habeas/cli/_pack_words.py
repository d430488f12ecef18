"""A pack in plain words, English or Chinese: what each rule does on which day, what ends it, and what was left out.

The catalogue below is this command's own; reasons, titles and notes are the pack's texts as they were published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from habeas.cli._logic_words import KINDS, logic_words
from habeas.rules import Anchor, Effect, Logic, Pack, Relief, Rule

__all__ = ["Part", "consequence_words", "effect_words", "pack_parts", "relief_words", "rule_rows"]

Text = TypeVar("Text")
_Words = Mapping[str, str]

_ENGLISH = {
    "pack": "pack",
    "pack.text": "{id}, version {version}, issued by {issuer}",
    "published": "published",
    "force": "in force",
    "force.text": "from {start} to {end}; after that nobody has a code",
    "hash": "hash",
    "codes": "CODES, mildest first",
    "open": "closes nothing",
    "ask": "asks for a test, closes no gate",
    "partly": "closes some gates",
    "closed": "closes ordinary gates",
    "default": "without any ground",
    "provisional": "while a ground is not supported",
    "rule": "RULE {id}: {title}",
    "reason": "the reason",
    "do": "what to do",
    "rests": "rests on",
    "rests.text": "{kind} (tier {tier}){where}",
    "where": ": {when}",
    "colon": ": ",
    "semicolon": "; ",
    "rung": "code",
    "rung.text": "{code} to the end of day {day}",
    "day0": "(the event's own day is day 0)",
    "day1": "(the event's own day is day 1)",
    "backing": "backing",
    "backing.text": "full effect with {support} bodies, the signer among them; with fewer no gate shuts, {hours} hours at most",
    "backing.alone": "full effect with the signer alone",
    "sooner": "sooner",
    "sooner.text": "at most {code} with a {kind} on {days} different days, {first} to {last} days after the event{where}",
    "sooner.once": "at most {code} with one {kind}, {first} to {last} days after the event{where}",
    "promises": "promises",
    "promises.text": "{what} within {hours} hours",
    "source": "source",
    "source.text": "row {row} of {page}, confidence {confidence}",
    "note": "our reading",
    "left": "LEFT OUT: published, but not taken",
    "left.text": "{why} ({because})",
}
_CHINESE = {
    "pack": "规则包",
    "pack.text": "{id}，第 {version} 版，发布单位 {issuer}",
    "published": "公布",
    "force": "生效",
    "force.text": "自 {start} 至 {end}；此后所有人都没有健康码",
    "hash": "校验值",
    "codes": "码的种类，从轻到重",
    "open": "各处照常通行",
    "ask": "请做检测，各处照常通行",
    "partly": "部分场所暂不能进",
    "closed": "普通场所暂不能进",
    "default": "没有任何原因时",
    "provisional": "原因未得到印证时",
    "rule": "规则 {id}：{title}",
    "reason": "原因",
    "do": "怎么办",
    "rests": "依据",
    "rests.text": "{kind}（第 {tier} 层）{where}",
    "where": "：{when}",
    "colon": "：",
    "semicolon": "；",
    "rung": "码",
    "rung.text": "{code}，到第 {day} 天结束",
    "day0": "（事件当天为第 0 天）",
    "day1": "（事件当天为第 1 天）",
    "backing": "印证",
    "backing.text": "连同出具单位共 {support} 家印证，完全生效；不够时各处照常通行，最多 {hours} 小时",
    "backing.alone": "出具单位一家即完全生效",
    "sooner": "提前",
    "sooner.text": "事件后 {first} 至 {last} 天内，在 {days} 个不同的日子有{kind}，最多为{code}{where}",
    "sooner.once": "事件后 {first} 至 {last} 天内有一次{kind}，最多为{code}{where}",
    "promises": "承诺",
    "promises.text": "{hours} 小时内：{what}",
    "source": "出处",
    "source.text": "{page} 第 {row} 行，可信度 {confidence}",
    "note": "我们的理解",
    "left": "已公布、但没有收入",
    "left.text": "{why}（{because}）",
}
_CONSEQUENCES = {"test": "检测", "order": "隔离通知", "tracing": "流调"}
_CATALOGUE: Mapping[str, _Words] = {"en": _ENGLISH, "zh": _CHINESE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading, and below it names with what is said under each."""

    heading: str
    rows: tuple[tuple[str, str], ...]


def pack_parts(pack: Pack, language: str) -> tuple[Part, ...]:
    """Return a pack in words; its own texts in that language, else in its first."""
    words = _CATALOGUE[language]
    parts = [_about(pack, words, language), _codes(pack, words, language)]
    for rule in pack.rules:
        heading = words["rule"].format(id=rule.id, title=_of(rule.texts, language).get("title", ""))
        parts.append(Part(heading=heading, rows=tuple(rule_rows(rule, pack, language))))
    if pack.left_out:
        rows = (
            (row.row, words["left.text"].format(why=_of(row.why, language), because=row.because))
            for row in pack.left_out
        )
        parts.append(Part(heading=words["left"], rows=tuple(rows)))
    return tuple(parts)


def _about(pack: Pack, words: _Words, language: str) -> Part:
    start, end = pack.calendar.show(pack.in_force.start), pack.calendar.show(pack.in_force.end)
    rows = (
        (words["pack"], words["pack.text"].format(id=pack.id, version=pack.version, issuer=pack.issuer)),
        (words["published"], pack.calendar.show(pack.published)),
        (words["force"], words["force.text"].format(start=start, end=end)),
        (words["hash"], pack.hash.hex()),
    )
    return Part(heading=_of(pack.titles, language), rows=rows)


def _codes(pack: Pack, words: _Words, language: str) -> Part:
    rows = []
    for code in pack.codes:
        used = (
            words[name]
            for name, one in (("default", pack.default), ("provisional", pack.provisional))
            if one == code.id
        )
        does = f"{_of(code.names, language)}{words['colon']}{effect_words(code.effect, language)}"
        said = words["semicolon"].join((does, *used))
        rows.append((code.id, said))
    return Part(heading=words["codes"], rows=tuple(rows))


def rule_rows(rule: Rule, pack: Pack, language: str) -> Iterator[tuple[str, str]]:
    """Yield what a rule says and does, each under its name; a name that is empty goes on with the one before."""
    words = _CATALOGUE[language]
    texts = _of(rule.texts, language)
    yield words["reason"], texts.get("reason", "")
    if texts.get("do"):
        yield words["do"], texts["do"]
    where = _where(rule.when, words, language)
    yield words["rests"], words["rests.text"].format(kind=KINDS[language][rule.kind], tier=rule.tier, where=where)
    day = words["day1" if rule.anchor is Anchor.DAY1 else "day0"]
    for number, rung in enumerate(rule.ladder):
        said = words["rung.text"].format(code=_of(pack.code(rung.code).names, language), day=rung.until_day)
        yield ("", said) if number else (words["rung"], f"{said} {day}")
    backing = words["backing.text"] if rule.support > 1 else words["backing.alone"]
    yield words["backing"], backing.format(support=rule.support, hours=rule.provisional_hours)
    for number, relief in enumerate(rule.relief):
        yield "" if number else words["sooner"], relief_words(relief, pack, language)
    for number, need in enumerate(rule.requires):
        said = words["promises.text"].format(
            what=consequence_words(need.consequence, language), hours=need.within_hours
        )
        yield "" if number else words["promises"], said
    source = rule.source
    yield (
        words["source"],
        words["source.text"].format(row=source.row, page=source.page, confidence=source.confidence.value),
    )
    if source.note:
        yield words["note"], _of(source.note, language)


def effect_words(effect: Effect, language: str) -> str:
    """Return what a code of an effect closes."""
    return _CATALOGUE[language][effect.name.lower()]


def consequence_words(consequence: str, language: str) -> str:
    """Return what a rule promises to follow."""
    return _CONSEQUENCES[consequence] if language == "zh" else consequence


def relief_words(relief: Relief, pack: Pack, language: str) -> str:
    """Return what ends a ground sooner, and how far."""
    words = _CATALOGUE[language]
    return words["sooner.text" if relief.days > 1 else "sooner.once"].format(
        code=_of(pack.code(relief.cuts_to).names, language),
        kind=KINDS[language][relief.kind],
        days=relief.days,
        first=relief.first,
        last=relief.last,
        where=_where(relief.when, words, language),
    )


def _where(when: Logic, words: _Words, language: str) -> str:
    """Return a condition, or nothing for one that always holds."""
    return "" if when.text == "true" else words["where"].format(when=logic_words(when.text, language))


def _of(texts: Mapping[str, Text], language: str) -> Text:
    return texts[language] if language in texts else next(iter(texts.values()))
