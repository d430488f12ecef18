"""What holds for every test: the long ones run in CI alone, and Hypothesis draws more there."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

_CI = os.environ.get("CI") == "true"

settings.register_profile("default", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=500, deadline=None, derandomize=False, print_blob=True)
settings.load_profile("ci" if _CI else "default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not _CI:
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long: runs only with CI=true"))
