"""A second gate, written after docs/gate.md alone: hashlib, Ed25519 and nothing of this library. The vectors are held by it, too.

It is short, not quick, and it reads none of the mandates.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Fetch = Callable[[str], bytes | None]
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
DAY = 86_400


class RefusedError(Exception):
    """What this gate does not take."""


def must(holds: bool) -> None:  # noqa: FBT001 - what holds, or does not
    if not holds:
        raise RefusedError


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha(b"\1", left, right)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def base45(text: str) -> bytes:
    out = b""
    must(all(one in ALPHABET for one in text) and len(text) % 3 != 1)
    for at in range(0, len(text), 3):
        digits = [ALPHABET.index(one) for one in text[at : at + 3]]
        value = sum(digit * 45**place for place, digit in enumerate(digits))
        size = len(digits) - 1
        must(value < 256**size)
        out += value.to_bytes(size, "big")
    return out


# 1 The policy and the checkpoint


@dataclass
class Policy:
    logs: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # origin: key id, key
    witnesses: dict[str, tuple[str, bytes, bytes]] = field(default_factory=dict)  # name: key's name, key id, key
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""

    def is_witnessed(self, name: str, by: set[str]) -> bool:
        if name in self.witnesses:
            return name in by
        needed, members = self.groups[name]
        return sum(self.is_witnessed(one, by) for one in members) >= needed


def read_policy(text: str) -> Policy:
    policy = Policy()
    for line in text.splitlines():
        words = line.split()
        if words[0] in ("log", "witness"):
            name, key_id, key = words[-1].split("+", 2)
            ours = bytes.fromhex(key_id), base64.b64decode(key)[1:]
            if words[0] == "log":
                policy.logs[name] = ours
            else:
                policy.witnesses[words[1]] = (name, *ours)
        elif words[0] == "group":
            policy.groups[words[1]] = (int(words[2]), words[3:])
        else:
            policy.quorum = words[1]
    return policy


def verify(key: bytes, message: bytes, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise RefusedError from None


def check_quorum(policy: Policy, origin: str, text: str, lines: list[tuple[str, bytes]]) -> None:
    """Lines are (key's name or "" where only the id is known, key id and signature)."""
    must(origin in policy.logs)
    key_id, key = policy.logs[origin]
    own = [data for name, data in lines if name in ("", origin) and data[:4] == key_id]
    must(bool(own))
    verify(key, text.encode(), own[0][4:])
    by = set()
    for witness, (name, key_id, key) in policy.witnesses.items():
        for said, data in lines:
            if said in ("", name) and data[:4] == key_id:
                verify(key, f"cosignature/v1\ntime {number(data[4:12])}\n{text}".encode(), data[12:])
                by.add(witness)
    must(policy.is_witnessed(policy.quorum, by))


def read_checkpoint(policy: Policy, data: bytes) -> tuple[str, int, bytes]:
    text, _, rest = data.decode("utf-8", "replace").rpartition("\n\n")
    text += "\n"
    lines = []
    for line in rest.splitlines():
        found = re.fullmatch(r"— (\S+) (\S+)", line)
        must(found is not None)
        assert found is not None
        try:
            lines.append((found[1], base64.b64decode(found[2], validate=True)))
        except ValueError:
            raise RefusedError from None
        must(base64.b64encode(lines[-1][1]).decode() == found[2] and rest.endswith("\n"))
    head = text.split("\n")
    check_quorum(policy, head[0], text, lines)
    return head[0], int(head[1]), base64.b64decode(head[2])


# 2 The tree


def tile(fetch: Fetch, level: int, index: int, size: int) -> list[bytes]:
    width = min(256, (size >> 8 * level) - index * 256)
    must(index < 1000 and width > 0)  # this gate's logs are small
    path = f"tile/{level}/{index:03d}"
    data = fetch(f"{path}.p/{width}") if width < 256 else None
    data = data or fetch(path)
    must(data is not None and len(data) >= 32 * width)
    assert data is not None
    return [data[at : at + 32] for at in range(0, 32 * width, 32)]


def subtree(fetch: Fetch, level: int, index: int, size: int) -> bytes:
    """Return the hash of a complete subtree, from the tile that it stands in, or is folded from."""
    low = level // 8
    first = index << level % 8
    row = tile(fetch, low, first // 256, size)[first % 256 :][: 1 << level % 8]
    while len(row) > 1:
        row = [node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def root_of_range(parts: list[tuple[int, bytes]]) -> bytes:
    """Fold complete subtrees, largest first, from the right."""
    found = parts[-1][1]
    for _, left in reversed(parts[:-1]):
        found = node(left, found)
    return found


def add(parts: list[tuple[int, bytes]], level: int, root: bytes) -> None:
    while parts and parts[-1][0] == level:
        root, level = node(parts.pop()[1], root), level + 1
    parts.append((level, root))


def up(found: bytes, place: int, width: int, path: list[bytes]) -> bytes:
    inner = (place ^ (width - 1)).bit_length()
    must(len(path) == inner + (place >> inner).bit_count())
    for level, sibling in enumerate(path):
        on_the_left = level >= inner or place >> level & 1
        found = node(sibling, found) if on_the_left else node(found, sibling)
    return found


# 3 Blocks and lists


@dataclass
class Block:
    start: int
    epoch: int
    height: int
    previous: int
    lines: int
    chain: bytes
    roots: list[bytes]

    @property
    def end(self) -> int:
        return self.start + (len(self.roots) << self.height)


def read_block(data: bytes | None) -> Block:
    must(data is not None and len(data) > 172)
    assert data is not None
    header, count = data[9:172], number(data[5:9])
    height = header[5]
    must(header[0] == 1 and height in (8, 16) and len(data) == 172 + 32 * (height + count) and count > 0)
    hashes = [data[at : at + 32] for at in range(172, len(data), 32)]
    path, roots = hashes[:height], hashes[height:]
    found = sha(b"\0", header)
    for sibling in path:
        found = node(found, sibling)
    entries = 1 + sum(number(header[at : at + 4]) for at in range(6, 26, 4))
    must(found == roots[0] and -(-entries >> height) == count)
    start = number(data[:5])
    must(start % (1 << height) == 0)
    return Block(start, number(header[1:5]), height, number(header[26:31]), number(header[31:35]), header[35:67], roots)


def read_list(data: bytes | None) -> list[int]:
    must(data is not None and len(data) >= 4)
    assert data is not None
    out, before, gap, shift = [], -1, 0, 0
    for byte in data[4:]:
        gap |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            before += gap
            must(gap > 0)
            out.append(before)
            gap = shift = 0
    must(shift == 0 and len(out) == number(data[:4]))
    return out


# 4 Sync


@dataclass
class State:
    origin: str
    epoch_seconds: int
    height: int
    horizon: int
    size: int
    root: bytes
    before: list[tuple[int, bytes]]
    before_end: int
    blocks: list[Block]
    chain: bytes
    gone: set[int]


def read_constants(entry: bytes) -> dict[str, Any]:
    """Read the little CBOR that constants are: the payload of the COSE_Sign1 is a map from text to text or number."""
    must(entry[:3] == b"\x1f\xd2\x84")
    items = _cbor(entry[2:], 0)[0]
    found = _cbor(items[2], 0)[0]
    must(isinstance(found, dict))
    return dict(found)


def _cbor(data: bytes, at: int) -> tuple[Any, int]:
    major, small = data[at] >> 5, data[at] & 31
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(small, 0)
    value = number(data[at + 1 : at + 1 + size]) if size else small
    at += 1 + size
    if major in (0, 1):
        return (value if major == 0 else -1 - value), at
    if major in (2, 3):
        part = data[at : at + value]
        return (part if major == 2 else part.decode()), at + value
    out: list[Any] = []
    for _ in range(value * (2 if major == 5 else 1)):
        one, at = _cbor(data, at)
        out.append(one)
    return (dict(zip(out[::2], out[1::2], strict=True)) if major == 5 else out), at


def begin(fetch: Fetch, origin: str, size: int, root: bytes, lines: list[tuple[int, int]]) -> State:
    bundle = fetch("tile/entries/000")
    must(bundle is not None)
    assert bundle is not None
    first = 2 + number(bundle[:2])
    entry = bundle[first + 2 : first + 2 + number(bundle[first : first + 2])]
    level0 = tile(fetch, 0, 0, size)
    must(sha(b"\0", entry) == level0[1] and subtree(fetch, 8, 0, size) == _fold(level0))
    value = read_constants(entry)
    must(value["origin"] == origin)
    seconds, horizon = value["epoch_seconds"], value["horizon"]
    at = next(at for at, (epoch, _) in enumerate(lines) if (lines[-1][0] - epoch) * seconds <= horizon)
    end = lines[at][1]
    before, start = [], 0
    for level in range(40, -1, -1):
        if end >> level & 1:
            before.append((level, subtree(fetch, level, start >> level, size)))
            start += 1 << level
    state = State(origin, seconds, value["height"], horizon, end, b"", before, end, [], bytes(32), set())
    if at:
        last = read_block(fetch(f"block/{lines[at - 1][0]}"))
        must(last.epoch == lines[at - 1][0] and last.start == lines[at - 1][1] and last.end == end)
        place, width, path = last.start >> last.height, size >> last.height, []
        low, high = 0, width
        while high - low > 1:  # the siblings on the way down, as in RFC 6962
            middle = low + (1 << ((high - low - 1).bit_length() - 1))
            ours, other = ((low, middle), (middle, high)) if place < middle else ((middle, high), (low, middle))
            path.append(_range(fetch, *other, last.height, size))
            low, high = ours
        must(up(last.roots[0], place, width, path[::-1]) == root)
        state.chain, state.blocks = last.chain, [last]
    return state


def _fold(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _range(fetch: Fetch, low: int, high: int, height: int, size: int) -> bytes:
    parts = []
    while low < high:
        level = (high - low).bit_length() - 1
        level = min(level, (low & -low).bit_length() - 1) if low else level
        parts.append((level, subtree(fetch, height + level, low >> level, size)))
        low += 1 << level
    return root_of_range(parts)


def sync(state: State | None, fetch: Fetch, policy: Policy) -> State:
    data = fetch("checkpoint")
    must(data is not None)
    origin, size, root = read_checkpoint(policy, data or b"")
    listed = fetch("blocks") or b""
    must(len(listed) % 9 == 0)
    lines = [(number(listed[at : at + 4]), number(listed[at + 4 : at + 9])) for at in range(0, len(listed), 9)]
    must(all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(lines)))
    lines = [line for line in lines if line[1] < size]
    must(bool(lines) and lines[0][1] == 0)
    if state is None:
        state = begin(fetch, origin, size, root, lines)
        behind = state.blocks
        state.blocks = []
    else:
        must(origin == state.origin and size >= state.size and (size > state.size or root == state.root))
        state = State(
            **{**vars(state), "blocks": list(state.blocks), "gone": set(state.gone), "before": list(state.before)}
        )
        behind = state.blocks[-1:]
    previous = behind[0] if behind else None
    end = state.size
    for epoch, start in lines:
        if start < end:
            continue
        block = read_block(fetch(f"block/{epoch}"))
        must((block.start, block.epoch, block.height) == (end, epoch, state.height))
        must(block.previous == (previous.start if previous else 0) and (previous is None or previous.epoch < epoch))
        if block.lines or block.chain != state.chain:
            raw = fetch(f"superseded/{epoch}")
            names = read_list(raw)
            must(len(names) == block.lines and sha(state.chain, sha(raw or b"")) == block.chain)
            must(not names or names[-1] < block.start)
            state.gone |= set(names)
            state.chain = block.chain
        state.blocks.append(block)
        previous, end = block, block.end
    must(end == size)
    newest = state.blocks[-1].epoch
    while (newest - state.blocks[0].epoch) * state.epoch_seconds > state.horizon:
        old = state.blocks.pop(0)
        for one in old.roots:
            add(state.before, state.height, one)
        state.before_end = old.end
    parts = list(state.before)
    for block in state.blocks:
        for one in block.roots:
            add(parts, state.height, one)
    must(root_of_range(parts) == root)
    state.gone = {index for index in state.gone if index >= state.before_end}
    state.size, state.root = size, root
    return state


# 5 The answer


def check_pass(text: str, held: dict[str, Any], now: int) -> list[str]:
    """Return verdict, reason and hint; `held` is as in vectors/gate/passes.json."""
    begins = held["newest"] * held["epoch_seconds"]
    if now < begins - held["epoch_seconds"]:
        return ["ours", "clock", ""]
    if now > begins + DAY:
        return ["ours", "stale", ""]
    if held["opens_to"] is None:
        return ["ours", "no-mandate", ""]
    try:
        shown = _read_pass(text)
    except (RefusedError, UnicodeDecodeError):
        return ["theirs", "unreadable", ""]
    reason = _why_not(shown, held, now)
    if reason is not None:
        return ["no" if reason == "not-in-the-log" else "theirs", reason, ""]
    return _by_view(shown, held, max(now, begins))


def _by_view(shown: dict[str, Any], held: dict[str, Any], at: int) -> list[str]:
    code = shown["now"] if at < shown["until"] * 3600 else shown["then"]
    return [*(("yes", "open") if code in held["opens_to"] else ("no", "code")), shown["hint"]]


def _read_pass(text: str) -> dict[str, Any]:
    must(text.startswith("HB1:"))
    data = base45(text[4:])
    must(len(data) > 99 and data[0] == 1 and data[5] in (8, 16) and len(data) == 99 + 32 * data[5])
    view = data[79:99]
    hint = view[8:].rstrip(b"\0").decode()
    must(view[0] == 1 and view[7] == 0 and view[6] <= view[1] and hint.isprintable() and hint == hint.strip())
    return {
        "log": data[1:5],
        "height": data[5],
        "index": number(data[6:11]),
        "epoch": number(data[11:15]),
        "label": data[15:31],
        "rest": data[31:63],
        "salt": data[63:79],
        "view": view,
        "now": view[1],
        "until": number(view[2:6]),
        "then": view[6],
        "hint": hint,
        "path": [data[at : at + 32] for at in range(99, len(data), 32)],
    }


def subtree_of(shown: dict[str, Any], origin: str) -> bytes:
    tag = sha(b"habeas/v1/gate\n", origin.encode())
    gate = sha(tag, shown["label"], shown["salt"], shown["view"])
    found = sha(b"\0\x10", shown["epoch"].to_bytes(4, "big"), shown["label"], gate, shown["rest"])
    for level, sibling in enumerate(shown["path"]):
        found = node(sibling, found) if shown["index"] >> level & 1 else node(found, sibling)
    return found


def _why_not(shown: dict[str, Any], held: dict[str, Any], now: int) -> str | None:
    if shown["log"] != sha(held["origin"].encode())[:4] or shown["height"] != held["height"]:
        return "another-log"
    root = held["roots"].get(str(shown["index"] >> shown["height"]))
    if root is not None and bytes.fromhex(root) != subtree_of(shown, held["origin"]):
        return "not-in-the-log"
    if shown["epoch"] > held["newest"]:
        return "newer"
    if now >= shown["epoch"] * held["epoch_seconds"] + 28 * DAY:
        return "too-old"
    if root is None:
        return "not-held"
    return "superseded" if shown["index"] in held["superseded"] else None


# 6 Bridges


def check_bridge(text: str, root: bytes, policy: Policy) -> tuple[int, int, bytes]:
    """Return node, size and root of the checkpoint to which a subtree's root leads."""
    must(text.startswith("HB2:"))
    data = base45(text[4:])
    must(len(data) > 16 and data[0] == 2 and data[5] in (8, 16))
    place, size = number(data[6:11]), number(data[11:16])
    width = size >> data[5]
    must(place < width and size % (1 << data[5]) == 0)
    inner = (place ^ (width - 1)).bit_length()
    after = 16 + 32 * (inner + (place >> inner).bit_count())
    must(len(data) > after + 68 and len(data) == after + 69 + 76 * data[after + 68])
    found = up(root, place, width, [data[at : at + 32] for at in range(16, after, 32)])
    origins = [origin for origin in policy.logs if sha(origin.encode())[:4] == data[1:5]]
    must(len(origins) == 1)
    head = f"{origins[0]}\n{size}\n{base64.b64encode(found).decode()}\n"
    cosignatures = [data[at : at + 76] for at in range(after + 69, len(data), 76)]
    ids = [one[:4] for one in cosignatures]
    must(ids == sorted(set(ids)))
    check_quorum(policy, origins[0], head, [("", data[after : after + 68]), *(("", one) for one in cosignatures)])
    return place, size, found


def check_pass_by_bridge(text: str, bridge: str, held: dict[str, Any], policy: Policy, now: int) -> list[str]:
    alone = check_pass(text, held, now)
    if alone[1] != "newer":
        return alone
    shown = _read_pass(text)
    place = shown["index"] >> shown["height"]
    try:
        must(place > max(map(int, held["roots"])))
        must(check_bridge(bridge, subtree_of(shown, held["origin"]), policy)[0] == place)
    except RefusedError:
        return ["theirs", "bridge", ""]
    return _by_view(shown, held, max(now, shown["epoch"] * held["epoch_seconds"]))
