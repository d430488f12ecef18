"""What a certificate says in its holder's favour, for JSON and for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from habeas.certificates import Favourable
from habeas.wire import Instant

__all__ = ["favourable_as_json", "favourable_lines"]


def favourable_as_json(said: Favourable) -> dict[str, object]:
    """Return one fact as a JSON object; instants are their text, and `expires` is null for what has no end."""
    return {
        "kind": said.kind,
        "facts": {name: _plain(value) for name, value in said.facts.items()},
        "observed": str(said.observed),
        "country": said.country,
        "expires": str(said.expires) if said.expires is not None else None,
    }


def favourable_lines(facts: Iterable[Favourable]) -> Iterator[tuple[str, str]]:
    """Yield a line for each fact; where there is none, that this is no verdict."""
    found = [
        f"{said.kind}: {', '.join(f'{name} {_plain(value)}' for name, value in said.facts.items())}" for said in facts
    ]
    for line in found or ["nothing that counts here. That is no verdict, neither good nor bad"]:
        yield "in favour", line


def _plain(value: str | int) -> str | int:
    return str(value) if isinstance(value, Instant) else value
