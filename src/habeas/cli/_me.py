"""`habeas me`: what the public log holds of the person whose keys these are, and an alarm on anything unexpected."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.cli._log_source import log_source, read_policy
from habeas.cli._me_show import shown, told_lines
from habeas.cli._me_state import read_state, write_state
from habeas.cli._me_words import said
from habeas.cli._options import AsJson, Lang, Language
from habeas.cli._output import note, write, write_file, write_json
from habeas.cli._paper_pack import codes_in_force
from habeas.cli._person_keys import read_person_keys
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import clock, read_bytes, refusing
from habeas.cli.errors import InputError, RefusedError
from habeas.ledger import LedgerError, parse_openings
from habeas.passes import (
    AlarmCode,
    Memory,
    MirrorError,
    Opening,
    OwnView,
    PassError,
    PersonKeys,
    PublicLog,
    check_abuse,
    daily_minute,
    format_abuse,
    make_abuse,
    open_log,
    own_view,
    parse_abuse,
    read_block,
)
from habeas.rules import Code
from habeas.tlog import Policy, TlogError, parse_note

__all__ = ["app"]

app = typer.Typer(add_completion=False)

Places: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--log", metavar="URL|FOLDER", help="The public log, at any mirror; may be repeated: one of them is asked."
    ),
]
PolicyPath: TypeAlias = Annotated[
    Path, typer.Option("--policy", metavar="FILE", help="Whose signatures count: the log's policy (C2SP tlog-policy).")
]
Keys: TypeAlias = Annotated[
    Path, typer.Option("--keys", metavar="FILE", help="Your keys, as you got them at enrolment; - reads stdin.")
]
State: TypeAlias = Annotated[
    Path | None,
    typer.Option("--state", metavar="FILE", help="What was seen before; made if it is not there, then kept up."),
]
Hint: TypeAlias = Annotated[
    str | None, typer.Option("--hint", metavar="TEXT", help="What you chose at the counter, if the keys do not say it.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is looked for, and with what."""

    keys: PersonKeys
    origin: str
    policy: Policy
    hint: str
    told: Mapping[bytes, Opening]
    memory: Memory | None


