"""The registry: references to documents, bound to people by logged events (docs/design.md §3).

An event is a plain value; `Registry.apply` checks it whole and then changes the state, so that replaying the events
gives the same bindings at every instant. Bindings never move back in time: a merge binds from its instant on, a split
lets go from its instant on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from habeas.registry.errors import BindingError, RegistryError, UnknownPersonError
from habeas.wire import FOREVER, REF_BYTES, Instant, Span, VerifyingKey

__all__ = ["SUBJECT_BYTES", "AddDocument", "Binding", "Enrol", "Merge", "Person", "Registry", "RegistryEvent", "Split"]

SUBJECT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """A new person: an id of 16 random bytes made by the caller, the first document, the person's own key if any."""

    subject: bytes
    ref: bytes
    key: VerifyingKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDocument:
    """Another document of an enrolled person."""

    subject: bytes
    ref: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two records are one person's: all that is bound to `absorbed` is bound to `kept` from now on."""

    kept: bytes
    absorbed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """These references were never this person's: from now on they are `other`'s, who is enrolled anew if unknown."""

    subject: bytes
    refs: tuple[bytes, ...]
    other: bytes


RegistryEvent: TypeAlias = Enrol | AddDocument | Merge | Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A reference bound to a person for a time."""

    ref: bytes
    subject: bytes
    time: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An enrolled person: own keys, newest last, and into whom the record was merged, if it was."""

    subject: bytes
    keys: tuple[VerifyingKey, ...] = ()
    merged_into: bytes | None = None


class Registry:
    """Who is who at every instant. Only `apply` changes it."""

    def __init__(self) -> None:
        self._people: dict[bytes, Person] = {}
        self._bindings: dict[bytes, list[Binding]] = {}
        self._refs: dict[bytes, list[bytes]] = {}

    def __len__(self) -> int:
        return len(self._people)

    def people(self) -> Iterator[Person]:
        """Yield every enrolled person, in the order of enrolment."""
        return iter(self._people.values())

    def person(self, subject: bytes) -> Person:
        """Return the person of an id; raises `UnknownPersonError`."""
        try:
            return self._people[subject]
        except KeyError:
            raise UnknownPersonError(
                f"nobody is enrolled as {subject.hex()}; enrol them with a document first"
            ) from None

    def subject_of(self, ref: bytes, at: Instant) -> bytes:
        """Return whose reference it was at an instant; raises `UnknownPersonError`."""
        for binding in reversed(self._bindings.get(ref, ())):
            if binding.time.covers(at):
                return binding.subject
        raise UnknownPersonError(
            "this reference is bound to nobody; enrol the person, or send the right document's number"
        )

    def bindings(self, subject: bytes) -> tuple[Binding, ...]:
        """Return every binding that the person has or had, in the order of the events."""
        return tuple(
            binding
            for ref in self._refs.get(subject, ())
            for binding in self._bindings[ref]
            if binding.subject == subject
        )

    def mates(self, ref: bytes) -> set[bytes]:
        """Return every reference that was ever one person's together with this one, itself among them."""
        holders = {binding.subject for binding in self._bindings.get(ref, ())}
        return {ref}.union(*(self._refs.get(holder, ()) for holder in holders))

    def apply(self, event: RegistryEvent, at: Instant) -> tuple[bytes, ...]:
        """Carry out one event and return the ids of the people it touches, each of whom gets a notice (I10).

        The same event twice changes nothing. Raises `RegistryError`, before anything is changed.
        """
        match event:
            case Enrol():
                return self._enrol(event, at)
            case AddDocument():
                self.person(event.subject)
                self._bind(event.ref, event.subject, at)
                return (event.subject,)
            case Merge():
                return self._merge(event, at)
            case Split():
                return self._split(event, at)

    def _enrol(self, event: Enrol, at: Instant) -> tuple[bytes, ...]:
        if len(event.subject) != SUBJECT_BYTES:
            raise RegistryError(f"a person's id has {SUBJECT_BYTES} bytes, not {len(event.subject)}")
        self._bind(event.ref, event.subject, at)
        before = self._people.get(event.subject, Person(subject=event.subject))
        keys = before.keys if event.key in (None, *before.keys) else (*before.keys, event.key)
        self._people[event.subject] = Person(subject=event.subject, keys=tuple(k for k in keys if k))
        return (event.subject,)

    def _merge(self, event: Merge, at: Instant) -> tuple[bytes, ...]:
        if event.kept == event.absorbed:
            raise BindingError("a record cannot be merged with itself; name two people")
        self.person(event.kept)
        absorbed = self.person(event.absorbed)
        for ref in self._held(event.absorbed, at):
            self._move(ref, event.kept, at)
        self._people[event.absorbed] = Person(subject=event.absorbed, keys=absorbed.keys, merged_into=event.kept)
        return (event.kept, event.absorbed)

    def _split(self, event: Split, at: Instant) -> tuple[bytes, ...]:
        self.person(event.subject)
        held = set(self._held(event.subject, at))
        if not event.refs or not set(event.refs) <= held or event.subject == event.other:
            raise BindingError("a split names references that the person holds now, and another person who gets them")
        for ref in event.refs:
            self._move(ref, event.other, at)
        other = self._people.get(event.other, Person(subject=event.other))
        self._people[event.other] = Person(subject=event.other, keys=other.keys)
        return (event.subject, event.other)

    def _held(self, subject: bytes, at: Instant) -> list[bytes]:
        return [binding.ref for binding in self.bindings(subject) if binding.time.covers(at)]

    def _bind(self, ref: bytes, subject: bytes, at: Instant) -> None:
        if len(ref) != REF_BYTES:
            raise RegistryError(f"a reference has {REF_BYTES} bytes, not {len(ref)}")
        rows = self._bindings.get(ref, [])
        if rows and rows[-1].time.end == FOREVER:
            if rows[-1].subject != subject:
                raise BindingError(
                    "this document is bound to somebody else; look at both records at a counter, then merge"
                )
            return
        self._append(Binding(ref=ref, subject=subject, time=Span(at, FOREVER)))

    def _move(self, ref: bytes, subject: bytes, at: Instant) -> None:
        last = self._bindings[ref].pop()
        self._bindings[ref].append(Binding(ref=ref, subject=last.subject, time=Span(last.time.start, at)))
        self._append(Binding(ref=ref, subject=subject, time=Span(at, FOREVER)))

    def _append(self, binding: Binding) -> None:
        self._bindings.setdefault(binding.ref, []).append(binding)
        refs = self._refs.setdefault(binding.subject, [])
        if binding.ref not in refs:
            refs.append(binding.ref)
