"""One function for each parser: any bytes in, and nothing out of it but the error that the parser's room documents.

Each module mirrors a room. A function hands its input to a parser, lets exactly that error pass, and asserts what must hold
of a value that was taken: written again it is the same bytes, read again it is the same value. Whatever else comes out is a
crash. `TARGETS` lists them all by name; docs/fuzzing.md says how they are run.
"""

from targets import (
    cards,
    certificates,
    cli,
    evidence,
    gates,
    ledger,
    logs,
    own,
    pictures,
    receipts,
    rules,
    services,
    stores,
    wire,
)
from targets._target import TARGETS, Target

__all__ = [
    "TARGETS",
    "Target",
    "cards",
    "certificates",
    "cli",
    "evidence",
    "gates",
    "ledger",
    "logs",
    "own",
    "pictures",
    "receipts",
    "rules",
    "services",
    "stores",
    "wire",
]
