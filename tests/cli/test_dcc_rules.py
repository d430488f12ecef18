"""`habeas dcc check --rules`: a yes only for a checked signature and met rules; exit code 0 for nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.acceptance import DOES_NOT, HOLDS, UNDECIDED, invalidating, public_lines, public_value_sets, rule
from certificates.data import all_rows
from certificates.issuing import ELBONIA, UTOPIA, payload
from cli.running import Ran, columns, habeas, write_json
from public_data import data_file

AT = ("--at", "2022-06-12T13:04Z")
VACCINATED = UTOPIA.text(payload("v"))
ANSWERS = ("accepted", "met-unchecked", "not-accepted", "undecided", "no-rules", "not-verified")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_json(tmp_path / "trust.json", {UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}})
    (tmp_path / "vaccination").write_text(VACCINATED)
    (tmp_path / "stranger").write_text(ELBONIA.text(payload("v")))
    (tmp_path / "both").write_text(f"{VACCINATED}\n\n{UTOPIA.text(payload('t'))}\n")
    write_json(tmp_path / "rules.json", [rule()])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*args: object, trusted: bool = True) -> Ran:
    return habeas("dcc", "check", *args, *(("--trust", "trust.json") if trusted else ()), *AT)


def asked(*made: dict[str, Any], file: str = "vaccination", trusted: bool = True, json_too: bool = False) -> Ran:
    write_json(Path("rules.json"), list(made))
    options = ("--rules", "rules.json", "--country", "ut", *(("--json",) if json_too else ()))
    return checked(file, *options, trusted=trusted)


CASES = [
    # the rules, checked or not, the answer, its words
    ([rule()], True, "accepted", "ACCEPTED by the rules of UT: all 1 are met"),
    ([rule()], False, "met-unchecked", "NOT CHECKED. The rules of UT are met by what it claims; nobody checked the signature"),
    ([rule(Logic=DOES_NOT)], True, "not-accepted", "NOT ACCEPTED by the rules of UT: 1 of 1 rule not met"),
    ([rule(Logic=DOES_NOT)], False, "not-accepted", "1 of 1 rule not met; nobody checked the signature"),
    ([rule(Logic=UNDECIDED)], True, "undecided", "UNDECIDED by the rules of UT: 1 of 1 rule could not be worked out"),
    ([rule(Logic=UNDECIDED)], False, "undecided", "nobody checked the signature"),
    ([rule(Country="IE", Identifier="VR-IE-0001")], True, "no-rules", "NO RULES of UT for a vaccination certificate"),
    ([], False, "no-rules", "That is no verdict, neither good nor bad; nobody checked the signature"),
    ([rule(), invalidating(Logic=HOLDS)], True, "not-accepted", "1 of 2 rules not met"),
    ([rule(), invalidating(Logic=DOES_NOT)], True, "accepted", "all 2 are met"),
    ([rule(), rule(Identifier="VR-UT-0002", Engine="AT-METADATA", Logic="?")], True, "undecided", "1 of 2 rules"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "trusted", "answer", "words"), CASES, ids=[f"{at}-{case[2]}" for at, case in enumerate(CASES)]
)
@pytest.mark.usefixtures("folder")
def test_each_answer_and_its_exit_code(made: list[dict[str, Any]], trusted: bool, answer: str, words: str) -> None:  # noqa: FBT001 - a parameter of pytest's
    ran = asked(*made, trusted=trusted)
    assert ran.code == (0 if answer == "accepted" else 1), ran
    told = " ".join(ran.out.split())
    assert told.startswith("answer ")
    assert words in told
    assert ran.err == ""
    document = asked(*made, trusted=trusted, json_too=True)
    assert document.code == ran.code
    assert (document.json["rules_applied"], document.json["signatures_checked"]) == (True, trusted)
    (row,) = document.json["certificates"]
    assert (row["answer"], row["verified"]) == (answer, trusted)
    assert row["rules"]["signature"] == ("checked" if trusted else "not-checked")
    assert (row["code"] is None) is trusted


@pytest.mark.usefixtures("folder")
def test_a_certificate_that_is_not_verified_is_asked_nothing() -> None:
    ran = asked(rule(), file="stranger")
    assert ran.code == 1
    assert "NOT VERIFIED: unknown-kid. No rule was asked" in ran.out
    (row,) = asked(rule(), file="stranger", json_too=True).json["certificates"]
    assert (row["answer"], row["rules"], row["code"], row["verified"]) == ("not-verified", None, "unknown-kid", False)


@pytest.mark.usefixtures("folder")
def test_every_line_says_that_nobody_checked_the_signature() -> None:
    ran = asked(rule(), rule(Identifier="VR-UT-0002", Logic=DOES_NOT), file="both", trusted=False)
    assert "yes" not in ran.out
    assert " ".join(ran.out.split()).count("nobody checked the signature") == 4
    assert ran.out.count("(claimed)") == 4
    assert "NO SIGNATURE WAS CHECKED: anybody can write such a certificate. Give --trust FILE." in ran.out
    assert "in favour" not in ran.out
    rows = asked(rule(), file="both", trusted=False, json_too=True).json["certificates"]
    assert [(row["code"], row["favourable"], row["claimed"]["issuer"]) for row in rows] == [
        ("signature-not-checked", [], "UT")
    ] * 2
    assert not {"kind", "issuer", "kid", "issued", "expires"} & rows[0].keys()


@pytest.mark.usefixtures("folder")
def test_one_file_with_two_certificates_has_two_rows_and_one_bad_one_is_a_no() -> None:
    both = (rule(), rule(Identifier="TR-UT-0001", CertificateType="Test", Logic=DOES_NOT))
    ran = asked(*both, file="both")
    assert ran.code == 1
    assert "both, certificate 2 of 2" in ran.out
    rows = asked(*both, file="both", json_too=True).json["certificates"]
    assert [(row["number"], row["of"], row["answer"]) for row in rows] == [(1, 2, "accepted"), (2, 2, "not-accepted")]
    assert asked(rule(Identifier="GR-UT-0001", CertificateType="General", Logic=HOLDS), file="both").code == 0


@pytest.mark.usefixtures("folder")
def test_rules_speak_the_holders_language_and_say_which() -> None:
    write_json(Path("rules.json"), [rule(Logic=DOES_NOT), invalidating(Logic=UNDECIDED)])
    options = ("vaccination", "--rules", "rules.json", "--country", "UT")
    assert "VR-UT-0001 1.0.0 [en] All doses of the vaccine have been given." in checked(*options).out
    ran = checked(*options, "--lang", "fi, de-CH")
    assert "[de] Alle Impfdosen sind verabreicht." in ran.out
    assert "why: its logic gives no answer" in ran.out
    said = checked(*options, "--lang", "de", "--json").json["certificates"][0]["rules"]
    assert [(one["language"], one["outcome"]) for one in (*said["acceptance"], *said["invalidation"])] == [
        ("de", "failed"),
        ("de", "open"),
    ]


@pytest.mark.usefixtures("folder")
def test_value_sets_close_what_was_open() -> None:
    asks = rule(Logic={"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines"}]})
    write_json(Path("rules.json"), [asks])
    write_json(Path("some.json"), {"valueSetId": "vaccines", "valueSetValues": {"EU/1/20/1528": {}}})
    write_json(Path("others.json"), {"else": []})
    options = ("vaccination", "--rules", "rules.json", "--country", "UT")
    ran = checked(*options)
    assert ran.code == 1
    assert "why: it needs the value set vaccines, not known here; --value-sets FILE gives value sets" in " ".join(
        ran.out.split()
    )
    assert checked(*options, "--value-sets", "some.json", "--value-sets", "others.json").code == 0
    assert checked(*options, "--value-sets", "others.json").code == 1


@pytest.mark.usefixtures("folder")
def test_regions_and_what_was_not_asked() -> None:
    write_json(Path("rules.json"), [rule(), rule(Identifier="VR-UT-0002", Region="UT-9", Logic=DOES_NOT)])
    options = ("vaccination", "--rules", "rules.json", "--country", "UT")
    assert "not asked rules of single regions: UT-9 (--region)" in " ".join(checked(*options).out.split())
    ran = checked(*options, "--region", "ut-9")
    assert (ran.code, "1 of 2 rules not met" in ran.out) == (1, True)
    assert checked(*options, "--region", "ut-9", "--json").json["certificates"][0]["rules"]["region"] == "UT-9"
    wrong = checked(*options, "--region", "UT-99")
    assert (wrong.code, "they name: UT-9" in wrong.err, wrong.out) == (2, True, "")


@pytest.mark.usefixtures("folder")
def test_what_is_odd_about_a_rule_is_noted_beside_the_answer() -> None:
    ran = asked(rule(AffectedFields=["v.0.dn", "v.0.mp"]))
    assert ran.code == 0
    assert ran.err == (
        "note: the rule VR-UT-0001 1.0.0 lists v.0.mp, which it does not read, and reads v.0.sd, which it does not list "
        "(AffectedFields); its logic was asked as it is\n"
    )
    assert len(asked(rule(AffectedFields=[]), file="both", json_too=True).json["notes"]) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ("--trust", "is missing", "--rules FILE alone")),
        (("--country", "UT"), ("--country", "give --rules FILE")),
        (("--lang", "fi", "--trust", "trust.json"), ("--lang", "give --rules FILE")),
        (("--value-sets", "rules.json", "--trust", "trust.json"), ("--value-sets", "give --rules FILE")),
        (("--region", "X", "--trust", "trust.json"), ("--region", "give --rules FILE")),
        (("--rules", "rules.json"), ("--country", "such as DE")),
        (("--rules", "rules.json", "--country", "Utopia"), ("--country", "ISO 3166-1")),
        (("--rules", "rules.json", "--country", "UT", "--lang", "fi,,en"), ("--lang", "BCP 47")),
        (("--rules", "rules.json", "--country", "UT", "--lang", ""), ("--lang", "BCP 47")),
        (("--rules", "none.json", "--country", "UT"), ("none.json", "cannot be read")),
        (("--rules", "trust.json", "--country", "UT"), ("trust.json", "no rule of it was used")),
        (("--rules", "rules.json", "--country", "UT", "--value-sets", "stranger"), ("stranger", "value sets")),
        (("--rules", "rules.json", "--country", "UT", "--trust", "rules.json"), ("rules.json", "trust list")),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_that_do_not_fit(options: tuple[str, ...], words: tuple[str, ...]) -> None:
    ran = checked("vaccination", *options, trusted=False)
    assert (ran.code, ran.out) == (2, "")
    assert [word for word in words if word not in ran.err] == []


@pytest.mark.usefixtures("folder")
def test_a_file_with_one_bad_rule_is_no_file_of_rules() -> None:
    ran = asked(rule(), rule(Identifier="VR-UT-0002", Logic={"or": [True, True]}))
    assert (ran.code, ran.out) == (2, "")
    assert "rules.json: item 2, rule VR-UT-0002 1.0.0: Logic: unrecognised operator" in ran.err


@pytest.mark.usefixtures("folder")
def test_what_a_certificate_claims_cannot_write_on_the_screen() -> None:
    Path("shown").write_text(UTOPIA.text(payload("v"), c1="\x1b[2J\x1b[32mUT\u202e"))
    ran = asked(rule(), file="shown", trusted=False)
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "�[2J�[32mUT�" in ran.out


@pytest.mark.usefixtures("folder")
def test_it_fits_a_narrow_screen() -> None:
    with columns(60):
        ran = asked(rule(Logic=DOES_NOT), rule(Identifier="VR-UT-0002", Logic=UNDECIDED), trusted=False)
    rows = ran.out.partition("\n\n")[0].splitlines()
    assert max(map(len, rows)) <= 60
    assert rows[0].startswith("answer")


# Real certificates and real rules


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with real certificates, one trust list of all their signers, and the public value sets."""
    folder = tmp_path_factory.mktemp("public")
    trust = {}
    for path, _, _, _ in REAL:
        row = all_rows()[path]
        der = base64.b64decode(row["TESTCTX"]["CERTIFICATE"])
        trust[base64.b64encode(hashlib.sha256(der).digest()[:8]).decode()] = {
            "certificate": base64.b64encode(der).decode()
        }
        (folder / path.replace("/", "-")).write_text(row["PREFIX"])
    write_json(folder / "trust.json", trust)
    write_json(folder / "sets.json", public_value_sets())
    lines = [line | {"tests": []} for line in public_lines() if line["path"][:2] in ("DE", "IE", "EU")]
    (folder / "rules.jsonl").write_text("\n".join(map(json.dumps, lines)))  # the whole file takes its time, each time
    return folder


