"""Value sets: both published forms, read whole or refused with the set at fault named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.acceptance import public_value_sets
from habeas.certificates import (
    MAX_VALUE_SETS_CHARACTERS,
    NO_VALUE_SETS,
    ValueSetError,
    ValueSets,
    join_value_sets,
    parse_value_sets,
)

PLAIN = {"covid-19-lab-result": ["260415000", "260373001"], "sct-vaccines-covid-19": []}
AS_PUBLISHED = {
    "valueSetId": "covid-19-lab-result",
    "valueSetDate": "2021-04-27",
    "valueSetValues": {
        "260415000": {"display": "Not detected", "lang": "en", "active": True, "version": "", "system": ""},
        "260373001": {"display": "Detected", "lang": "en", "active": False, "version": "", "system": ""},
    },
}


def test_both_forms_and_several_at_once() -> None:
    found = parse_value_sets(json.dumps(PLAIN))
    assert found.codes == {"covid-19-lab-result": ("260415000", "260373001"), "sct-vaccines-covid-19": ()}
    one = ValueSets(codes={"covid-19-lab-result": ("260415000", "260373001")})
    assert parse_value_sets(json.dumps(AS_PUBLISHED)) == one
    assert parse_value_sets(json.dumps([AS_PUBLISHED, PLAIN])) == found
    assert parse_value_sets(f"{json.dumps(AS_PUBLISHED)}\n{json.dumps(PLAIN)}\n") == found
    assert parse_value_sets("{}") == parse_value_sets("[]") == NO_VALUE_SETS
    assert len(parse_value_sets(json.dumps(public_value_sets())).codes) == 8
    with pytest.raises(TypeError):
        found.codes["x"] = ()  # type: ignore[index]


def test_two_sets_of_one_name_must_agree() -> None:
    first, turned = ValueSets(codes={"a": ("1", "2")}), ValueSets(codes={"a": ("2", "1"), "b": ()})
    assert join_value_sets(first, turned).codes == {"a": ("1", "2"), "b": ()}
    with pytest.raises(ValueSetError, match="called 'a' and have other codes"):
        join_value_sets(first, ValueSets(codes={"a": ("1",)}))
    with pytest.raises(ValueSetError, match="which one is meant"):
        parse_value_sets('{"a": ["1"], "a": ["2"]}')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("7", 'write {"<name>"'),
        ("[7]", "item 1"),
        ('{"a": "1"}', "'a' is no list of codes"),
        ('{"a": [1]}', "'a' has a code that is no text"),
        (json.dumps({"a": ["1" * 201]}), "at most 200"),
        ('{"a.b": []}', "'a.b' is no name"),
        ('{"": []}', "is no name"),
        ('{"valueSetId": "a"}', '"valueSetValues" an object'),
        ('{"valueSetValues": {}}', '"valueSetId" is a name'),
        ('{"valueSetId": ["a"], "valueSetValues": {}}', '"valueSetId" is a name'),
        (json.dumps({"valueSetId": "a", "valueSetValues": {"1" * 201: {}}}), "at most 200"),
        ("[" * 100_000, "nested too deep"),
        (" " * (MAX_VALUE_SETS_CHARACTERS + 1), "are read"),
    ],
)
def test_what_is_no_value_set(text: str, words: str) -> None:
    with pytest.raises(ValueSetError) as caught:
        parse_value_sets(text)
    assert words in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["valueSetId", "valueSetValues", "a", "b.c"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")) | JSON.map(json.dumps))
def test_any_text_is_value_sets_or_an_error_of_ours(text: str) -> None:
    try:
        found = parse_value_sets(text)
    except ValueSetError as error:
        assert str(error)  # noqa: PT017 - either is an answer
        return
    assert all(isinstance(code, str) for codes in found.codes.values() for code in codes)
