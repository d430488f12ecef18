"""Who may say what: sources, rule signers, redress bodies, gates. It never says what anybody said.

A mandate counts 7 days after it was logged, is judged when a statement is admitted, and ends forward only (I7).
"""

from habeas.mandates._gate import GateClass, GateMandate, gate_in_force, gate_mandate_entry, read_gate_mandate
from habeas.mandates._mandate import (
    EMERGENCY_MAX,
    WAITING,
    Body,
    BodyClass,
    Emergency,
    Level,
    Mandate,
    custodians,
    independent,
)
from habeas.mandates._roster import RULES, RULING, Logged, Roster
from habeas.mandates.errors import GateMandateError, GrantError, MandateError, NoMandateError

__all__ = [
    "EMERGENCY_MAX",
    "RULES",
    "RULING",
    "WAITING",
    "Body",
    "BodyClass",
    "Emergency",
    "GateClass",
    "GateMandate",
    "GateMandateError",
    "GrantError",
    "Level",
    "Logged",
    "Mandate",
    "MandateError",
    "NoMandateError",
    "Roster",
    "custodians",
    "gate_in_force",
    "gate_mandate_entry",
    "independent",
    "read_gate_mandate",
]
