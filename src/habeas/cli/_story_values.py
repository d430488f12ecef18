"""What the demo tells: counts, attempts with what became of them, pages of people, and the promises that held or not."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from habeas.grounds import Derivation, explain, format_explanation, say
from habeas.synthetic import Resident
from habeas.wire import Instant

__all__ = [
    "Coded",
    "CountedCode",
    "LogStep",
    "LogStory",
    "Moment",
    "Page",
    "Promise",
    "Step",
    "Told",
    "TownCounts",
    "read_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something that must hold, in words with the numbers of this run, and whether it did."""

    words: str
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A few lines of a person's page at an instant, in its own words; the whole of it is what `habeas explain` prints."""

    name: str
    document: str
    at: Instant
    mark: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Of some people at an instant: to how many ordinary gates are closed, who is asked for a test, who has full support."""

    people: int
    closed: int
    asked: int
    supported: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One attempt: what was tried, what became of it, through which public functions, under which invariant and row."""

    at: Instant
    tried: str
    happened: str
    by: tuple[str, ...]
    invariant: str
    row: int
    page: Page
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCode:
    """How many people have a code by a rule: `rule` and `title` are empty for the default."""

    mark: str
    code: str
    rule: str
    title: str
    provisional: bool
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant: the savers' codes counted, and the marks of the people whom the story follows, by name."""

    at: Instant
    savers: Coded
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TownCounts:
    """How large the town is, and what its ledger took in before the case."""

    people: int
    families: int
    people_away: int
    bodies: int
    statements: int
    admitted: int
    certificates: int
    rules: str
    pack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStep:
    """One attempt on the log: what was tried, who caught it, what they said, the case's row, and what must hold."""

    tried: str
    caught_by: str
    said: str
    row: int
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStory:
    """The log as it stands at the end, who cosigned it, and what was tried on it."""

    entries: int
    blocks: int
    cosigned_by: tuple[str, ...]
    steps: tuple[LogStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The whole story.

    `saver` is the name of the one whose page is looked at after each step; `cast` says who the followed people are, as
    (name, what is true of them).
    """

    town: TownCounts
    counts: tuple[CountedCode, ...]
    saver: str
    savers: int
    savers_here: int
    steps: tuple[Step, ...]
    beside: Page
    cast: tuple[tuple[str, str], ...]
    moments: tuple[Moment, ...]
    promises: tuple[Promise, ...]
    events: int
    log: LogStory | None = None

    def broken(self) -> tuple[Promise, ...]:
        """Return the promises that did not hold."""
        return tuple(one for one in self.all_promises() if not one.held)

    def all_promises(self) -> tuple[Promise, ...]:
        """Return every promise, those of the steps first."""
        of_log = (one for step in (self.log.steps if self.log else ()) for one in step.promises)
        return (*(one for step in self.steps for one in step.promises), *of_log, *self.promises)

    def to_json(self) -> dict[str, object]:
        """Return the story for programs; instants are RFC 3339 text."""
        return {"held": not self.broken(), **_plain(asdict(self))}


def read_page(derivation: Derivation, who: Resident, at: Instant) -> Page:
    """Return what a person's page says at an instant, abridged: the door, why, who backs it, until when."""
    explained = explain(derivation, at)
    parts = _parts(format_explanation(explained, "en"))
    top = parts[""]
    mark, door = top[0].split("  ", 1)
    lines = [f"{mark}  {door}"]
    if explained.grounds:
        backs = parts[say("label.backs", "en")]
        lines += [parts[say("label.why", "en")][0], " ".join(dict.fromkeys((backs[0], backs[-1])))]
        lines += [line for line in top if line.startswith("Until")]
    elif explained.ended:
        lines.append(" ".join(parts[say("label.ended", "en")][:2]))
    else:
        lines[0] += " " + say("reason.none", "en")
    document = who.document
    shown = f"{document.kind}:{document.country}:{document.number}"
    return Page(name=who.name, document=shown, at=at, mark=mark, lines=tuple(lines))


def _parts(text: str) -> dict[str, list[str]]:
    """Return the sentences of a page by its headings, lines that go on under themselves put together again."""
    parts: dict[str, list[str]] = {}
    for block in text.strip().split("\n\n"):
        rows = block.split("\n")
        heading = rows.pop(0) if rows[0].isupper() else ""
        found = parts.setdefault(heading, [])
        whole = True
        for row in rows:
            if whole:
                found.append(row.strip())
            else:
                found[-1] += f" {row.strip()}"
            whole = row.endswith((".", ":"))
    return parts


def _plain(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("a story is a map")
    return {str(name): _item(item) for name, item in value.items()}


def _item(value: object) -> object:
    if isinstance(value, Instant):
        return str(value)
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_item(item) for item in value]
    return value
