"""`habeas pass sync` and `habeas pass gossip`: what a gate does while it is online, and how a log of two faces is found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from habeas.cli._gate_folder import keep_proof, keep_synced, read_synced
from habeas.cli._key_file import read_public_file
from habeas.cli._log_source import log_source
from habeas.cli._options import AsJson
from habeas.cli._output import counted, fields, write, write_json
from habeas.cli._problems import OK
from habeas.cli._reading import read_bytes
from habeas.cli.errors import InputError, RefusedError
from habeas.mandates import GateMandate
from habeas.passes import (
    ForkedError,
    ForkProof,
    PassError,
    Synced,
    SyncError,
    compare_checkpoints,
    parse_abuse,
    sync,
    void_line,
)
from habeas.tlog import Fetch, TlogError, format_note, parse_note
from habeas.wire import DAY, Instant

__all__ = ["gossip", "sync_gate"]

Gate = Annotated[Path, typer.Option("--gate", metavar="FOLDER", help="The gate's folder; made if it is not there.")]
Log = Annotated[str, typer.Option("--log", metavar="URL|FOLDER", help="The log, or any mirror of it.")]


def sync_gate(
    gate: Gate,
    log: Log,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Whom the gate believes; kept from the first sync on."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The public key that signs gate mandates; kept.")
    ] = None,
    mandate: Annotated[
        list[int] | None,
        typer.Option("--mandate", metavar="INDEX", help="The entry that is this gate's mandate; kept until it ends."),
    ] = None,
    void: Annotated[
        list[Path] | None,
        typer.Option("--void", metavar="FILE", help="A holder's proof that a superseded line is abuse; kept."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Bring a gate up to the log's newest checkpoint: all or nothing. Then it answers for a day without a network."""
    before = _state(gate) if gate.is_dir() else None
    if policy is None and before is None:
        raise InputError(
            "--policy", "is needed the first time", "give the policy's file, as those who watch the log say"
        )
    rules = read_bytes(policy) if policy else before.policy if before else b""
    signer = read_public_file(key) if key else None
    fetch = log_source(log)
    try:
        after = sync(before, fetch, rules, key=signer, mandates=mandate or ())
    except ForkedError as error:
        _tell_fork(gate, before, fetch, str(error))
    except PassError as error:
        if before is not None and _fork_of(before, fetch) is not None:
            _tell_fork(gate, before, fetch, "the log does not go on from what this gate knew")
        raise RefusedError(
            log, str(error), "the gate goes on with what it had; try another mirror of the log"
        ) from None
    for file in void or ():
        after = _voided(after, file)
    keep_synced(gate, after)
    if as_json:
        write_json(_as_json(after))
    else:
        fields(_lines(after))
        _say_mandates(after)
    return OK


def gossip(
    gate: Gate,
    with_: Annotated[
        Path, typer.Option("--with", metavar="FILE", help="Another gate's folder, or a checkpoint from anywhere.")
    ],
    log: Log,
    as_json: AsJson = False,
) -> int:
    """Compare this gate's checkpoint with another's: a log that shows one gate another log than the others is found so."""
    state = _state(gate)
    if state is None:
        raise InputError(str(gate), "was never synced", "call `habeas pass sync` first")
    fetch = log_source(log)
    note = _other_note(with_)
    try:
        theirs = state.quorum.check(parse_note(note))
        proof = compare_checkpoints(state.checkpoint, theirs, fetch)
    except (TlogError, PassError) as error:
        raise RefusedError(
            str(with_), str(error), "ask for the checkpoint again, and give --log a mirror of it"
        ) from None
    if proof is not None:
        _keep_fork(gate, proof, "the two checkpoints are of two logs")
    sizes = [state.size, theirs.head.size]
    if as_json:
        write_json({"same_log": True, "ours": sizes[0], "theirs": sizes[1]})
    else:
        write(f"one log: {sizes[0]:,} entries here, {sizes[1]:,} there, and the larger goes on from the smaller")
    return OK


def _state(gate: Path) -> Synced | None:
    try:
        return read_synced(gate)
    except SyncError as error:
        raise InputError(str(gate), str(error), "remove `synced` from it, then sync anew with --policy") from None


def _other_note(path: Path) -> bytes:
    if not path.is_dir():
        return read_bytes(path)
    other = _state(path)
    if other is None:
        raise InputError(str(path), "was never synced", "give a gate that was, or a checkpoint")
    return format_note(other.checkpoint.note)


def _voided(state: Synced, file: Path) -> Synced:
    try:
        return void_line(state, parse_abuse(read_bytes(file)))
    except PassError as error:
        raise RefusedError(
            str(file), str(error), "nothing was synced; leave the proof out, or ask its holder for it again"
        ) from None


def _fork_of(before: Synced, fetch: Fetch) -> ForkProof | None:
    """Return the proof that what a mirror shows now is another log, if the files give one."""
    try:
        theirs = before.quorum.check(parse_note(fetch("checkpoint") or b""))
        return compare_checkpoints(before.checkpoint, theirs, fetch)
    except (TlogError, PassError):
        return None


def _tell_fork(gate: Path, before: Synced | None, fetch: Fetch, what: str) -> NoReturn:
    proof = _fork_of(before, fetch) if before else None
    if proof is None:
        raise RefusedError(
            str(gate), what, "keep the gate's folder and the mirror's checkpoint, and tell who watches the log"
        )
    _keep_fork(gate, proof, what)


def _keep_fork(gate: Path, proof: ForkProof, what: str) -> NoReturn:
    from habeas.services import Fork, format_fork  # noqa: PLC0415 - brings in the whole web, for what hardly ever happens

    fork = Fork(first=proof.first, second=proof.second, root=proof.root, path=proof.path)
    path = keep_proof(gate, f"fork-{fork.id}.json", format_fork(fork))
    raise RefusedError(
        str(gate),
        f"THE LOG IS TWO LOGS: {what}. The proof is {path}",
        "show that file to everybody who watches the log (`habeas log fork` reads it); the gate's state is as it was",
    )


def _lines(state: Synced) -> list[tuple[str, str]]:
    begins = state.constants.begins(state.newest)
    return [
        ("log", state.constants.origin),
        ("entries", f"{state.size:,}"),
        ("newest block", str(Instant(begins))),
        ("answers until", str(Instant(begins + DAY))),
        ("holds", counted(len(state.blocks), "block", "blocks") + f" from entry {state.before.end:,} on"),
        *(("mandate", _mandate_line(state, one.mandate, one.epoch)) for one in state.mandates),
    ]


def _mandate_line(state: Synced, mandate: GateMandate, epoch: int) -> str:
    start, end = mandate.hours
    counts = Instant(max(state.constants.begins(epoch) + state.constants.gate_notice, mandate.time.start))
    hours = f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    return f"{mandate.place}, {hours}, {counts} to {mandate.time.end}, for {mandate.purpose}"


def _say_mandates(state: Synced) -> None:
    if not state.mandates:
        write()
        write(
            "No gate mandate: nobody may be asked for a pass here, and everybody goes in (I13). Give --mandate INDEX."
        )


def _as_json(state: Synced) -> dict[str, object]:
    begins = state.constants.begins(state.newest)
    return {
        "origin": state.constants.origin,
        "entries": state.size,
        "newest": str(Instant(begins)),
        "answers_until": str(Instant(begins + DAY)),
        "blocks": len(state.blocks),
        "held_from": state.before.end,
        "void": sorted(state.void),
        "mandates": [
            {"index": one.index, "logged": str(Instant(state.constants.begins(one.epoch))), **one.mandate.to_cbor()}
            for one in state.mandates
        ],
    }
