"""The committed vectors, which a second implementation can read too: what each card says, and each refusal's code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from habeas.certificates import CertificateError, favourable_facts, open_shc, parse_card_trust_list
from habeas.wire import Instant, parse_instant

FOLDER = Path(__file__).parents[2] / "vectors" / "shc"
CARDS = json.loads((FOLDER / "cards.json").read_text(encoding="utf-8"))
LISTS = json.loads((FOLDER / "trust.json").read_text(encoding="utf-8"))
TRUST = parse_card_trust_list(json.dumps(CARDS["trust"]))
AT = parse_instant(CARDS["at"])


def by_comment(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"argvalues": rows, "ids": [row["comment"] for row in rows]}


@pytest.mark.parametrize("row", **by_comment(CARDS["cards"]))
def test_a_card_says_what_is_written(row: dict[str, Any]) -> None:
    card = open_shc(row["text"], TRUST, AT)
    found = {
        "iss": card.issuer.iss,
        "kid": card.kid,
        "country": card.issuer.country,
        "issued": str(card.issued),
        "expires": str(card.expires) if card.expires is not None else None,
        "names": list(card.names),
        "born": card.born,
        "facts": [
            {
                "kind": fact.kind,
                "facts": {
                    name: str(value) if isinstance(value, Instant) else value for name, value in fact.facts.items()
                },
                "observed": str(fact.observed),
            }
            for fact in favourable_facts(card, AT)
        ],
    }
    assert found == {name: value for name, value in row.items() if name not in {"comment", "text"}}


@pytest.mark.parametrize("row", **by_comment(CARDS["refusals"]))
def test_a_card_is_refused_by_code(row: dict[str, Any]) -> None:
    with pytest.raises(CertificateError) as caught:
        open_shc(row["text"], TRUST, AT)
    assert caught.value.code == row["code"]


@pytest.mark.parametrize("row", **by_comment(LISTS["lists"]))
def test_a_list_has_the_keys_that_are_written(row: dict[str, Any]) -> None:
    trust = parse_card_trust_list(row["text"])
    assert {iss: list(issuer.kids) for iss, issuer in trust.issuers.items()} == row["issuers"]


@pytest.mark.parametrize("row", **by_comment(LISTS["refusals"]))
def test_a_list_is_refused_by_code(row: dict[str, Any]) -> None:
    with pytest.raises(CertificateError) as caught:
        parse_card_trust_list(row["text"])
    assert caught.value.code == row["code"]


def test_every_code_of_opening_a_card_has_a_vector() -> None:
    assert {row["code"] for row in CARDS["refusals"]} == {
        "bad-signature",
        "expired",
        "not-a-certificate",
        "not-yet-valid",
        "unknown-kid",
        "wrong-algorithm",
        "wrong-issuer",
    }
