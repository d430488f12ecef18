"""The small YAML: what stays a string, and what is refused where."""

from __future__ import annotations

import contextlib
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from habeas.rules._yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, Entries, Items, Node, Place, Scalar, parse_yaml
from habeas.rules.errors import PackFormatError

TRAPS = [
    "NO", "yes", "off", "true", "null", "~", "12:30", "010", "0x1F", "1e3", "1.5", "1_000", ".inf", "2022-06-12",
    "2022-06-12T21:04:00+08:00", "+08:00", "=", "健康码",
]  # fmt: skip

REFUSED = [
    ("a: 1\na: 2\n", 2, 1, "stands twice, first in line 1"),
    ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, 3, "`b` stands twice"),
    ("a: &x 1\n", 1, 4, "an anchor"),
    ("a: *x\n", 1, 4, "an alias"),
    ("a: !!str 1\n", 1, 4, "a tag"),
    ("a: ! 1\n", 1, 4, "a tag"),
    ("a: !!python/object:os.system 1\n", 1, 4, "a tag"),
    ("<<: {a: 1}\n", 1, 1, "a merge key"),
    ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
    ("%YAML 1.1\n---\na: 1\n", 1, 1, "a directive"),
    ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, 1, "a directive"),
    ("%YAML 1." + "9" * 5000 + "\n---\na: 1\n", 1, 1, "plainly"),
    ("", 1, 1, "nothing here"),
    ("# only a comment\n", 2, 1, "nothing here"),
    ("? [a, b]\n: 1\n", 1, 3, "a key that is no word"),
    ('"": 1\n', 1, 1, "a key that is no word"),
    ("a: [1, 2\n", 2, 1, "not YAML"),
    ("a: 1\n b: 2\n", 2, 3, "not YAML"),
    ("a:\n\tb: 1\n", 2, 1, "indent with spaces"),
    ("a: b\u202ec\n", 1, 5, "U+202E"),
    ("a: b\u200bc\n", 1, 5, "U+200B"),
    ("\ufeffa: 1\n", 1, 1, "U+FEFF"),
    ("a: \x00\n", 1, 4, "a control character"),
    ("a: \x85\n", 1, 4, "a control character"),
    ("a: 1\r b: 2\n", 1, 5, "a control character"),
    ("a: \ud800\n", 1, 4, "half a character"),
    ("a: \ue000\n", 1, 4, "private use"),
    ("a: \U0003fffe\n", 1, 4, "does not define"),
    ("a: x\u2028y\n", 1, 5, "a line separator"),
    ('a: "\\u202e"\n', 1, 4, "U+202E"),
    ('a: "x\\ny"\n', 1, 4, "begin a long one with >-"),
    ("a: |\n  x\n  y\n", 1, 4, "begin a long one with >-"),
    ('a: "\\U00110000"\n', 1, 1, "an escape"),
]


def _plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [_plain(item) for item in node.nodes]
    return {key: _plain(item) for key, item in node.nodes.items()}


@pytest.mark.parametrize("text", TRAPS)
def test_every_value_is_the_letters_that_stand_there(text: str) -> None:
    node = parse_yaml(f"a: {text}\n")
    assert isinstance(node, Entries)
    assert node.nodes["a"] == Scalar(text, quoted=False, place=Place(1, 4))


def test_quotes_and_blocks_are_remembered() -> None:
    node = parse_yaml("a: \"1\"\nb: '1'\nc: >-\n  1\n  2\nd: 1\n")
    assert isinstance(node, Entries)
    assert {key: (item.text, item.quoted) for key, item in node.nodes.items() if isinstance(item, Scalar)} == {
        "a": ("1", True), "b": ("1", True), "c": ("1 2", True), "d": ("1", False),
    }  # fmt: skip


def test_any_space_may_stand_in_a_text() -> None:
    assert _plain(parse_yaml("a: 健康\u3000码\nb: 1\u00a0000\nc: 码\n")) == {
        "a": "健康\u3000码",
        "b": "1\u00a0000",
        "c": "码",
    }


def test_maps_keep_their_order_and_places() -> None:
    node = parse_yaml("---\nb:\n  - x: 1\r\n  - [p, q]\na: {}\n")
    assert isinstance(node, Entries)
    assert list(node.nodes) == ["b", "a"]
    assert node.keys["a"] == Place(5, 1)
    assert _plain(node) == {"b": [{"x": "1"}, ["p", "q"]], "a": {}}


@pytest.mark.parametrize(("text", "line", "column", "words"), REFUSED)
def test_what_could_mean_something_else_is_refused_at_its_place(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(PackFormatError, match=r"^line \d+, column \d+: ") as refused:
        parse_yaml(text)
    assert words in str(refused.value)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_a_plain_text_is_no_refusal() -> None:
    assert _plain(parse_yaml("a: 1\n")) == {"a": "1"}


def test_limits() -> None:
    with pytest.raises(PackFormatError, match="256 KiB"):
        parse_yaml("#" * (MAX_BYTES + 1))
    with pytest.raises(PackFormatError, match="256 KiB"):
        parse_yaml("#" + "码" * (MAX_BYTES // 3) + "码")
    parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(PackFormatError, match="levels deep"):
        parse_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    with pytest.raises(PackFormatError, match=f"more than {MAX_NODES} values"):
        parse_yaml("[" + "a," * MAX_NODES + "]")


@pytest.mark.parametrize(
    "unit", ["[", "{a: ", "- ", "? ", "a: &b ", "a: >\n\n", '"\\', "%", "!", "| ", "- a\n", "a\n", "#\n"]
)
def test_no_text_takes_long(unit: str) -> None:
    start = time.process_time()
    text = (unit * (MAX_BYTES // len(unit)))[:MAX_BYTES]
    with contextlib.suppress(PackFormatError):
        parse_yaml(text)
    assert time.process_time() - start < 20


@given(st.text(st.sampled_from("ab:- \n[]{}&*!|>'\"%#?,\\0\u202e\t~<=码"), max_size=60) | st.text(max_size=40))
def test_any_text_is_a_tree_or_a_refusal(text: str) -> None:
    try:
        node = parse_yaml(text)
    except PackFormatError as error:
        refused = error
    else:
        assert _plain(node) == yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes strings and lists only
        return
    assert min(refused.line, refused.column) >= 1


def test_no_constructor_is_in_reach() -> None:
    from habeas.rules import _yaml  # noqa: PLC0415 - it is looked at, not used

    assert not issubclass(_yaml._Events, yaml.constructor.BaseConstructor)
    assert not issubclass(_yaml._Events, yaml.resolver.BaseResolver)
