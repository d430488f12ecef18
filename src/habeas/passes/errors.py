"""What this room raises, and nothing else: any bytes given to a parser yield a value or a `PassError`."""

__all__ = ["KeyRangeError", "OpeningError", "PassError", "PassFormatError"]


class PassError(Exception):
    """Keys, openings or passes that are not what they should be; the message says what, and what to do next."""


class PassFormatError(PassError):
    """Bytes that are no pass, bridge or view: show the newest one again."""


class KeyRangeError(PassError):
    """A day before the first that these keys reach: the state of that day has been destroyed, or was never given."""


class OpeningError(PassError):
    """What is said of an entry is not what the entry commits to: do not believe it."""
