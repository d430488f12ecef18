"""What this room raises, and nothing else: one class, with its code, for each thing that a counter would do next."""

from typing import ClassVar

__all__ = [
    "BadSignatureError",
    "CertificateError",
    "ExpiredError",
    "KeyUsageError",
    "NotACertificateError",
    "NotYetValidError",
    "RuleFormatError",
    "TrustListError",
    "UnknownKeyError",
    "UnknownRegionError",
    "ValueSetError",
    "WrongAlgorithmError",
    "WrongIssuerError",
]


class CertificateError(Exception):
    """A document that is not taken; `code` says why in one word for machines, the message for people."""

    code: ClassVar[str] = "certificate"


class NotACertificateError(CertificateError):
    """Text, bytes or contents that are no certificate of this kind: scan again, or ask its issuer."""

    code = "not-a-certificate"


class UnknownKeyError(CertificateError):
    """Signed with a key that the trust list does not have: update the list, or ask its publisher."""

    code = "unknown-kid"


class WrongAlgorithmError(CertificateError):
    """Signed with an algorithm that is not taken, or not the key's own."""

    code = "wrong-algorithm"


class BadSignatureError(CertificateError):
    """Not what the key's owner signed: changed, or forged."""

    code = "bad-signature"


class WrongIssuerError(CertificateError):
    """Signed with a trusted key that is another issuer's than the one it names."""

    code = "wrong-issuer"


class KeyUsageError(CertificateError):
    """Signed with a key that its issuer keeps for certificates of another kind."""

    code = "key-usage"


class NotYetValidError(CertificateError):
    """Its time has not begun."""

    code = "not-yet-valid"


class ExpiredError(CertificateError):
    """Its time is over: the holder can ask the issuer for a new one."""

    code = "expired"


class TrustListError(CertificateError):
    """A trust list that cannot be used as it stands; the message names the entry."""

    code = "not-a-trust-list"


class RuleFormatError(CertificateError):
    """Acceptance rules that cannot be used as they stand, none of them; the message names the rule at fault."""

    code = "not-a-rule-file"


class ValueSetError(CertificateError):
    """Value sets that cannot be used as they stand, none of them; the message names the set at fault."""

    code = "not-a-value-set"


class UnknownRegionError(CertificateError):
    """A region that no rule of the country names; the message lists those that they do name."""

    code = "unknown-region"
