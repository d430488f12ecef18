"""What a person's look-ups cost: bundles, bytes and time in blocks of a million decisions, and for a day of such blocks."""

from __future__ import annotations

import hashlib
import random
import statistics
import sys
import time

from _report import peak_mib, report
from habeas.passes import BUNDLES, Look, look, read_block
from habeas.tlog import (
    BlockFile,
    Decision,
    Fetch,
    Head,
    Sections,
    block_file,
    build_block,
    format_block_file,
    format_indexes,
    format_tile_path,
    parse_indexes,
    plan_append,
)

DECISIONS = 1_000_000
LOOKS = 1_000
HEIGHT = 16
EPOCHS_A_DAY = 12
EPOCH = 230_000


class Counted:
    """A mirror in memory that counts what it gives."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files
        self.bytes = 0

    def __call__(self, path: str) -> bytes | None:
        """Give a file."""
        data = self._files.get(path)
        self.bytes += len(data or b"")
        return data


def label_of(number: int) -> bytes:
    """Return the label of a made-up person; those from DECISIONS on have no decision."""
    return hashlib.sha256(number.to_bytes(4)).digest()[:16]


def serve(count: int) -> tuple[dict[str, bytes], Head]:
    """Build the block, and return the files that any mirror serves of it."""
    one = hashlib.sha256(b"one").digest()
    rows = [Decision(epoch=EPOCH, label=label_of(number), gate=one, rest=one).to_bytes() for number in range(count)]
    block = build_block(Sections(decisions=rows), epoch=EPOCH, height=HEIGHT)
    grown = plan_append(0, block.entries, lambda _: b"")
    files = {format_tile_path(tile): data for tile, data in grown.tiles.items()}
    files[f"block/{EPOCH}"] = format_block_file(block_file(block))
    return files, Head(origin="bench.example/log", size=grown.size, root=grown.root)


def measured(files: dict[str, bytes], block: BlockFile, count: int, *, there: bool) -> dict[str, object]:
    """Look up labels that are in the block, or labels that are not."""
    first = 0 if there else count
    step = max(1, count // LOOKS) if there else 1
    bundles, sizes, times = [], [], []
    for number in range(first, first + LOOKS * step, step):
        mirror = Counted(files)
        began = time.perf_counter()
        found = look(mirror, block, label_of(number))
        times.append((time.perf_counter() - began) * 1000)
        check(found, there=there)
        bundles.append(found.bundles)
        sizes.append(mirror.bytes)
    return {
        "what": f"look-up in {count:,} decisions: {'there' if there else 'not there'}",
        "bundles, mean": round(statistics.mean(bundles), 2),
        "most": max(bundles),
        f"% in {BUNDLES} or fewer": round(100 * sum(one <= BUNDLES for one in bundles) / len(bundles), 1),
        "KiB, mean": round(statistics.mean(sizes) / 1024, 1),
        "ms, median": round(statistics.median(times), 2),
    }


def check(found: Look, *, there: bool) -> None:
    """Stop a benchmark that measures something else."""
    if (found.found is not None) != there or len(found.neighbours) != (0 if there else 2):
        sys.exit("the look-up did not find what is in the block")


def a_day(files: dict[str, bytes], head: Head, count: int) -> dict[str, object]:
    """Look once into each of a day's blocks, block files and their way to the checkpoint read anew each time."""
    mirror = Counted(files)
    fetch: Fetch = mirror
    began, bundles = time.perf_counter(), 0
    for number in range(EPOCHS_A_DAY):
        bundles += look(fetch, read_block(fetch, head, EPOCH), label_of(count + number)).bundles
    seconds = time.perf_counter() - began
    return {
        "what": f"a day: {EPOCHS_A_DAY} blocks of {count:,}, files and all",
        "bundles, mean": bundles,
        "most": "",
        f"% in {BUNDLES} or fewer": "",
        "KiB, mean": round(mirror.bytes / 1024, 1),
        "ms, median": round(seconds * 1000, 1),
    }


def a_list(count: int) -> dict[str, object]:
    """Read a block's list of superseded lines, as many as it has decisions, spread over the 14 days before."""
    rng = random.Random(EPOCH)  # noqa: S311 - made-up leaves
    data = format_indexes(rng.sample(range(14 * EPOCHS_A_DAY * count), count))
    began = time.perf_counter()
    parse_indexes(data)
    return {
        "what": f"a block's list of {count:,} superseded lines, read whole",
        "bundles, mean": "",
        "most": "",
        f"% in {BUNDLES} or fewer": "",
        "KiB, mean": round(len(data) / 1024, 1),
        "ms, median": round((time.perf_counter() - began) * 1000, 1),
    }


def main() -> None:
    """Measure, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DECISIONS
    files, head = serve(count)
    block = read_block(files.get, head, EPOCH)
    rows = [
        measured(files, block, count, there=True),
        measured(files, block, count, there=False),
        a_day(files, head, count),
        a_list(count),
    ]
    report("me", f"A person's look-ups, one core; peak {peak_mib():,} MiB, nearly all of it the mirror", rows)


if __name__ == "__main__":
    main()