REAL: list[tuple[str, str, dict[str, tuple[str, list[str]]], str]] = [
    # certificate, when, what each country's rules say and which are not met; its kind
    ("BG/2DCode/raw/1.json", "2021-11-01T12:00Z", {"DE": ("accepted", []), "IE": ("accepted", []), "EU": ("accepted", []), "BE": ("no-rules", [])}, "vaccination"),
    ("BG/2DCode/raw/1.json", "2021-06-03T12:00Z", {"DE": ("no-rules", []), "IE": ("accepted", []), "EU": ("accepted", [])}, "vaccination"),
    ("DE/2DCode/raw/1.json", "2021-11-01T12:00Z", {"DE": ("accepted", []), "IE": ("accepted", []), "EU": ("accepted", [])}, "vaccination"),
    ("DE/2DCode/raw/4.json", "2021-11-01T12:00Z", {"DE": ("not-accepted", ["VR-DE-0001"]), "IE": ("not-accepted", ["VR-IE-0002"]), "EU": ("not-accepted", ["VR-EU-0002"])}, "vaccination"),
    ("DE/2DCode/raw/2.json", "2021-11-01T12:00Z", {"DE": ("not-accepted", ["TR-DE-0002", "TR-DE-0005"]), "IE": ("not-accepted", ["TR-IE-0001"]), "EU": ("not-accepted", ["TR-EU-0002", "TR-EU-0005"])}, "test"),
    ("BG/2DCode/raw/5.json", "2021-06-13T10:00Z", {"DE": ("no-rules", []), "IE": ("accepted", []), "EU": ("accepted", [])}, "test"),
    ("DE/2DCode/raw/3.json", "2021-11-01T12:00Z", {"DE": ("not-accepted", ["RR-DE-0002"]), "IE": ("not-accepted", ["RR-IE-0001"]), "EU": ("not-accepted", ["RR-EU-0001"])}, "recovery"),
    ("IE/2DCode/Raw/4.json", "2021-06-07T08:00Z", {"DE": ("no-rules", []), "IE": ("accepted", []), "EU": ("accepted", [])}, "recovery"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "at", "expected", "kind"), REAL, ids=[f"{row[0]} {row[1]}" for row in REAL])
