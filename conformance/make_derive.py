"""Makes vectors/derive: small files of events, and everybody's code that follows from them at some instants.

    .venv/bin/python conformance/make_derive.py

Keys, ids and times follow from names, so the files come out the same every time. What must follow is written down here
by hand beside each case, from the text of the rules; a document that says something else is not written.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the scene is the tests' own

from habeas.cli._app import run  # noqa: E402 - the path comes first
from habeas.cli._event_file import format_event  # noqa: E402
from habeas.evidence import BorderEntry, Refused, Retraction  # noqa: E402
from habeas.ledger import Entry, GrantMandate, PublishPack, Submit, event_of  # noqa: E402
from habeas.mandates import Logged  # noqa: E402
from habeas.registry import Enrol, Merge, Split  # noqa: E402
from habeas.wire import HOUR, Instant  # noqa: E402
from scene import CODED, START, Scene, key_of, when  # noqa: E402

TO = ROOT / "vectors" / "derive"
PACK = (TO / "pack.yaml").read_text(encoding="utf-8")
GREEN: tuple[str, tuple[object, ...]] = ("green", ())
NOBODY: tuple[None, tuple[object, ...]] = (None, ())


class Recorded(Scene):
    """A scene that keeps every event that went into it, and publishes the pack of the vectors before all else."""

    def __init__(self, people: Sequence[str]) -> None:
        self.events: list[tuple[Instant, Entry]] = [(START, PublishPack(text=PACK))]
        super().__init__(people)

    def mandate(
        self, name: str, *, kinds: Sequence[str] = (), superior: str = "", operator: str = "", at: str | Instant = ""
    ) -> Logged:
        """Log a mandate, and keep the event."""
        logged = super().mandate(name, kinds=kinds, superior=superior, operator=operator, at=at)
        self.events.append((self.now, GrantMandate(mandate=self.actors[name].mandate)))
        return logged

    def enrol(self, name: str) -> bytes:
        """Enrol a person, and keep the event."""
        entry = Enrol(subject=self.subject(name), ref=self.ref(name), key=key_of(name).verifying)
        self.events.append((self.now, entry))
        return super().enrol(name)

    def merge(self, kept: str, absorbed: str, *, at: str | Instant = "") -> None:
        """Join two records, and keep the event."""
        super().merge(kept, absorbed, at=at)
        self.events.append((self.now, Merge(kept=self.subject(kept), absorbed=self.subject(absorbed))))

    def split(self, name: str, other: str, *, at: str | Instant = "") -> None:
        """Take a reference off a person, and keep the event."""
        super().split(name, other, at=at)
        entry = Split(subject=self.subject(name), refs=(self.ref(other),), other=self.subject(other))
        self.events.append((self.now, entry))

    def submit(self, data: bytes, *, at: str | Instant = "") -> tuple[object, ...] | Refused:  # type: ignore[override]
        """Put bytes through the door, and keep the event."""
        found = super().submit(data, at=at)
        self.events.append((self.now, Submit(data=data)))
        return found

    def publish(self, text: str, at: str) -> None:
        """Keep the event of a pack."""
        self.events.append((self._to(at), PublishPack(text=text)))

    def lines(self) -> list[str]:
        """Return the file, a line an event."""
        return [format_event(event_of(entry, at)) for at, entry in self.events]


@dataclass(frozen=True, kw_only=True)
class Run:
    """An instant, and by hand what must follow: by name the code, and (rule, provisional, until) of each ground."""

    name: str
    about: str
    at: str | Instant
    people: dict[str, tuple[str | None, tuple[object, ...]]]
    packs: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A file of events and what is asked of it."""

    name: str
    people: tuple[str, ...]
    happens: Callable[[Recorded], None]
    runs: tuple[Run, ...]
    row: str = field(default="")


def forged_entries(scene: Recorded) -> None:
    """Let the border office write at 21:04 that three savers entered, which nobody else has a record of."""
    for name in ("li", "wang", "zhao"):
        scene.admit("border", BorderEntry(origin="SG"), name, at=CODED, observed="2022-06-03 10:00")


