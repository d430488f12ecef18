"""Keys in files: JSON, secrets readable by their owner alone and never overwritten."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

from habeas.cli._output import note
from habeas.cli._reading import read_base64, read_json, read_map, refusing
from habeas.cli.errors import InputError
from habeas.wire import Algorithm, SigningKey, VerifyingKey, make_signing_key

__all__ = [
    "ALGORITHMS",
    "format_public",
    "read_public",
    "read_public_file",
    "read_registry_key",
    "read_signing_key",
    "write_registry_key",
    "write_signing_key",
]

ALGORITHMS = {"EdDSA": Algorithm.EDDSA, "ES256": Algorithm.ES256, "PS256": Algorithm.PS256}
_NAMES = {algorithm: name for name, algorithm in ALGORITHMS.items()}
_SIGNING, _REGISTRY = "signing-key", "registry-key"
_REGISTRY_BYTES = 32


def write_signing_key(path: Path, algorithm: Algorithm, seed: bytes) -> SigningKey:
    """Write a new secret key and return it; raises `InputError` for a file that is there already."""
    key = make_signing_key(algorithm, seed)
    _write_secret(path, {"habeas": _SIGNING, "v": 1, "alg": _NAMES[algorithm], "seed": _text(seed)})
    return key


def read_signing_key(path: Path) -> SigningKey:
    """Return the secret key of a file that `habeas keys new` made."""
    value = _secret(path, _SIGNING, "alg seed", "give a file that `habeas keys new` made")
    with refusing(str(path)):
        return make_signing_key(
            _algorithm(f'{path}, "alg"', value["alg"]), read_base64(f'{path}, "seed"', value["seed"])
        )


def write_registry_key(path: Path, key: bytes) -> None:
    """Write a new registry key; raises `InputError` for a file that is there already."""
    _write_secret(path, {"habeas": _REGISTRY, "v": 1, "key": _text(key)})


def read_registry_key(path: Path) -> bytes:
    """Return the key under which documents become references."""
    value = _secret(path, _REGISTRY, "key", "give --registry-key the file that `habeas db new` made")
    key = read_base64(f'{path}, "key"', value["key"])
    if len(key) != _REGISTRY_BYTES:
        raise InputError(
            str(path), f"has a key of {len(key)} bytes, not {_REGISTRY_BYTES}", "restore the file from a copy"
        )
    return key


def format_public(key: VerifyingKey) -> dict[str, str]:
    """Return the public part as it is printed, granted and compared."""
    return {"kid": key.kid.hex(), "alg": _NAMES[key.algorithm], "public": _text(key.public)}


def read_public(where: str, value: object) -> VerifyingKey:
    """Return the key of what `format_public` gave; a kid that is not the key's own is refused."""
    row = read_map(where, value, "alg public", "kid")
    with refusing(where):
        key = VerifyingKey(
            algorithm=_algorithm(f'{where}, "alg"', row["alg"]), public=read_base64(f'{where}, "public"', row["public"])
        )
    if row.get("kid", key.kid.hex()) != key.kid.hex():
        raise InputError(
            where, f"names kid {row['kid']}, but the key's own is {key.kid.hex()}", "take the public part anew"
        )
    return key


def read_public_file(path: Path) -> VerifyingKey:
    """Return the public key of a file that `habeas keys show` printed."""
    value = read_json(path)
    if isinstance(value, Mapping) and value.get("habeas") == _SIGNING:
        raise InputError(str(path), "is a secret key", "give its public part: `habeas keys show FILE` prints it")
    return read_public(str(path), value)


def _secret(path: Path, what: str, needed: str, next_step: str) -> Mapping[str, object]:
    value = read_json(path)
    if not isinstance(value, Mapping) or value.get("habeas") != what or value.get("v") != 1:
        raise InputError(str(path), f"is no {what.replace('-', ' ')}", next_step)
    if path.is_file() and path.stat().st_mode & 0o077:
        note(f"{path} can be read by others; `chmod 600 {path}` stops that")
    return read_map(str(path), value, f"habeas v {needed}")


def _algorithm(where: str, name: object) -> Algorithm:
    if not isinstance(name, str) or name not in ALGORITHMS:
        raise InputError(where, f"{name!r} is no algorithm that is taken here", f"write one of {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _write_secret(path: Path, value: Mapping[str, object]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # its owner's alone from the first byte on
    except FileExistsError:
        raise InputError(str(path), "is there already and was left as it is", "give another path") from None
    except OSError as error:
        raise InputError(
            str(path), f"cannot be written: {error.strerror}", "check the path and your rights on it"
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(value) + "\n")
        file.flush()
        os.fsync(file.fileno())
