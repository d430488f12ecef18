"""The catalogue: every sentence that Habeas says, in English and in Chinese, each written and neither translated.

One text serves page, message, letter, counter and hotline, so that a caller hears what the page says. It holds no reason
for a code: reasons are the rules' own texts (I6). The sentences themselves are in `_deck`; its rules of language, such as
how long a sentence may be and which words are banned, are kept by `tests/grounds/test_words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from habeas.grounds._deck import DECK
from habeas.grounds.errors import WordsError

__all__ = ["LANGUAGES", "WORDS", "Language", "placeholders", "say"]

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_FIELD = re.compile(r"\{([a-z_]+)\}")
_COLUMNS = 3


def placeholders(text: str) -> frozenset[str]:
    """Return the names between braces in a text."""
    return frozenset(_FIELD.findall(text))


def _parse(deck: str) -> Mapping[str, Mapping[Language, str]]:
    words: dict[str, Mapping[Language, str]] = {}
    for line in deck.strip().splitlines():
        columns = [part.strip() for part in line.split(" | ")]
        if len(columns) != _COLUMNS or not all(columns) or columns[0] in words:
            raise WordsError(f"a row is `key | English | 中文`, each key once; look at: {line}")
        key, english, chinese = columns
        if placeholders(english) != placeholders(chinese):
            raise WordsError(f"{key} has not the same fields in both languages")
        words[key] = MappingProxyType({"en": english, "zh": chinese})
    return MappingProxyType(words)


WORDS = _parse(DECK)
"""key → {"en": …, "zh": …}."""


def say(key: str, language: Language, **fields: str) -> str:
    """Return a sentence with its fields filled in; raises `WordsError` for another key or other fields than it has."""
    if key not in WORDS:
        raise WordsError(f"the catalogue has no {key}; add it to `_deck` in both languages")
    text = WORDS[key][language]
    if set(fields) != placeholders(text):
        wants = ", ".join(sorted(placeholders(text))) or "nothing"
        raise WordsError(f"{key} is filled with {wants}, not with {', '.join(sorted(fields)) or 'nothing'}")
    return _FIELD.sub(lambda found: fields[found[1]], text)
