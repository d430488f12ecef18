"""The log's services: one thin program a role, over static files first; none of them knows a person.

A *log* serves its public files. A *witness* cosigns what continues what it has cosigned. A *checker* is a witness that has
read every block, and a mirror. A *mirror* keeps a copy. `HttpNotary` asks witnesses for the log. None of them has a key of
a person, or can read an entry's commitment.
"""

from habeas.services._apps import checker_app, log_app, witness_app
from habeas.services._checker import Checker, only_log
from habeas.services._copy import Copy
from habeas.services._fork import Fork, format_fork, parse_fork
from habeas.services._gather import HttpNotary
from habeas.services._limits import Rate
from habeas.services._mirror import Mirror
from habeas.services._public_file import PublicFile, public_file
from habeas.services._serve import Due, serve
from habeas.services._signer_file import format_signer, parse_signer, read_signer, write_signer
from habeas.services._source import FolderSource, HttpSource, Source, source_of
from habeas.services._survey import survey, take
from habeas.services._verify import Verified, prove_entry, verify_log
from habeas.services._witness import Seen, Witness, log_id
from habeas.services.errors import (
    BusyError,
    ClockError,
    ForkedLogError,
    ForkFileError,
    KeyFileError,
    PortError,
    RefusedBlockError,
    ServiceError,
    SourceError,
    StoppedError,
)

__all__ = [
    "BusyError",
    "Checker",
    "ClockError",
    "Copy",
    "Due",
    "FolderSource",
    "Fork",
    "ForkFileError",
    "ForkedLogError",
    "HttpNotary",
    "HttpSource",
    "KeyFileError",
    "Mirror",
    "PortError",
    "PublicFile",
    "Rate",
    "RefusedBlockError",
    "Seen",
    "ServiceError",
    "Source",
    "SourceError",
    "StoppedError",
    "Verified",
    "Witness",
    "checker_app",
    "format_fork",
    "format_signer",
    "log_app",
    "log_id",
    "only_log",
    "parse_fork",
    "parse_signer",
    "prove_entry",
    "public_file",
    "read_signer",
    "serve",
    "source_of",
    "survey",
    "take",
    "verify_log",
    "witness_app",
    "write_signer",
]
