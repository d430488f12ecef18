"""A pass: one decision with its view opened, and the path to its block's root. Anybody with the keys makes it from tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from habeas.passes._keys import SALT_BYTES, log_id
from habeas.passes._view import VIEW_BYTES, GateView, gate_commitment
from habeas.passes.errors import PassFormatError
from habeas.tlog import HASH_BYTES, HEIGHTS, LABEL_BYTES, MAX_INDEX, Decision, hash_leaf, hash_node
from habeas.wire import WireError, encode_base45, parse_base45

__all__ = ["PREFIX", "Pass", "format_pass", "make_pass", "parse_pass"]

PREFIX = "HB1:"
"""How the text of a pass's QR picture begins."""
_VERSION = 1
_LOG_BYTES = 4
_FIXED = 1 + _LOG_BYTES + 1 + 5 + 4 + LABEL_BYTES + HASH_BYTES + SALT_BYTES + VIEW_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A pass as bytes say it; nothing in it is believed before `leaf` and `root` are found in a log.

    `log` are the first four bytes of the log's id, `path` the siblings from the leaf up to the root of its subtree.
    """

    log: bytes
    index: int
    epoch: int
    label: bytes
    rest: bytes
    salt: bytes
    view: GateView
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_INDEX or not 0 <= self.epoch < 1 << 32:
            raise PassFormatError("a pass has an index of five bytes and an epoch of four")
        if self.height not in HEIGHTS or any(len(one) != HASH_BYTES for one in self.path):
            raise PassFormatError(f"a pass has a path of 8 or 16 hashes, not of {self.height}")
        sizes = (len(self.log), len(self.label), len(self.rest), len(self.salt))
        if sizes != (_LOG_BYTES, LABEL_BYTES, HASH_BYTES, SALT_BYTES):
            raise PassFormatError("a pass has 4 bytes of its log's id, a label and a salt of 16, and a hash of 32")

    @property
    def height(self) -> int:
        """The height of the log's blocks."""
        return len(self.path)

    def leaf(self, origin: str) -> bytes:
        """Return the hash of the decision that the pass opens, if the log has that origin."""
        gate = gate_commitment(origin, self.label, self.salt, self.view.to_bytes())
        return hash_leaf(Decision(epoch=self.epoch, label=self.label, gate=gate, rest=self.rest).to_bytes())

    def root(self, origin: str) -> bytes:
        """Return the root of the subtree that the path leads to."""
        found = self.leaf(origin)
        for level, sibling in enumerate(self.path):
            found = hash_node(sibling, found) if self.index >> level & 1 else hash_node(found, sibling)
        return found

    def is_of(self, origin: str) -> bool:
        """Whether the pass says that it is of the log with this origin."""
        return log_id(origin)[:_LOG_BYTES] == self.log


def make_pass(
    decision: Decision, salt: bytes, view: GateView, *, origin: str, index: int, path: Sequence[bytes]
) -> Pass:
    """Return the pass that opens a decision at `index`; the salt is that of the gate commitment."""
    return Pass(
        log=log_id(origin)[:_LOG_BYTES],
        index=index,
        epoch=decision.epoch,
        label=decision.label,
        rest=decision.rest,
        salt=salt,
        view=view,
        path=tuple(path),
    )


def format_pass(shown: Pass) -> str:
    """Return the text for a pass's QR picture: capitals and digits that it stores densely."""
    parts = (
        bytes([_VERSION]),
        shown.log,
        bytes([shown.height]),
        shown.index.to_bytes(5),
        shown.epoch.to_bytes(4),
        shown.label,
        shown.rest,
        shown.salt,
        shown.view.to_bytes(),
        *shown.path,
    )
    return PREFIX + encode_base45(b"".join(parts))


def parse_pass(text: str) -> Pass:
    """Return the pass in a QR picture's text; raises `PassFormatError` for all that `format_pass` would not write."""
    if not text.startswith(PREFIX):
        raise PassFormatError(f"a pass begins with {PREFIX}: show the pass, not another code")
    try:
        data = parse_base45(text[len(PREFIX) :])
    except WireError as error:
        raise PassFormatError(f"the pass is damaged: {error}") from None
    height = data[5] if len(data) > _FIXED else 0
    if data[:1] != bytes([_VERSION]) or height not in HEIGHTS or len(data) != _FIXED + height * HASH_BYTES:
        raise PassFormatError(
            "this is no pass of a version and length that are known here: update the gate, show it again"
        )
    at = 1
    fields = []
    for size in (_LOG_BYTES, 1, 5, 4, LABEL_BYTES, HASH_BYTES, SALT_BYTES, VIEW_BYTES):
        fields.append(data[at : at + size])
        at += size
    log, _, index, epoch, label, rest, salt, view = fields
    return Pass(
        log=log,
        index=int.from_bytes(index),
        epoch=int.from_bytes(epoch),
        label=label,
        rest=rest,
        salt=salt,
        view=GateView.of_bytes(view),
        path=tuple(data[place : place + HASH_BYTES] for place in range(at, len(data), HASH_BYTES)),
    )
