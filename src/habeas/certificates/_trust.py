"""The trust list: which keys may sign certificates. Who publishes it, and how it is signed, is not decided here."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from habeas.certificates._signer import ALL_KINDS, DccKind, Signer, make_signer, read_signer
from habeas.certificates.errors import TrustListError, UnknownKeyError
from habeas.wire import KID_BYTES

__all__ = ["MAX_TRUST_LIST_CHARACTERS", "TrustList", "parse_trust_list"]

MAX_TRUST_LIST_CHARACTERS = 1 << 24
"""The EU's list of 2022 had some 3 million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """Signers by kid."""

    signers: Mapping[bytes, Signer]

    def __post_init__(self) -> None:
        for kid in self.signers:
            if len(kid) != KID_BYTES:
                raise TrustListError(f"kid {_shown(kid)} has {len(kid)} bytes, where {KID_BYTES} are expected")
        object.__setattr__(self, "signers", MappingProxyType(dict(self.signers)))

    def find(self, kid: bytes) -> Signer:
        """Return the signer with this kid; raises `UnknownKeyError`."""
        try:
            return self.signers[kid]
        except KeyError:
            raise UnknownKeyError(
                f"no key {_shown(kid)} is on the trust list of {len(self.signers)}: update the list; "
                "if it stays unknown, this issuer is not trusted here"
            ) from None


def parse_trust_list(text: str) -> TrustList:
    """Return the trust list in JSON `text`; raises `TrustListError`, which names the first entry at fault.

    One object; its names are kids in Base64 (eight bytes), its values one of

    - `{"certificate": "<Base64 of an X.509 certificate in DER>"}`: the kid must be the certificate's own, the first
      eight bytes of its SHA-256; the extended key usage says what the key may sign;
    - `{"key": "<Base64 of a DER SubjectPublicKeyInfo>"}`, if wanted with `"kinds": ["test", "vaccination",
      "recovery"]`, else all three: for lists that leave the certificate out. Such a kid cannot be checked.

    P-256 keys sign with ES256, RSA keys of 2048 bits or more with PS256; there are no others. A name that stands
    twice, or one that is not in this description, is refused.
    """
    if len(text) > MAX_TRUST_LIST_CHARACTERS:
        raise TrustListError(f"{len(text)} characters, where a trust list has at most {MAX_TRUST_LIST_CHARACTERS}")
    try:
        entries = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise TrustListError(f"the trust list is not JSON: {error}") from None
    if not isinstance(entries, dict):
        raise TrustListError('a trust list is one JSON object: {"<kid>": {"certificate": "…"}, …}')
    signers = {}
    for name, entry in entries.items():
        try:
            kid = _base64(name)
            signers[kid] = _signer(kid, entry)
        except TrustListError as error:
            raise TrustListError(f"trust list, kid {name[:40]!r}: {error}") from None
    return TrustList(signers=signers)


def _signer(kid: bytes, entry: object) -> Signer:
    if not isinstance(entry, dict):
        raise TrustListError('an object with a "certificate" or a "key" is expected')
    if entry.keys() == {"certificate"}:
        own, signer = read_signer(_base64(entry["certificate"]))
        if own != kid:
            raise TrustListError(f"the certificate's own kid is {_shown(own)}: list it under that")
        return signer
    if "key" not in entry or not entry.keys() <= {"key", "kinds"}:
        raise TrustListError('write {"certificate": "…"}, or {"key": "…"} with or without "kinds"')
    return make_signer(_base64(entry["key"]), _kinds(entry["kinds"]) if "kinds" in entry else ALL_KINDS)


def _kinds(names: object) -> frozenset[DccKind]:
    if not isinstance(names, list) or not all(isinstance(name, str) and name in set(DccKind) for name in names):
        raise TrustListError('"kinds" is a list of test, vaccination and recovery')
    return frozenset(DccKind(name) for name in names)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise TrustListError(f"{twice[:40]!r} stands twice in the trust list: which one is meant?")
    return names


def _base64(text: object) -> bytes:
    if not isinstance(text, str):
        raise TrustListError("text in Base64 is expected")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TrustListError(f"not Base64: {error}") from None
    if base64.b64encode(data).decode() != text:  # else one kid would have several names
        raise TrustListError("not Base64: its last character has bits too many")
    return data


def _shown(kid: bytes) -> str:
    return base64.b64encode(kid[: 2 * KID_BYTES]).decode()
