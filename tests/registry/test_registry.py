"""Who is who: bindings are events with an instant, go forward only, and touch whoever they say they touch."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.registry import (
    AddDocument,
    BindingError,
    Enrol,
    Merge,
    NameQueue,
    Registry,
    RegistryError,
    RegistryEvent,
    Split,
    UnknownPersonError,
)
from habeas.wire import DAY, FOREVER, Identifier, IdentifierError, Instant, Span
from scene import START, key_of

PEOPLE = [bytes([number]) * 16 for number in range(4)]
REFS = [bytes([number]) * 32 for number in range(6)]


def at(days: int) -> Instant:
    return START.after(days * DAY)


def enrolled(count: int = 2) -> Registry:
    registry = Registry()
    for subject, ref in zip(PEOPLE[:count], REFS, strict=False):
        registry.apply(Enrol(subject=subject, ref=ref), at(0))
    return registry


def test_a_reference_is_its_persons_from_enrolment_on() -> None:
    registry = enrolled()
    assert registry.subject_of(REFS[0], at(0)) == PEOPLE[0]
    for ref, instant in ((REFS[0], at(-1)), (REFS[5], at(0))):
        with pytest.raises(UnknownPersonError, match="enrol"):
            registry.subject_of(ref, instant)


def test_enrolling_again_changes_nothing_but_a_new_key() -> None:
    registry = enrolled(1)
    registry.apply(Enrol(subject=PEOPLE[0], ref=REFS[0], key=key_of("li").verifying), at(1))
    registry.apply(Enrol(subject=PEOPLE[0], ref=REFS[0], key=key_of("li").verifying), at(2))
    assert registry.person(PEOPLE[0]).keys == (key_of("li").verifying,)
    assert [binding.time for binding in registry.bindings(PEOPLE[0])] == [Span(at(0), FOREVER)]
    assert len(registry) == 1


def test_a_merge_moves_from_its_instant_on_and_a_split_undoes_it() -> None:
    registry = enrolled()
    touched = registry.apply(Merge(kept=PEOPLE[0], absorbed=PEOPLE[1]), at(1))
    assert touched == (PEOPLE[0], PEOPLE[1])
    assert registry.person(PEOPLE[1]).merged_into == PEOPLE[0]
    assert [registry.subject_of(REFS[1], at(day)) for day in (0, 1)] == [PEOPLE[1], PEOPLE[0]]
    registry.apply(Split(subject=PEOPLE[0], refs=(REFS[1],), other=PEOPLE[1]), at(2))
    assert registry.person(PEOPLE[1]).merged_into is None
    assert [registry.subject_of(REFS[1], at(day)) for day in (0, 1, 2)] == [PEOPLE[1], PEOPLE[0], PEOPLE[1]]


def test_a_split_enrols_whoever_was_unknown() -> None:
    registry = enrolled(1)
    registry.apply(AddDocument(subject=PEOPLE[0], ref=REFS[4]), at(1))
    registry.apply(Split(subject=PEOPLE[0], refs=(REFS[4],), other=PEOPLE[3]), at(2))
    assert registry.subject_of(REFS[4], at(2)) == PEOPLE[3]
    assert [person.subject for person in registry.people()] == [PEOPLE[0], PEOPLE[3]]


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (Enrol(subject=PEOPLE[2], ref=REFS[0]), BindingError),
        (Enrol(subject=b"short", ref=REFS[5]), RegistryError),
        (Enrol(subject=PEOPLE[2], ref=b"short"), RegistryError),
        (AddDocument(subject=PEOPLE[3], ref=REFS[5]), UnknownPersonError),
        (AddDocument(subject=PEOPLE[0], ref=REFS[1]), BindingError),
        (Merge(kept=PEOPLE[0], absorbed=PEOPLE[0]), BindingError),
        (Merge(kept=PEOPLE[0], absorbed=PEOPLE[3]), UnknownPersonError),
        (Merge(kept=PEOPLE[3], absorbed=PEOPLE[0]), UnknownPersonError),
        (Split(subject=PEOPLE[0], refs=(), other=PEOPLE[1]), BindingError),
        (Split(subject=PEOPLE[0], refs=(REFS[1],), other=PEOPLE[1]), BindingError),
        (Split(subject=PEOPLE[0], refs=(REFS[0],), other=PEOPLE[0]), BindingError),
        (Split(subject=PEOPLE[3], refs=(REFS[0],), other=PEOPLE[0]), UnknownPersonError),
    ],
)
def test_an_event_that_cannot_be_changes_nothing(event: RegistryEvent, error: type[RegistryError]) -> None:
    registry = enrolled()
    before = [(person, registry.bindings(person.subject)) for person in registry.people()]
    with pytest.raises(error):
        registry.apply(event, at(1))
    assert [(person, registry.bindings(person.subject)) for person in registry.people()] == before


EVENTS = st.lists(
    st.one_of(
        st.builds(Enrol, subject=st.sampled_from(PEOPLE), ref=st.sampled_from(REFS)),
        st.builds(AddDocument, subject=st.sampled_from(PEOPLE), ref=st.sampled_from(REFS)),
        st.builds(Merge, kept=st.sampled_from(PEOPLE), absorbed=st.sampled_from(PEOPLE)),
        st.builds(
            Split,
            subject=st.sampled_from(PEOPLE),
            refs=st.lists(st.sampled_from(REFS), max_size=2).map(tuple),
            other=st.sampled_from(PEOPLE),
        ),
    ),
    max_size=25,
)


@given(EVENTS)
def test_at_every_instant_a_reference_is_one_persons_and_the_past_stays(events: list[RegistryEvent]) -> None:
    registry = Registry()
    known: dict[tuple[bytes, int], bytes | None] = {}
    for day, event in enumerate(events):
        with contextlib.suppress(RegistryError):
            registry.apply(event, at(day))
        for ref in REFS:
            owners = {
                binding.subject
                for person in registry.people()
                for binding in registry.bindings(person.subject)
                if binding.ref == ref and binding.time.covers(at(day))
            }
            assert len(owners) <= 1
            known[ref, day] = next(iter(owners), None)
    for (ref, day), owner in known.items():
        try:
            assert registry.subject_of(ref, at(day)) == owner
        except UnknownPersonError:
            assert owner is None


def test_a_name_waits_in_a_queue_and_binds_nothing() -> None:
    queue = NameQueue()
    queue.add("Ｌi  Xiuying", b"statement", at(1))
    queue.add("Wang", b"other", at(0))
    queue.add("someone else", b"statement", at(2))
    assert [(match.name, match.since) for match in queue.waiting()] == [("Wang", at(0)), ("Li Xiuying", at(1))]
    assert queue.settle(b"statement") is not None
    assert queue.settle(b"statement") is None
    assert not hasattr(queue, "subject_of")


@pytest.mark.parametrize(
    ("kind", "country", "number"),
    [
        ("Resident", "CN", "1"),
        ("resident-id", "cn", "1"),
        ("resident-id", "CN", ""),
        ("resident-id", "CN", "李秀英"),
        ("x", "CN", "1"),
    ],
)
def test_an_identifier_is_a_typed_number_and_never_a_name(kind: str, country: str, number: str) -> None:
    with pytest.raises(IdentifierError):
        Identifier(kind=kind, country=country, number=number)


def test_what_was_typed_full_width_or_with_spaces_is_the_same_document() -> None:
    key = bytes(32)
    plain = Identifier(kind="resident-id", country="CN", number="41010219680214123X")
    typed = Identifier(kind="resident-id", country="CN", number="４１０１０２ 19680214-123x")
    assert plain.ref(key) == typed.ref(key)
    assert plain.ref(key) != Identifier(kind="passport", country="CN", number="41010219680214123X").ref(key)
    with pytest.raises(IdentifierError, match="32 bytes"):
        plain.ref(b"short")
