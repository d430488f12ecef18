"""`habeas pass make`: a pass from public files and the person's keys. No authority is asked, and none can refuse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.cli._log_source import log_source, read_policy
from habeas.cli._options import AsJson, At, Lang, Language
from habeas.cli._output import note, write, write_file, write_json
from habeas.cli._paper import PaperPass, paper_page, paper_pdf
from habeas.cli._paper_pack import codes_in_force
from habeas.cli._person_keys import PersonKeyFile, read_person_keys
from habeas.cli._reading import read_instant
from habeas.cli.errors import InputError, RefusedError
from habeas.passes import PASS_DAYS, Found, Pass, PublicLog, find_decision, format_pass, open_log, pass_of
from habeas.pictures import draw_qr
from habeas.wire import DAY, HOUR, Instant

__all__ = ["Hint", "Keys", "Located", "LogPlace", "PolicyPath", "ask_log", "draw", "make"]

PICTURES = (".png", ".svg")
_SUFFIXES = (*PICTURES, ".pdf", ".txt")

LogPlace: TypeAlias = Annotated[
    str,
    typer.Option(
        "--log", metavar="URL|FOLDER", help="The public log, at any mirror: its URL, or a folder of its files."
    ),
]
PolicyPath: TypeAlias = Annotated[
    Path, typer.Option("--policy", metavar="FILE", help="Whose signatures count: the log's policy (C2SP tlog-policy).")
]
Keys: TypeAlias = Annotated[
    Path,
    typer.Option("--keys", metavar="FILE", help="The person's keys, as they got them at enrolment; - reads stdin."),
]
Hint: TypeAlias = Annotated[
    str | None, typer.Option("--hint", metavar="TEXT", help="What the holder chose at the counter, if anything.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A person's decision in a log that was opened, with their keys and hint."""

    log: PublicLog
    found: Found
    file: PersonKeyFile
    hint: str

    @property
    def begins(self) -> Instant:
        """When the decision's epoch begins."""
        return Instant(self.log.constants.begins(self.found.decision.epoch))


def make(
    log: LogPlace,
    policy: PolicyPath,
    keys: Keys,
    hint: Hint = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="A new file: .png, .svg, .pdf (one page to print) or .txt; else text."
        ),
    ] = None,
    lang: Lang = Language.EN,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Make a person's pass from the public log. Whoever holds the keys can, as often as they like; nobody issues it.

    It shows what a gate learns: the code, until when, the code after it, and the hint. No reason and no name.
    """
    if out is not None and out.suffix not in _SUFFIXES:
        raise InputError(str(out), "has no ending that says what to write", f"name it {', '.join(_SUFFIXES)}")
    now = read_instant("--at", at)
    place = ask_log(log, policy, keys, hint)
    shown = pass_of(place.log, place.found, place.file.keys, place.hint)
    if out is not None:
        write_file(out, [_formed(shown, place, out.suffix, (lang, now))])
    if as_json:
        write_json(_said(shown, place, out))
    elif out is None:
        write(format_pass(shown))
    if not as_json:
        code = shown.view.code_at(now)
        note(f"a gate reads code {code} (0 is the mildest), decided {place.begins}; use it by {_use_by(place)}")


def ask_log(log: str, policy: Path, keys: Path, hint: str | None, at: Instant | None = None) -> Located:
    """Return a person's newest decision, or the one that stood at an instant.

    Raises `InputError` for keys of another log, and what finding raises.
    """
    file = read_person_keys(keys)
    opened = open_log(log_source(log), read_policy(policy))
    if opened.origin != file.origin:
        raise InputError(
            str(keys), f"is for the log {file.origin!r}, not {opened.origin!r}", "give the other log, or keys"
        )
    found = find_decision(opened, file.keys, at)
    return Located(log=opened, found=found, file=file, hint=file.hint if hint is None else hint)


def draw(text: str, suffix: str, caption: str = "") -> bytes:
    """Return the QR picture of a text as PNG or SVG."""
    drawn = draw_qr(text)
    return drawn.png(caption=caption) if suffix == ".png" else drawn.svg(caption).encode()


def _formed(shown: Pass, place: Located, suffix: str, printed: tuple[Language, Instant]) -> bytes:
    text = format_pass(shown)
    if suffix in PICTURES:
        return draw(text, suffix)
    return f"{text}\n".encode() if suffix == ".txt" else _paper(shown, place, *printed)


def _paper(shown: Pass, place: Located, lang: Language, now: Instant) -> bytes:
    codes, calendar = codes_in_force(place.log, place.found.block)
    if shown.view.now >= len(codes):
        raise RefusedError("--out", "no pack in the log has a word for this code", "print .png or .svg instead")
    paper = PaperPass(
        shown=shown, origin=place.log.origin, begins=place.begins, now=now, codes=codes, calendar=calendar
    )
    return paper_pdf(paper_page(paper, lang.value))


def _use_by(place: Located) -> Instant:
    return place.begins.after(PASS_DAYS * DAY)


def _said(shown: Pass, place: Located, out: Path | None) -> dict[str, object]:
    view = shown.view
    return {
        "pass": format_pass(shown),
        "origin": place.log.origin,
        "index": shown.index,
        "epoch": shown.epoch,
        "decided": str(place.begins),
        "use_by": str(_use_by(place)),
        "view": {
            "now": view.now,
            "until": str(Instant(0).after(view.until * HOUR)),
            "then": view.then,
            "hint": view.hint,
        },
        "size": place.log.checkpoint.head.size,
        "out": str(out) if out else None,
    }
