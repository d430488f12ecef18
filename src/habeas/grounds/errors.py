"""What this room raises: never over evidence or rules, which have their own outcomes, only over what it has to say."""

__all__ = ["ExplanationError", "GroundsError", "WordsError"]


class GroundsError(Exception):
    """Something that cannot be said as it should be; a mistake of ours, never of the person."""


class ExplanationError(GroundsError):
    """An explanation that lacks something that it owes."""


class WordsError(GroundsError):
    """A sentence that is not in the catalogue, or one that was asked for without what it has to say."""
