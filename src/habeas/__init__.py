"""Habeas: a health-code system that must answer for itself.

A code is never set. It is derived from published rules and signed evidence, so that the same inputs give everyone the
same code. The rooms are listed in `docs/journeys.md`; a room imports only from the floors below it.
"""

__all__: list[str] = []
