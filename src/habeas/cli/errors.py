"""What the edge itself refuses; `_problems` says with which exit code, and puts the rooms' own errors beside it."""

from __future__ import annotations

__all__ = ["CliError", "InputError", "LedgerFileError", "RefusedError"]


class CliError(Exception):
    """What is wrong, where, and what to do next; nothing was written."""

    def __init__(self, where: str, what: str, next_step: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what
        self.next_step = next_step


class InputError(CliError):
    """An argument or a file that cannot be taken."""


class RefusedError(CliError):
    """Well-formed, and refused by the rules."""


class LedgerFileError(CliError):
    """The ledger's file or what is in it cannot be used."""
