# ruff: noqa: PLC0415 - a command's rooms are imported when it is called: `habeas --help` needs none of them
"""The commands by name, and `main`: arguments in, exit code out, every error in words."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, NoReturn, TypeAlias

import typer

__all__ = ["COMMANDS", "Command", "main", "make_app", "run"]

PROGRAM = "habeas"
CLOSED = 141  # what a shell says of a program whose reader went away: 128 + SIGPIPE
INTERRUPTED = 130  # 128 + SIGINT
_USAGE = 2

_READ, _WRITE, _LEDGER, _OTHER = "Look", "Say", "The ledger", "Other people's certificates"
_LOG = "The public log"

_GROUPS = {
    "statement",
    "pack",
    "mandate",
    "person",
    "keys",
    "db",
    "dcc",
    "shc",
    "certlogic",
    "log",
    "witness",
    "checker",
    "mirror",
    "pass",
    "me",
}

Body: TypeAlias = "typer.Typer | Callable[..., int | None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, or a group of them: where it stands in the help, and how its module is found when it is called."""

    name: str
    panel: str
    summary: str
    load: Callable[[], Body]


def _demo() -> Body:
    from habeas.cli._demo import demo

    return demo


def _derive() -> Body:
    from habeas.cli._derive import derive

    return derive


def _explain() -> Body:
    from habeas.cli._explain import explain

    return explain


def _history() -> Body:
    from habeas.cli._explain import history

    return history


def _statement() -> Body:
    from habeas.cli._statement import app

    return app


def _pack() -> Body:
    from habeas.cli._pack import app

    return app


def _mandate() -> Body:
    from habeas.cli._mandate import app

    return app


def _person() -> Body:
    from habeas.cli._person import app

    return app


def _keys() -> Body:
    from habeas.cli._keys import app

    return app


def _db() -> Body:
    from habeas.cli._database import app

    return app


def _export() -> Body:
    from habeas.cli._derive import export

    return export


def _audit() -> Body:
    from habeas.cli._database import audit

    return audit


def _rebuild() -> Body:
    from habeas.cli._database import rebuild

    return rebuild


def _settle() -> Body:
    from habeas.cli._database import settle

    return settle


def _dcc() -> Body:
    from habeas.cli._dcc import app

    return app


def _shc() -> Body:
    from habeas.cli._shc import app

    return app


def _certlogic() -> Body:
    from habeas.cli._certlogic import app

    return app


def _log() -> Body:
    from habeas.cli._log import app

    return app


def _witness() -> Body:
    from habeas.cli._witness import app

    return app


def _checker() -> Body:
    from habeas.cli._checker import app

    return app


def _mirror() -> Body:
    from habeas.cli._mirror import app

    return app


def _pass() -> Body:
    from habeas.cli._pass import app

    return app


def _me() -> Body:
    from habeas.cli._me import app

    return app


COMMANDS = tuple(
    Command(name=load.__name__.removeprefix("_"), panel=panel, summary=summary, load=load)
    for panel, load, summary in (
        (_READ, _demo, "A made-up town, its codes, and the case of June 2022."),
        (_READ, _explain, "Which code a person has, why, whose word it is, until when."),
        (_READ, _history, "Every change of a person's code, with its cause."),
        (_READ, _derive, "Everybody's code from packs and signed statements alone."),
        (_READ, _audit, "Check everything in a ledger anew."),
        (_WRITE, _statement, "Sign, verify, admit statements."),
        (_WRITE, _pack, "Check, compare, show, publish rule packs."),
        (_WRITE, _mandate, "Who may say what: grant, end, list."),
        (_WRITE, _person, "Who is who: enrol, add documents, merge, split; certificates."),
        (_WRITE, _keys, "Make signing keys, show their public part."),
        (_LEDGER, _db, "Make a ledger without a log, log trust lists."),
        (_LEDGER, _export, "A ledger's events as JSON lines."),
        (_LEDGER, _rebuild, "Write the view of decisions anew."),
        (_LEDGER, _settle, "Write the decisions that time alone has brought."),
        (_LOG, _me, "What the public log holds of you, and an alarm on anything unexpected."),
        (_LOG, _pass, "Passes and receipts from the public log; checking them at a gate, offline."),
        (_LOG, _log, "Make a log and its blocks, serve its files, verify them, prove entries."),
        (_LOG, _witness, "Cosign logs that only grow."),
        (_LOG, _checker, "Cosign blocks that keep every rule; refuse the others in public."),
        (_LOG, _mirror, "Keep and serve a copy of a log; see when it is two."),
        (_OTHER, _certlogic, "Evaluate CertLogic expressions, a line each."),
        (_OTHER, _dcc, "Open and check EU Digital COVID Certificates."),
        (_OTHER, _shc, "Open and check SMART Health Cards."),
    )
)


