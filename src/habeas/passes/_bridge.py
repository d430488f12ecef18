"""A bridge: from the root of a block's subtree to a checkpoint under quorum, for a gate that has not synced it yet.

It is the same for all whose decisions lie in that subtree, says nothing of any of them, and is made from public files. What
it adds to a pass is that the log had this subtree. It cannot say what superseded since then; so a gate takes it only for
passes that are newer than all it holds, of which it would know no line either had it synced an epoch earlier.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from habeas.passes._gate import Answer, Held, Verdict, by_view, check_pass
from habeas.passes._keys import log_id
from habeas.passes._pass import Pass, parse_pass
from habeas.passes.errors import BridgeError, MirrorError
from habeas.tlog import (
    HASH_BYTES,
    HEIGHTS,
    MAX_INDEX,
    Checkpoint,
    Fetch,
    Head,
    Note,
    NoteSignature,
    Policy,
    SignatureType,
    TlogError,
    check_subtree,
    hash_node,
    parse_note,
    prove_subtree,
    tile_nodes,
    tiles_of,
)
from habeas.wire import WireError, encode_base45, parse_base45

__all__ = [
    "BRIDGE_PREFIX",
    "Bridge",
    "check_bridge",
    "check_pass_by_bridge",
    "format_bridge",
    "make_bridge",
    "parse_bridge",
]

BRIDGE_PREFIX = "HB2:"
"""How the text of a bridge's QR picture begins."""
_VERSION = 2
_LOG_BYTES, _INDEX, _KEY_ID = 4, 5, 4
_FIXED = 1 + _LOG_BYTES + 1 + _INDEX + _INDEX
_SIGNATURE, _COSIGNATURE = _KEY_ID + 64, _KEY_ID + 8 + 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A bridge as its bytes say it; nothing in it is believed before `check_bridge`.

    `node` is a subtree of `height`, `path` its siblings up to the root of `size` entries; `signature` is key id and
    signature of the log, each of `cosignatures` key id, time and signature of a witness, in rising order.
    """

    log: bytes
    height: int
    node: int
    size: int
    path: tuple[bytes, ...] = field(repr=False)
    signature: bytes = field(repr=False)
    cosignatures: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if self.height not in HEIGHTS or len(self.log) != _LOG_BYTES:
            raise BridgeError("a bridge is of a log with blocks of height 8 or 16")
        if not 0 < self.size <= MAX_INDEX or self.size % (1 << self.height) or not 0 <= self.node < self._width:
            raise BridgeError("a bridge leads from a subtree of the log to a size at which a block ends")
        if len(self.path) != sum(_steps(self.node, self._width)) or any(len(one) != HASH_BYTES for one in self.path):
            raise BridgeError("a bridge has as many hashes as lead from its subtree to its root")
        sizes = {len(one) for one in self.cosignatures}
        if len(self.signature) != _SIGNATURE or sizes != {_COSIGNATURE} or len(self.cosignatures) >= 1 << 8:
            raise BridgeError("a bridge has the log's signature and 1 to 255 cosignatures")
        ids = [one[:_KEY_ID] for one in self.cosignatures]
        if ids != sorted(set(ids)):
            raise BridgeError("the cosignatures of a bridge stand in the order of their keys, each once")

    @property
    def _width(self) -> int:
        return self.size >> self.height

    def root(self, subtree: bytes) -> bytes:
        """Return the root that the path leads to from the subtree's."""
        inner, _ = _steps(self.node, self._width)
        found = subtree
        for level, sibling in enumerate(self.path):
            on_the_left = level >= inner or self.node >> level & 1
            found = hash_node(sibling, found) if on_the_left else hash_node(found, sibling)
        return found


def _steps(place: int, width: int) -> tuple[int, int]:
    """Return how many siblings lie below where the path meets the tree's right edge, and how many from there on."""
    inner = (place ^ (width - 1)).bit_length()
    return inner, (place >> inner).bit_count()


def make_bridge(fetch: Fetch, policy: Policy, node: int, height: int) -> Bridge:
    """Return the bridge from a subtree to the newest checkpoint, with no cosignature more than a quorum needs.

    Raises `MirrorError` for what is not the log's, `BridgeError` if the subtree is not under the checkpoint, or its quorum
    needs cosignatures that no picture can hold (ML-DSA).
    """
    data = fetch("checkpoint")
    if data is None:
        raise MirrorError("checkpoint is not there: ask another mirror")
    try:
        checkpoint = policy.check(parse_note(data))
        head = checkpoint.head
        if not 0 <= node < head.size >> height:
            raise BridgeError(f"subtree {node} is not under the checkpoint of {head.size} entries: wait for the next")
        nodes = tile_nodes(tiles_of(fetch), head.size)
        path = prove_subtree(nodes, height, node, head.size)
        check_subtree(nodes(height, node), height, node, head.size, path, head.root)
        signature, cosignatures = _signatures(checkpoint, policy)
    except TlogError as error:
        raise MirrorError(f"{error}; ask another mirror") from None
    return Bridge(
        log=log_id(head.origin)[:_LOG_BYTES],
        height=height,
        node=node,
        size=head.size,
        path=path,
        signature=signature,
        cosignatures=cosignatures,
    )


