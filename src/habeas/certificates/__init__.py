"""Other people's documents as statements in their holder's favour; it stores no name, and takes no harm from any.

A certificate comes only from its holder, at a counter or from their phone. Name and date of birth are compared with
the person there and kept nowhere.

HCERT in this room is the eHealth network's Electronic Health Certificate Specification, SHC the SMART Health Cards
Framework 1.4 (spec.smarthealth.cards); both are cited by their headings.
"""

from habeas.certificates._acceptance import (
    Answer,
    AppliedRule,
    Judgement,
    RuleOutcome,
    Signature,
    evaluate_rule,
    judge,
)
from habeas.certificates._acceptance_rule import (
    MAX_RULE_FILE_CHARACTERS,
    MAX_RULES,
    AcceptanceRule,
    AcceptanceRules,
    RuleText,
    RuleType,
    Version,
    parse_acceptance_rules,
)
from habeas.certificates._claims import (
    Certificate,
    content_of,
    favourable_claims,
    favourable_facts,
    open_certificate,
)
from habeas.certificates._dcc import Dcc, open_dcc
from habeas.certificates._favourable import Favourable, FavourableKind
from habeas.certificates._payload import Contents, Entry, HolderName, read_contents
from habeas.certificates._rule_inputs import external_parameters, issuing_country
from habeas.certificates._shc import MAX_PAYLOAD_BYTES, HealthCard, open_shc
from habeas.certificates._shc_text import MAX_SHC_CHARACTERS, SHC_PREFIX, format_shc, gather_shc
from habeas.certificates._shc_trust import CardIssuer, CardTrustList, parse_card_trust_list
from habeas.certificates._signer import DccKind, Signer, make_signer, read_signer
from habeas.certificates._trust import MAX_TRUST_LIST_CHARACTERS, TrustList, parse_trust_list
from habeas.certificates._unchecked import UncheckedDcc, read_unchecked
from habeas.certificates._value_sets import (
    MAX_VALUE_SETS_CHARACTERS,
    NO_VALUE_SETS,
    ValueSets,
    join_value_sets,
    parse_value_sets,
)
from habeas.certificates.errors import (
    BadSignatureError,
    CertificateError,
    ExpiredError,
    KeyUsageError,
    NotACertificateError,
    NotYetValidError,
    RuleFormatError,
    TrustListError,
    UnknownKeyError,
    UnknownRegionError,
    ValueSetError,
    WrongAlgorithmError,
    WrongIssuerError,
)

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "MAX_RULES",
    "MAX_RULE_FILE_CHARACTERS",
    "MAX_SHC_CHARACTERS",
    "MAX_TRUST_LIST_CHARACTERS",
    "MAX_VALUE_SETS_CHARACTERS",
    "NO_VALUE_SETS",
    "SHC_PREFIX",
    "AcceptanceRule",
    "AcceptanceRules",
    "Answer",
    "AppliedRule",
    "BadSignatureError",
    "CardIssuer",
    "CardTrustList",
    "Certificate",
    "CertificateError",
    "Contents",
    "Dcc",
    "DccKind",
    "Entry",
    "ExpiredError",
    "Favourable",
    "FavourableKind",
    "HealthCard",
    "HolderName",
    "Judgement",
    "KeyUsageError",
    "NotACertificateError",
    "NotYetValidError",
    "RuleFormatError",
    "RuleOutcome",
    "RuleText",
    "RuleType",
    "Signature",
    "Signer",
    "TrustList",
    "TrustListError",
    "UncheckedDcc",
    "UnknownKeyError",
    "UnknownRegionError",
    "ValueSetError",
    "ValueSets",
    "Version",
    "WrongAlgorithmError",
    "WrongIssuerError",
    "content_of",
    "evaluate_rule",
    "external_parameters",
    "favourable_claims",
    "favourable_facts",
    "format_shc",
    "gather_shc",
    "issuing_country",
    "join_value_sets",
    "judge",
    "make_signer",
    "open_certificate",
    "open_dcc",
    "open_shc",
    "parse_acceptance_rules",
    "parse_card_trust_list",
    "parse_trust_list",
    "parse_value_sets",
    "read_contents",
    "read_signer",
    "read_unchecked",
]
