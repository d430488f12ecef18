"""The numbers of the tier table (I4), as parameters that a pack may only make milder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from habeas.evidence.errors import LimitsError
from habeas.wire import DAY, HOUR

__all__ = [
    "COMMIT_WITHIN",
    "CONTACT_ONCE",
    "HISTORY",
    "MIN_SUPPORT",
    "PROVISIONAL_MAX",
    "RETEST_WITHIN",
    "WINDOW",
    "Limits",
]

PROVISIONAL_MAX = 48 * HOUR
MIN_SUPPORT = {1: 2, 2: 2, 3: 3}
"""Distinct custodians, the signer among them, without whom a ground of that tier is provisional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps and windows. Lower is milder for every one but `retest_negatives`, where a lower number trips sooner.

    `contacts_an_index`: findings that one positive may carry without another level's countersignature.
    `custodian_floor`, `custodian_factor`: findings a day that one custodian may support: the floor, or the factor times
    its median day of the 28 before, if that is more. `laboratory_floor`, `laboratory_factor`: positives of a laboratory
    in 24 hours: the floor plus the factor times its daily mean of the 28 days before. `retest_negatives`: clear retests
    in 24 hours, when they are half of all, from which a laboratory's unconfirmed positives turn provisional.
    """

    contacts_an_index: int = 20
    custodian_floor: int = 20
    custodian_factor: int = 3
    laboratory_floor: int = 10
    laboratory_factor: int = 3
    retest_negatives: int = 8

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or not 0 <= value <= field.default:  # type: ignore[operator]
                raise LimitsError(
                    f"I4: {field.name} lies between 0 and {field.default}; a pack may be milder, never stricter"
                )

    @classmethod
    def of(cls, value: Mapping[str, int]) -> Limits:
        """Return the limits of a plain map, defaults where it is silent; raises `LimitsError`."""
        known = {field.name for field in dataclasses.fields(cls)}
        if set(value) - known:
            raise LimitsError(
                f"no limit is named {', '.join(sorted(set(value) - known))}; there are: {', '.join(sorted(known))}"
            )
        return cls(**value)

    def milder(self, other: Limits) -> Limits:
        """Return the milder of both, limit by limit."""
        names = [field.name for field in dataclasses.fields(self)]
        return Limits(**{name: min(getattr(self, name), getattr(other, name)) for name in names})


HISTORY = 28 * DAY
WINDOW = DAY
RETEST_WITHIN = 3 * DAY
"""A later clear test is no retest of a positive but the end of an infection: visit and result within 48 h, and a day."""
CONTACT_ONCE = 14 * DAY
COMMIT_WITHIN = DAY
