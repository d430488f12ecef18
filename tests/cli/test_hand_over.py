"""A counter: a certificate is shown first, compared by a person, and only then logged; trust lists come before it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from certificates.cards import STATE, dose, result, trust_text
from certificates.issuing import ELBONIA, UTOPIA, payload
from cli.running import LI, WANG, Ran, done, habeas, write_json

AT = ("--at", "2022-06-12T13:04Z")
LATER = ("--at", "2022-06-12T13:05Z")


@pytest.fixture
def counter(province: Path) -> Path:
    """Return a province whose ledger trusts one country's EU certificates and one issuer's cards."""
    db = province / "ledger.db"
    write_json(province / "eu.json", {UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}})
    (province / "cards.json").write_text(trust_text(STATE))
    assert done("db", "trust", "--db", db, province / "eu.json", *AT, "--json").json["listed"] == 1
    assert done("db", "trust", "--db", db, province / "cards.json", "--cards", *AT, "--json").json["cards"] is True
    (province / "dcc").write_text(UTOPIA.text(payload("v")))
    (province / "card").write_text(STATE.text(dose(), result()))
    (province / "stranger").write_text(ELBONIA.text(payload("v")))
    return province


def hand_over(folder: Path, *names: str, document: str = WANG, rest: tuple[str, ...] = ("--json",)) -> Ran:
    files = [folder / name for name in names]
    return habeas("person", "hand-over", "--db", folder / "ledger.db", "--document", document, *files, *LATER, *rest)


def events(folder: Path) -> int:
    return int(done("audit", "--db", folder / "ledger.db", "--json").json["head"])


def test_it_is_shown_first_and_nothing_is_logged(counter: Path) -> None:
    before = events(counter)
    ran = hand_over(counter, "dcc", "card")
    assert (ran.code, ran.json["logged"]) == (0, False)
    eu, card = ran.json["certificates"]
    assert (eu["names"], eu["born"]) == (["Müller-O’Neill, Ada", "MUELLER<ONEILL, ADA"], "1990-01-15")
    assert (card["names"], card["born"]) == (["Müller-O’Neill, Ada B."], "1990-01-15")
    assert [one["kind"] for one in card["favourable"]] == ["vaccination", "test-result"]
    said = hand_over(counter, "card", rest=())
    assert "Müller-O’Neill, Ada B." in said.out
    assert "Compare name and date of birth" in " ".join(said.out.split())
    assert events(counter) == before


def test_what_was_compared_is_logged_and_counts(counter: Path) -> None:
    before = events(counter)
    ran = hand_over(counter, "dcc", "card", rest=("--compared", "--json"))
    assert (ran.code, ran.json["logged"], ran.json["head"]) == (0, True, before + 2)
    assert [(row["outcome"], row["says"]) for row in ran.json["certificates"]] == [
        ("admitted", "vaccination"),
        ("admitted", "vaccination, test-result"),
    ]
    assert "Müller" not in ran.out
    again = hand_over(counter, "card", rest=("--compared", "--json"))
    assert (again.json["certificates"][0]["outcome"], again.json["head"]) == ("admitted before", before + 2)
    assert done("audit", "--db", counter / "ledger.db", "--json").json["findings"] == []


def test_another_person_cannot_hand_over_the_same_card(counter: Path) -> None:
    hand_over(counter, "card", rest=("--compared", "--json"))
    (counter / "again").write_text(STATE.text(dose(), result(), nbf=1_655_030_000))  # the same contents, signed anew
    for name in ("card", "again"):
        ran = hand_over(counter, name, document=LI, rest=("--compared", "--json"))
        (row,) = ran.json["certificates"]
        assert (ran.code, row["outcome"], row["code"]) == (1, "refused", "bad-certificate")
        assert "another person before" in row["message"]


def test_a_refusal_is_told_before_and_after(counter: Path) -> None:
    ran = hand_over(counter, "stranger", "card")
    assert (ran.code, ran.json["certificates"][0]["code"]) == (1, "unknown-kid")
    assert "no: unknown-kid" in hand_over(counter, "stranger", rest=()).out
    logged = hand_over(counter, "stranger", "card", rest=("--compared",))
    assert logged.code == 1
    assert "bad-certificate" in logged.out
    assert "vaccination, test-result" in logged.out
    nobody = hand_over(counter, "card", document="passport:SE:1")
    assert (nobody.code, "check the number" in nobody.err) == (2, True)
    assert "Ada" not in nobody.out + nobody.err


def test_trust_lists_are_of_two_schemes_and_the_newest_counts(counter: Path) -> None:
    db = counter / "ledger.db"
    same = done("db", "trust", "--db", db, counter / "cards.json", "--cards", *LATER)
    assert "it is the newest already" in same.out
    for file, more in (("cards.json", ()), ("eu.json", ("--cards",))):
        wrong = habeas("db", "trust", "--db", db, counter / file, *more, *LATER)
        assert (wrong.code, "mend the trust list; nothing was logged" in wrong.err) == (2, True)
    none = done("db", "trust", "--db", db, "-", "--cards", *LATER, stdin="{}")
    assert "0 issuers" in none.out
    assert hand_over(counter, "card").json["certificates"][0]["code"] == "unknown-kid"
    assert hand_over(counter, "dcc").json["certificates"][0]["verified"] is True
    kinds = [json.loads(line)["kind"] for line in done("export", "--db", db).out.splitlines()]
    assert kinds.count("card-trust.published") == 2
