"""A small YAML: maps, lists and strings, each with its place in the text, and nothing that could mean something else.

PyYAML gives the events; no constructor of its runs, so `NO`, `12:30`, `010` and `2022-06-12` are the letters that stand
there. Whoever reads a node types it by schema.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from habeas.rules.errors import PackFormatError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Entries", "Items", "Node", "Place", "Scalar", "parse_yaml"]

MAX_BYTES = 256 << 10
MAX_DEPTH = 20
MAX_NODES = 50_000

_REFUSED = {
    "Cc": "a control character",
    "Cf": "a character that cannot be seen or that turns the direction of text",
    "Cn": "a character that Unicode does not define",
    "Co": "a character of private use",
    "Cs": "half a character",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
_ADVICE = {"\t": "indent with spaces", "\n": "a value is one line; begin a long one with >-"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string; `quoted` says whether it stood in quotes (or as a block), which only `when` and its like ask."""

    text: str
    quoted: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entries:
    """A map, in the order of the text."""

    nodes: dict[str, Node]
    keys: dict[str, Place]
    place: Place


Node: TypeAlias = Scalar | Items | Entries


class _Events(Reader, Scanner, Parser):
    """PyYAML's first three stages: characters, tokens, events. What makes objects of them is left out."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def parse_yaml(text: str) -> Node:
    """Return the one document of `text`; raises `PackFormatError` with line and column.

    Takes at most `MAX_BYTES` of UTF-8, `MAX_DEPTH` levels and `MAX_NODES` values. A key twice, an anchor, alias, tag,
    merge key, directive, second document, or a character that a reader cannot see is refused.
    """
    _check_characters(text)
    builder = _Builder(_events(text))
    try:
        return builder.document()
    except yaml.YAMLError as error:
        place, words = _where(error)
        raise PackFormatError(f"this is not YAML: {words}; mend it there", place.line, place.column) from None
    except ValueError:  # PyYAML reads \U00110000 and overlong version numbers with chr() and int()
        place = builder.place
        raise PackFormatError("an escape or number that no text can hold; write it plainly", *_pair(place)) from None


def _events(text: str) -> Iterator[yaml.Event]:
    events = _Events(text)
    while events.check_event():
        yield events.get_event()  # type: ignore[no-untyped-call]  # its stubs leave the answer out


def _pair(place: Place) -> tuple[int, int]:
    return place.line, place.column


def _where(error: yaml.YAMLError) -> tuple[Place, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    words = ", ".join(str(part) for part in parts if part)
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    return place, "".join(c for c in words if c.isprintable())[:200] or "it cannot be read"


def _check_characters(text: str) -> None:
    size = len(text)
    if size <= MAX_BYTES:
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise PackFormatError(f"more than {MAX_BYTES // 1024} KiB; split the pack into layers", 1, 1)
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line.isprintable():
            for column, character in enumerate(line, start=1):
                _check_character(character, number, column)


def _check_character(character: str, line: int, column: int) -> None:
    what = _REFUSED.get(unicodedata.category(character))
    if what:
        advice = _ADVICE.get(character, "delete it, or write the word without it")
        raise PackFormatError(f"{what} (U+{ord(character):04X}); {advice}", line, column)


class _Builder:
    """Nodes from events. Depth is checked before a level is entered, so recursion is bounded."""

    __slots__ = ("_events", "_nodes", "place")

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._nodes = 0
        self.place = Place(1, 1)

    def document(self) -> Node:
        self._next()  # the stream's start
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            raise self.refusal("there is nothing here; a pack is a map of fields")
        if isinstance(start, yaml.DocumentStartEvent) and (start.version or start.tags):
            raise self.refusal("a directive; delete the lines that start with %")
        node = self.node(self._next(), 1)
        self._next()  # the document's end
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise self.refusal("a second document; keep one pack in a file")
        return node

    def node(self, event: yaml.Event, depth: int) -> Node:
        place = self.place
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self.refusal(f"more than {MAX_NODES} values; split the pack into layers")
        if depth > MAX_DEPTH:
            raise self.refusal(f"nested more than {MAX_DEPTH} levels deep; flatten it")
        if isinstance(event, yaml.AliasEvent):
            raise self.refusal("an alias (*); write the value out where it is used")
        self._check_plain(event)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self.items(depth)), place)
        return self.entries(place, depth)

    def scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        for character in event.value:
            if not character.isprintable():
                _check_character(character, place.line, place.column)
        return Scalar(event.value, bool(event.style), place)

    def items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self.node(event, depth + 1)

    def entries(self, place: Place, depth: int) -> Entries:
        nodes: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            at = self.place
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar) or not key.text:
                raise self.refusal("a key that is no word; write `name: value`", at)
            if key.text == "<<":
                raise self.refusal("a merge key (<<); write the fields out", at)
            if key.text in nodes:
                first = keys[key.text]
                raise self.refusal(f"`{key.text[:40]}` stands twice, first in line {first.line}; keep one", at)
            keys[key.text] = at
            nodes[key.text] = self.node(self._next(), depth + 1)
        return Entries(nodes, keys, place)

    def refusal(self, message: str, place: Place | None = None) -> PackFormatError:
        return PackFormatError(message, *_pair(place or self.place))

    def _check_plain(self, event: yaml.Event) -> None:
        if getattr(event, "anchor", None) is not None:
            raise self.refusal("an anchor (&); write the value out where it is used")
        if getattr(event, "tag", None) is not None:
            raise self.refusal("a tag (!); values are typed by their field, so delete it")

    def _next(self) -> yaml.Event:
        event = next(self._events)
        mark = event.start_mark
        self.place = Place(mark.line + 1, mark.column + 1) if mark else self.place
        return event