@app.command("look")
def look(
    log: Places,
    policy: PolicyPath,
    keys: Keys,
    openings: Annotated[
        Path | None,
        typer.Option("--openings", metavar="FILE", help="What your decisions open to, as you got it with the notices."),
    ] = None,
    hint: Hint = None,
    state: State = None,
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> int:
    """Look into every block since the last time, or that your keys reach, for what is yours, and say what is wrong.

    Every block is asked for, whether or not anything is to be expected there. Exit code 1 means an alarm.
    """
    asked = _asked(policy, keys, hint, state, _told(openings))
    return _looked(log, asked, state, lang, as_json=as_json)


@app.command("watch")
def watch(
    log: Places, policy: PolicyPath, keys: Keys, state: State = None, lang: Lang = Language.EN, as_json: AsJson = False
) -> int:
    """Look as somebody whom the person trusts with label keys only: that something came, and when, but not what.

    Exit code 1 means an alarm.
    """
    asked = _asked(policy, keys, None, state, {})
    asked = replace(asked, keys=PersonKeys(labels=asked.keys.labels))
    return _looked(log, asked, state, lang, as_json=as_json)


@app.command("plan")
def plan(keys: Keys, lang: Lang = Language.EN, as_json: AsJson = False) -> None:
    """Print the minute of the day at which to look: random, from the keys, and the same every day."""
    minute = daily_minute(read_person_keys(keys).keys)
    text = f"{minute // 60:02d}:{minute % 60:02d}"
    if as_json:
        write_json({"minute_utc": text})
    else:
        write(said(lang, "minute", minute=text))


@app.command("abuse")
def abuse(
    log: Places,
    policy: PolicyPath,
    keys: Keys,
    index: Annotated[int, typer.Option("--index", metavar="N", help="The superseded entry, as the alarm names it.")],
    epoch: Annotated[
        int, typer.Option("--epoch", metavar="N", help="The epoch whose block supersedes it, as the alarm names it.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for the proof.")],
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> None:
    """Prove that your decision was taken off the gates and no new one came; a gate then takes the line as void.

    It shows the label key of that day, or, where the two decisions are of different days, of every day from the first on.
    """
    asked = _asked(policy, keys, None, None, {})
    problems: list[str] = []
    for place in _shuffled(log):
        try:
            proof = make_abuse(_opened(place, asked), asked.keys, index, epoch)
        except (MirrorError, TlogError, InputError) as error:
            problems.append(f"{place}: {error}")
            continue
        check_abuse(proof, asked.policy)
        write_file(out, [format_abuse(proof)])
        if as_json:
            write_json({"out": str(out), "index": index, "epoch": epoch, "reveals": _reveals(proof.is_state)})
        else:
            write(said(lang, "proof", out=out, index=index, reveals=said(lang, f"reveals-{_reveals(proof.is_state)}")))
        return
    raise _none(problems)


@app.command("check-abuse")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A proof that `me abuse` wrote; - reads stdin.")],
    policy: PolicyPath,
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> None:
    """Check offline that a superseded line is abuse. Any altered byte in the proof is refused."""
    try:
        proof = parse_abuse(read_bytes(file))
        index = check_abuse(proof, read_policy(policy))
    except PassError as error:
        raise RefusedError(str(file), str(error), "ask its holder for the proof again") from None
    origin = parse_note(proof.checkpoint).text.partition("\n")[0]
    if as_json:
        write_json({"origin": origin, "void": index})
    else:
        write(said(lang, "proved", index=index, origin=origin))


def _asked(policy: Path, keys: Path, hint: str | None, state: Path | None, told: Mapping[bytes, Opening]) -> _Asked:
    file, known = read_person_keys(keys), read_policy(policy)
    memory = read_state(state, known, file.origin) if state is not None else None
    return _Asked(
        keys=file.keys,
        origin=file.origin,
        policy=known,
        hint=file.hint if hint is None else hint,
        told=told,
        memory=memory,
    )


def _told(path: Path | None) -> Mapping[bytes, Opening]:
    if path is None:
        return {}
    with refusing(str(path), "give the openings as they came with the notices", LedgerError):
        return {row.leaf: row.opening for row in parse_openings(read_bytes(path))}


def _looked(places: list[str], asked: _Asked, state: Path | None, lang: Language, *, as_json: bool) -> int:
    """Ask one mirror after the other, in random order, until one answers and is not behind; then tell, and remember."""
    problems: list[str] = []
    behind: tuple[PublicLog, OwnView] | None = None
    for place in _shuffled(places):
        try:
            log = _opened(place, asked)
            view = own_view(log, asked.keys, now=int(clock()), hint=asked.hint, told=asked.told, memory=asked.memory)
        except (MirrorError, TlogError, InputError) as error:
            problems.append(f"{place}: {error}")
            continue
        if [alarm.code for alarm in view.alarms] != [AlarmCode.GOES_BACK]:
            return _tell(log, view, asked, state, lang, as_json=as_json)
        behind = log, view
    if behind is None:
        raise _none(problems)
    return _tell(*behind, asked, state, lang, as_json=as_json)


def _tell(log: PublicLog, view: OwnView, asked: _Asked, state: Path | None, lang: Language, *, as_json: bool) -> int:
    # What was seen is written down before it is told: told twice is better than seen and forgotten.
    if state is not None and view.memory.checkpoint is not None:
        write_state(state, view.memory)
    if view.fork is not None:
        _keep_fork(view, state)
    if as_json:
        write_json(shown(log, view))
    else:
        for line in told_lines(log, view, _codes(log, view), lang, opens=asked.keys.openings is not None):
            write(line)
    return REFUSED if view.alarms else OK


def _keep_fork(view: OwnView, state: Path | None) -> None:
    from habeas.services import Fork, format_fork  # noqa: PLC0415 - brings in the whole web, for what hardly ever happens

    proof = view.fork
    if proof is None:
        return
    fork = Fork(first=proof.first, second=proof.second, root=proof.root, path=proof.path)
    path = (state.parent if state is not None else Path()) / f"fork-{fork.id}.json"
    if not path.exists():
        write_file(path, [format_fork(fork)])
    note(f"the proof that the log is two is {path}; `habeas log fork` reads it")


def _codes(log: PublicLog, view: OwnView) -> tuple[Code, ...]:
    """Return the codes of the newest block's packs; none where they cannot be read, for a number says enough."""
    if view.newest is None:
        return ()
    try:
        return codes_in_force(log, read_block(log.fetch, log.checkpoint.head, view.newest))[0]
    except (MirrorError, TlogError):
        return ()


def _opened(place: str, asked: _Asked) -> PublicLog:
    log = open_log(log_source(place), asked.policy)
    if log.origin != asked.origin:
        raise InputError(place, f"is the log {log.origin!r}, and the keys are for {asked.origin!r}", "give the other")
    return log


def _shuffled(places: list[str]) -> list[str]:
    """Return the mirrors in random order: none of them is asked every day, none can count on being asked."""
    found = list(places)
    secrets.SystemRandom().shuffle(found)
    return found


def _none(problems: list[str]) -> RefusedError:
    return RefusedError("--log", "no mirror gives the log: " + "; ".join(problems), "ask another mirror, with --log")


def _reveals(is_state: bool) -> str:
    return "state" if is_state else "day"
