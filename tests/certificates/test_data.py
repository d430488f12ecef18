"""The 581 public DCC test certificates: every expectation that a file states comes out, but for the listed faults.

They are the oracle for COSE as well, beside vectors/cose: no maintained implementation of it installs with cbor2 6.
What a stage means is the data's own README. Pictures are read in tests/pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from certificates.data import (
    STAGES,
    Row,
    all_rows,
    at_issue,
    comes_out,
    contradicts_itself,
    cose,
    outcome,
    trust,
    verify,
)
from certificates.faulty import (
    FAULTY,
    NO_USAGE,
    P384,
    VALUE_SETS,
    WRONG_KEY,
)
from habeas.certificates import (
    favourable_facts,
    open_dcc,
)
from habeas.wire import (
    open_hc1,
    parse_sign1,
)


@pytest.fixture(name="rows")
def _the_rows() -> dict[str, Row]:
    return all_rows()


def excused(name: str) -> set[str]:
    """Return the files whose stated expectation of this stage is not to come out."""
    paths = {faulty.path for faulty in FAULTY if name in faulty.misses}
    if name == "SCHEMAVALIDATION":
        paths |= set(VALUE_SETS)
    if name == "VALIDOBJECT":
        paths |= {path for path, row in all_rows().items() if contradicts_itself(row)}
    return paths


@pytest.mark.parametrize(("stage", "name", "succeed", "fail"), STAGES, ids=[name for _, name, _, _ in STAGES])
def test_what_the_files_state_comes_out(
    stage: Callable[[Row], None], name: str, succeed: int, fail: int, rows: dict[str, Row]
) -> None:
    stated = {
        path: row["EXPECTEDRESULTS"]["EXPECTED" + name]
        for path, row in rows.items()
        if "EXPECTED" + name in row["EXPECTEDRESULTS"]
    }
    assert Counter(stated.values()) == Counter({True: succeed, False: fail})
    otherwise = {path for path, expected in stated.items() if comes_out(stage, rows[path]) is not expected}
    assert otherwise == excused(name)


def test_how_many_files_and_expectations_there_are(rows: dict[str, Row]) -> None:
    assert len(rows) == 581
    names = Counter(name.removeprefix("EXPECTED") for row in rows.values() for name in row["EXPECTEDRESULTS"])
    assert names == {name: succeed + fail for _, name, succeed, fail in STAGES} | {
        "PICTUREDECODE": 519,
        "EXPTECTEDEXPIRED": 7,
        "RESULTS": 3,
    }
    judged = sum(succeed + fail for _, _, succeed, fail in STAGES)
    missed = sum(len(excused(name)) for _, name, _, _ in STAGES)
    assert (judged, missed) == (5_102, 112)


def test_the_text_leads_to_the_message_beside_it(rows: dict[str, Row]) -> None:
    both = {
        path
        for path, row in rows.items()
        if row.get("COSE") and row["EXPECTEDRESULTS"].get("EXPECTEDCOMPRESSION", True)
    }
    assert len(both) == 563
    assert all(open_hc1(rows[path]["PREFIX"]).hex() == rows[path]["COSE"].lower() for path in both)


def test_kids_are_the_certificates_own(rows: dict[str, Row]) -> None:
    kids: Counter[bool] = Counter()
    for path, row in rows.items():
        if row["EXPECTEDRESULTS"].get("EXPECTEDVERIFY") and "ES/2DCode/raw/40" not in path:
            kids[parse_sign1(cose(row)).kid in trust(row).signers] += 1
    assert kids == {True: 545}


REFUSALS = {
    "UNPREFIX": {"not-a-certificate"},
    "B45DECODE": {"not-a-certificate"},
    "COMPRESSION": {"not-a-certificate"},
    "DECODE": {"not-a-certificate", "bad-signature", "unknown-kid"},
    "VERIFY": {"not-a-certificate", "bad-signature", "unknown-kid"},
    "EXPIRATIONCHECK": {"expired", "not-yet-valid"},
    "SCHEMAVALIDATION": {"not-a-certificate", "unknown-kid", "bad-signature", "not-yet-valid", "expired"},
    "KEYUSAGE": {"key-usage"},
}


def test_the_whole_chain_opens_what_is_good_and_refuses_the_rest_with_its_code(rows: dict[str, Row]) -> None:
    exceptions = {faulty.path for faulty in FAULTY if faulty.fault in {P384, NO_USAGE, WRONG_KEY}} | set(VALUE_SETS)
    outcomes: Counter[str] = Counter()
    for path, row in rows.items():
        expected = row["EXPECTEDRESULTS"]
        found = outcome(row)
        outcomes[found] += 1
        refused = [name for name in REFUSALS if expected.get("EXPECTED" + name) is False]
        if path in exceptions:
            continue
        if refused:
            assert found in set().union(*(REFUSALS[name] for name in refused)), path
        elif expected.get("EXPECTEDVERIFY"):
            assert found == "opened", path
    assert outcomes == {
        "opened": 403,
        "not-a-certificate": 109,
        "key-usage": 55,
        "unknown-kid": 5,
        "expired": 4,
        "not-a-trust-list": 3,
        "not-yet-valid": 1,
        "bad-signature": 1,
    }


def test_what_they_say_for_their_holders(rows: dict[str, Row]) -> None:
    kinds: Counter[str] = Counter()
    positive = 0
    for row in rows.values():
        if not comes_out(verify, row) or outcome(row) != "opened":
            continue
        at = at_issue(row)
        dcc = open_dcc(row["PREFIX"], trust(row), at)
        facts = favourable_facts(dcc, at)
        kinds.update(fact.kind for fact in facts)
        if any(entry.get("tr") == "260373001" for entry in dcc.entries):
            positive += 1
            assert not facts
    assert kinds == {"vaccination": 147, "recovery": 96, "test-result": 84}
    assert positive == 26
