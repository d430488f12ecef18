"""A pass from public files to the gate: found, opened, made, drawn, printed, checked, in processor time; read, by the clock.

    ./dev bench pass [ROUNDS]

The log has one block of 60,000 decisions, of height 8 and of height 16. Every form's QR version is at most 23, or this stops.
Frames are made up from a seed (`_frames`); a real camera's are another matter.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from _frames import FRAMES, frames
from _report import report
from habeas.cli._paper import PaperPass, paper_page, paper_pdf
from habeas.passes import (
    Bridge,
    GateView,
    Held,
    Opening,
    OpeningError,
    PersonKeys,
    Previous,
    Ratchet,
    Verdict,
    check_pass,
    check_receipt,
    check_receipt_picture,
    day_of,
    decide,
    find_decision,
    find_view,
    format_bridge,
    format_pass,
    format_receipt,
    format_receipt_picture,
    make_receipt,
    open_log,
    parse_pass,
    parse_receipt,
    parse_receipt_picture,
    pass_from,
)
from habeas.pictures import MAX_VERSION, Level, draw_qr, read_codes
from habeas.rules import Code, Effect
from habeas.tlog import (
    Constants,
    Decision,
    Fetch,
    Head,
    Policy,
    Sections,
    SignatureType,
    block_file,
    build_block,
    constants_entry,
    format_block_file,
    format_blocks,
    format_note,
    format_tile_path,
    format_vkey,
    make_note_signer,
    parse_policy,
    plan_append,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import DAY, HOUR, Algorithm, Calendar, Cbor, Instant, make_signing_key

ROUNDS = 20
PEOPLE = 60_000
EPOCH = 229_861
HINT = "4821 1968"
GROUNDS: Cbor = {
    "at": EPOCH * 7200,
    "code": "red",
    "causes": [["admitted", bytes(32)]],
    "grounds": [
        {
            "rule": "H2-test",
            "pack": bytes(32),
            "statement": bytes(32),
            "signer": "city-lab-4",
            "provisional": False,
            "severity": 3,
            "until": EPOCH * 7200 + 7 * DAY,
        }
    ],
    "undecided": [],
}
_LOG = make_note_signer("bench.example/log", SignatureType.ED25519, b"l" * 32)
_WITNESSES = [make_note_signer(f"w{at}.example", SignatureType.COSIGNATURE, bytes([at]) * 32) for at in range(4)]
_CODES = tuple(
    Code(id=name, severity=at, effect=Effect(at), colour=name, names={"en": name, "zh": name})
    for at, name in enumerate(("green", "asked", "yellow", "red"))
)


@dataclass(frozen=True)
class Bench:
    """A published log of one height, one person's keys, and what a gate has synced."""

    constants: Constants
    fetch: Fetch
    policy: Policy
    keys: PersonKeys
    held: Held