def backed_entry(scene: Recorded) -> None:
    """Let two further custodians have committed records of their own before the border office signs."""
    scene.entry("li", backed_by=("carrier", "hotel"))
    scene.entry("wang", backed_by=("carrier",), at="2022-06-13 22:04")


def positives(scene: Recorded) -> None:
    """Let Li's sample be on another body's record, and Wang's be nobody's; Li has clear tests on two days later."""
    scene.sampled_positive("li", sample="li")
    scene.positive("wang", sample="wang", at=CODED.after(60), observed="2022-06-12 09:00")
    scene.negative("li", sample="first", at="2022-06-14 12:00", observed="2022-06-14 08:00")
    scene.negative("li", sample="second", at="2022-06-15 12:00", observed="2022-06-15 08:00")


def contacts(scene: Recorded) -> None:
    """Let Wang live with Li, who tests positive; Zhao was near Li on the tracer's word alone. Then Li's result is taken back."""
    index = scene.sampled_positive("li")
    scene.contact("wang", index, household="li", at="2022-06-13 09:00", observed="2022-06-13 08:00")
    scene.contact("zhao", index, at="2022-06-13 10:00", observed="2022-06-13 08:00")
    scene.admit("lab", Retraction(target=index), "li", at="2022-06-14 09:00")


def two_records(scene: Recorded) -> None:
    """Let Wang turn out to be Li, and then not."""
    scene.sampled_positive("wang")
    scene.merge("li", "wang", at="2022-06-13 12:00")
    scene.split("li", "wang", at="2022-06-14 12:00")


def milder_pack(scene: Recorded) -> None:
    """Let a milder pack succeed while Li is red: it needs no notice, and running grounds pass over to it."""
    scene.sampled_positive("li", at="2022-06-08 21:04")
    scene.publish(
        _changed(
            PACK,
            ("pack: vectors\n", "pack: vectors-2\nsucceeds: vectors\ntransition: milder\n"),
            ("published: 2022-05-01T00:00:00+08:00", "published: 2022-06-09T00:00:00+08:00"),
            ("from: 2022-05-03T00:00:00+08:00", "from: 2022-06-09T00:00:00+08:00"),
            ("- [red, 7]\n      - [yellow, 10]", "- [red, 5]\n      - [yellow, 8]"),
        ),
        "2022-06-09 09:00",
    )


def _changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in the pack, not once")
        text = text.replace(old, new)
    return text


def _entry(until: str | Instant, *, provisional: bool = True) -> tuple[str, tuple[object, ...]]:
    return "yellow-ask", (("entry", provisional, str(when(until))),)


def _test(code: str, until: str | Instant, *, provisional: bool = False) -> tuple[str, tuple[object, ...]]:
    return code, (("test", provisional, str(when(until))),)


def _contact(code: str, until: str, *, provisional: bool = False) -> tuple[str, tuple[object, ...]]:
    return code, (("contact", provisional, str(when(until))),)


