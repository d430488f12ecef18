"""Writes each target's seeds into its corpus, with the words in them, and prints what an engine must know of the targets.

    _plant.py CORPUS

In a process of its own, as every slice is: what runs for days takes up targets and code as they are now.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

from targets import TARGETS, Target

_WORD = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{2,23}")
_MOST_WORDS = 256


def plant(target: Target, corpus: Path) -> None:
    """Write the seeds of a target into its folder, and its dictionary beside that."""
    folder = corpus / target.name
    folder.mkdir(parents=True, exist_ok=True)
    words: Counter[bytes] = Counter()
    for seed in target.seeds():
        words.update(set(_WORD.findall(seed)))
        path = folder / f"seed-{hashlib.sha256(seed).hexdigest()[:16]}"
        if len(seed) <= target.max_bytes and not path.exists():
            path.write_bytes(seed)
    lines = [f'"{word.decode()}"\n' for word, _ in words.most_common(_MOST_WORDS)]
    (corpus / f"{target.name}.dict").write_text("".join(lines))


def main() -> None:
    """Plant all."""
    corpus = Path(sys.argv[1])
    for target in TARGETS.values():
        plant(target, corpus)
    rows = {name: one.limits for name, one in TARGETS.items()}
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
