"""From packs and what is held about a person to a code with its grounds: derive, timeline, explain, examples, compare.

It never writes anything: whoever wants a code derives it, and gets the same one.
"""

from habeas.grounds._claims import Claim, Ground, Undecided
from habeas.grounds._derive import Cause, Change, Derivation, Derived, derive

__all__ = ["Cause", "Change", "Claim", "Derivation", "Derived", "Ground", "Undecided", "derive"]
