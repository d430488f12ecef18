"""One target on one file: `_once.py NAME FILE`; what it crashes with is shown as it is."""

from __future__ import annotations

import sys
from pathlib import Path

from targets import TARGETS


def main() -> None:
    """Run it."""
    name, path = sys.argv[1:]
    taken = TARGETS[name].run(Path(path).read_bytes())
    print(f"{name}: {'taken' if taken else 'refused'}, as it should be")


if __name__ == "__main__":
    main()