def main() -> None:
    """Measure, and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    texts: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    for height in (8, 16):
        bench = published(height)
        rows += steps(bench, rounds, texts)
    texts |= {f"bridge, height {height}": format_bridge(a_bridge(height)) for height in (8, 16)}
    report("pass", "A pass from public files to the gate, one core", rows)
    report(
        "pass-pictures", f"QR forms, and made-up 720p frames read ({FRAMES} each)", [form(*one) for one in forms(texts)]
    )


def published(height: int) -> Bench:
    """Return a log whose second block holds the person's decision, red for seven days, and many others."""
    constants = Constants(origin=_LOG.key.name, epoch_seconds=7200, height=height)
    begins, day = constants.begins(EPOCH), day_of(constants.begins(EPOCH))
    keys = PersonKeys(labels=Ratchet(day=day - 1, state=bytes(32)), openings=Ratchet(day=day - 1, state=b"o" * 32))
    view = GateView(now=3, until=begins // HOUR + 168, then=0, hint=HINT)
    own = decide(keys, constants.origin, EPOCH, begins, Opening(view=view, grounds=GROUNDS, previous=Previous()))
    others = (_stranger(number) for number in range(PEOPLE))
    entry = constants_entry(constants, make_signing_key(Algorithm.EDDSA, bytes(32)))
    first = build_block(Sections(plain=[entry]), epoch=EPOCH - 1, height=height)
    second = build_block(Sections(decisions=[own.to_bytes(), *others]), epoch=EPOCH, height=height, after=first)
    growth = plan_append(0, (*first.entries, *second.entries), lambda _: b"")
    note = sign_checkpoint(Head(origin=constants.origin, size=growth.size, root=growth.root), _LOG)
    note = note.with_signatures(sign_note(note.text, one, begins) for one in _WITNESSES)
    files = {format_tile_path(tile): data for tile, data in growth.tiles.items()}
    for block in (first, second):
        files[f"block/{block.header.epoch}"] = format_block_file(block_file(block))
    files |= {"checkpoint": format_note(note), "blocks": format_blocks([(EPOCH - 1, 0), (EPOCH, second.start)])}
    roots = dict(enumerate([*first.roots(), *second.roots()]))
    held = Held(constants=constants, roots=roots, superseded=frozenset(), newest=EPOCH, opens_to=frozenset({3}))
    return Bench(constants=constants, fetch=files.get, policy=_policy(), keys=keys, held=held)


def steps(bench: Bench, rounds: int, texts: dict[str, str]) -> list[dict[str, object]]:
    """Return a row for each step; the texts of the forms that it makes go into `texts`."""
    height, constants = bench.constants.height, bench.constants
    log = open_log(bench.fetch, bench.policy)
    found = find_decision(log, bench.keys)
    shown = pass_from(bench.fetch, bench.policy, bench.keys, HINT)
    text = format_pass(shown)
    receipt = make_receipt(log, found, bench.keys, hint=HINT, grounds=GROUNDS, previous=Previous(), policy=bench.policy)
    file, picture = format_receipt(receipt), format_receipt_picture(receipt.picture(height))
    texts |= {f"pass, height {height}": text, f"receipt of one ground, height {height}": picture}
    begins = Instant(constants.begins(EPOCH))
    paper = PaperPass(
        shown=shown, origin=constants.origin, begins=begins, now=begins, codes=_CODES, calendar=Calendar(((begins, 0),))
    )
    assert check_pass(text, bench.held, begins).verdict is Verdict.YES
    measured: list[tuple[str, Callable[[], object], int]] = [
        ("open the log: quorum, constants", lambda: open_log(bench.fetch, bench.policy), rounds),
        (
            f"find the decision among {PEOPLE:,}: {found.bundles} bundles",
            lambda: find_decision(log, bench.keys),
            rounds,
        ),
        ("open its view: red, 7 days", lambda: find_view(found.decision, bench.keys, constants, HINT), rounds),
        ("find that no view fits: 67,272 hashes", lambda: no_view(found.decision, bench), rounds),
        (
            "make the pass, all of this in one call",
            lambda: pass_from(bench.fetch, bench.policy, bench.keys, HINT),
            rounds,
        ),
        ("draw it as PNG", lambda: draw_qr(text).png(), rounds),
        ("draw it as SVG", lambda: draw_qr(text).svg(), rounds),
        ("print it: one page of PDF", lambda: paper_pdf(paper_page(paper, "en")), max(3, rounds // 5)),
        ("parse it", lambda: parse_pass(text), 50 * rounds),
        ("check it at a gate", lambda: check_pass(text, bench.held, begins), 50 * rounds),
        (
            f"check the receipt's file, {len(file):,} bytes",
            lambda: check_receipt(parse_receipt(file), bench.policy),
            rounds,
        ),
        (
            "check the receipt's picture",
            lambda: check_receipt_picture(parse_receipt_picture(picture), bench.held),
            rounds,
        ),
    ]
    return [{"height": height, "step": name, **timed(work, times)} for name, work, times in measured]


def no_view(decision: Decision, bench: Bench) -> None:
    """Look for a view under a hint that was never chosen."""
    try:
        find_view(decision, bench.keys, bench.constants, "another")
    except OpeningError:
        return
    raise AssertionError("a view that is not there")


def timed(work: Callable[[], object], times: int) -> dict[str, object]:
    """Return best and median milliseconds of processor time; the first call, which loads what it needs, does not count."""
    work()
    seconds = []
    for _ in range(times):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return {"best ms": round(min(seconds) * 1000, 3), "median ms": round(statistics.median(seconds) * 1000, 3)}


def forms(texts: dict[str, str]) -> list[tuple[str, str, Level]]:
    """Return each form at level L, and what goes on paper at M, too."""
    rows = [(name, text, Level.L) for name, text in texts.items()]
    return rows + [(name, text, Level.M) for name, text in texts.items() if name.startswith("pass")]


def form(name: str, text: str, level: Level) -> dict[str, object]:
    """Return a form's size and version, and how many of its frames were read."""
    drawn = draw_qr(text, level)
    assert drawn.version <= MAX_VERSION
    seconds, right = [], 0
    for frame in frames(drawn.png(), seed=len(text)):
        began = time.perf_counter()
        right += read_codes(frame) == (text,)
        seconds.append(time.perf_counter() - began)
    return {
        "form": name,
        "bytes": (len(text) - 4) * 2 // 3,
        "level": level.value,
        "QR version": drawn.version,
        "frames": FRAMES,
        "read": right,
        "median ms": round(statistics.median(seconds) * 1000),
        "slowest ms": round(max(seconds) * 1000),
    }


def a_bridge(height: int) -> Bridge:
    """Return a bridge of a log of 2^27 entries with three cosignatures, as long as a real one."""
    hashes = [hashlib.sha256(bytes([at])).digest() for at in range(64)]
    return Bridge(
        log=bytes(4),
        height=height,
        node=1,
        size=1 << 27,
        path=tuple(hashes[: 27 - height]),
        signature=b"".join(hashes[:3])[:68],
        cosignatures=tuple(sorted(b"".join(hashes[at : at + 3])[:76] for at in (3, 6, 9))),
    )


def _policy() -> Policy:
    lines = [
        f"log {format_vkey(_LOG.key)}",
        *(f"witness w{at} {format_vkey(one.key)}" for at, one in enumerate(_WITNESSES)),
    ]
    groups = ["group checkers 1 w0", "group others 2 w1 w2 w3", "group all all checkers others", "quorum all"]
    return parse_policy("\n".join(lines + groups).encode())


def _stranger(number: int) -> bytes:
    one = hashlib.sha256(number.to_bytes(4)).digest()
    return Decision(epoch=EPOCH, label=one[:16], gate=one, rest=one).to_bytes()


if __name__ == "__main__":
    main()
