"""What this room raises."""

__all__ = ["GateMandateError", "GrantError", "MandateError", "NoMandateError"]


class MandateError(Exception):
    """A mandate that cannot be, or one that is not there. Every message says what to do next."""


class GrantError(MandateError):
    """A grant that the invariants refuse; nothing was changed."""


class GateMandateError(MandateError):
    """A gate mandate that the invariants refuse (I13)."""


class NoMandateError(MandateError):
    """Nobody with this key may say this, here, now.

    `code` is one of `no-mandate`, `wrong-kind`, `wrong-area`, `waiting`, `ended`: each asks for another next step.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
