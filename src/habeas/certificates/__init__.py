"""Other people's documents as statements in their holder's favour; it stores no name, and takes no harm from any.

A certificate comes only from its holder, at a counter or from their phone. Name and date of birth are compared with
the person there and kept nowhere.

HCERT in this room is the eHealth network's Electronic Health Certificate Specification, cited by its headings.
"""

from habeas.certificates._claims import favourable_claims
from habeas.certificates._dcc import Dcc, open_dcc
from habeas.certificates._favourable import Favourable, FavourableKind, favourable_facts
from habeas.certificates._payload import Contents, Entry, HolderName, read_contents
from habeas.certificates._signer import DccKind, Signer, make_signer, read_signer
from habeas.certificates._trust import MAX_TRUST_LIST_CHARACTERS, TrustList, parse_trust_list
from habeas.certificates.errors import (
    BadSignatureError,
    CertificateError,
    ExpiredError,
    KeyUsageError,
    NotACertificateError,
    NotYetValidError,
    TrustListError,
    UnknownKeyError,
    WrongAlgorithmError,
)

__all__ = [
    "MAX_TRUST_LIST_CHARACTERS",
    "BadSignatureError",
    "CertificateError",
    "Contents",
    "Dcc",
    "DccKind",
    "Entry",
    "ExpiredError",
    "Favourable",
    "FavourableKind",
    "HolderName",
    "KeyUsageError",
    "NotACertificateError",
    "NotYetValidError",
    "Signer",
    "TrustList",
    "TrustListError",
    "UnknownKeyError",
    "WrongAlgorithmError",
    "favourable_claims",
    "favourable_facts",
    "make_signer",
    "open_dcc",
    "parse_trust_list",
    "read_contents",
    "read_signer",
]
