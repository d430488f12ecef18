"""Two packs side by side: every difference that a health officer must see, and the ones that nobody was told of.

Of 52 published changes of logic in one public repository 21 had no new version (docs/design.md §4). A change is told by
a new version *and* by words: the rule's own, in every language, or for what is the pack's own its title or the names of
its codes. What changes without either is silent. Another act (its own id, title and day of publication) tells of itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from habeas.grounds._differences import (
    Aspect,
    Difference,
    differences_of_pack,
    differences_of_rule,
    lone_rule,
    same_words,
)
from habeas.grounds._ways import Direction
from habeas.rules import Code, Logic, Pack, Rule

__all__ = ["Comparison", "Silence", "Silent", "compare_packs"]

_BESIDE = frozenset({Aspect.TEXT, Aspect.SOURCE, Aspect.EXAMPLES, Aspect.LEFT_OUT, Aspect.ABOUT})
_BESIDE_FIELDS: Mapping[type, frozenset[str]] = {
    Pack: frozenset(
        {"id", "version", "titles", "languages", "issuer", "published", "hash", "left_out", "transition", "criteria"}
    ),
    Rule: frozenset({"texts", "source", "examples"}),
    Code: frozenset({"names"}),
}
_UNORDERED = frozenset({"rules", "relief", "requires", "arrivals"})


class Silence(Enum):
    """What stayed as it was although the logic changed."""

    VERSION = "version"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Logic that changed unsaid: of which rule (None: the pack's own), in what, and what did not change with it.

    `languages` are those in which the words stayed: whoever reads one of them was not told.
    """

    rule: str | None
    aspects: tuple[Aspect, ...]
    unchanged: tuple[Silence, ...]
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All differences from one pack to another, the pack's own first, then rule by rule in order of their ids."""

    old: Pack
    new: Pack
    differences: tuple[Difference, ...]
    silent: tuple[Silent, ...]

    def of_rule(self, rule: str | None) -> tuple[Difference, ...]:
        """Return the differences of one rule, or (None) of the pack itself."""
        return tuple(row for row in self.differences if row.rule == rule)

    def on_rule(self, rule: str) -> tuple[Difference, ...]:
        """Return a rule's own differences and those of the pack that bear on it."""
        return tuple(row for row in self.differences if rule == row.rule or rule in row.rules)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that differ in anything of their own."""
        return tuple(dict.fromkeys(row.rule for row in self.differences if row.rule is not None))

    @property
    def of_its_own(self) -> bool:
        """Whether the new pack is another act, which tells of itself."""
        return _another_act(self.old, self.new)

    @property
    def may_be_stricter(self) -> bool:
        """Whether a difference is, or for all that the packs say may be, stricter for somebody."""
        return any(row.direction in (Direction.STRICTER, Direction.UNKNOWN) for row in self.differences)


def compare_packs(old: Pack, new: Pack) -> Comparison:
    """Return every difference between two packs: two versions of one, or two phases."""
    pairs = _pairs(old, new)
    rows = list(differences_of_pack(old, new))
    for name in sorted(pairs):
        before, after = pairs[name]
        if before is not None and after is not None:
            rows += differences_of_rule(before, after, old, new)
        else:
            alone = (before, old, Aspect.REMOVED), (after, new, Aspect.ADDED)
            rows += [lone_rule(rule, pack, aspect) for rule, pack, aspect in alone if rule is not None]
    rows += _unnamed(rows, old, new)
    silent = tuple(_silent(rows, pairs, old, new))
    return Comparison(old=old, new=new, differences=tuple(rows), silent=silent)


def _unnamed(rows: Sequence[Difference], old: Pack, new: Pack) -> Iterator[Difference]:
    """Yield one difference of unknown direction where packs differ in what can bear, and no difference says so.

    It is a fault of `_differences` when it comes; it is here so that such a fault never reads as "both say the same".
    """
    if all(row.aspect in _BESIDE for row in rows) and _content(old) != _content(new):
        yield Difference(rule=None, aspect=Aspect.UNNAMED, old=old.hash.hex(), new=new.hash.hex())


def _content(value: object) -> Hashable:
    """Return what a code or a promise can turn on, each value with its type: true is not 1, nor "true", nor [true]."""
    if isinstance(value, Logic):
        return value.text
    if isinstance(value, Mapping):
        return frozenset((name, _content(part)) for name, part in value.items())
    if isinstance(value, list | tuple):
        return type(value), *map(_content, value)
    if not dataclasses.is_dataclass(value):
        return type(value), value
    beside = _BESIDE_FIELDS.get(type(value), frozenset())
    parts = {row.name: getattr(value, row.name) for row in dataclasses.fields(value) if row.name not in beside}
    return type(value), *(
        frozenset(map(_content, part)) if name in _UNORDERED else _content(part) for name, part in parts.items()
    )


_Pair = tuple[Rule | None, Rule | None]


def _pairs(old: Pack, new: Pack) -> Mapping[str, _Pair]:
    """Return the rules that are one, by id: of one id, or the one that a rule under a new id says that it succeeds."""
    before, after = {rule.id: rule for rule in old.rules}, {rule.id: rule for rule in new.rules}
    pairs: dict[str, _Pair] = {}
    for name, rule in after.items():
        known = name if name in before or rule.succeeds in after else rule.succeeds
        pairs[name] = before.get(known or ""), rule
    followed = {one.id for one, _ in pairs.values() if one is not None}
    return pairs | {name: (rule, None) for name, rule in before.items() if name not in followed}


def _another_act(old: Pack, new: Pack) -> bool:
    """Whether a pack is an act of its own: not one renamed, redated or retitled alone."""
    return old.id != new.id and old.published != new.published and not _stayed(_titles(old), _titles(new))


def _silent(rows: Sequence[Difference], pairs: Mapping[str, _Pair], old: Pack, new: Pack) -> Iterator[Silent]:
    if _another_act(old, new):
        return
    version = (Silence.VERSION,) if (old.id, old.version) == (new.id, new.version) else ()
    bearing = [row for row in rows if row.bears]
    own = [row for row in bearing if row.rule is None]
    if own:
        untold = any(not row.rules for row in own)  # a parameter is told by the words of the rules that read it
        yield from _unsaid(None, own, version, _stayed(_pack_words(old), _pack_words(new)) if untold else ())
    for name, pair in sorted(pairs.items()):
        on = [row for row in bearing if row.rule == name or name in row.rules]
        yield from _unsaid(name, on, version, _same_texts(pair, old))


def _unsaid(
    rule: str | None, rows: Sequence[Difference], version: tuple[Silence, ...], languages: tuple[str, ...]
) -> Iterator[Silent]:
    unchanged = version + ((Silence.TEXTS,) if languages else ())
    if rows and unchanged:
        aspects = tuple(dict.fromkeys(row.aspect for row in rows))
        yield Silent(rule=rule, aspects=aspects, unchanged=unchanged, languages=languages)


def _same_texts(pair: _Pair, old: Pack) -> tuple[str, ...]:
    """Return the languages in which a rule's words stayed; a new rule's, where they are those of a rule that was there."""
    before, after = pair
    if after is None:
        return ()
    known = old.rules if before is None else (before,)
    return next((found for rule in known if (found := _stayed(rule.texts, after.texts))), ())


def _stayed(old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return the languages in which nothing was said anew."""
    return tuple(name for name in new if name in old and same_words(old[name], new[name]))


def _titles(pack: Pack) -> dict[str, dict[str, str]]:
    return {language: {"title": title} for language, title in pack.titles.items()}


def _pack_words(pack: Pack) -> dict[str, dict[str, str]]:
    """Return the words of the pack itself: its titles and the names of its codes."""
    return {
        language: {"title": title, "codes": " ".join(sorted(code.names.get(language, "") for code in pack.codes))}
        for language, title in pack.titles.items()
    }
