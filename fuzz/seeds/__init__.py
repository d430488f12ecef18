"""What an engine begins with: inputs that the parsers take, made here, and published ones where the public data are."""

from seeds import cards, documents, logs, rules, town, wire

__all__ = ["cards", "documents", "logs", "rules", "town", "wire"]
