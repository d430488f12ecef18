"""A rule's condition in words: the few operators that packs may use, over one statement's facts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from habeas.evidence import Kind

__all__ = ["KINDS", "logic_words"]

_CHINESE_KINDS = (
    "检测结果",
    "诊断",
    "康复记录",
    "接种记录",
    "接触认定",
    "本人说明",
    "入境记录",
    "原始记录",
    "隔离通知",
    "出院记录",
    "豁免记录",
    "复核决定",
    "收回声明",
    "更正声明",
)
KINDS: Mapping[str, Mapping[Kind, str]] = {
    "en": {kind: kind.value.replace("-", " ") for kind in Kind},
    "zh": dict(zip(Kind, _CHINESE_KINDS, strict=True)),
}
"""What a kind of statement is called."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "true": "always",
        "false": "never",
        "===": "{0} is {1}",
        "in": "{0} is one of {1}",
        "<": "{0} is less than {1}",
        ">": "{0} is more than {1}",
        "<=": "{0} is at most {1}",
        ">=": "{0} is at least {1}",
        "!": "not ({0})",
        "+": "{0} plus {1}",
        "if": "if {0}, then {1}, else {2}",
        "and": " and ",
        "or": " or ",
    },
    "zh": {
        "true": "一律适用",
        "false": "从不适用",
        "===": "{0} 为 {1}",
        "in": "{0} 为 {1} 之一",
        "<": "{0} 小于 {1}",
        ">": "{0} 大于 {1}",
        "<=": "{0} 不超过 {1}",
        ">=": "{0} 不少于 {1}",
        "!": "并非（{0}）",
        "+": "{0} 加 {1}",
        "if": "如果 {0}，则 {1}，否则 {2}",
        "and": "，并且 ",
        "or": "、",
    },
}

_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {},
    "zh": {
        "method": "检测方法",
        "result": "结果",
        "form": "诊断类型",
        "contact": "接触类型",
        "origin": "来自",
        "product": "疫苗",
        "dose": "剂次",
        "of": "总剂次",
        "scope": "豁免范围",
        "pcr": "核酸",
        "antigen": "抗原",
        "positive": "阳性",
        "negative": "阴性",
        "unread": "未读出",
        "confirmed": "确诊",
        "asymptomatic": "无症状",
        "close": "密切接触",
        "secondary": "次密切接触",
        "enclosed": "同密闭空间",
        "other": "其他",
    },
}
"""Facts and their choices; one that is not here stands as the pack has it."""


def logic_words(text: str, language: str) -> str:
    """Return a condition in words; one that these words cannot say is returned as it was published."""
    try:
        return _say(json.loads(text), _WORDS[language], _NAMES[language])
    except (KeyError, IndexError, ValueError):
        return text


def _say(node: object, words: Mapping[str, str], names: Mapping[str, str]) -> str:
    if isinstance(node, bool):
        return words[str(node).lower()]
    if isinstance(node, list):
        return words["or"].join(_say(one, words, names) for one in node)
    if not isinstance(node, Mapping):
        return names.get(node, node) if isinstance(node, str) else str(node)
    ((operator, given),) = node.items()
    operands = given if isinstance(given, list) else [given]
    if operator == "var":
        name = str(operands[0]).removeprefix("facts.")
        return names.get(name, name)
    said = [_say(one, words, names) for one in operands]
    return words["and"].join(said) if operator == "and" else words[operator].format(*said)
