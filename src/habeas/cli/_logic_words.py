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


def logic_words(text: str, language: str) -> str:
    """Return a condition in words; one that these words cannot say is returned as it was published."""
    try:
        return _say(json.loads(text), _WORDS[language])
    except (KeyError, IndexError, ValueError):
        return text


def _say(node: object, words: Mapping[str, str]) -> str:
    if isinstance(node, bool):
        return words[str(node).lower()]
    if isinstance(node, list):
        return words["or"].join(_say(one, words) for one in node)
    if not isinstance(node, Mapping):
        return str(node)
    ((operator, given),) = node.items()
    operands = given if isinstance(given, list) else [given]
    if operator == "var":
        return str(operands[0]).removeprefix("facts.")
    said = [_say(one, words) for one in operands]
    return words["and"].join(said) if operator == "and" else words[operator].format(*said)
