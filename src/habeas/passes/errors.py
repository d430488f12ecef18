"""What this room raises, and nothing else: any bytes given to a parser yield a value or a `PassError`."""

__all__ = [
    "AbuseError",
    "BridgeError",
    "FalseBlockError",
    "ForkedError",
    "KeyRangeError",
    "MirrorError",
    "NoDecisionError",
    "OpeningError",
    "PassError",
    "PassFormatError",
    "ReceiptError",
    "SyncError",
]


class PassError(Exception):
    """Keys, openings or passes that are not what they should be; the message says what, and what to do next."""


class PassFormatError(PassError):
    """Bytes that are no pass, bridge or view: show the newest one again."""


class KeyRangeError(PassError):
    """A day before the first that these keys reach: the state of that day has been destroyed, or was never given."""


class OpeningError(PassError):
    """What is said of an entry is not what the entry commits to: do not believe it."""


class MirrorError(PassError):
    """What a mirror gives is not what the log holds, or is not there: ask another mirror."""


class FalseBlockError(PassError):
    """A block under quorum that no checker may have signed: keep it and its checkpoint, and show them to everybody."""


class NoDecisionError(PassError):
    """The log holds no decision under these keys: no code is no refusal, and can be objected to."""


class ReceiptError(PassError):
    """A receipt that proves nothing: something in it was altered, or it is not of this log."""


class SyncError(PassError):
    """What a gate holds cannot be, or cannot take what it was given; its state is as it was."""


class ForkedError(PassError):
    """The log has signed two roots for one size. Keep `ours` and `theirs`, both notes as files, and show them to everybody."""

    def __init__(self, message: str, ours: bytes, theirs: bytes) -> None:
        super().__init__(message)
        self.ours = ours
        self.theirs = theirs


class BridgeError(PassError):
    """Bytes that are no bridge, or one that does not lead from a pass to a checkpoint under quorum."""


class AbuseError(PassError):
    """A proof of abuse that proves none: something in it was altered, or the line that it names is valid."""
