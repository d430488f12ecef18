"""What a log costs: its Merkle trees beside bare hashing, its blocks, its appends to a real disk, and a country's day.

tlog.py [ENTRIES] measures all of it, with that many entries in the large tree and block (2^20). Each part runs in a process
of its own, so that what it loads and the memory it takes are its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _report import peak_mib, report
from habeas.stores import FolderDisk, LogFolder
from habeas.tlog import (
    Block,
    Constants,
    Decision,
    Head,
    Judged,
    Sections,
    SignatureType,
    build_block,
    constants_entry,
    hash_leaf,
    judge,
    make_note_signer,
    root_of,
    sign_checkpoint,
)
from habeas.tlog._batch import subtree_roots
from habeas.wire import Algorithm, make_signing_key

LEAVES = 1 << 20
ROUNDS = 5
EPOCH = 230_000
CONSTANTS = {height: Constants(origin="bench.example/log", epoch_seconds=7200, height=height) for height in (8, 16)}
KEY = make_signing_key(Algorithm.EDDSA, bytes(32))
SIGNER = make_note_signer("bench.example/log", SignatureType.ED25519, bytes(32))
DAY, BLOCKS_A_DAY = 9_100_000, 12
"""Entries that 100 million people bring in a day, in blocks of two hours."""
APPENDS = {256: 60, 65_536: 8}
"""How many blocks of a size are appended."""

Row = dict[str, object]


def timed(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds that `work` takes, of processor time if nothing else is said."""
    began = clock()
    work()
    return clock() - began


def decisions(count: int, epoch: int) -> list[bytes]:
    """Return made-up decisions."""
    one = hashlib.sha256(b"one").digest()
    labels = (hashlib.sha256(number.to_bytes(4)).digest()[:16] for number in range(count))
    return [Decision(epoch=epoch, label=label, gate=one, rest=one).to_bytes() for label in labels]


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


def trees(count: int) -> list[Row]:
    """Compare a tree with the bare loop and with the same tree by Numba, in turns."""
    entries, height = decisions(count, EPOCH), count.bit_length() - 1
    hashes = [hashlib.sha256(entry).digest() for entry in entries[:-1]]
    loaded = timed(lambda: subtree_roots(entries[:2], 1, many=1), time.perf_counter)
    assert subtree_roots(entries, height, many=1) == [tree(entries)]
    loops, ours, lanes = [], [], []
    for _ in range(ROUNDS):
        loops.append(timed(lambda: bare(entries, hashes)))
        ours.append(timed(lambda: tree(entries)))
        lanes.append(timed(lambda: subtree_roots(entries, height, many=1)))
    won = sorted(one / lane for one, lane in zip(ours, lanes, strict=True))
    what = f"tree of {count:,} entries of {len(entries[0])} bytes"
    return [
        _tree_row(what, ours, loops, ""),
        _tree_row(f"{what}, by Numba", lanes, loops, f"{statistics.median(won):.2f} ({won[0]:.2f}-{won[-1]:.2f})"),
        {"what": "Numba loaded, once a process", "seconds": round(loaded, 2), "x bare": "", "times as fast": ""},
    ]


def _tree_row(what: str, times: list[float], loops: list[float], won: str) -> Row:
    ratio = statistics.median(one / loop for one, loop in zip(times, loops, strict=True))
    seconds = round(statistics.median(times), 2)
    return {"what": what, "seconds": seconds, "x bare": round(ratio, 2), "times as fast": won}


def first_block(height: int) -> tuple[Block, Judged]:
    """Return a log's first block, and what a checker keeps after it."""
    constants = CONSTANTS[height]
    entry = constants_entry(constants, KEY)
    block = build_block(Sections(plain=[entry]), epoch=EPOCH, height=height)
    return block, judge(Judged(constants=constants, entry=entry), block, constants.begins(EPOCH))


class Log:
    """A log on a disk that is appended to as the log's service does, with a stopwatch."""

    def __init__(self, disk: FolderDisk) -> None:
        self.seconds = dict.fromkeys(("stage", "commit", "lay", "publish"), 0.0)
        self._folder = LogFolder(disk, SIGNER.key)
        self._seen: Head | None = None

    def append(self, block: Block) -> None:
        """Append a block; its quorum is one witness that is quick."""
        began = time.perf_counter()
        staged = self._folder.stage(block, witnessed=self._seen)
        self._seen = Head(origin=SIGNER.key.name, size=staged.growth.size, root=staged.growth.root)
        note = sign_checkpoint(self._seen, SIGNER)
        for name, work in (
            ("stage", lambda: None),
            ("commit", lambda: self._folder.commit(staged, note)),
            ("lay", lambda: self._folder.lay(staged)),
            ("publish", lambda: self._folder.publish(note)),
        ):
            work()
            ended = time.perf_counter()
            self.seconds[name] += ended - began
            began = ended


