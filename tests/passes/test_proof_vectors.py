"""`vectors/pass/proofs.json`: what must be taken is, what must be refused is, and it is what its writer writes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from habeas.passes import PassError, check_abuse, check_intake_receipt, parse_abuse
from habeas.tlog import parse_policy
from habeas.wire import Algorithm, VerifyingKey
from passes.proof_vectors import FILE, contents

PROOFS: Any = json.loads(FILE.read_text(encoding="utf-8"))
POLICY = parse_policy(PROOFS["abuse"]["policy"].encode())
KEY = VerifyingKey(algorithm=Algorithm.EDDSA, public=bytes.fromhex(PROOFS["intake"]["key"]))


def test_the_file_is_what_its_writer_writes_but_for_signatures_that_are_random() -> None:
    written = json.loads(contents())
    assert PROOFS["intake"] == written["intake"], "run tests/passes/proof_vectors.py, and say so in the changelog"
    assert PROOFS["abuse"]["policy"] == written["abuse"]["policy"]
    found, wanted = ([row | {"file": "file" in row} for row in one["abuse"]["refused"]] for one in (PROOFS, written))
    assert found == wanted


@pytest.mark.parametrize("row", PROOFS["abuse"]["taken"], ids=lambda row: row["name"])
def test_a_proof_of_abuse_names_its_line(row: dict[str, Any]) -> None:
    assert check_abuse(parse_abuse(base64.b64decode(row["file"])), POLICY) == row["index"]


@pytest.mark.parametrize("row", PROOFS["abuse"]["refused"], ids=lambda row: row["name"])
def test_a_false_proof_of_abuse_is_refused(row: dict[str, Any]) -> None:
    whole = row if "file" in row else PROOFS["abuse"]["taken"][row["of"]]
    data = bytearray(base64.b64decode(whole["file"]))
    if "cut" in row:
        del data[row["cut"] :]
    elif "flip" in row:
        data[row["flip"]] ^= 1
    with pytest.raises(PassError):
        check_abuse(parse_abuse(bytes(data)), POLICY)


@pytest.mark.parametrize("row", PROOFS["intake"]["taken"], ids=lambda row: row["origin"])
def test_a_receipt_says_what_came_and_when(row: dict[str, Any]) -> None:
    found = check_intake_receipt(base64.b64decode(row["file"]), KEY)
    assert (found.origin, found.id.hex(), found.statement.hex()) == (row["origin"], row["id"], row["statement"])
    assert (int(found.received), found.block) == (row["received"], row["block"])


@pytest.mark.parametrize("row", PROOFS["intake"]["refused"], ids=lambda row: row["name"])
def test_a_false_receipt_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(PassError):
        check_intake_receipt(base64.b64decode(row["file"]), KEY)
