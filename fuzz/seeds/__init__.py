"""What an engine begins with: inputs that the parsers take, made here, and published ones where the public data are."""

from seeds import cards, documents, gates, logs, receipts, rules, services, town, wire

__all__ = ["cards", "documents", "gates", "logs", "receipts", "rules", "services", "town", "wire"]
