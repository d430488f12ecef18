"""Keys of signed notes: who signs under which name, in one of three ways (C2SP signed-note, tlog-cosignature)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from habeas.tlog._text import head_of
from habeas.tlog.errors import NoteError
from habeas.wire import Algorithm, SignatureError, SigningKey, VerifyingKey, WireError, make_signing_key

__all__ = [
    "KEY_ID_BYTES",
    "Endorsement",
    "NoteKey",
    "NoteSigner",
    "SignatureType",
    "check_key_name",
    "format_vkey",
    "make_note_signer",
    "parse_vkey",
    "signed_bytes",
]

KEY_ID_BYTES = 4
_TIME_BYTES = 8
_MAX_TIME = 2**63 - 1
_MAX_NAME_BYTES = 255
_SUBTREE = b"subtree/v1\n\0"


class SignatureType(IntEnum):
    """Signature types by their byte. Only cosignatures say when they were made."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    """Ed25519 over time and note."""
    COSIGNATURE_MLDSA = 0x06
    """ML-DSA-44 over name, time, origin, size and root: nothing else in the note is signed."""


_KEY_BYTES = {SignatureType.ED25519: 32, SignatureType.COSIGNATURE: 32, SignatureType.COSIGNATURE_MLDSA: 1312}
_SIGNATURE_BYTES = {SignatureType.ED25519: 64, SignatureType.COSIGNATURE: 64, SignatureType.COSIGNATURE_MLDSA: 2420}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """A public key with the name and the signature type that it is used with."""

    name: str
    type: SignatureType
    public: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != _KEY_BYTES[self.type]:
            raise NoteError(f"key {self.name!r} has {_KEY_BYTES[self.type]} bytes, not {len(self.public)}")

    @property
    def id(self) -> bytes:
        """Four bytes that name this key beside its name; they do not stand for the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:KEY_ID_BYTES]

    def check(self, text: str, signature: bytes) -> Endorsement:
        """Return that this key signed a note's text, and when; raises `NoteError`."""
        at, bare = 0, signature
        if self.type is not SignatureType.ED25519:
            at, bare = int.from_bytes(signature[:_TIME_BYTES]), signature[_TIME_BYTES:]
        if len(bare) != _SIGNATURE_BYTES[self.type] or at > _MAX_TIME:
            raise NoteError(f"the signature of {self.name!r} is not of its key's form")
        message = signed_bytes(self, text, at)
        try:
            if self.type is SignatureType.COSIGNATURE_MLDSA:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(bare, message)
            else:
                VerifyingKey(algorithm=Algorithm.EDDSA, public=self.public).check(message, bare)
        except (InvalidSignature, SignatureError):
            raise NoteError(f"the signature of {self.name!r} is false: keep the note, and tell its owner") from None
        return Endorsement(key=self, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """A checked signature: whose, and for cosignatures when it was made (seconds since 1970; else 0)."""

    key: NoteKey
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigner:
    """A private key of signed notes. Ed25519 gives equal bytes for equal input, ML-DSA does not."""

    key: NoteKey
    _private: SigningKey | MLDSA44PrivateKey = field(repr=False, compare=False)

    def sign(self, text: str, at: int = 0) -> bytes:
        """Return the signature's bytes on a note's text; cosignatures begin with `at`, which must be given for them."""
        if not 0 <= at <= _MAX_TIME or (at == 0) != (self.key.type is SignatureType.ED25519):
            raise NoteError(f"a signature of type {self.key.type.name} cannot be made at {at}")
        stamp = b"" if self.key.type is SignatureType.ED25519 else at.to_bytes(_TIME_BYTES)
        return stamp + self._private.sign(signed_bytes(self.key, text, at))


def make_note_signer(name: str, kind: SignatureType, seed: bytes) -> NoteSigner:
    """Return the signer that 32 secret bytes stand for; raises `NoteError`. Never use one seed under two names or types."""
    try:
        if kind is SignatureType.COSIGNATURE_MLDSA:
            private = MLDSA44PrivateKey.from_seed_bytes(seed)
            public = private.public_key().public_bytes_raw()
            return NoteSigner(key=NoteKey(name=name, type=kind, public=public), _private=private)
        signing = make_signing_key(Algorithm.EDDSA, seed)
    except (WireError, ValueError) as error:
        raise NoteError(str(error)) from None
    return NoteSigner(key=NoteKey(name=name, type=kind, public=signing.verifying.public), _private=signing)


def signed_bytes(key: NoteKey, text: str, at: int) -> bytes:
    """Return the bytes that a signature on a note's text is over."""
    if key.type is SignatureType.ED25519:
        return text.encode()
    if key.type is SignatureType.COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    head = head_of(text)
    name, origin = key.name.encode(), head.origin.encode()
    if len(name) > _MAX_NAME_BYTES or len(origin) > _MAX_NAME_BYTES:
        raise NoteError(f"an ML-DSA cosignature is over names of at most {_MAX_NAME_BYTES} bytes")
    parts = (
        _SUBTREE,
        bytes([len(name)]) + name,
        at.to_bytes(_TIME_BYTES),
        bytes([len(origin)]) + origin,
        (0).to_bytes(_TIME_BYTES),
        head.size.to_bytes(_TIME_BYTES),
        head.root,
    )
    return b"".join(parts)


def format_vkey(key: NoteKey) -> str:
    """Return a key as text: name, id in hex, and type and public key in Base64, with + between."""
    return f"{key.name}+{key.id.hex()}+{base64.b64encode(bytes([key.type]) + key.public).decode()}"


def parse_vkey(text: str) -> NoteKey:
    """Return the key in a text of `format_vkey`; raises `NoteError`."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
        key = NoteKey(name=name, type=SignatureType(data[0]), public=data[1:])
    except (binascii.Error, ValueError, IndexError):
        raise NoteError(f"{text[:60]!r} is no key of a note: NAME+ID+BASE64, of type 1, 4 or 6") from None
    if key.id.hex() != key_id or format_vkey(key) != text:
        raise NoteError(f"the key of {name[:60]!r} has the id {key.id.hex()}: copy the whole of it again")
    return key


def check_key_name(name: str) -> str:
    """Return a key's name: not empty, without + and spaces; raises `NoteError`."""
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise NoteError(f"{name[:60]!r} cannot be a key's name: it has no spaces and no +")
    try:
        name.encode()
    except UnicodeEncodeError:  # half a character, as an argument of a command can bring in
        raise NoteError(f"{name[:60]!r} cannot be a key's name: it is no UTF-8 text") from None
    return name
