"""`var`: what a path finds in data, null where there is nothing; compiled for the shapes that certificates' paths have.

Most data are as a path takes them to be: so the closures below go straight on, and where Python cannot, `walk` goes the way
again step by step. The one thing that Python would read otherwise than JavaScript is a unit of a text, `"😀"[0]`: so an index
stands only behind a look at the list, or before a name, which no text has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from habeas.rules._values import find

__all__ = ["compile_path"]

_Find: TypeAlias = Callable[[Any], object]

_ASTRAY = (KeyError, IndexError, TypeError, AttributeError)


def compile_path(path: str) -> _Find:
    """Return the closure of a path that `validate_logic` let pass."""
    if not path:
        return lambda data: data
    steps = [(step, int(step) if step[0] in "0123456789" else None) for step in path.split(".")]
    walk = found = _walk(steps)
    match steps:
        case [(name, None)]:
            found = _name(name, walk)
        case [(one, None), (name, None)]:
            found = _name_name(one, name, walk)
        case [(one, None), (two, None), (name, None)]:
            found = _name_name_name(one, two, name, walk)
        case [(name, None), (_, int(index))]:
            found = _name_index(name, index, walk)
        case [(one, None), (name, None), (_, int(index))]:
            found = _name_name_index(one, name, index, walk)
        case [(one, None), (two, None), (_, int(index)), (name, None)]:
            found = _name_name_index_name(one, two, index, name, walk)
    return found


def _walk(steps: list[tuple[str, int | None]]) -> _Find:
    def walk(data: object) -> object:
        for name, index in steps:
            if data is None:
                return None
            data = data.get(name) if type(data) is dict else find(data, name, index)
        return data

    return walk


def _name(name: str, walk: _Find) -> _Find:
    return lambda data: data.get(name) if type(data) is dict else walk(data)


def _name_name(one: str, name: str, walk: _Find) -> _Find:
    def find_there(data: dict[str, Any]) -> object:
        try:
            return data[one].get(name)
        except _ASTRAY:
            return walk(data)

    return find_there


def _name_name_name(one: str, two: str, name: str, walk: _Find) -> _Find:
    def find_there(data: dict[str, Any]) -> object:
        try:
            return data[one][two].get(name)
        except _ASTRAY:
            return walk(data)

    return find_there


def _name_index(name: str, index: int, walk: _Find) -> _Find:
    def find_there(data: dict[str, Any]) -> object:
        items = data.get(name) if type(data) is dict else None
        if type(items) is list:
            return items[index] if index < len(items) else None
        return walk(data)

    return find_there


def _name_name_index(one: str, name: str, index: int, walk: _Find) -> _Find:
    def find_there(data: dict[str, Any]) -> object:
        try:
            items = data[one].get(name)
        except _ASTRAY:
            return walk(data)
        if type(items) is list:
            return items[index] if index < len(items) else None
        return None if items is None else walk(data)

    return find_there


def _name_name_index_name(one: str, two: str, index: int, name: str, walk: _Find) -> _Find:
    def find_there(data: dict[str, Any]) -> object:
        try:
            items = data[one].get(two)
            return None if items is None else items[index].get(name)
        except _ASTRAY:
            return walk(data)

    return find_there
