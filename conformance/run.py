"""Runs the conformance suite: `python3 conformance/run.py --command habeas`; `--help` says the rest."""

import sys

from suite import main

if __name__ == "__main__":
    sys.exit(main())
