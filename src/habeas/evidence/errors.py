"""What this room raises. A refusal at admission is a value (`Refused`), not an error: it is logged and answered."""

__all__ = ["EvidenceError", "FactsError", "LimitsError", "StatementFormatError"]


class EvidenceError(Exception):
    """Something that is no statement or cannot become one; the message says what, where, and what to do next."""


class FactsError(EvidenceError):
    """Facts that do not fit the closed list of kinds and fields."""


class StatementFormatError(EvidenceError):
    """Bytes that are no statement."""


class LimitsError(EvidenceError):
    """Limits stricter than the tier table allows (I4)."""
