"""A person's keys in a file: JSON, readable by its owner alone, never overwritten.

Whoever has the file finds the person's decisions, opens them and makes passes; nobody issues one. A watcher's file has no
`openings`: it finds, and opens nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from habeas.cli._output import note
from habeas.cli._reading import read_hex, read_json, read_map, refusing
from habeas.cli.errors import InputError
from habeas.passes import SEED_BYTES, PassError, PersonKeys, Ratchet

__all__ = ["PersonKeyFile", "format_person_keys", "parse_person_keys", "read_person_keys", "write_person_keys"]

_WHAT = "person-keys"
_NEXT = "give the file of keys that the person got at enrolment"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeyFile:
    """Keys for the log of an origin. `hint` is what the holder chose at the counter, if the file says it."""

    origin: str
    keys: PersonKeys
    hint: str = ""


def format_person_keys(file: PersonKeyFile) -> str:
    """Return the file's text; both seeds stand as of one day."""
    labels, openings = file.keys.labels, file.keys.openings
    value: dict[str, object] = {
        "habeas": _WHAT,
        "origin": file.origin,
        "day": labels.day,
        "labels": labels.state.hex(),
    }
    if openings is not None:
        value["openings"] = openings.at(labels.day).state.hex()
    if file.hint:
        value["hint"] = file.hint
    return json.dumps(value, ensure_ascii=False) + "\n"


def parse_person_keys(where: str, value: object) -> PersonKeyFile:
    """Return the keys in a JSON object; raises `InputError`."""
    if not isinstance(value, Mapping) or value.get("habeas") != _WHAT:
        raise InputError(where, "holds no person's keys", _NEXT)
    row = read_map(where, value, "habeas origin day labels", "openings hint")
    origin, day, hint = row["origin"], row["day"], row.get("hint", "")
    if not isinstance(origin, str) or not origin or not isinstance(hint, str):
        raise InputError(where, "names no log: `origin` and `hint` are text", _NEXT)
    if type(day) is not int:
        raise InputError(f'{where}, "day"', "is no number of days since 1970", _NEXT)
    seeds = {
        name: read_hex(f'{where}, "{name}"', row[name], SEED_BYTES) for name in ("labels", "openings") if name in row
    }
    with refusing(where, _NEXT, PassError):
        ratchets = {name: Ratchet(day=day, state=seed) for name, seed in seeds.items()}
    keys = PersonKeys(labels=ratchets["labels"], openings=ratchets.get("openings"))
    return PersonKeyFile(origin=origin, keys=keys, hint=hint)


def read_person_keys(path: Path) -> PersonKeyFile:
    """Return the keys in a file, or on stdin for `-`; raises `InputError`."""
    found = parse_person_keys(str(path), read_json(path))
    if path.is_file() and path.stat().st_mode & 0o077:
        note(f"{path} can be read by others; `chmod 600 {path}` stops that")
    return found


def write_person_keys(path: Path, file: PersonKeyFile) -> None:
    """Write a new file of keys; raises `InputError` for one that is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # its owner's alone from the first byte on
    except FileExistsError:
        raise InputError(str(path), "is there already and was left as it is", "give another path") from None
    except OSError as error:
        raise InputError(
            str(path), f"cannot be written: {error.strerror}", "check the path and your rights on it"
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(format_person_keys(file))
        out.flush()
        os.fsync(out.fileno())
