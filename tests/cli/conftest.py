"""A province on disk, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.running import make_province


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_province(tmp_path_factory.mktemp("province"))


@pytest.fixture
def province(made: Path, tmp_path: Path) -> Path:
    """Return a folder with ledger.db, registry.key, lab and clinic with keys, statements, and events.jsonl."""
    return Path(shutil.copytree(made, tmp_path / "province"))


@pytest.fixture(autouse=True)
def _one_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the terminal be 100 columns wide, whoever runs the tests, and in however many processes."""
    monkeypatch.setenv("COLUMNS", "100")
