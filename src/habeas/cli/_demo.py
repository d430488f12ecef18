"""`habeas demo`: a made-up town, everybody's code, and the case of June 2022, on a ledger that stays to be looked at."""

from __future__ import annotations

import gc
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._key_file import write_registry_key
from habeas.cli._ledger_file import REGISTRY_KEY
from habeas.cli._options import AsJson
from habeas.cli._output import note, working, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._story import WHEN, attempt_everything, found_town
from habeas.cli._story_certificates import CERTIFICATES_FROM
from habeas.cli._story_insider import try_everything
from habeas.cli._story_log import LOG, LOG_FILES, POLICY, SAVER_KEYS, story_log
from habeas.cli._story_screen import show_story
from habeas.cli._story_told import tell
from habeas.cli._story_values import Told
from habeas.cli.errors import InputError
from habeas.ledger import Ledger
from habeas.stores import SqliteStore
from habeas.synthetic import CODED, FEWEST_PEOPLE, MOST_PEOPLE, Town, make_town
from habeas.wire import HOUR, Instant

__all__ = ["demo", "run_demo"]

_PACK = "cn-henan-2021-2.yaml"
_MARKER = ".habeas-demo"
_LEDGER, _README = "town.sqlite", "README.txt"
_OURS = (_LEDGER, f"{_LEDGER}-wal", f"{_LEDGER}-shm", REGISTRY_KEY, _README, *LOG_FILES)
_PEOPLE = 2_000


def demo(
    folder: Annotated[
        Path,
        typer.Option("--folder", metavar="DIR", help="Where the town's ledger is to stay; an old demo is replaced."),
    ] = Path("demo"),
    people: Annotated[
        int, typer.Option("--people", min=FEWEST_PEOPLE, max=MOST_PEOPLE, help="How many live in the town.")
    ] = _PEOPLE,
    packs: Annotated[Path, typer.Option("--packs", metavar="DIR", help="Where the rule packs are.")] = Path("packs"),
    as_json: AsJson = False,
) -> int:
    """Make up a town, derive everybody's code, then try the case of 12 June 2022 on it, attempt by attempt.

    Ends with 1 if anything that must hold did not.
    """
    return run_demo(folder, people=people, packs=packs, as_json=as_json)


def run_demo(
    folder: Path, people: int = _PEOPLE, *, packs: Path = Path("packs"), as_json: bool = False, with_log: bool = True
) -> int:
    """Run the demo into a folder, print the story, and return the exit code. Without its log it is a rehearsal."""
    began = time.monotonic()
    if not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
        raise InputError(
            "--people", f"{people} is no town here", f"give a number from {FEWEST_PEOPLE} to {MOST_PEOPLE:,}"
        )
    pack = _pack(packs)
    _clear(folder)
    with working("a town is made up, signs, and is attacked"), _uncollected():
        town = make_town(people=people)
        told = _run(folder, town, pack, with_log=with_log)
    (folder / _README).write_text(_readme(folder, told), encoding="utf-8")
    if not told.town.certificates:
        note(f"without EU test certificates; they come from {CERTIFICATES_FROM}, HABEAS_DATA names their folder")
    if as_json:
        write_json(told.to_json())
    else:
        show_story(told, _commands(folder, told), time.monotonic() - began)
    return REFUSED if told.broken() else OK


def _run(folder: Path, town: Town, pack: str, *, with_log: bool) -> Told:
    write_registry_key(folder / REGISTRY_KEY, town.registry_key)
    file = folder / _LEDGER
    # The services are started first: their processes are to hold nothing of the ledger's.
    with story_log(folder) if with_log else nullcontext() as log, SqliteStore(file) as store:
        ledger = Ledger(store, log=log.press if log else None)
        founded = found_town(ledger, town, pack, log.found_gate if log else None)
        attempts = attempt_everything(ledger, town, file, founded)
        told = tell(ledger, town, founded, attempts)
        return replace(told, log=try_everything(log, ledger, town, WHEN["after"])) if log else told


def _pack(packs: Path) -> str:
    try:
        return (packs / _PACK).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            str(packs / _PACK),
            f"cannot be read: {error.strerror}",
            "call it where the repository's packs/ lies, or give --packs its path",
        ) from None


def _clear(folder: Path) -> None:
    """Make an empty folder, or take out of an old demo's what a demo puts there; anything else is left alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _MARKER).is_file():
            raise InputError(
                str(folder), "is there already and is no demo's; it was left as it is", "give --folder another path"
            )
        (folder / _MARKER).touch()
        for name in _OURS:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            str(folder), f"cannot be used: {error.strerror}", "give --folder a path that can be written"
        ) from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector away from some 100,000 small values that all stay and form no cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _commands(folder: Path, told: Told) -> list[str]:
    """Return commands to try, line by line, as they can be typed where the demo was called."""
    saver = next(step.page for step in told.steps if step.at == CODED)
    called = f"{_program()} {{}} --db {folder / _LEDGER}"
    return [
        *_asked(called.format("explain"), saver.document, saver.at),
        *_asked(called.format("explain"), told.beside.document, told.beside.at),
        *_asked(called.format("history"), saver.document, WHEN["after"]),
        called.format("audit"),
        *(_on_the_log(folder) if told.log is not None else ()),
    ]


def _on_the_log(folder: Path) -> tuple[str, ...]:
    log = f"--policy {folder / LOG / POLICY}"
    return (
        f"{_program()} log fsck {folder / LOG} {log}",
        f"{_program()} me look --log {folder / LOG} {log} --keys {folder / SAVER_KEYS}",
    )


def _asked(called: str, document: str, at: Instant) -> tuple[str, str]:
    return (f"{called} \\", f"    --document {document} --at {at.at_offset(8 * HOUR).replace(':00+', '+')}")


def _program() -> str:
    """Return how this program is called: by name where the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    if shutil.which("habeas") or called.name != "habeas":
        return "habeas"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


def _log_lines(told: Told) -> str:
    if told.log is None:
        return ""
    return f"""{LOG}/           the public log, {told.log.blocks} blocks, as any mirror serves it, and its policy
watchers/      what the witnesses, the checker and the mirror kept
{SAVER_KEYS}     a saver's own keys: whoever has them finds and opens their decisions
"""


def _readme(folder: Path, told: Told) -> str:
    commands = "\n".join(f"  {command}" for command in _commands(folder, told))
    people = "\n".join(f"  {name}: {said}" for name, said in told.cast)
    return f"""A made-up town after `habeas demo`. Nobody in it exists; no statement in it is true of anybody.

{_LEDGER}    the ledger: {told.events:,} events from 13 August 2021 to 15 June 2022
{REGISTRY_KEY}   the key under which documents become references
{_log_lines(told)}
The next `habeas demo` replaces these files and this text, and touches nothing else in this folder.

Try, from where the demo was called:

{commands}

The people of the story:

{people}
"""
