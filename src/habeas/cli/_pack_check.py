"""What `habeas pack check` finds in a file: why the invariants refuse it, and which of its examples do not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from habeas.cli._output import counted, fields, write
from habeas.cli._pack_files import with_bases
from habeas.cli._reading import read_text
from habeas.grounds import ExampleResult, run_examples
from habeas.rules import BookError, Pack, Problem, RulesError, check_pack, make_book, parse_pack

__all__ = ["Checked", "check_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A pack's file as it was found: `pack` is None where the file is no pack."""

    file: Path
    pack: Pack | None
    problems: tuple[Problem, ...]
    results: tuple[ExampleResult, ...] = ()

    @property
    def failed(self) -> tuple[ExampleResult, ...]:
        """The examples whose code is another than is written."""
        return tuple(result for result in self.results if not result.ok)

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.problems and not self.failed

    def document(self) -> dict[str, object]:
        """Return all of it as JSON values."""
        pack = self.pack
        about = (
            {"pack": pack.id, "version": pack.version, "hash": pack.hash.hex()} if pack is not None else {"pack": None}
        )
        return {
            "file": str(self.file),
            **about,
            "ok": self.ok,
            "problems": [
                {"invariant": row.invariant, "where": row.where, "message": row.message, "next": row.next_step}
                for row in self.problems
            ],
            "examples": len(self.results),
            "failed": [
                {
                    "rule": result.rule,
                    "name": _name(result),
                    "at": str(result.example.at),
                    "expected": result.expected,
                    "got": result.got,
                    "problem": result.problem,
                }
                for result in self.failed
            ],
        }

    def show(self) -> None:
        """Write all of it in words."""
        pack = self.pack
        if pack is None:
            write(f"{self.file}: no pack")
        else:
            write(f"{self.file}: {pack.id}, version {pack.version}, {counted(len(pack.rules), 'rule', 'rules')}")
        for row in self.problems:
            fields(((row.invariant, row.where), ("", row.message), ("", f"next: {row.next_step}")), indent=2)
        for result in self.failed:
            rows = [("example", f"{result.rule}: {_name(result)}")]
            rows.append(("", f"at {result.example.at}: {result.got or 'no code'}, where {result.expected} is written"))
            fields([*rows, ("", result.problem)] if result.problem else rows, indent=2)
        if pack is not None:
            holding = f"{len(self.results) - len(self.failed)} of {counted(len(self.results), 'example', 'examples')}"
            write(f"  {counted(len(self.problems), 'problem', 'problems')}; {holding} hold")


def check_file(path: Path, criteria: Mapping[str, object] | None) -> Checked:
    """Return everything that is wrong with a pack's file; raises `InputError` if there is no such file."""
    text = read_text(path)
    try:
        pack = parse_pack(text)
    except RulesError as error:
        step = "mend the file; docs/packs.md describes the format"
        return Checked(file=path, pack=None, problems=(_problem("format", str(path), str(error), step),))
    problems = check_pack(pack, criteria)
    try:
        results = run_examples(pack, make_book(with_bases(pack, path)))
    except BookError as error:
        step = "put the packs that it builds on beside it, in the same folder"
        return Checked(file=path, pack=pack, problems=(*problems, _problem("§4", "pack", str(error), step)))
    return Checked(file=path, pack=pack, problems=problems, results=results)


def _problem(invariant: str, where: str, message: str, next_step: str) -> Problem:
    return Problem(invariant=invariant, where=where, message=message, next_step=next_step)


def _name(result: ExampleResult) -> str:
    names = result.example.name
    return names.get("en") or next(iter(names.values()), "")
