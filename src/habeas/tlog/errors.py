"""What this room raises, and nothing else: any bytes given to a parser yield a value or a `TlogError`."""

__all__ = [
    "BlockError",
    "CheckpointError",
    "ConflictError",
    "EntryError",
    "ForkError",
    "NoteError",
    "PolicyError",
    "ProofError",
    "QuorumError",
    "StaleError",
    "TileError",
    "TlogError",
    "UnknownLogError",
    "UnsignedError",
]


class TlogError(Exception):
    """Bytes, hashes or signatures that are not what they should be; the message says what, and what to do next."""


class ProofError(TlogError):
    """A proof that does not lead to the root: either of the two is not of this log, or was changed."""


class EntryError(TlogError):
    """Bytes that are no entry or list of the log, or a value that no entry can hold."""


class BlockError(TlogError):
    """A block that says what a block may not say; `code` names the rule that it breaks, in one word for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class TileError(TlogError):
    """A path, tile or bundle that is not of the form, or not of the tree: fetch it again, from another mirror."""


class NoteError(TlogError):
    """Text that is no signed note, a key that is none, or a signature that a known key did not make."""


class CheckpointError(NoteError):
    """A signed note that is no checkpoint, or not this log's."""


class PolicyError(TlogError):
    """A policy that cannot be read, or that one liar or one missing checker would undo."""


class QuorumError(TlogError):
    """A checkpoint that too few have cosigned: wait, fetch it again, and if it stays so, tell the witnesses."""


class UnknownLogError(TlogError):
    """A witness is asked about a log that it was not set up with."""


class UnsignedError(TlogError):
    """A witness is shown a checkpoint that its log has not signed."""


class ConflictError(TlogError):
    """What a witness is shown does not go on from the `size` that it cosigned last."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class StaleError(ConflictError):
    """Another size than the log believes was cosigned last: ask again from there."""


class ForkError(ConflictError):
    """Two roots for one size, both signed by the log: proof that it lied. Keep both, and show them to everybody."""