def _signatures(checkpoint: Checkpoint, policy: Policy) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the log's signature, and the fewest Ed25519 cosignatures, the first by name left out first, that are a quorum."""
    note, log = checkpoint.note, policy.logs[checkpoint.head.origin]
    if note.text != checkpoint.head.text:
        raise BridgeError("this checkpoint has extension lines, which a bridge cannot carry")
    rising = sorted(note.signatures, key=lambda one: one.signature[:8])  # of several lines of a witness the latest
    lines = {(one.name, one.key_id): one for one in rising}
    small = {name: key for name, key in policy.witnesses.items() if key.type is SignatureType.COSIGNATURE}
    signed = {name: lines[key.name, key.id] for name, key in sorted(small.items()) if (key.name, key.id) in lines}
    if not policy.is_witnessed(policy.quorum, signed):
        raise BridgeError(
            "this checkpoint has its quorum by ML-DSA cosignatures, too large for a bridge: sync the gate"
        )
    for name in list(signed):
        if policy.is_witnessed(policy.quorum, signed.keys() - {name}):
            del signed[name]
    own = lines[log.name, log.id]
    return own.key_id + own.signature, tuple(sorted(one.key_id + one.signature for one in signed.values()))


def check_bridge(bridge: Bridge, subtree: bytes, policy: Policy) -> Checkpoint:
    """Return the checkpoint, under the policy's quorum, in whose tree `subtree` is the root that the bridge begins at.

    Raises `BridgeError`. Signatures of keys that the policy does not know are passed over, as in a note.
    """
    logs = [key for origin, key in policy.logs.items() if log_id(origin)[:_LOG_BYTES] == bridge.log]
    if len(logs) != 1:
        raise BridgeError("the bridge is of a log that the gate's policy does not know")
    (log,) = logs
    text = Head(origin=log.name, size=bridge.size, root=bridge.root(subtree)).text
    names = {key.id: key.name for key in policy.witnesses.values()}
    lines = [
        NoteSignature(name=name, key_id=line[:_KEY_ID], signature=line[_KEY_ID:])
        for name, line in (
            (log.name, bridge.signature),
            *((names.get(one[:_KEY_ID], ""), one) for one in bridge.cosignatures),
        )
        if name
    ]
    try:
        return policy.check(Note(text=text, signatures=tuple(lines)))
    except TlogError as error:
        raise BridgeError(f"the bridge does not lead from this pass to a checkpoint under quorum: {error}") from None


def check_pass_by_bridge(text: str, bridge: str, held: Held, policy: Policy, now: int) -> Answer:
    """Answer for a pass that is shown with a bridge. Only where the gate alone says `newer` is the bridge looked at.

    The subtree must lie behind all that the gate holds. A pass that the gate could know of is judged by what it knows:
    else a bridge would carry a pass past the line that superseded it.
    """
    alone = check_pass(text, held, now)
    if alone.reason != "newer" or held.opens_to is None:
        return alone
    shown = parse_pass(text)
    try:
        _check_bridged(shown, parse_bridge(bridge), held, policy)
    except BridgeError:
        return Answer(verdict=Verdict.THEIRS, reason="bridge")
    return by_view(shown, held.opens_to, max(now, held.constants.begins(shown.epoch)))


def _check_bridged(shown: Pass, bridge: Bridge, held: Held, policy: Policy) -> Checkpoint:
    """Return the checkpoint to which a pass leads by a bridge that begins behind all that the gate holds."""
    place = shown.index >> shown.height
    if (bridge.log, bridge.node, bridge.height) != (shown.log, place, shown.height) or place <= max(held.roots):
        raise BridgeError("the bridge is of another subtree than the pass, or of one that this gate holds")
    return check_bridge(bridge, shown.root(held.constants.origin), policy)


def format_bridge(bridge: Bridge) -> str:
    """Return the text for a bridge's QR picture."""
    parts = (
        bytes([_VERSION]),
        bridge.log,
        bytes([bridge.height]),
        bridge.node.to_bytes(_INDEX),
        bridge.size.to_bytes(_INDEX),
        *bridge.path,
        bridge.signature,
        bytes([len(bridge.cosignatures)]),
        *bridge.cosignatures,
    )
    return BRIDGE_PREFIX + encode_base45(b"".join(parts))


def parse_bridge(text: str) -> Bridge:
    """Return the bridge in a QR picture's text; raises `BridgeError` for all that `format_bridge` would not write."""
    if not text.startswith(BRIDGE_PREFIX):
        raise BridgeError(f"a bridge begins with {BRIDGE_PREFIX}: show the bridge, not another code")
    try:
        data = parse_base45(text[len(BRIDGE_PREFIX) :])
    except WireError as error:
        raise BridgeError(f"the bridge is damaged: {error}") from None
    if data[:1] != bytes([_VERSION]) or len(data) < _FIXED:
        raise BridgeError("this is no bridge of a version that is known here: update the gate")
    height, node, size = data[5], int.from_bytes(data[6:11]), int.from_bytes(data[11:16])
    if height not in HEIGHTS or not node < size >> height:
        raise BridgeError("the bridge is of no subtree and size of a log")
    after = _FIXED + HASH_BYTES * sum(_steps(node, size >> height))
    count = after + _SIGNATURE
    if len(data) <= count or len(data) != count + 1 + data[count] * _COSIGNATURE:
        raise BridgeError("the bridge is not of the length that it says: show it again")
    return Bridge(
        log=data[1:5],
        height=height,
        node=node,
        size=size,
        path=_cut(data[_FIXED:after], HASH_BYTES),
        signature=data[after:count],
        cosignatures=_cut(data[count + 1 :], _COSIGNATURE),
    )


def _cut(data: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(data[at : at + size] for at in range(0, len(data), size))
