"""How much a Merkle tree costs beside the bare hashing of as many messages of the same lengths, on one core."""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable

from _report import peak_mib, report
from habeas.tlog import (
    Constants,
    Decision,
    Judged,
    Sections,
    build_block,
    constants_entry,
    hash_leaf,
    judge,
    root_of,
)
from habeas.wire import Algorithm, make_signing_key

LEAVES = 1 << 20
ROUNDS = 3


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes, of processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def bare(entries: list[bytes], hashes: list[bytes]) -> None:
    """Hash as many messages of the same lengths as a tree does: each entry with a byte before it, and pairs of hashes."""
    sha256 = hashlib.sha256
    for entry in entries:
        sha256(b"\0" + entry).digest()
    for left in hashes:
        sha256(b"\1" + left + left).digest()


def tree(entries: list[bytes]) -> bytes:
    """Return the root over entries."""
    return root_of([hash_leaf(entry) for entry in entries])


def trees(entries: list[bytes]) -> dict[str, object]:
    """Compare a tree with the bare loop, in turns."""
    hashes = [hashlib.sha256(entry).digest() for entry in entries[:-1]]
    loops, roots = [], []
    for _ in range(ROUNDS):
        loops.append(timed(lambda: bare(entries, hashes)))
        roots.append(timed(lambda: tree(entries)))
    ratio = statistics.median(root / loop for root, loop in zip(roots, loops, strict=True))
    return {
        "what": f"tree of {len(entries):,} entries of {len(entries[0])} bytes",
        "seconds": round(statistics.median(roots), 2),
        "entries/s": round(len(entries) / statistics.median(roots)),
        "x bare hashlib": round(ratio, 2),
        "peak MiB": peak_mib(),
    }


def block(decisions: list[bytes], epoch: int) -> list[dict[str, object]]:
    """Build a block, and judge it as a checker does."""
    key = make_signing_key(Algorithm.EDDSA, bytes(32))
    constants = Constants(origin="bench.example/log", epoch_seconds=7200, height=16)
    entry = constants_entry(constants, key)
    first = build_block(Sections(plain=[entry]), epoch=epoch - 1, height=16)
    state = judge(Judged(constants=constants, entry=entry), first, constants.begins(epoch - 1))
    began = time.process_time()
    built = build_block(Sections(decisions=decisions), epoch=epoch, height=16, after=first)
    middle = time.process_time()
    judge(state, built, constants.begins(epoch))
    ended = time.process_time()
    rows = (("built", middle - began), ("judged, with its root", ended - middle))
    return [
        {
            "what": f"block of {len(decisions):,} decisions {name}",
            "seconds": round(seconds, 2),
            "entries/s": round(len(decisions) / seconds),
            "x bare hashlib": "",
            "peak MiB": peak_mib(),
        }
        for name, seconds in rows
    ]


def main() -> None:
    """Measure, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LEAVES
    epoch, one = 230_000, hashlib.sha256(b"one").digest()
    decisions = [
        Decision(epoch=epoch, label=hashlib.sha256(number.to_bytes(4)).digest()[:16], gate=one, rest=one).to_bytes()
        for number in range(count)
    ]
    rows = [trees(decisions), *block(decisions, epoch)]
    report("tlog", "Merkle trees and blocks, one core", rows)


if __name__ == "__main__":
    main()
