"""What differs between two packs, in words: names of what differs, and each side's value, in English or Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping

from habeas.cli._logic_words import KINDS, logic_words
from habeas.cli._pack_words import consequence_words, effect_words, relief_words
from habeas.evidence import Kind
from habeas.grounds import Aspect, Difference, Direction, Value
from habeas.rules import Anchor, Arrivals, Code, Effect, LeftOut, Logic, Pack, Relief, Requirement, Rule, Source

__all__ = ["DIRECTIONS", "in_language", "local", "title_words", "value_words", "what_words"]

DIRECTIONS: Mapping[str, Mapping[Direction, str]] = {
    "en": {
        Direction.STRICTER: "▲ stricter",
        Direction.MILDER: "▼ milder",
        Direction.UNKNOWN: "◆ depends",
        Direction.NONE: "",
    },
    "zh": {
        Direction.STRICTER: "▲ 更严",
        Direction.MILDER: "▼ 更宽",
        Direction.UNKNOWN: "◆ 因人而异",
        Direction.NONE: "",
    },
}
_ASPECTS: Mapping[str, Mapping[Aspect, str]] = {
    "en": {
        Aspect.ADDED: "new rule",
        Aspect.REMOVED: "rule taken out",
        Aspect.RENAMED: "the rule's id",
        Aspect.KIND: "rests on",
        Aspect.TIER: "tier",
        Aspect.WHEN: "applies when",
        Aspect.ANCHOR: "how days count",
        Aspect.LADDER: "code",
        Aspect.SUPPORT: "bodies needed",
        Aspect.PROVISIONAL: "unsupported, lasts",
        Aspect.RELIEF: "ends it sooner",
        Aspect.REQUIRES: "promise",
        Aspect.DATES: "in force",
        Aspect.TEXT: "words",
        Aspect.SOURCE: "published source",
        Aspect.ACT: "act",
        Aspect.EXAMPLES: "examples",
        Aspect.PARAMETER: "list or number",
        Aspect.LIMIT: "cap",
        Aspect.CODE: "codes",
        Aspect.ARRIVALS: "arrivals measured",
        Aspect.CALENDAR: "calendar",
        Aspect.LAYERS: "place among packs",
        Aspect.LEFT_OUT: "left out",
        Aspect.ABOUT: "about",
        Aspect.UNNAMED: "something that this report cannot name",
    },
    "zh": {
        Aspect.ADDED: "新增规则",
        Aspect.REMOVED: "删除规则",
        Aspect.RENAMED: "规则编号",
        Aspect.KIND: "依据",
        Aspect.TIER: "层级",
        Aspect.WHEN: "适用条件",
        Aspect.ANCHOR: "天数起算",
        Aspect.LADDER: "颜色",
        Aspect.SUPPORT: "所需机构数",
        Aspect.PROVISIONAL: "未印证时最长",
        Aspect.RELIEF: "提前解除",
        Aspect.REQUIRES: "承诺",
        Aspect.DATES: "生效",
        Aspect.TEXT: "告知文字",
        Aspect.SOURCE: "公布出处",
        Aspect.ACT: "依据文件",
        Aspect.EXAMPLES: "示例",
        Aspect.PARAMETER: "名单或数字",
        Aspect.LIMIT: "上限",
        Aspect.CODE: "码的种类",
        Aspect.ARRIVALS: "入境监测",
        Aspect.CALENDAR: "历法",
        Aspect.LAYERS: "与其他规则包的关系",
        Aspect.LEFT_OUT: "未收入",
        Aspect.ABOUT: "说明",
        Aspect.UNNAMED: "本报告无法指明的内容",
    },
}
_CHINESE_ITEMS = {
    "from": "自",
    "until": "至",
    "hours": "小时",
    "title": "标题",
    "reason": "原因",
    "do": "怎么办",
    "note": "我们的理解",
    "own act": "自身文件",
    "succeeds": "接替",
    "over": "叠加于",
    "transition": "过渡",
    "default": "没有原因时",
    "provisional": "未印证时",
    "order": "轻重顺序",
    "steps": "阶梯写法",
    "id": "编号",
    "version": "版本",
    "issuer": "发布单位",
    "languages": "语言",
    "published": "公布时间",
    "criteria": "公布条目",
    "contacts_an_index": "每个阳性病例的密接数",
    "custodian_floor": "每家机构每天可印证的密接数",
    "custodian_factor": "印证数相对平日的倍数",
    "laboratory_floor": "检验机构每天的阳性数",
    "laboratory_factor": "阳性数相对平日的倍数",
    "retest_negatives": "引发复核的复检阴性数",
}
_ENGLISH_ITEMS = {
    "contacts_an_index": "findings that one positive carries",
    "custodian_floor": "findings a day that one body supports",
    "custodian_factor": "times its usual number of findings",
    "laboratory_floor": "positives of a laboratory a day",
    "laboratory_factor": "times its usual number of positives",
    "retest_negatives": "clear retests that trip the wire",
    "do": "what to do",
    "note": "our reading",
    "succeeds": "follows",
    "over": "laid over",
    "default": "without a ground",
    "provisional": "while not supported",
}
_SAYS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "day": "day {first}",
        "days": "days {first} to {last}",
        "item": "{what}: {item}",
        "tongue": "{what} ({language})",
        "name of": "name of {code}",
        "colour of": "colour of {code}",
        "day0": "the event's day is day 0",
        "day1": "the event's day is day 1",
        "hours": "{n} hours",
        "examples": "{n} examples",
        "others": "{n} examples, other ones",
        "promise": "{what} within {hours} hours",
        "source": "row {row} of {page}, confidence {confidence}",
        "arrivals": "{positives:,} positive of {tests:,}, by {by}, {start} to {end}",
        "left": "{row} ({because}): {why}",
        "always": "always",
    },
    "zh": {
        "day": "第{first}天",
        "days": "第{first}至{last}天",
        "item": "{what}：{item}",
        "tongue": "{what}（{language}）",
        "name of": "{code} 的名称",
        "colour of": "{code} 的颜色",
        "day0": "事件当天为第0天",
        "day1": "事件当天为第1天",
        "hours": "{n}小时",
        "examples": "{n}个示例",
        "others": "{n}个示例，内容不同",
        "promise": "{hours}小时内：{what}",
        "source": "{page} 第 {row} 行，可信度 {confidence}",
        "arrivals": "{tests:,}人中阳性{positives:,}人，{by}检测，{start} 至 {end}",
        "left": "{row}（{because}）：{why}",
        "always": "一律适用",
    },
}
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):(\d\d)(Z|[+-]\d\d:\d\d)")


def what_words(row: Difference, language: str) -> str:
    """Return what differs: the aspect, which of several, and of a text the language if it is another."""
    says, name = _SAYS[language], _ASPECTS[language][row.aspect]
    if row.days is not None:
        first, last = row.days
        item = says["day" if first == last else "days"].format(first=first, last=last)
    elif row.aspect is Aspect.PROVISIONAL:
        item = ""
    else:
        item = _item(row.item, language)
    if row.aspect in (Aspect.ABOUT, Aspect.TEXT) and item:
        name = item
    elif item:
        name = says["item"].format(what=name, item=item)
    return says["tongue"].format(what=name, language=row.language) if row.language not in ("", language) else name


def _item(item: str, language: str) -> str:
    for way in ("name of", "colour of"):
        if item.startswith(f"{way} "):
            return _SAYS[language][way].format(code=item.removeprefix(f"{way} "))
    return (_CHINESE_ITEMS if language == "zh" else _ENGLISH_ITEMS).get(item, item)


def value_words(row: Difference, value: Value | None, pack: Pack, language: str) -> str:
    """Return one side of a difference; `pack` is the pack of that side. Nothing is an em dash."""
    if value is None or value == "":
        return "—"
    says = _SAYS[language]
    match value:
        case Code():
            said = in_language(value.names, language)
        case Effect():
            said = effect_words(value, language)
        case Kind():
            said = KINDS[language][value]
        case Logic():
            said = says["always"] if value.text == "true" else logic_words(value.text, language)
        case Anchor():
            said = says[value.value]
        case Rule():
            said = title_words(value, language)
        case Relief():
            said = relief_words(value, pack, language)
        case Requirement():
            what = consequence_words(value.consequence, language)
            said = says["promise"].format(what=what, hours=value.within_hours)
        case _:
            said = _plain_words(row, value, pack, language)
    return said


def _plain_words(row: Difference, value: Value, pack: Pack, language: str) -> str:
    says = _SAYS[language]
    if isinstance(value, Source):
        return says["source"].format(row=value.row, page=value.page, confidence=value.confidence.value)
    if isinstance(value, LeftOut):
        return says["left"].format(row=value.row, because=value.because, why=in_language(value.why, language))
    if isinstance(value, Arrivals):
        span = {"start": local(pack.calendar.show(value.time.start)), "end": local(pack.calendar.show(value.time.end))}
        return says["arrivals"].format(positives=value.positives, tests=value.tests, by=value.measured_by, **span)
    if row.aspect is Aspect.PROVISIONAL:
        return says["hours"].format(n=value)
    if row.aspect is Aspect.EXAMPLES:
        return says["others" if value is row.new and row.old == row.new else "examples"].format(n=value)
    return local(str(value))


def local(text: str) -> str:
    """Return an instant as people write it, whole minutes without seconds; any other text as it stands."""
    found = _INSTANT.fullmatch(text)
    if not found:
        return text
    date, minute, second, offset = found.groups()
    return f"{date} {minute}{'' if second == '00' else f':{second}'} {'UTC' if offset == 'Z' else f'UTC{offset}'}"


def title_words(rule: Rule, language: str) -> str:
    """Return the title of a rule."""
    return in_language({name: texts.get("title", "") for name, texts in rule.texts.items()}, language)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return a pack's text in a language, else in its first."""
    return texts[language] if language in texts else next(iter(texts.values()), "")