def test_real_certificates_under_real_rules(
    public: Path, path: str, at: str, expected: dict[str, tuple[str, list[str]]], kind: str
) -> None:
    for country, (answer, failed) in expected.items():
        options = ("--rules", public / "rules.jsonl", "--country", country, "--value-sets", public / "sets.json")
        file = (public / path.replace("/", "-"), "--at", at)
        for trusted in (("--trust", public / "trust.json"), ()):
            ran = habeas("dcc", "check", *file, *options, *trusted, "--json")
            (row,) = ran.json["certificates"]
            met = answer if trusted or answer != "accepted" else "met-unchecked"
            assert (row["answer"], ran.code) == (met, 0 if met == "accepted" else 1), (country, row)
            said = row["rules"]["acceptance"]
            assert [one["identifier"] for one in said if one["outcome"] == "failed"] == failed
            assert [one for one in said if one["outcome"] == "open"] == []
            assert (row.get("kind") or row["claimed"]["kind"]) == kind
        assert ("ACCEPTED" in habeas("dcc", "check", *file, *options).out) == (answer == "not-accepted")


def test_a_real_picture(public: Path) -> None:
    picture = public / "picture.png"
    picture.write_bytes(base64.b64decode(all_rows()["DE/2DCode/raw/1.json"]["2DCODE"]))
    options = ("--rules", public / "rules.jsonl", "--country", "DE", "--trust", public / "trust.json")
    ran = habeas("dcc", "check", picture, *options, "--at", "2021-11-01T12:00Z")
    assert (ran.code, "ACCEPTED by the rules of DE: all 4 are met" in ran.out) == (0, True)