LAPSE = CODED.after(48 * HOUR)
THREE = ("li", "wang", "zhao")
STORIES = (
    Story(
        name="forged-entries",
        people=THREE,
        happens=forged_entries,
        runs=(
            Run(
                name="the-evening",
                about="One office's word shuts no gate: a test is asked for, for 48 hours at most.",
                at=CODED,
                people=dict.fromkeys(THREE, _entry(LAPSE)),
            ),
            Run(
                name="last-second",
                about="The ground holds up to its last instant.",
                at=LAPSE.after(-1),
                people=dict.fromkeys(THREE, _entry(LAPSE)),
            ),
            Run(name="lapsed", about="At its last instant it is gone.", at=LAPSE, people=dict.fromkeys(THREE, GREEN)),
            Run(
                name="before",
                about="What is said later does not reach back.",
                at=CODED.after(-1),
                people=dict.fromkeys(THREE, GREEN),
            ),
            Run(
                name="other-packs",
                about="Packs of a folder take the place of those in the file: these have no rule for entries.",
                at=CODED,
                people=dict.fromkeys(THREE, GREEN),
                packs="without-entries",
            ),
        ),
    ),
    Story(
        name="backed-entry",
        people=("li", "wang"),
        happens=backed_entry,
        runs=(
            Run(
                name="both",
                about="With two further custodians an entry counts in full, and still asks for a test only; with one not.",
                at="2022-06-14 12:00",
                people={"li": _entry("2022-06-26 00:00", provisional=False), "wang": _entry("2022-06-15 22:04")},
            ),
        ),
    ),
    Story(
        name="positives",
        people=("li", "wang"),
        happens=positives,
        runs=(
            Run(
                name="next-noon",
                about="A true positive stays red; one without a sampling record asks for a test.",
                at="2022-06-13 12:00",
                people={
                    "li": _test("red", "2022-06-20 00:00"),
                    "wang": _test("yellow-ask", CODED.after(60 + 48 * HOUR), provisional=True),
                },
            ),
            Run(
                name="one-clear-test",
                about="A clear test the second day after cuts red to yellow.",
                at="2022-06-14 12:00",
                people={
                    "li": _test("yellow", "2022-06-23 00:00"),
                    "wang": _test("yellow-ask", CODED.after(60 + 48 * HOUR), provisional=True),
                },
            ),
            Run(
                name="two-clear-tests",
                about="Two on two days end it; the unsupported one has lapsed by itself.",
                at="2022-06-15 12:00",
                people={"li": GREEN, "wang": GREEN},
            ),
            Run(
                name="after-the-pack",
                about="With no pack in force nobody has a code.",
                at="2022-08-01 00:00",
                people={"li": NOBODY, "wang": NOBODY},
            ),
            Run(
                name="before-the-pack",
                about="Nor before one begins.",
                at="2022-05-02 23:59:59",
                people={"li": NOBODY, "wang": NOBODY},
            ),
            Run(
                name="before-anybody",
                about="Nobody is listed before they were enrolled.",
                at=START.after(-1),
                people={},
            ),
        ),
    ),
    Story(
        name="contacts",
        people=THREE,
        happens=contacts,
        runs=(
            Run(
                name="supported-or-not",
                about="A household register supports a contact finding; the tracer's word alone is provisional.",
                at="2022-06-13 12:00",
                people={
                    "li": _test("red", "2022-06-20 00:00"),
                    "wang": _contact("red", "2022-06-21 00:00"),
                    "zhao": _contact("yellow-ask", "2022-06-15 10:00", provisional=True),
                },
            ),
            Run(
                name="index-taken-back",
                about="What rests on a positive falls with it.",
                at="2022-06-14 09:00",
                people=dict.fromkeys(THREE, GREEN),
            ),
        ),
    ),
    Story(
        name="two-records",
        people=("li", "wang"),
        happens=two_records,
        runs=(
            Run(
                name="apart",
                about="Before the merge the positive is Wang's.",
                at="2022-06-13 11:59:59",
                people={"li": GREEN, "wang": _test("red", "2022-06-20 00:00")},
            ),
            Run(
                name="merged",
                about="From the merge on it is Li's, and Wang's record is nobody's.",
                at="2022-06-13 12:00",
                people={"li": _test("red", "2022-06-20 00:00")},
            ),
            Run(
                name="split",
                about="From the split on it is Wang's again.",
                at="2022-06-14 12:00",
                people={"li": GREEN, "wang": _test("red", "2022-06-20 00:00")},
            ),
        ),
    ),
    Story(
        name="milder-pack",
        people=("li",),
        happens=milder_pack,
        runs=(
            Run(
                name="the-new",
                about="A milder pack counts at once, and the same ground ends sooner.",
                at="2022-06-09 09:00",
                people={"li": _test("red", "2022-06-14 00:00")},
            ),
            Run(
                name="day-five-is-over",
                about="Red is over at the first instant of day 6.",
                at="2022-06-14 00:00",
                people={"li": _test("yellow", "2022-06-17 00:00")},
            ),
        ),
    ),
)