def appends(size: int, folder: Path) -> list[Row]:
    """Append blocks of one size, each file and folder synced."""
    height, count, syncs = size.bit_length() - 1, APPENDS[size], 0
    real = os.fsync

    def fsync(handle: int) -> None:
        nonlocal syncs
        syncs += 1
        real(handle)

    block, _ = first_block(height)
    with FolderDisk(folder) as disk:
        log = Log(disk)
        log.append(block)
        log.seconds = dict.fromkeys(log.seconds, 0.0)
        os.fsync = fsync  # type: ignore[assignment] # it is called with numbers alone
        before = used(folder)
        for number in range(1, count + 1):
            entries = decisions(size - 1, EPOCH + number)  # and a header
            block = build_block(Sections(decisions=entries), epoch=EPOCH + number, height=height, after=block)
            log.append(block)
    seconds = sum(log.seconds.values())
    row: Row = {
        "block": size,
        "blocks": count,
        "entries/s": round(size * count / seconds),
        "ms a block": round(1000 * seconds / count, 1),
    }
    row |= {f"{name} ms": round(1000 * of / count, 1) for name, of in log.seconds.items()}
    row |= {"syncs": round(syncs / count, 1), "bytes an entry": round((used(folder) - before) / size / count)}
    return [row]


def used(folder: Path) -> int:
    """Return the bytes that a folder takes on its disk, unused ends of files among them."""
    return sum(one.stat().st_blocks * 512 for one in folder.rglob("*"))


def country(count: int, folder: Path) -> list[Row]:
    """Build, judge and append one large block, and work out a country's day from it."""
    first, state = first_block(16)
    subtree_roots(first.entries, 16, many=1)  # if Numba is there, it is loaded: that is measured with the trees
    entries = decisions(count - 1, EPOCH + 1)
    blocks: list[Block] = []
    times = {
        "built": timed(
            lambda: blocks.append(build_block(Sections(decisions=entries), epoch=EPOCH + 1, height=16, after=first))
        )
    }
    times["judged"] = timed(lambda: judge(state, blocks[0], CONSTANTS[16].begins(EPOCH + 1)))
    with FolderDisk(folder) as disk:
        log = Log(disk)
        log.append(first)
        log.seconds, before = dict.fromkeys(log.seconds, 0.0), used(folder)
        log.append(blocks[0])
    times |= {"appended, synced": sum(log.seconds.values())} | log.seconds
    grown, scale = used(folder) - before, DAY / BLOCKS_A_DAY / count
    rows: list[Row] = [
        {
            "what": name,
            f"{count:,} entries": f"{seconds:.2f} s",
            f"a block of {DAY // BLOCKS_A_DAY:,}": f"{seconds * scale:.2f} s",
            f"a day of {DAY:,}": f"{seconds * scale * BLOCKS_A_DAY:.1f} s",
        }
        for name, seconds in times.items()
    ]
    sizes = [f"{part / 1e6:.0f} MB" for part in (grown, grown * scale, grown * scale * BLOCKS_A_DAY)]
    rows.append(dict(zip(rows[0], ["on the disk", *sizes], strict=True)))
    rows.append(dict(zip(rows[0], ["memory at most", f"{peak_mib()} MiB", "", ""], strict=True)))
    return rows


def part(name: str, *words: str) -> list[Row]:
    """Measure one part in a process of its own, and return its rows."""
    ran = subprocess.run([sys.executable, __file__, "part", name, *words], stdout=subprocess.PIPE, check=True)  # noqa: S603
    found: list[Row] = json.loads(ran.stdout)
    return found


def measure(name: str, size: str, *words: str) -> None:
    """Measure a part here, and print its rows as JSON."""
    if "without-numba" in words:
        sys.modules["numba"] = None  # type: ignore[assignment] # to import it fails, as where it is not installed
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "trees": lambda: trees(int(size)),
            "appends": lambda: appends(int(size), Path(folder) / "log"),
            "country": lambda: country(int(size), Path(folder) / "log"),
        }[name]()
    print(json.dumps(rows))


def main() -> None:
    """Measure, and print."""
    if sys.argv[1:2] == ["part"]:
        measure(*sys.argv[2:])
        return
    count = sys.argv[1] if len(sys.argv) > 1 else str(LEAVES)
    report("tlog", "Merkle trees, one core", part("trees", count))
    report("tlog-appends", "Appends to a disk", [row for size in APPENDS for row in part("appends", str(size))])
    for title, words in (("hashlib", ["without-numba"]), ("Numba where it is worth it", [])):
        name = "tlog-country" if words else "tlog-country-numba"
        report(name, f"A country's day of 100 million people, by {title}", part("country", count, *words))


if __name__ == "__main__":
    main()