def test_the_public_file_as_it_is(public: Path) -> None:
    options = ("--rules", data_file("member-state-rules.jsonl"), "--country", "DE", "--lang", "fr")
    ran = habeas("dcc", "check", public / "DE-2DCode-raw-4.json", *options, "--at", "2021-11-01T12:00Z")
    assert ran.code == 1
    assert "VR-DE-0001 1.0.0 [fr] La série vaccinale doit être complète" in " ".join(ran.out.split())
    assert ran.err == ""


@pytest.mark.usefixtures("folder")
def test_a_card_of_another_scheme_is_sent_where_it_is_read() -> None:
    Path("card").write_text("shc:/5676")
    ran = asked(rule(), file="card")
    assert (ran.code, "habeas shc check" in ran.out) == (1, True)


@pytest.mark.usefixtures("folder")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.sampled_from(["UT", "IE", "DE", "EU"]),
    st.lists(st.sampled_from([HOLDS, DOES_NOT, UNDECIDED]), max_size=3),
    st.lists(st.sampled_from([HOLDS, DOES_NOT, UNDECIDED]), max_size=2),
    st.booleans(),
)
def test_only_met_rules_over_a_checked_signature_end_with_0(
    country: str,
    acceptance: list[object],
    invalidation: list[object],
    trusted: bool,  # noqa: FBT001 - drawn
) -> None:
    made = [rule(Identifier=f"VR-UT-{at:04}", Logic=logic) for at, logic in enumerate(acceptance)]
    made += [invalidating(Identifier=f"IR-UT-{at:04}", Logic=logic) for at, logic in enumerate(invalidation)]
    write_json(Path("rules.json"), made)
    options = ("vaccination", "--rules", "rules.json", "--country", country)
    document, text = checked(*options, "--json", trusted=trusted), checked(*options, trusted=trusted)
    (row,) = document.json["certificates"]
    is_met = country == "UT" and bool(acceptance) and all(one is HOLDS for one in acceptance)
    is_yes = trusted and is_met and all(one is DOES_NOT for one in invalidation)
    assert row["answer"] in ANSWERS
    assert (row["answer"] == "accepted", document.code == 0, text.code == 0) == (is_yes,) * 3
    assert text.out.startswith("answer     ACCEPTED") is is_yes
    if country != "UT" and not any(one is HOLDS for one in invalidation):
        assert row["answer"] == "no-rules"
        assert "NO RULES" in text.out
        assert "ACCEPTED" not in text.out
    assert json.loads(document.out) == document.json
