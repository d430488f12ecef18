"""Every error that a room can raise has an exit code and a next step of its own, and none of them is an internal one."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

import habeas.certificates.errors
import habeas.cli.errors
import habeas.evidence.errors
import habeas.ledger.errors
import habeas.mandates.errors
import habeas.passes.errors
import habeas.pictures.errors
import habeas.registry.errors
import habeas.rules.errors
import habeas.services.errors
import habeas.stores.errors
import habeas.tlog.errors
import habeas.wire.errors
from habeas.cli._problems import INTERNAL, problem_of

ROOMS = (
    habeas.certificates.errors,
    habeas.evidence.errors,
    habeas.ledger.errors,
    habeas.mandates.errors,
    habeas.passes.errors,
    habeas.pictures.errors,
    habeas.registry.errors,
    habeas.rules.errors,
    habeas.services.errors,
    habeas.stores.errors,
    habeas.tlog.errors,
    habeas.wire.errors,
)


def errors_of(room: ModuleType) -> list[type[Exception]]:
    return [found for _, found in inspect.getmembers(room, inspect.isclass) if issubclass(found, Exception)]


@pytest.mark.parametrize(
    "error", [error for room in ROOMS for error in errors_of(room)], ids=lambda error: error.__name__
)
def test_every_room_s_error_is_known(error: type[Exception]) -> None:
    raised = error.__new__(error)
    raised.args = ("what is wrong",)
    problem = problem_of(raised, "habeas explain")
    assert problem.code in (1, 2, 3)
    assert problem.what == "habeas explain: what is wrong"
    assert problem.next_step


def test_an_unknown_error_is_ours_and_says_nothing_of_its_contents() -> None:
    problem = problem_of(ZeroDivisionError("resident-id:CN:41"), "habeas explain")
    assert problem.code == INTERNAL
    assert "41" not in problem.what


def test_our_own_errors_have_codes() -> None:
    codes = {
        error.__name__: problem_of(error("here", "wrong", "mend it"), "habeas").code
        for error in errors_of(habeas.cli.errors)
        if error is not habeas.cli.errors.CliError
    }
    assert codes == {"InputError": 2, "LedgerFileError": 3, "RefusedError": 1}
