"""Passes: a person's keys, what they open, and a gate's answer offline; nobody issues a pass, and a gate keeps none."""

from habeas.passes._gate import Answer, Held, Verdict, check_pass
from habeas.passes._keys import SALT_BYTES, SEED_BYTES, Ratchet, Salt, day_of, label_at, log_id, salt_at
from habeas.passes._pass import PREFIX, Pass, format_pass, make_pass, parse_pass
from habeas.passes._view import (
    MAX_HINT_BYTES,
    VIEW_BYTES,
    GateView,
    Opening,
    PersonKeys,
    Previous,
    decide,
    open_decision,
)
from habeas.passes.errors import KeyRangeError, OpeningError, PassError, PassFormatError

__all__ = [
    "MAX_HINT_BYTES",
    "PREFIX",
    "SALT_BYTES",
    "SEED_BYTES",
    "VIEW_BYTES",
    "Answer",
    "GateView",
    "Held",
    "KeyRangeError",
    "Opening",
    "OpeningError",
    "Pass",
    "PassError",
    "PassFormatError",
    "PersonKeys",
    "Previous",
    "Ratchet",
    "Salt",
    "Verdict",
    "check_pass",
    "day_of",
    "decide",
    "format_pass",
    "label_at",
    "log_id",
    "make_pass",
    "open_decision",
    "parse_pass",
    "salt_at",
]
