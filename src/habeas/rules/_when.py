"""`when` as a pack writes it: CertLogic in YAML over one statement's facts, with no clock and nothing else in reach.

Plain integers are integers, plain `true` and `false` booleans, everything else is text; quotes make text of anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from habeas.evidence import FACTS, Kind, field_choices
from habeas.rules._certlogic import Logic, compile_logic
from habeas.rules._field import INTEGER, Field
from habeas.rules._yaml import Entries, Items, Node, Scalar
from habeas.rules.errors import LogicFormatError

__all__ = ["fact_type", "literal", "plain", "read_when"]

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain]"

_CLOCK = {"plusTime", "after", "before", "not-after", "not-before", "dccDateOfBirth"}
_OPERATORS = ("var", "===", "in", "and", "!", "if", "<", ">", "<=", ">=", "+")
_COMPARING = ("===", "in", "<", ">", "<=", ">=")
_TYPED = ("when", "parameters", "facts")
_WORDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


def literal(node: Scalar) -> bool | int | str:
    """Return the value of a scalar where values have no field to type them."""
    if node.quoted:
        return node.text
    if INTEGER.fullmatch(node.text):
        return int(node.text)
    return node.text == "true" if node.text in ("true", "false") else node.text


def plain(node: Node, *, typed: bool = False) -> Plain:
    """Return the plain tree of a node: strings, and under `when`, `parameters` and `facts` literals by their type."""
    if isinstance(node, Scalar):
        return literal(node) if typed else node.text
    if isinstance(node, Items):
        return [plain(item, typed=typed) for item in node.nodes]
    return {key: plain(item, typed=typed or key in _TYPED) for key, item in node.nodes.items()}


def fact_type(kind: Kind, name: str) -> type:
    """Return the type of a fact that a rule can see: `int` or `str`."""
    return int if FACTS[kind].__dataclass_fields__[name].type == "int" else str


def read_when(field: Field, kind: Kind, parameters: Mapping[str, object]) -> Logic:
    """Return the logic of a `when` over `kind`'s facts and the pack's parameters; raises `PackFormatError`."""
    reader = _Reader(kind, parameters)
    reader.check(field)
    try:
        return compile_logic(plain(field.node, typed=True))
    except LogicFormatError as error:
        field.refuse(f"{error}; see docs/packs.md for the operators")


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a `when` may name: the facts of a kind and the pack's parameters."""

    kind: Kind
    parameters: Mapping[str, object]

    def check(self, field: Field) -> None:
        """Refuse what no `when` may say, wherever it stands."""
        node = field.node
        if isinstance(node, Items):
            for item in node.nodes:
                self.check(Field(item, field.path))
        elif isinstance(node, Entries):
            for operator, operands in node.nodes.items():
                self._check_operation(field, operator, Field(operands, field.path))

    def _check_operation(self, field: Field, operator: str, operands: Field) -> None:
        if operator in _CLOCK:
            field.refuse(
                f"`{operator}` asks for the time; `when` has no clock: use anchor, ladder or relief", key=operator
            )
        if operator not in _OPERATORS:
            known = ", ".join(_OPERATORS)
            field.refuse(f"{operator[:40]!r} is no operator of a pack; there is: {known}", key=operator)
        if operator == "var":
            self._check_path(operands)
            return
        if operator in _COMPARING and isinstance(operands.node, Items):
            self._check_compared(operands, operands.node.nodes)
        self.check(operands)

    def _check_path(self, field: Field) -> None:
        room, _, name = field.text().partition(".")
        if room == "facts" and name in field_choices(self.kind):
            return
        if room == "pack" and name in self.parameters:
            return
        can = [f"facts.{fact}" for fact in field_choices(self.kind)] + [f"pack.{one}" for one in self.parameters]
        field.refuse(
            f"{field.text()[:40]!r} is not there to be read; a rule over {self.kind.value} reads: "
            f"{', '.join(can) or 'nothing, so write `when: true`'}"
        )

    def _check_compared(self, field: Field, nodes: tuple[Node, ...]) -> None:
        """Refuse a comparison of a fact with what it can never be: it would be a rule that never speaks."""
        for name in filter(None, map(_fact, nodes)):
            if name not in field_choices(self.kind):
                continue  # `_check_path` says so
            choices, wanted = field_choices(self.kind)[name], fact_type(self.kind, name)
            for value in (value for node in nodes for value in self._values(node)):
                if type(value) is not wanted:
                    field.refuse(f"facts.{name} is {_WORDS[wanted]}, never {value!r:.40}; mend the value or its quotes")
                if choices is not None and value not in choices:
                    known = ", ".join(sorted(choices))
                    field.refuse(f"facts.{name} is never {value!r:.40}; it is one of: {known}")

    def _values(self, node: Node) -> Iterator[object]:
        if isinstance(node, Scalar):
            yield literal(node)
        elif isinstance(node, Items):
            for item in node.nodes:
                yield from self._values(item)
        elif isinstance(var := node.nodes.get("var"), Scalar) and var.text.startswith("pack."):
            value = self.parameters.get(var.text.removeprefix("pack."))
            yield from value if isinstance(value, list) else () if value is None else (value,)


def _fact(node: Node) -> str | None:
    var = node.nodes.get("var") if isinstance(node, Entries) else None
    return var.text.removeprefix("facts.") if isinstance(var, Scalar) and var.text.startswith("facts.") else None
