"""Pack files and folders of them: a pack with those that it builds on, found beside it by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from habeas.cli._reading import read_json, read_text, refusing
from habeas.cli.errors import InputError
from habeas.rules import Pack, RulesError, parse_pack

__all__ = ["read_criteria", "read_folder", "read_pack", "with_bases"]


def read_pack(path: Path) -> Pack:
    """Return the pack of a file."""
    text = read_text(path)
    with refusing(str(path), "mend the pack; docs/packs.md describes the format", RulesError):
        return parse_pack(text)


def read_folder(folder: Path) -> tuple[Pack, ...]:
    """Return the packs of every *.yaml file of a folder, oldest first."""
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder", "give the folder that holds the packs")
    packs = [read_pack(path) for path in sorted(folder.glob("*.yaml"))]
    if not packs:
        raise InputError(str(folder), "holds no pack (*.yaml)", "give the folder that holds the packs")
    return tuple(sorted(packs, key=lambda pack: (pack.published, pack.id)))


def with_bases(pack: Pack, path: Path) -> tuple[Pack, ...]:
    """Return a pack and those that it is a layer of or succeeds, which lie beside it; those not found are left out."""
    beside = _beside(path) if pack.over or pack.succeeds else {}
    found = {pack.id: pack}
    waiting = [pack]
    while waiting:
        one = waiting.pop()
        for name in (one.over, one.succeeds):
            if name is not None and name not in found and name in beside:
                found[name] = beside[name]
                waiting.append(beside[name])
    return tuple(found.values())


def read_criteria(path: Path | None) -> Mapping[str, object] | None:
    """Return the list of published criteria."""
    if path is None:
        return None
    value = read_json(path)
    if not isinstance(value, Mapping) or not isinstance(value.get("packs"), list):
        raise InputError(str(path), "is no list of published criteria", "give published-criteria.json")
    return value


def _beside(path: Path) -> dict[str, Pack]:
    """Return the other packs of a folder by id; a file there that is no pack is nobody's base."""
    found: dict[str, Pack] = {}
    for other in _others(path):
        try:
            pack = parse_pack(other.read_text(encoding="utf-8"))
        except (RulesError, OSError, UnicodeDecodeError):
            continue
        found.setdefault(pack.id, pack)
    return found


def _others(path: Path) -> Iterable[Path]:
    return (other for other in sorted(path.parent.glob("*.yaml")) if other.resolve() != path.resolve())
