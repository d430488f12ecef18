"""Who is who: enrolment, documents, merges, splits. It never looks for anybody by name.

People stand behind references, HMACs of typed identifiers under the registry's key; sources sign references as they saw
the document, never our ids. Every binding is an event with a notice, and derivation goes through the bindings.
"""

from habeas.registry._names import NameMatch, NameQueue
from habeas.registry._registry import (
    SUBJECT_BYTES,
    AddDocument,
    Binding,
    Enrol,
    Merge,
    Person,
    Registry,
    RegistryEvent,
    Split,
)
from habeas.registry.errors import BindingError, RegistryError, UnknownPersonError

__all__ = [
    "SUBJECT_BYTES",
    "AddDocument",
    "Binding",
    "BindingError",
    "Enrol",
    "Merge",
    "NameMatch",
    "NameQueue",
    "Person",
    "Registry",
    "RegistryError",
    "RegistryEvent",
    "Split",
    "UnknownPersonError",
]
