"""Where the public test data lie, and what happens to a test when they do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
_SOURCES = {
    "certlogic": "github.com/ehn-dcc-development/eu-dcc-business-rules",
    "member-state-rules.jsonl": "github.com/eu-digital-green-certificates/dgc-business-rules-testdata",
    "dcc-testdata.jsonl": "github.com/eu-digital-green-certificates/dgc-testdata",
    "merkle": "github.com/transparency-dev/merkle",
    "published-criteria.json": "published health-code plans, each row with its page",
}


def data_file(name: str) -> Path:
    """Return the file or folder `name` of the public test data: of HABEAS_DATA, else of ../shared/data.

    Without it the test fails where CI=true; elsewhere it skips, and says where the data come from.
    """
    path = Path(os.environ.get("HABEAS_DATA") or _BESIDE) / name
    if path.exists():
        return path
    source = _SOURCES[Path(name).parts[0]]
    reason = f"needs {name} from {source}; HABEAS_DATA names its folder (docs/conformance.md)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
