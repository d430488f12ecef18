"""Every room's errors as an exit code and a next step: the one place where they meet.

Each class stands before its base, so that the first row that fits is the nearest.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from habeas.certificates import CertificateError, RuleFormatError, TrustListError, UnknownRegionError, ValueSetError
from habeas.cli.errors import CliError, InputError, LedgerFileError, RefusedError
from habeas.evidence import EvidenceError
from habeas.ledger import LedgerError, PackRefusedError, ReplayError, UnpublishedError
from habeas.mandates import MandateError
from habeas.passes import (
    FalseBlockError,
    KeyRangeError,
    MirrorError,
    NoDecisionError,
    PassError,
    PassFormatError,
)
from habeas.pictures import PictureError
from habeas.registry import BindingError, RegistryError, UnknownPersonError
from habeas.rules import BookError, RulesError
from habeas.stores import (
    DamagedStoreError,
    ForeignFileError,
    MissingStoreError,
    NewerStoreError,
    StaleError,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from habeas.tlog import PolicyError, QuorumError, TlogError
from habeas.wire import SignatureError, WireError

__all__ = ["INTERNAL", "OK", "REFUSED", "TROUBLE", "USAGE", "Problem", "problem_of"]

OK, REFUSED, USAGE, TROUBLE, INTERNAL = range(5)

_TABLE: tuple[tuple[type[Exception], int, str], ...] = (
    (StoreBusyError, TROUBLE, "wait until the other program has finished, then call again"),
    (StaleError, TROUBLE, "call again: it is then worked out from what is there now"),
    (StoreFullError, TROUBLE, "make room on the disk, then call again"),
    (UnknownOutcomeError, TROUBLE, "call `habeas audit --db FILE` to see what is stored, then call again"),
    (MissingStoreError, USAGE, "check the path after --db; `habeas db new FILE` makes a new ledger"),
    (ForeignFileError, USAGE, "give --db a ledger that `habeas db new` made"),
    (NewerStoreError, TROUBLE, "install the newer release of Habeas, then call again"),
    (DamagedStoreError, TROUBLE, "stop, keep the file as it is, and restore the ledger from a copy"),
    (StoreUnavailableError, TROUBLE, "look at the folder, its rights and the disk, then call again"),
    (StoreError, TROUBLE, "call `habeas audit --db FILE` to see what is stored"),
    (PackRefusedError, REFUSED, "mend the pack; `habeas pack check FILE` says for each problem how"),
    (
        UnpublishedError,
        TROUBLE,
        "`habeas log append FOLDER` asks the witnesses again, and says which of them are missing",
    ),
    (ReplayError, TROUBLE, "keep the ledger as it is; `habeas audit --db FILE` names the event"),
    (LedgerError, TROUBLE, "call again; `habeas audit --db FILE` shows what is stored"),
    (MandateError, REFUSED, "nothing was logged; mend the mandate and grant it again"),
    (
        UnknownPersonError,
        USAGE,
        "check the number as it stands on the document; `habeas person enrol` enrols somebody new",
    ),
    (BindingError, REFUSED, "nothing was changed; look at the documents of both people, then merge or split"),
    (RegistryError, USAGE, "nothing was changed; mend the argument and call again"),
    (BookError, REFUSED, "nothing was changed; mend the packs so that they fit together"),
    (RulesError, USAGE, "mend the pack; docs/packs.md describes the format"),
    (EvidenceError, USAGE, "mend the statement and sign it again"),
    (SignatureError, REFUSED, "ask the signer for the bytes as they were signed"),
    (WireError, USAGE, "mend the argument or the file, then call again"),
    (TrustListError, USAGE, "mend the trust list, or get a new one from its publisher"),
    (RuleFormatError, USAGE, "get the rules again from their publisher; none of them was used"),
    (ValueSetError, USAGE, "get the value sets again from their publisher"),
    (UnknownRegionError, USAGE, "write the region as the rules do, or leave it out"),
    (CertificateError, REFUSED, "scan the certificate again, or ask its issuer"),
    (MirrorError, REFUSED, "give --log another mirror's URL or folder"),
    (FalseBlockError, REFUSED, "keep the block and its checkpoint; show them to an auditor, and to the press"),
    (NoDecisionError, REFUSED, "call 12345 or ask at any counter: having no code is no reason to be refused"),
    (KeyRangeError, USAGE, "give the keys of an earlier day, if you still have them"),
    (PassFormatError, USAGE, "show the newest one again, or make it anew"),
    (PassError, REFUSED, "make it anew from another mirror; if the two differ, show both to an auditor"),
    (PictureError, USAGE, "send the code as PNG, JPEG, PDF or text"),
    (PolicyError, USAGE, "give the policy as its watchers publish it"),
    (QuorumError, REFUSED, "wait, then call again; if it stays so, ask the witnesses that are named"),
    (TlogError, REFUSED, "fetch it again, or from another mirror"),
    (OSError, USAGE, "check the path and your rights on it"),
)
_OWN = {RefusedError: REFUSED, InputError: USAGE, LedgerFileError: TROUBLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is told about an error: exit code, what with where, and what to do next."""

    code: int
    what: str
    next_step: str


def problem_of(error: Exception, command: str) -> Problem:
    """Return what to say of an error that a command ended with; unknown ones are ours (`INTERNAL`), and opaque."""
    if isinstance(error, CliError):
        code = next(code for own, code in _OWN.items() if isinstance(error, own))
        return Problem(code=code, what=str(error), next_step=error.next_step)
    for known, code, next_step in (*_of_services(), *_TABLE):
        if isinstance(error, known):
            return Problem(code=code, what=f"{command}: {error}", next_step=next_step)
    return Problem(
        code=INTERNAL,
        what=f"{command}: this is a fault of Habeas ({type(error).__name__}), not of what you gave it",
        next_step="call again with --debug and send what it prints to the maintainers; take out numbers of documents first",
    )


def _of_services() -> tuple[tuple[type[Exception], int, str], ...]:
    """Return the rows of the services' errors, which can come only where services were loaded: that takes long."""
    if "habeas.services" not in sys.modules:
        return ()
    from habeas.services import ForkedLogError, KeyFileError, PortError, ServiceError  # noqa: PLC0415 - see above

    return (
        (
            ForkedLogError,
            REFUSED,
            "keep the folder: the file in its `forks` proves it to everybody (`habeas log fork`)",
        ),
        (KeyFileError, USAGE, "give a key of `habeas witness key` or `habeas log key` that only its owner can read"),
        (PortError, USAGE, "give another --port, or end what listens there"),
        (ServiceError, TROUBLE, "call again; docs/services.md says what each service needs"),
    )
