"""From packs and what is held about a person to a code with its grounds: derive, timeline, explain, examples, compare.

It never writes anything: whoever wants a code derives it, and gets the same one.
"""

from habeas.grounds._affected import SMALLEST_CELL, Affected, Cell, affected
from habeas.grounds._claims import Claim, Ground, Undecided
from habeas.grounds._compare import Comparison, Silence, Silent, compare_packs
from habeas.grounds._compare_rules import SilentRule, silent_rules
from habeas.grounds._derive import Cause, Change, Derivation, Derived, derive
from habeas.grounds._differences import Aspect, Difference, Value
from habeas.grounds._examples import ExampleResult, run_examples
from habeas.grounds._explain import Clocks, explain
from habeas.grounds._explained import Explained
from habeas.grounds._history import CauseNote, HistoryEntry, explain_history, format_history, json_history
from habeas.grounds._json import json_explanation
from habeas.grounds._show import show_time, show_zone
from habeas.grounds._text import OWED, check_sections, format_explanation, sections
from habeas.grounds._ways import Direction
from habeas.grounds._words import LANGUAGES, Language, say
from habeas.grounds.errors import ExplanationError, GroundsError, WordsError

__all__ = [
    "LANGUAGES",
    "OWED",
    "SMALLEST_CELL",
    "Affected",
    "Aspect",
    "Cause",
    "CauseNote",
    "Cell",
    "Change",
    "Claim",
    "Clocks",
    "Comparison",
    "Derivation",
    "Derived",
    "Difference",
    "Direction",
    "ExampleResult",
    "Explained",
    "ExplanationError",
    "Ground",
    "GroundsError",
    "HistoryEntry",
    "Language",
    "Silence",
    "Silent",
    "SilentRule",
    "Undecided",
    "Value",
    "WordsError",
    "affected",
    "check_sections",
    "compare_packs",
    "derive",
    "explain",
    "explain_history",
    "format_explanation",
    "format_history",
    "json_explanation",
    "json_history",
    "run_examples",
    "say",
    "sections",
    "show_time",
    "show_zone",
    "silent_rules",
]
