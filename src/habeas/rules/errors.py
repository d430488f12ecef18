"""What this room raises, and nothing else: any expression or data given to it yields a value or a `RulesError`."""

__all__ = ["BookError", "LogicError", "LogicFormatError", "PackFormatError", "RulesError"]


class RulesError(Exception):
    """A rule that cannot be taken or cannot be worked out; the message says why and what to do next."""


class LogicFormatError(RulesError):
    """An expression that is refused before it meets any data; the pack's author mends it."""


class LogicError(RulesError):
    """An expression that gives no answer for these data: neither true nor false, so the rule is undecided.

    The message names kinds of values, never the values: they are somebody's facts.
    """


class BookError(RulesError):
    """Packs that do not fit together into one book."""


class PackFormatError(RulesError):
    """A pack's text that is no pack; `line` and `column` count from 1 and say where to mend it."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.line = line
        self.column = column