def refused_files(scene: Recorded) -> dict[str, tuple[str, list[str]]]:
    """Return files from which nothing may be derived: name, why, lines. Each is good but for one thing."""
    lines = scene.lines()
    statement = next(number for number, line in enumerate(lines) if '"kind":"statement.admitted"' in line)
    mandates = [number for number, line in enumerate(lines) if '"kind":"mandate.granted"' in line]

    def replaced(**fields: str) -> list[str]:
        row = json.dumps(json.loads(lines[statement]) | fields, separators=(",", ":"))
        return [*lines[:statement], row, *lines[statement + 1 :]]

    body = bytearray(base64.b64decode(json.loads(lines[statement])["body"]))
    body[-1] ^= 1
    return {
        "forged-signature": (
            "The last byte of a signature is another.",
            replaced(body=base64.b64encode(body).decode()),
        ),
        "no-mandate": (
            "The mandates are left out.",
            [line for number, line in enumerate(lines) if number not in mandates],
        ),
        "mandate-not-begun": (
            "The statement is dated before its signer's mandate counts, and after it was logged.",
            replaced(at=str(START.after(HOUR))),
        ),
        "backwards": ("The last line is dated before the one above it.", [*lines, lines[0]]),
        "code-set": ("A line is of a kind that there is not.", replaced(kind="code.set")),
        "unknown-field": ("A line has a field that there is not.", replaced(code="red")),
        "no-json": ("A line is no JSON.", [*lines[:statement], lines[statement][:-1], *lines[statement + 1 :]]),
        "no-event": ("There is no line.", []),
    }


def main() -> None:
    """Write everything, but for what is not as it was written down by hand."""
    cases: list[dict[str, object]] = []
    for story in STORIES:
        scene = Recorded(story.people)
        story.happens(scene)
        _write(TO / story.name / "events.jsonl", scene.lines())
        cases += [_case(story, scene, run) for run in story.runs]
        if story.name == "forged-entries":
            folder = TO / "without-entries"
            _write(folder / "pack.yaml", [PACK.partition("\n  - id: entry\n")[0].rstrip()])
            for name, (about, lines) in refused_files(scene).items():
                _write(TO / "refused" / f"{name}.jsonl", lines)
                cases.append(
                    {
                        "id": f"refused/{name}",
                        "about": about,
                        "events": f"refused/{name}.jsonl",
                        "at": str(CODED),
                        "document": None,
                    }
                )
    for case in cases:
        if case["document"] is not None:
            _derive(case)
    cases.sort(key=lambda case: str(case["id"]))
    _write(TO / "cases.json", [json.dumps(cases, indent=2)])


def _case(story: Story, scene: Recorded, run: Run) -> dict[str, object]:
    case: dict[str, object] = {
        "id": f"{story.name}/{run.name}",
        "about": run.about,
        "events": f"{story.name}/events.jsonl",
        "at": str(when(run.at)),
        "document": f"{story.name}/{run.name}.json",
    }
    if run.packs:
        case["packs"] = run.packs
    _BY_HAND[str(case["id"])] = {scene.subject(name).hex(): says for name, says in run.people.items()}
    return case


_BY_HAND: dict[str, dict[str, tuple[str | None, tuple[object, ...]]]] = {}


def _derive(case: dict[str, object]) -> None:
    args = ["derive", "--statements", str(TO / str(case["events"])), "--at", str(case["at"]), "--json"]
    if "packs" in case:
        args += ["--packs", str(TO / str(case["packs"]))]
    said, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(errors):
        code = run(args)
    if code:
        raise SystemExit(f"{case['id']}: {errors.getvalue()}")
    document = json.loads(said.getvalue())
    found = {
        person["subject"]: (
            person["code"],
            tuple((ground["rule"], ground["provisional"], ground["until"]) for ground in person["grounds"]),
        )
        for person in document["people"]
    }
    expected = _BY_HAND[str(case["id"])]
    if found != expected:
        raise SystemExit(f"{case['id']}: not as written down by hand\n  by hand {expected}\n  derived {found}")
    _write(TO / str(case["document"]), [json.dumps(document, indent=2)])


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
