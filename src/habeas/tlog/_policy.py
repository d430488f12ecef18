"""Policies (C2SP tlog-policy): which logs count, and how many witnesses must have seen a checkpoint before it does.

A policy is read only if it withstands a liar. Two different checkpoints of one size are both under quorum only if some
witnesses signed both. For k of n at least 2k - n must have lied, for nested groups the fewest over all ways; a policy
tolerates one liar less. And every quorum must hold a *checker*, a witness that has also read what the block says: the
members of the group named `checkers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from habeas.tlog._checkpoint import Checkpoint
from habeas.tlog._note import Note, check_note
from habeas.tlog._note_key import NoteKey, SignatureType, parse_vkey
from habeas.tlog._text import head_of
from habeas.tlog.errors import CheckpointError, NoteError, PolicyError, QuorumError

__all__ = ["CHECKERS", "Group", "Policy", "parse_policy"]

CHECKERS = "checkers"
_MAX_BYTES = 1 << 16
_MAX_NAMES = 64
_LOG = (SignatureType.ED25519,)
_COSIGNATURES = (SignatureType.COSIGNATURE, SignatureType.COSIGNATURE_MLDSA)
_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_SPACES = re.compile(r"[ \t]+")
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`needed` of the named members, witnesses or groups, have witnessed; each name is a member once in a policy."""

    needed: int
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= len(self.members):
            raise PolicyError(
                f"{self.needed} of {len(self.members)} members can never be: choose 1 to {len(self.members)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Logs by origin, witnesses and groups by name, and the name whose word makes a quorum."""

    logs: Mapping[str, NoteKey]
    witnesses: Mapping[str, NoteKey]
    groups: Mapping[str, Group]
    quorum: str
    urls: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("logs", "witnesses", "groups", "urls"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        self._check_names()
        if self.liars < 1:
            raise PolicyError(
                "one lying witness could put two logs under quorum: 2-of-3 tolerates none, 3-of-4 one, 4-of-5 two"
            )
        if self.least_checkers < 1:
            raise PolicyError(
                f"a quorum could do without a checker: make the quorum all of witnesses and group {CHECKERS!r}"
            )

    def _check_names(self) -> None:
        """Refuse a key, a key's name or a member that would count twice, and groups that are not in their order."""
        keys: list[NoteKey] = []
        for types, of_type in ((_LOG, self.logs), (_COSIGNATURES, self.witnesses)):
            for key in of_type.values():
                _check_key(key, types, keys)
                keys.append(key)
        known, members = set(self.witnesses), set[str]()
        for name, group in self.groups.items():
            _check_group(group.members, known, members)
            if name in known:
                raise PolicyError(f"the name {name!r} is taken")
            known.add(name)
            members.update(group.members)
        if not self.logs or self.quorum not in known:
            raise PolicyError("a policy has at least one log, and a quorum of its witnesses and groups")
        if any(origin != key.name for origin, key in self.logs.items()):
            raise PolicyError("a log stands under another origin than its key's name")

    @property
    def liars(self) -> int:
        """How many witnesses may lie together before two different logs can both have a quorum."""
        return self._least(lambda _: 1, lambda group: 2 * group.needed - len(group.members)) - 1

    @property
    def least_checkers(self) -> int:
        """How many checkers the quorum with the fewest of them has."""
        checkers = self.under(CHECKERS) if CHECKERS in self.groups else frozenset()
        return self._least(lambda name: int(name in checkers), lambda group: group.needed)

    def _least(self, of_witness: Callable[[str], int], members: Callable[[Group], int]) -> int:
        """Return the least cost of the quorum, where a group costs its so many cheapest members."""

        def cost(name: str) -> int:
            if name in self.witnesses:
                return of_witness(name)
            group = self.groups[name]
            return sum(sorted(map(cost, group.members))[: max(0, members(group))])

        return cost(self.quorum)

    def under(self, name: str) -> frozenset[str]:
        """Return the witnesses that a name stands for, through all groups."""
        if name in self.witnesses:
            return frozenset((name,))
        return frozenset(one for member in self.groups[name].members for one in self.under(member))

    def is_witnessed(self, name: str, by: Iterable[str]) -> bool:
        """Whether a name has witnessed when these witnesses have."""
        given = frozenset(by)
        if name in self.witnesses:
            return name in given
        group = self.groups[name]
        return sum(self.is_witnessed(member, given) for member in group.members) >= group.needed

    def check(self, note: Note) -> Checkpoint:
        """Return the checkpoint of a note that one of the logs and a quorum have signed; raises `NoteError`, `QuorumError`."""
        head = head_of(note.text)
        log = self.logs.get(head.origin)
        if log is None:
            raise CheckpointError(f"the log {head.origin[:60]!r} is none of this policy's")
        check_note(note, (log,))
        names = {key: name for name, key in self.witnesses.items()}
        try:
            # An ML-DSA cosignature of time 0 does not say that its witness saw no other checkpoint (tlog-cosignature).
            signed = [names[one.key] for one in check_note(note, names) if one.at]
        except NoteError as error:
            raise QuorumError(str(error)) from None
        if not self.is_witnessed(self.quorum, signed):
            who = ", ".join(sorted(signed))
            raise QuorumError(
                f"too few have cosigned this checkpoint of {head.size} entries: {who}; wait, then ask again"
            )
        return Checkpoint(head=head, note=note)


def parse_policy(data: bytes) -> Policy:
    """Return the policy in a file; raises `PolicyError` with the line at fault.

    Stricter than C2SP: names are UTF-8, every log has a key, `quorum none` is refused, and so is any policy that no liar
    or no checker has to pass.
    """
    if len(data) > _MAX_BYTES or not _ALLOWED.fullmatch(data):
        raise PolicyError(f"a policy is text of at most {_MAX_BYTES} bytes without control characters")
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        raise PolicyError("a policy is UTF-8 text") from None
    draft = _Draft()
    for number, line in enumerate(lines, 1):
        words = _SPACES.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            try:
                draft.read(words)
            except (PolicyError, NoteError) as error:
                raise PolicyError(f"policy, line {number}: {error}") from None
    return draft.policy()


class _Draft:
    """A policy while its lines are read, each against those above it."""

    def __init__(self) -> None:
        self.logs: dict[str, NoteKey] = {}
        self.witnesses: dict[str, NoteKey] = {}
        self.groups: dict[str, Group] = {}
        self.urls: dict[str, str] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                key = self._key(vkey, _LOG)
                self.logs[key.name] = key
                self.urls.update((key.name, one) for one in url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._new(name)
                self.witnesses[name] = self._key(vkey, _COSIGNATURES)
                self.urls.update((name, one) for one in url)
            case ["group", name, needed, *members] if members:
                self._new(name)
                self.groups[name] = self._group(needed, members)
            case ["quorum", name] if self.quorum is None:
                if name not in self.witnesses and name not in self.groups:
                    raise PolicyError(f"quorum {name!r} is no witness and no group of a line above")
                self.quorum = name
            case _:
                _unread(words[0])

    def _key(self, vkey: str, types: tuple[SignatureType, ...]) -> NoteKey:
        key = parse_vkey(vkey)
        _check_key(key, types, (*self.logs.values(), *self.witnesses.values()))
        return key

    def _new(self, name: str) -> None:
        if name in self.witnesses or name in self.groups or name == "none":
            raise PolicyError(f"the name {name!r} is taken")
        if len(self.witnesses) + len(self.groups) >= _MAX_NAMES:
            raise PolicyError(f"a policy has at most {_MAX_NAMES} witnesses and groups")

    def _group(self, needed: str, members: list[str]) -> Group:
        _check_group(members, {*self.witnesses, *self.groups}, self.members)
        self.members.update(members)
        count = {"any": "1", "all": str(len(members))}.get(needed, needed)
        if not _COUNT.fullmatch(count):
            raise PolicyError(f"{needed!r} is no number of members: write all, any or a number")
        return Group(needed=int(count), members=tuple(members))

    def policy(self) -> Policy:
        if self.quorum is None or not self.logs:
            raise PolicyError("a policy has at least one log line, and just one quorum line")
        return Policy(logs=self.logs, witnesses=self.witnesses, groups=self.groups, quorum=self.quorum, urls=self.urls)


def _check_key(key: NoteKey, types: Iterable[SignatureType], before: Iterable[NoteKey]) -> None:
    """Refuse a key of a wrong type, and one whose bytes or whose name stand before: each operator counts once."""
    if key.type not in types:
        raise PolicyError(
            f"key {key.name!r} is of type {key.type.value}, not {' or '.join(str(one.value) for one in types)}"
        )
    for other in before:
        if key.public == other.public:
            raise PolicyError(f"key {key.name!r} is in this policy already, perhaps under another name")
        if key.name == other.name:
            raise PolicyError(f"{key.name!r} names a key of this policy already: an operator counts once")


def _check_group(members: Iterable[str], known: Container[str], before: Container[str]) -> None:
    own = set[str]()
    for member in members:
        if member not in known:
            raise PolicyError(f"{member!r} is no witness and no group of a line above")
        if member in before or member in own:
            raise PolicyError(f"{member!r} is a member already: each name counts once")
        own.add(member)


def _unread(word: str) -> NoReturn:
    raise PolicyError(
        f"{word[:30]!r}: a line is log VKEY [URL], witness NAME VKEY [URL], group NAME K NAME… or quorum NAME, once"
    )