def make_app(*wanted: str) -> typer.Typer:
    """Return the application with the wanted commands loaded; the others are there by name and summary only."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_root)
    for command in COMMANDS:
        body = command.load() if command.name in wanted else _stub
        if isinstance(body, typer.Typer):
            app.add_typer(body, name=command.name, help=command.summary, rich_help_panel=command.panel)
        else:
            text = command.summary if body is _stub else None
            app.command(command.name, help=text, rich_help_panel=command.panel)(body)
    return app


def run(args: Sequence[str]) -> int:
    """Carry out a command line and return its exit code; errors go to stderr in words, with `--debug` as they came."""
    rest = [arg for arg in args if arg != "--debug"]
    wanted = next((arg for arg in rest if not arg.startswith("-")), "")
    try:
        code = make_app(wanted)(rest or ["--help"], standalone_mode=False, prog_name=PROGRAM)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # typer ends the program itself when the reader has gone
        silence()
        return CLOSED
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else PROGRAM
        return _say(_USAGE, f"{where}: {error.format_message()}", f"`{where} --help` shows what it takes")
    except Exception as error:  # noqa: BLE001 - the edge of the program: whatever is left is told in words here
        if len(rest) < len(args):
            traceback.print_exc()
        from habeas.cli._problems import problem_of

        problem = problem_of(error, " ".join((PROGRAM, *_words(rest))))
        return _say(problem.code, problem.what, problem.next_step)
    if code == INTERRUPTED:  # so typer answers Ctrl-C
        return _say(INTERRUPTED, "interrupted", "what was committed stands; look at it, then call again")
    return int(code or 0)


def main() -> NoReturn:
    """Run the command line of the process and end it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a word still gets the answer
    sys.exit(run(sys.argv[1:]))


def silence() -> None:
    """Let nothing more go to a reader that has gone, or Python complains again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _words(args: Sequence[str]) -> list[str]:
    """Return the words of an argument list that name the command."""
    words = [arg for arg in args if not arg.startswith("-")]
    return words[: 2 if words[:1] and words[0] in _GROUPS else 1]


def _say(code: int, what: str, next_step: str) -> int:
    sys.stderr.write(f"error: {what}\nnext:  {next_step}\n")
    return code


def _stub() -> None:
    """Stand for a command that was not called."""


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: TID251 - reads what is installed, loads no code

        sys.stdout.write(f"{PROGRAM} {version(PROGRAM)}\n")
        raise typer.Exit


def _root(
    _version_asked: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
    _debug: Annotated[
        bool, typer.Option("--debug", metavar="", help="Print the traceback of an error; may stand anywhere.")
    ] = False,
) -> None:
    """Health codes that must answer for themselves: no code without grounds, none in secret, none without remedy.

    Nothing here sets a code: each is derived from published rules and signed statements. Every command takes --json.

    Exit codes: 0 done; 1 refused, or problems found; 2 wrong arguments or files; 3 trouble with the ledger; 4 our fault.
    """
