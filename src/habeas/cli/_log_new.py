"""`habeas log new`: a folder with everything that belongs to one log. What is there already is used, never overwritten."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._key_file import read_registry_key, read_signing_key, write_registry_key, write_signing_key
from habeas.cli._ledger_file import REGISTRY_KEY
from habeas.cli._log_folder import LOG_FOLDERS, LogPlace, format_settings, write_private
from habeas.cli._options import AsJson
from habeas.cli._output import fields, write, write_json
from habeas.cli._reading import read_bytes, refusing
from habeas.cli.errors import InputError
from habeas.services import read_signer, write_signer
from habeas.stores import Keyring, SqliteStore
from habeas.tlog import (
    Constants,
    NoteError,
    NoteKey,
    SignatureType,
    TlogError,
    format_vkey,
    make_note_signer,
    parse_policy,
)
from habeas.wire import Algorithm

__all__ = ["new"]

_SEED_BYTES = 32


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the log is to be; made if it is not there.")],
    origin: Annotated[str, typer.Option("--origin", metavar="NAME", help="The log's name, for ever.")],
    epoch_seconds: Annotated[
        int, typer.Option("--epoch-seconds", metavar="N", help="Between two blocks; divides a day. 7200.")
    ] = 7200,
    height: Annotated[int, typer.Option("--height", metavar="N", help="Blocks end on 2^8 or 2^16 entries; 8.")] = 8,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="Witnesses and quorum (C2SP tlog-policy); the log's line may be left out."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a log: its ledger, its intake, its keys, its files. A call that was broken off can be made again, and goes on.

    Commands that are given the ledger in it (`--db FOLDER/ledger.sqlite`) hand in; `log append` makes the blocks.
    """
    with refusing("--origin, --epoch-seconds, --height", "mend them and call again; nothing was made", TlogError):
        constants = Constants(origin=origin, epoch_seconds=epoch_seconds, height=height)
        signer = make_note_signer(origin, SignatureType.ED25519, secrets.token_bytes(_SEED_BYTES))
    place = LogPlace(folder=folder, constants=constants, key=signer.key)
    if place.settings.exists():
        raise InputError(str(folder), "is a log already and was left as it is", "give another path")
    text = read_bytes(policy) if policy is not None else None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(folder), f"cannot be made: {error.strerror}", "check the path and your rights") from None
    key = _make_keys(place)
    said = text if text is None else _policy(str(policy), text, key)
    _make_stores(place)
    if said is not None and not place.policy.exists():
        write_private(place.policy, said)
    # Last of all: it is what makes the folder a log's. Before it, calling again goes on.
    write_private(place.settings, format_settings(constants, key).encode())
    _tell(place, key, said is not None, as_json=as_json)


def _make_keys(place: LogPlace) -> NoteKey:
    """Make the keys that are not there yet; raises `InputError` for those there that are none, or another log's."""
    registry = place.folder / REGISTRY_KEY
    if registry.exists():
        read_registry_key(registry)
    else:
        write_registry_key(registry, secrets.token_bytes(_SEED_BYTES))
    if place.authority.exists():
        read_signing_key(place.authority)
    else:
        write_signing_key(place.authority, Algorithm.EDDSA, secrets.token_bytes(_SEED_BYTES))
    origin = place.constants.origin
    if not place.signer.exists():
        with refusing("--origin", "give a name without spaces and +", NoteError):
            return write_signer(place.signer, origin, SignatureType.ED25519, secrets.token_bytes(_SEED_BYTES)).key
    found = read_signer(place.signer)
    if found.key.name != origin or found.key.type is not SignatureType.ED25519:
        raise InputError(
            str(place.signer),
            f"is there already, and is no log's key of {origin!r}",
            "give its --origin, or another FOLDER",
        )
    return found.key


def _make_stores(place: LogPlace) -> None:
    with SqliteStore(place.ledger) as ledger:
        if ledger.event_count():
            raise InputError(
                str(place.ledger),
                "has events that no log ever had",
                "give another FOLDER: a log begins with its ledger",
            )
    for file in (place.intake, place.ledger):
        with SqliteStore(file):
            file.chmod(0o600)
    with Keyring(place.keys):
        pass
    for name in LOG_FOLDERS:
        (place.folder / name).mkdir(mode=0o700 if name == "private" else 0o755, exist_ok=True)


def _policy(where: str, text: bytes, key: NoteKey) -> bytes:
    """Return the policy's text with this log in it; raises `InputError` for a policy of another log, or of no use."""
    if not any(line.split()[:1] == [b"log"] for line in text.splitlines()):
        text = f"log {format_vkey(key)}\n".encode() + text
    with refusing(where, "mend the policy; docs/formats.md says what one must withstand", TlogError):
        known = parse_policy(text)
    if known.logs.get(key.name) != key:
        raise InputError(
            where, "names another key for this log", f"take its log line out, or write: log {format_vkey(key)}"
        )
    return text


def _tell(place: LogPlace, key: NoteKey, has_policy: bool, *, as_json: bool) -> None:
    vkey = format_vkey(key)
    if as_json:
        policy = str(place.policy) if has_policy else None
        write_json({"folder": str(place.folder), "ledger": str(place.ledger), "key": vkey, "policy": policy})
        return
    fields(
        [
            ("log", f"{place.constants.origin} in {place.folder}"),
            ("ledger", f"{place.ledger}: give it to commands as --db"),
            (
                "policy",
                str(place.policy) if has_policy else f"write {place.policy} before the first block; this line in it:",
            ),
        ]
    )
    write(f"log {vkey}")
    write("Keep a copy of the three .key files where nobody else reads it, and none of keys.sqlite: it must forget.")
