"""A field of a pack's text while it is read: the node, its path, and the types that a schema may ask of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import NoReturn, TypeVar

from habeas.rules._yaml import Entries, Items, Node, Scalar
from habeas.rules.errors import PackFormatError
from habeas.wire import Instant, InstantError, parse_instant

__all__ = ["INTEGER", "LANGUAGE", "NAME", "Field"]

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*", re.ASCII)
_ROOT = "pack"
_MAX_NAME = 64
_MAX_TEXT = 1000
_MAX_SHOWN = 40

_Choice = TypeVar("_Choice", bound=Enum)


@dataclass(frozen=True, slots=True)
class Field:
    """A node and the path to it; every reading refuses with both."""

    node: Node
    path: str

    def refuse(self, message: str, *, key: str | None = None) -> NoReturn:
        """Raise a `PackFormatError` at this node, or at one of its keys."""
        place = self.node.keys[key] if key and isinstance(self.node, Entries) else self.node.place
        raise PackFormatError(f"{self.path}: {message}", place.line, place.column)

    def scalar(self) -> Scalar:
        """Return the node of a string that says something."""
        if not isinstance(self.node, Scalar):
            self.refuse("a single value stands here; write text, a number, true or false")
        text = self.node.text
        if not text or text != text.strip():
            self.refuse("nothing, or spaces around it; write the value, or leave the whole line out")
        if len(text) > _MAX_TEXT:
            self.refuse(f"more than {_MAX_TEXT} characters; say it shorter")
        return self.node

    def text(self) -> str:
        """Return a string that says something."""
        return self.scalar().text

    def name(self, pattern: re.Pattern[str] = NAME) -> str:
        """Return an identifier."""
        text = self.text()
        if len(text) > _MAX_NAME or not pattern.fullmatch(text):
            self.refuse(f"{_shown(text)} is no name here; use letters and digits, joined by - (at most {_MAX_NAME})")
        return text

    def integer(self, low: int, high: int) -> int:
        """Return an integer between `low` and `high`, written without leading zeros, points or exponents."""
        text = self.text()
        if not INTEGER.fullmatch(text) or not low <= int(text) <= high:
            self.refuse(f"{_shown(text)} is not a whole number between {low} and {high}; write it in plain digits")
        return int(text)

    def instant(self) -> Instant:
        """Return an instant, written as date, time and offset."""
        try:
            return parse_instant(self.text())
        except InstantError as error:
            self.refuse(str(error))

    def choice(self, choices: Mapping[str, _Choice]) -> _Choice:
        """Return what the text names in a closed list."""
        text = self.text()
        if text not in choices:
            self.refuse(f"{_shown(text)} is not one of {', '.join(choices)}{_nearest(text, choices)}")
        return choices[text]

    def items(self) -> list[Field]:
        """Return the fields of a list; one with an `id` is known by it in paths."""
        if not isinstance(self.node, Items):
            self.refuse("a list stands here; begin each line with -")
        return [Field(node, f"{self.path}.{_label(node, at)}") for at, node in enumerate(self.node.nodes, start=1)]

    def row(self, shape: str, count: int) -> list[Field]:
        """Return the fields of a list of just so many."""
        fields = self.items()
        if len(fields) != count:
            self.refuse(f"a row is {shape}; write just that")
        return fields

    def open_fields(self, pattern: re.Pattern[str] = NAME) -> dict[str, Field]:
        """Return the fields of a map whose keys are free names."""
        if not isinstance(self.node, Entries):
            self.refuse("a map stands here; write `name: value`")
        for key in self.node.nodes:
            if len(key) > _MAX_NAME or not pattern.fullmatch(key):
                self.refuse(f"{_shown(key)} is no name here", key=key)
        return {
            key: Field(node, f"{self.path}.{key}" if self.path != _ROOT else key)
            for key, node in self.node.nodes.items()
        }

    def fields(self, needed: str, optional: str = "") -> dict[str, Field]:
        """Return the fields of a map with a closed schema: names, spaced; all of `needed`, any of `optional`."""
        must, may = needed.split(), optional.split()
        found = self.open_fields(re.compile(r".*", re.DOTALL))
        for name in found:
            if name not in must and name not in may:
                self.refuse(f"there is no field {_shown(name)}{_nearest(name, [*must, *may])}", key=name)
        missing = [name for name in must if name not in found]
        if missing:
            self.refuse(f"needs {', '.join(missing)}")
        return found

    def words(self) -> Mapping[str, str]:
        """Return one text a language."""
        return MappingProxyType({language: field.text() for language, field in self.open_fields(LANGUAGE).items()})


def _label(node: Node, at: int) -> str:
    label = node.nodes.get("id") if isinstance(node, Entries) else None
    return label.text if isinstance(label, Scalar) and NAME.fullmatch(label.text[: _MAX_NAME + 1]) else str(at)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…")


def _nearest(text: str, known: Mapping[str, object] | list[str]) -> str:
    near = difflib.get_close_matches(text[:_MAX_NAME], list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; there is: {', '.join(known)}"
