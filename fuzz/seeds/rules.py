"""Seeds of rules: published ones where the public data are, and the packs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from seeds._places import DATA, EACH, ROOT

__all__ = ["criteria", "logic", "logic_lines", "packs", "small_pack", "yaml"]

MOST_PACK_BYTES = 8192
_RULE = r"^(?=  - id: )"


def logic() -> Iterator[bytes]:
    """Rules that states have published, with data; and each operation by itself."""
    rows = (
        ({"if": [{"var": "a"}, 1, {"+": [1, 2]}]}, {"a": True}),
        ({"reduce": [{"var": "r"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]}, {"r": [1, 2, 3]}),
        (
            {"not-after": [{"plusTime": ["2021-06-01", 14, "day"]}, {"plusTime": [{"var": "d"}, 0, "day"]}]},
            {"d": "2022"},
        ),
        ({"===": [{"extractFromUVCI": [{"var": "ci"}, 1]}, "x"]}, {"ci": "URN:UVCI:01:UT:187/37512422923"}),
        ({"and": [{"!": [{"in": [1, [1, 2]]}]}, {"<": [0, 1, 2]}, {"dccDateOfBirth": ["1990-01"]}]}, None),
    )
    for expression, data in (*rows, *islice(_published_logic(), EACH)):
        yield (json.dumps(expression) + "\n" + json.dumps(data)).encode()


def logic_lines() -> Iterator[bytes]:
    """The same as lines of the protocol."""
    for seed in logic():
        expression, _, data = seed.partition(b"\n")
        yield b'{"logic": ' + expression + b', "data": ' + data + b"}\n"


def yaml() -> Iterator[bytes]:
    """Small documents, and the packs."""
    yield from (b"a: b\n", b"a:\n- b: 'c'\n- [d, e]\n- {f: g}\n", b"a: >-\n  b\n  c\n", b'a: "\\u00e9"\n')
    yield from packs()


def packs() -> Iterator[bytes]:
    """The packs of this repository, whole where they are small, and each rule of the others in a pack of its own."""
    for path in sorted((ROOT / "packs").glob("*.yaml")):
        whole = path.read_text(encoding="utf-8")
        if len(whole.encode()) <= MOST_PACK_BYTES:
            yield whole.encode()
        for at in range(len(re.findall(_RULE, whole, re.MULTILINE))):
            yield _with_one_rule(whole, at).encode()


def small_pack() -> str:
    """Return the text of a pack with one rule, which names its published criteria."""
    whole = (ROOT / "packs" / "cn-henan-2021-2.yaml").read_text(encoding="utf-8")
    return _with_one_rule(whole, -2)


def _with_one_rule(text: str, at: int) -> str:
    bare = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    before, _, rest = bare.partition("\nrules:\n")
    rules, _, _ = rest.partition("\nleft_out:\n")
    return f"{before}\nrules:\n{re.split(_RULE, rules, flags=re.MULTILINE)[1:][at]}"


def criteria() -> Iterator[bytes]:
    """The published list, cut to its first entry, and one made up."""
    row = {"id": "H1", "ground": "confirmed_case", "confidence": "high", "source": "page"}
    yield json.dumps({"packs": [{"id": "cn-henan-2021-2", "rules": [row]}]}).encode()
    path = DATA / "published-criteria.json"
    if path.exists():
        value = json.loads(path.read_text(encoding="utf-8"))
        yield json.dumps({"packs": value["packs"][:1]}).encode()


def _published_logic() -> Iterator[tuple[object, object]]:
    path = DATA / "member-state-rules.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, 0, None, 8):  # neighbours are alike
            row = json.loads(line)
            for test in row["tests"][:1]:
                yield row["rule"]["Logic"], {"payload": test["payload"], "external": {"validationClock": "2022-06-12"}}
