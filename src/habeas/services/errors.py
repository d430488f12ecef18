"""What this room raises beside the errors of the rooms below; `_problems` says of each what a client is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from habeas.services._fork import Fork

__all__ = [
    "BusyError",
    "ClockError",
    "ForkFileError",
    "ForkedLogError",
    "KeyFileError",
    "PortError",
    "RefusedBlockError",
    "ServiceError",
    "SourceError",
    "StoppedError",
]


class ServiceError(Exception):
    """A service that cannot do what was asked. Nothing was cosigned."""


class SourceError(ServiceError):
    """What was fetched is missing, late, too large, or not what was signed: nothing of it is kept. Ask again, or elsewhere."""


class ForkedLogError(ServiceError):
    """The log has signed what cannot both be true. `fork` proves it to everybody: stop, keep it, show it."""

    def __init__(self, fork: Fork) -> None:
        super().__init__(
            f"{fork.origin!r} has signed two logs, of {fork.first.head.size} and {fork.second.head.size} entries"
        )
        self.fork = fork


class ForkFileError(ServiceError):
    """A file that proves no fork."""


class RefusedBlockError(ServiceError):
    """A checker does not cosign, for a reason that it gives in public; `code` is the broken rule's word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BusyError(ServiceError):
    """Too many ask at once, or one too often: wait a little, then ask again."""


class ClockError(ServiceError):
    """The machine's clock is behind what was already cosigned: put the clock right; nothing is cosigned until then."""


class StoppedError(ServiceError):
    """An earlier write has an unknown outcome: this process answers no more, start it again."""


class KeyFileError(ServiceError):
    """A file that is no signer's key, or that is there already."""


class PortError(ServiceError):
    """The address cannot be listened at."""
