"""`habeas log`: make a log, append to it, serve its files, verify and check them, prove entries, check proofs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._counts import count, find_phantoms
from habeas.cli._log_append import append
from habeas.cli._log_erase import erase
from habeas.cli._log_new import new
from habeas.cli._log_source import read_policy
from habeas.cli._options import AsJson
from habeas.cli._output import counted, fields, working, write, write_file, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_bytes, refusing
from habeas.cli._serving import Host, KeyName, NewKey, PolicyFile, make_key, tell
from habeas.cli.errors import InputError, RefusedError
from habeas.services import (
    FolderSource,
    ForkFileError,
    SourceError,
    log_app,
    only_log,
    parse_fork,
    prove_entry,
    serve,
    source_of,
    verify_log,
)
from habeas.stores import check_log
from habeas.tlog import (
    NoteError,
    SignatureType,
    TlogError,
    check_proof_file,
    format_proof_file,
    parse_proof_file,
    parse_vkey,
)

__all__ = ["app"]

app = typer.Typer(add_completion=False)
app.command("new")(new)
app.command("append")(append)
app.command("erase")(erase)
app.command("counts")(count)
app.command("phantoms")(find_phantoms)

Place = Annotated[str, typer.Argument(metavar="PLACE", help="The log's or a mirror's URL, or its folder.")]


@app.command("key")
def key(name: KeyName, out: NewKey, as_json: AsJson = False) -> None:
    """Make a log's key and print its public part. The name is the log's origin, for ever."""
    make_key(name, out, SignatureType.ED25519, as_json=as_json)


@app.command("serve")
def run(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A log's or a mirror's folder.")],
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="8090 if not given; 0: any free one.")] = 8090,
    as_json: AsJson = False,
) -> None:
    """Serve a log's public files: whatever else lies in the folder cannot be asked for. Any static file server does, too."""
    if not folder.is_dir():
        raise InputError("FOLDER", f"{folder} is no folder", "give the folder of the log, the one that has `log` in it")
    serve(log_app(FolderSource(folder)), host=host, port=port, listens=tell("log", as_json=as_json))


@app.command("verify")
def verify(
    place: Place,
    policy: PolicyFile,
    entries: Annotated[
        bool, typer.Option("--entries", metavar="", help="Read every entry, not only the tiles that lead to the root.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check that a quorum has cosigned the checkpoint, and that the files there give just its root."""
    known = read_policy(policy)
    with _judging(place), source_of(place) as source:
        found = verify_log(source, known, entries=entries)
    head = found.checkpoint.head
    if as_json:
        blocks = found.blocks if entries else None
        write_json({"origin": head.origin, "size": head.size, "root": head.root.hex(), "blocks": blocks})
        return
    read = f", each entry of {counted(found.blocks, 'block', 'blocks')} read" if entries else ""
    write(f"Verified: {head.origin} has {counted(head.size, 'entry', 'entries')} under quorum{read}.")


@app.command("prove")
def prove(
    place: Place,
    index: Annotated[int, typer.Argument(metavar="INDEX", help="The entry's index, from 0.")],
    policy: PolicyFile,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for the proof, such as x.tlog-proof.")],
    as_json: AsJson = False,
) -> None:
    """Write the proof that an entry is in the log, the entry in it (C2SP tlog-proof). `log check` needs no network."""
    known = read_policy(policy)
    with _judging(place), source_of(place) as source:
        proof = prove_entry(source, known, index)
    write_file(out, [format_proof_file(proof)])
    if as_json:
        write_json({"index": index, "entry": proof.extra.hex(), "proof": str(out)})
    else:
        write(f"Entry {index} and its proof are in {out}.")


@app.command("check")
def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="A proof of `log prove`, or any tlog-proof file.")],
    policy: PolicyFile,
    entry: Annotated[
        Path | None, typer.Option("--entry", metavar="FILE", help="The entry's bytes; those in the proof if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check offline that the entry of a proof is in the log."""
    known = read_policy(policy)
    with _judging(str(proof)):
        found = parse_proof_file(read_bytes(proof))
        bare = found.extra if entry is None else read_bytes(entry)
        checkpoint = check_proof_file(found, bare, known)
    head = checkpoint.head
    if as_json:
        write_json({"origin": head.origin, "size": head.size, "index": found.index, "entry": bare.hex()})
    else:
        write(f"Proved: this is entry {found.index} of {head.origin}, which has {head.size} entries under quorum.")


@app.command("fsck")
def fsck(place: Place, policy: PolicyFile, as_json: AsJson = False) -> int:
    """Check every file of a log against its checkpoint, judge every block anew, and say of each fault what to do."""
    known = read_policy(policy)
    with source_of(place) as source, working("reading every block"):
        faults = check_log(source, known.logs[only_log(known)], known)
    if as_json:
        write_json({"faults": [{"path": one.path, "what": one.what, "then": one.then} for one in faults]})
    elif faults:
        for one in faults:
            write(f"{one.path}: {one.what}")
            write(f"  {one.then}")
        write(f"{counted(len(faults), 'fault', 'faults')}.")
    else:
        write("Clean: every file is what the checkpoint stands for.")
    return REFUSED if faults else OK


@app.command("fork")
def fork(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `forks/` that a witness or mirror keeps.")],
    log: Annotated[str, typer.Option("--log", metavar="VKEY", help="The log's key.")],
    as_json: AsJson = False,
) -> None:
    """Check a proof that the log is two: both checkpoints are its own, and they contradict each other."""
    with refusing("--log", "give the whole key, as `log key` printed it", NoteError):
        key_of = parse_vkey(log)
    with _judging(str(file), ForkFileError):
        found = parse_fork(read_bytes(file), key_of)
    first, second = found.first.head, found.second.head
    if as_json:
        write_json({"origin": found.origin, "first": first.size, "second": second.size, "id": found.id})
        return
    write(f"Proved: {found.origin} has signed two logs.")
    fields(
        (
            ("first", f"{first.size} entries, root {first.root.hex()}"),
            ("second", f"{second.size} entries, root {second.root.hex()}"),
            ("begins with", f"{first.size} entries, root {found.root.hex()}"),
        )
    )


@contextmanager
def _judging(where: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn what does not hold into a refusal that says where."""
    kinds = errors or (TlogError, SourceError)
    try:
        yield
    except kinds as error:
        raise RefusedError(
            where, str(error), "ask another mirror; if all say the same, tell the log's witnesses"
        ) from None
