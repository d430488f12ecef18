"""What a made-up town yields: plain batches, which whoever has a ledger turns into its entries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from habeas.mandates import Mandate
from habeas.registry import Enrol
from habeas.wire import Instant

__all__ = ["Batch", "Misuse"]


class Misuse(Enum):
    """What a batch is an example of, if it is misuse; for those who measure whether it is found."""

    FORGED_ENTRY = "forged-entry"
    POLICY_OFFICE = "policy-office"
    SHELL_MANDATE = "shell-mandate"
    SHELL_RECORD = "shell-record"
    SIGNED_AGAIN = "signed-again"
    UNSAMPLED_POSITIVE = "unsampled-positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What comes in at one instant, in this order: mandates, enrolments, signed statements. `misuse` is None if honest."""

    at: Instant
    mandates: tuple[Mandate, ...] = ()
    enrolments: tuple[Enrol, ...] = ()
    statements: tuple[bytes, ...] = ()
    misuse: Misuse | None = None
