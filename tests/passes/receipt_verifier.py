"""A receipt checked by a few lines that share nothing with Habeas: docs/formats.md, hashlib, and PyNaCl for Ed25519."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


class Refused(Exception):  # noqa: N818 - what a verifier says
    """The receipt does not hold."""


def H(*parts: bytes) -> bytes:  # noqa: N802 - as docs/formats.md writes it
    return hashlib.sha256(b"".join(parts)).digest()


def need(holds: object) -> None:
    if not holds:
        raise Refused


def line64(text: str) -> bytes:
    """Read Base64 that is written in the one way that there is."""
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text)
    return data


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 §2.1.3.2."""
    place, last, found = index, size - 1, leaf
    for one in path:
        need(last)
        if place & 1 or place == last:
            found = H(b"\1", one, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = H(b"\1", found, one)
        place, last = place >> 1, last >> 1
    need(last == 0)
    return found


def verify(data: bytes, keys: Mapping[str, tuple[int, bytes]], quorum: int) -> dict[str, object]:
    """Return what a receipt opens; `keys` are the policy's, by name (type and public bytes), the log's own among them."""
    try:
        return _verify(data.decode(), keys, quorum)
    except (ValueError, IndexError, KeyError, BadSignatureError):
        raise Refused from None


def _verify(text: str, keys: Mapping[str, tuple[int, bytes]], quorum: int) -> dict[str, object]:
    head, note_and_more = text.split("\n\n", 1)
    signed, signatures = note_and_more.split("\n\n")
    signed += "\n"
    first, extra_line, index_line, *path_lines = head.split("\n")
    need(first == "c2sp.org/tlog-proof@v1" and re.fullmatch(r"index (0|[1-9]\d*)", index_line, re.ASCII))
    need(extra_line.startswith("extra "))
    extra, index, path = line64(extra_line[6:]), int(index_line[6:]), [line64(one) for one in path_lines]
    origin, size_line, root_line = signed.split("\n")[:3]
    need(re.fullmatch(r"0|[1-9]\d*", size_line, re.ASCII))
    size, root = int(size_line), line64(root_line)

    # Signatures: each by a key that is known, none twice, all true; the log's own, and so many others.
    seen = []
    need(signatures.endswith("\n"))
    for line in signatures[:-1].split("\n"):
        dash, name, blob = line.split(" ")
        signature, (kind, public) = line64(blob), keys[name]
        need(dash == "—" and signature[:4] == H(name.encode(), b"\n", bytes([kind]), public)[:4] and name not in seen)
        message, bare = signed.encode(), signature[4:]
        if kind == 4:
            message = f"cosignature/v1\ntime {int.from_bytes(bare[:8], 'big')}\n{signed}".encode()
            bare = bare[8:]
        VerifyKey(public).verify(message, bare)
        seen.append(name)
    need(origin in seen and len(seen) - 1 >= quorum)

    # What the entry opens to.
    need(extra[0] == 1)
    at = 3 + int.from_bytes(extra[1:3], "big")
    constants, count = extra[3:at], extra[at]
    paths = [extra[at + 1 + 32 * n : at + 33 + 32 * n] for n in range(count)]
    opened = extra[at + 1 + 32 * count :]
    epoch, label, salts, view, previous = opened[:4], opened[4:20], opened[20:68], opened[68:88], opened[88:125]
    gate_salt, grounds_salt, previous_salt, grounds = salts[:16], salts[16:32], salts[32:], opened[125:]
    tag = {x: H(f"habeas/v1/{x}\n{origin}".encode()) for x in ("gate", "grounds", "previous", "rest")}
    gate = H(tag["gate"], label, gate_salt, view)
    of_grounds = H(tag["grounds"], label, grounds_salt, grounds)
    rest = H(tag["rest"], of_grounds, H(tag["previous"], label, previous_salt, previous))
    entry = b"\x10" + epoch + label + gate + rest
    need(climb(H(b"\0", entry), index, size, path) == root)
    need(climb(H(b"\0", constants), 1, size, paths) == root)
    return {
        "epoch": int.from_bytes(epoch, "big"),
        "now": view[1],
        "until": int.from_bytes(view[2:6], "big"),
        "hint": view[8:].rstrip(b"\0").decode(),
        "grounds": grounds,
        "previous": int.from_bytes(previous[:5], "big"),
    }
