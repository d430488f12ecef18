"""`habeas shc`: a card is verified or refused by code, and what it does not say is not read as good or bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from certificates.cards import CLINIC, DETECTED, SNOMED, STATE, STRANGER, chunks, concept, dose, result, trust_text
from certificates.issuing import UTOPIA, payload
from cli.running import Ran, done, habeas
from pictures.drawing import as_pdf, as_png, draw_code

AT = ("--at", "2022-06-12T13:04Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cards.json").write_text(trust_text(STATE, CLINIC))
    (tmp_path / "vaccinated").write_text(STATE.text(dose()) + "\n")
    (tmp_path / "negative").write_text(CLINIC.text(result(), exp=1_655_200_000))
    (tmp_path / "positive").write_text(STATE.text(result(valueCodeableConcept=concept(SNOMED, DETECTED))))
    (tmp_path / "stranger").write_text(STRANGER.text(dose()))
    return tmp_path


def check(folder: Path, *names: str, json: bool = True) -> Ran:
    said = ("--json",) if json else ()
    return habeas("shc", "check", *(folder / name for name in names), "--trust", folder / "cards.json", *AT, *said)


def test_contents_are_printed_as_json(folder: Path) -> None:
    said = done("shc", "open", folder / "vaccinated", "--trust", folder / "cards.json", *AT).json
    assert said["entry"][1]["resource"] == dose()
    text = (folder / "vaccinated").read_text()
    assert done("shc", "open", "-", "--trust", folder / "cards.json", *AT, "--json", stdin=text).json == said


def test_each_card_has_its_own_answer(folder: Path) -> None:
    ran = check(folder, "vaccinated", "negative", "positive", "stranger")
    assert ran.code == 1
    assert (ran.json["rules_applied"], ran.json["revocation_asked"]) == (False, False)
    rows = ran.json["cards"]
    assert [(row["verified"], row["code"]) for row in rows] == [(True, None)] * 3 + [(False, "unknown-kid")]
    assert [[one["kind"] for one in row["favourable"]] for row in rows] == [["vaccination"], ["test-result"], [], []]
    assert (rows[1]["issuer"], rows[1]["country"], rows[1]["expires"]) == (CLINIC.iss, "CA", "2022-06-14T09:46:40Z")
    assert rows[0]["expires"] is rows[0]["favourable"][0]["expires"] is None
    assert rows[1]["favourable"][0]["facts"]["sampled"] == "2022-06-12T07:30:00Z"


def test_nothing_in_favour_never_reads_as_a_verdict_and_no_name_is_shown(folder: Path) -> None:
    ran = check(folder, "positive", "vaccinated", json=False)
    assert ran.code == 0
    assert "That is no verdict" in ran.out
    assert "no list of revoked cards was asked" in " ".join(ran.out.split())
    assert "product EU/1/20/1528, dose 1, of 2" in ran.out
    assert "valid" not in ran.out.replace("verified", "")
    for secret in ("ller", "Ada", "1990", "260373001"):
        assert secret not in ran.out + check(folder, "positive", "vaccinated").out


def test_a_picture_a_page_and_several_pictures_of_one_card(folder: Path) -> None:
    (folder / "picture.png").write_bytes(as_png(draw_code(STATE.text(dose()), level="L")))
    pieces = [draw_code(text, level="L") for text in chunks(CLINIC.jws(CLINIC.payload(dose())), 2)[::-1]]
    (folder / "pages.pdf").write_bytes(as_pdf(*pieces))
    (folder / "two").write_text((folder / "vaccinated").read_text() + (folder / "negative").read_text())
    ran = check(folder, "picture.png", "pages.pdf", "two")
    assert [(row["verified"], row["country"]) for row in ran.json["cards"]] == [
        (True, "US"),
        (True, "CA"),
        (True, "US"),
        (True, "CA"),
    ]


def test_what_cannot_be_taken_says_what_to_do(folder: Path) -> None:
    (folder / "eu").write_text(UTOPIA.text(payload("v")))
    (folder / "two").write_text((folder / "vaccinated").read_text() + (folder / "negative").read_text())
    trust = ("--trust", folder / "cards.json", *AT)
    for words, code, said in (
        (("open", folder / "two", *trust), 2, "has 2 cards"),
        (("open", folder / "eu", *trust), 2, "habeas dcc check"),
        (("check", folder / "eu", *trust), 2, "habeas dcc check"),
        (("open", folder / "stranger", *trust), 1, "not verified, unknown-kid"),
        (("open", folder / "vaccinated", "--trust", folder / "eu", *AT), 2, "mend the trust list"),
        (
            ("open", folder / "vaccinated", "--trust", folder / "cards.json", "--at", "2021-01-01T00:00Z"),
            1,
            "come back",
        ),
    ):
        ran = habeas("shc", *words)
        assert (ran.code, said in ran.err) == (code, True), ran
