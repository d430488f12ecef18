"""The words that no rule may be written with, in English and Chinese, whatever they are dressed in.

This is the second fence. The first is that the kinds of evidence have no field for a place, a list or a penalty, so no
`when` can ask for one; words are looked at so that a rule cannot say more than it does. A list of words is never
complete: a language that has none here cannot be a pack's language.

`NAMED` holds what says why (ids, titles, reasons, parameters, literals, names of examples). `SAID` is what tells people
what to do, and what an act is called: "stay at home", "keep away from other people" are honest there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum

from habeas.rules import _word_lists as lists

__all__ = ["LANGUAGES", "Scope", "forbidden_words", "foreign_letter", "in_language"]

LANGUAGES = frozenset({"en", "zh"})


class Scope(Enum):
    """What a text is for, and so which words are honest in it."""

    NAMED = "named"
    SAID = "said"


_HAN = r"\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])[\s·•・‧∙⋅_\-‐-―~*|/\\'\"`^+=]+(?=[{_HAN}])")
_SPELT_OUT = re.compile(r"\b(?:[a-z][ .\-_*·]+){2,}[a-z]\b")
_JOINED = re.compile(r"(?<=[a-z0-9])[_\-‐-―/.](?=[a-z0-9])")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_SIMPLIFIED = str.maketrans(
    "經區場軌跡時隨員關賦碼視況檢測應揮過號訪徑處點風險設備廣車藍牙機認規則違長順遲發給醫學個門與進兩碍並從鄉類單異",
    "经区场轨迹时随员关赋码视况检测应挥过号访径处点风险设备广车蓝牙机认规则违长顺迟发给医学个门与进两碍并从乡类单异",
)
_LOOK_ALIKE = str.maketrans("аеорсухіјѕԁһкмтвнгαεορντικυχѵ", "aeopcyxijsdhkmtbhraeopvtikuxv")


def _pattern(*alternatives: str) -> re.Pattern[str]:
    rows = (
        one if re.search(rf"[{_HAN}]", one) else rf"\b(?:{one.replace('_', ' ')})\b"
        for one in " ".join(alternatives).split()
    )
    return re.compile("|".join(f"(?:{row})" for row in rows))


_EVERYWHERE = {
    "I6": _pattern(lists.OPEN_EN, lists.OPEN_ZH, lists.PENALTY_EN, lists.PENALTY_ZH),
    "I12": _pattern(lists.COPIED_EN, lists.COPIED_ZH),
}
_PATTERNS: dict[Scope, tuple[tuple[str, re.Pattern[str]], ...]] = {
    Scope.SAID: (("I5", _pattern(lists.WAS_THERE_EN, lists.WAS_THERE_ZH)), *_EVERYWHERE.items()),
    Scope.NAMED: (
        ("I5", _pattern(lists.PRESENCE_EN, lists.PRESENCE_ZH)),
        *_EVERYWHERE.items(),
        ("I6", _pattern(lists.OPEN_NAMED_EN, lists.OPEN_NAMED_ZH, lists.PENALTY_NAMED_EN, lists.PENALTY_NAMED_ZH)),
        ("I12", _pattern(lists.COPIED_NAMED_EN, lists.COPIED_NAMED_ZH)),
    ),
}
_IN_IDS = re.compile("area|stay|zone|venue|location|device|telecom|visit|presence|region|trajectory")


def forbidden_words(text: str, scope: Scope, *, is_id: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (invariant, words) once an invariant. An id is also looked at without its gaps: `highriskarea`."""
    folded = _fold(_HUMP.sub(" ", text) if is_id else text)
    apart, joined = _JOINED.sub(" ", folded), _JOINED.sub("", folded)
    seen = set()
    for invariant, pattern in _PATTERNS[scope]:
        found = pattern.search(apart) or pattern.search(joined)
        if found and invariant not in seen:
            seen.add(invariant)
            yield invariant, found[0]
    if is_id and "I5" not in seen and (found := _IN_IDS.search(joined.replace(" ", ""))):
        yield "I5", found[0]


def _fold(text: str) -> str:
    """Return `text` as a reader hears it: no accents, hidden marks, look-alike letters, gaps or wide forms."""
    text = _PLACEHOLDER.sub(" ; ", text)
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LOOK_ALIKE)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf", "Cc") or c == "\n")
    text = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED)
    text = _BETWEEN_HAN.sub("", text)
    text = _SPELT_OUT.sub(lambda found: re.sub(r"[^a-z]", "", found[0]), text)
    return re.sub(r"\s+", " ", text)


def foreign_letter(text: str) -> str:
    """Return the first sign of a script that neither English nor Chinese is written in; "" if there is none."""
    for character in text:
        name = unicodedata.name(character, "")
        if "RADICAL" in name or (character.isalpha() and not name.startswith(("LATIN", "CJK", "FULLWIDTH LATIN"))):
            return character
    return ""


def in_language(text: str, language: str) -> bool:
    """Whether `text` can be of a language: Chinese has its characters, English has letters and none of those."""
    has_han = bool(re.search(rf"[{_HAN}]", text))
    return has_han if language == "zh" else not has_han and bool(re.search("[A-Za-z]", text))
