"""What a pack may not say (I5, I6, I12), and in how many languages it must say the rest (I6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from habeas.rules._pack import Pack, Rule
from habeas.rules._problem import Problem
from habeas.rules._words import LANGUAGES, Scope, forbidden_words, foreign_letter, in_language

__all__ = ["text_problems"]

_ALLOWED = ("signer", "date", "until")
_NEEDED = ("signer", "date")
_FEWEST_LANGUAGES = 2
_NEXT = {
    "I5": "Where somebody was is no ground: take the rule out and list its row under left_out with I5",
    "I6": "Reasons are closed: say who is meant and for how long; leave out open lists, penalties and conditions",
    "I12": "Codes do not travel: take the rule out and list its row under left_out with I12",
}


def text_problems(pack: Pack) -> Iterator[Problem]:
    """Yield what is wrong with a pack's words. `why` and `note` are not looked at: they say what is *not* done."""
    yield from _languages(pack)
    yield from _translated(pack, "titles", pack.titles, Scope.SAID)
    yield from _words("pack", pack.id, Scope.NAMED, is_id=True)
    for code in pack.codes:
        yield from _translated(pack, f"codes.{code.id}.names", code.names, Scope.SAID)
        yield from _words(f"codes.{code.id}", code.id, Scope.NAMED, is_id=True)
    for name, value in pack.parameters.items():
        yield from _words(f"parameters.{name}", name, Scope.NAMED, is_id=True)
        for text in _texts_in(value):
            yield from _words(f"parameters.{name}", text, Scope.NAMED, is_id=True)
    for row in pack.left_out:
        yield from _translated(pack, f"left_out.{row.row}.why", row.why, None)
    for rule in pack.rules:
        yield from _rule(pack, rule)


def _rule(pack: Pack, rule: Rule) -> Iterator[Problem]:
    where = f"rules.{rule.id}"
    yield from _words(where, rule.id, Scope.NAMED, is_id=True)
    for logic in (rule.when, *(relief.when for relief in rule.relief)):
        for text in _texts_in(json.loads(logic.text)):
            yield from _words(f"{where}.when", text, Scope.NAMED, is_id=True)
    if rule.own_act:
        yield from _words(f"{where}.own_act", rule.own_act, Scope.SAID)
    for part, scope in (("title", Scope.NAMED), ("reason", Scope.NAMED), ("do", Scope.SAID)):
        texts = {language: text.get(part, "") for language, text in rule.texts.items()}
        yield from _translated(pack, f"{where}.texts", texts, scope, part=f".{part}")
        yield from _placeholders(f"{where}.texts", texts, f".{part}", _NEEDED if part == "reason" else ())
    if rule.source.note is not None:
        yield from _translated(pack, f"{where}.source.note", rule.source.note, None)
    for number, example in enumerate(rule.examples, start=1):
        yield from _translated(pack, f"{where}.examples.{number}.name", example.name, Scope.NAMED)


def _languages(pack: Pack) -> Iterator[Problem]:
    if len(set(pack.languages)) < _FEWEST_LANGUAGES:
        yield _open("languages", "fewer than two languages", "Add a second one, with all its texts")
    for language in pack.languages:
        if language not in LANGUAGES:
            yield _open(
                "languages",
                f"there is no list of forbidden words for {language!r}, so its texts cannot be checked",
                f"Add one to the rules room, or write in {', '.join(sorted(LANGUAGES))}",
            )


def _translated(
    pack: Pack, where: str, texts: Mapping[str, str], scope: Scope | None, *, part: str = ""
) -> Iterator[Problem]:
    """Check one text a language: each language of the pack, no other, each in its own, none with forbidden words."""
    for language in pack.languages:
        if language not in texts:
            yield _open(f"{where}.{language}{part}", "this language is missing", "Write the text in it")
    for language, text in texts.items():
        path = f"{where}.{language}{part}"
        if language not in pack.languages:
            yield _open(path, "a language that the pack does not name", "Add it to languages, or leave it out")
        elif language in LANGUAGES and not in_language(text, language):
            yield _open(path, f"this is not written in {language}", "Write it in that language")
        letter = foreign_letter(text) if language in LANGUAGES else ""
        if letter:
            yield _open(path, f"the letter {letter!r} belongs to another script", "Write the word in its own letters")
        if scope is not None:
            yield from _words(path, text, scope)


def _words(where: str, text: str, scope: Scope, *, is_id: bool = False) -> Iterator[Problem]:
    for invariant, words in forbidden_words(text, scope, is_id=is_id):
        yield Problem(invariant=invariant, where=where, message=f"it says {words!r}", next_step=_NEXT[invariant])


def _placeholders(where: str, texts: Mapping[str, str], part: str, needed: Iterable[str]) -> Iterator[Problem]:
    """Check that a text has nothing but words and the placeholders that the machine fills in."""
    for language, text in texts.items():
        path = f"{where}.{language}{part}"
        found = re.findall(r"\{([^{}]*)\}", text)
        odd = [name for name in found if name not in _ALLOWED]
        if odd or re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
            what = f"{{{odd[0]}}}" if odd else "a brace by itself"
            allowed = ", ".join(f"{{{name}}}" for name in _ALLOWED)
            yield _open(path, f"{what} would let somebody write the reason", f"Use no other placeholder than {allowed}")
        missing = [name for name in needed if name not in found]
        if missing:
            yield _open(path, f"{{{missing[0]}}} is missing", "Say in every language who signed and of which day")


def _open(where: str, message: str, next_step: str) -> Problem:
    return Problem(invariant="I6", where=where, message=message, next_step=next_step)


def _texts_in(value: object) -> Iterator[str]:
    """Yield the texts of a parameter or an expression, paths too; the names of operators are not of the author."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for operands in value.values():
            yield from _texts_in(operands)
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
