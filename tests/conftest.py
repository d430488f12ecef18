"""What holds for every test: the long ones run in CI alone, and Hypothesis draws more there.

A commit has one answer, so Hypothesis draws the same examples each time; `HABEAS_SEARCH=1` has it look for others.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

_CI = os.environ.get("CI") == "true"
_SEARCH = os.environ.get("HABEAS_SEARCH") == "1"

settings.register_profile(
    "habeas",
    max_examples=500 if _CI or _SEARCH else 50,
    derandomize=not _SEARCH,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=(HealthCheck.too_slow,),  # it goes by the clock, and machines differ
)
settings.load_profile("habeas")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not _CI:
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long: runs only with CI=true"))
