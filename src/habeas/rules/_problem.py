"""What `check_pack` says."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A reason to refuse a pack: the invariant (`§4` for what docs/design.md §4 asks of every pack), where, what, what next."""

    invariant: str
    where: str
    message: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.message}. {self.next_step}"
