"""CertLogic, packs as data, and what the invariants refuse of them. The code has no rule in it.

It never looks at a person: a rule meets a statement in `grounds`.
"""

from habeas.rules._book import NOTICE, ActiveRelief, ActiveRule, Book, make_book
from habeas.rules._certlogic import Json, Logic, Outcome, Verdict, compile_logic, outcome
from habeas.rules._check import check_pack
from habeas.rules._notice import nothing_stricter
from habeas.rules._pack import (
    Anchor,
    Arrivals,
    Code,
    Confidence,
    Effect,
    Example,
    ExampleSign,
    ExampleStatement,
    LeftOut,
    Pack,
    Relief,
    Requirement,
    Rule,
    Rung,
    Source,
)
from habeas.rules._pack_file import parse_pack
from habeas.rules._problem import Problem
from habeas.rules._validate import Issue, validate_logic
from habeas.rules.errors import BookError, LogicError, LogicFormatError, PackFormatError, RulesError

__all__ = [
    "NOTICE",
    "ActiveRelief",
    "ActiveRule",
    "Anchor",
    "Arrivals",
    "Book",
    "BookError",
    "Code",
    "Confidence",
    "Effect",
    "Example",
    "ExampleSign",
    "ExampleStatement",
    "Issue",
    "Json",
    "LeftOut",
    "Logic",
    "LogicError",
    "LogicFormatError",
    "Outcome",
    "Pack",
    "PackFormatError",
    "Problem",
    "Relief",
    "Requirement",
    "Rule",
    "RulesError",
    "Rung",
    "Source",
    "Verdict",
    "check_pack",
    "compile_logic",
    "make_book",
    "nothing_stricter",
    "outcome",
    "parse_pack",
    "validate_logic",
]
