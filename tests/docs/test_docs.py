"""Documents are held against the code: names, kinds, fields, codes, hashes, links and the worked example."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from habeas.evidence import FACTS, REFUSALS, Method, Result, Statement, TestResult, parse_statement, sign_statement
from habeas.grounds import Cause
from habeas.ledger import _entries
from habeas.wire import Algorithm, Area, Identifier, encode_cbor, make_signing_key, parse_instant
from public_data import data_file

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CASE_ROWS = range(1, 31)
_CASE_TEST = re.compile(r"test_case_\d\d\w*")
_DEFINED = re.compile(r"^(?:async )?def (test_case_\d\d\w*)\(", re.MULTILINE)
_LISTED = re.compile(r"\[(test_case_\w+)\]\(([^)#]+)\)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TEST_NAME = re.compile(r"test_\w+")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(document: str) -> Iterator[list[str]]:
    """Yield the cells of every row of a document's tables, headings among them, rules not."""
    for line in document.splitlines():
        if line.startswith("|") and not re.fullmatch(r"[|:\s-]+", line):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def section(document: str, heading: str) -> str:
    """Return what stands under a heading, up to the next of its own or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    after = document.split(f"{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def named(document: str) -> list[str]:
    """Return the first cell of each row that begins with a name in code marks."""
    return [row[0].strip("`") for row in rows(document) if row[0].startswith("`")]


# The case


def case_rows() -> dict[int, list[str]]:
    return {int(row[0]): row for row in rows(text("case.md")) if row[0].isdecimal()}


def defined_case_tests() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in _DEFINED.findall(path.read_text(encoding="utf-8")):
            found[name] = path
    return found


def numbers_of(name: str) -> set[int]:
    """Return the rows that a test is named after: `test_case_04_and_07_…` is of two."""
    found = re.match(r"test_case_(\d\d(?:_and_\d\d)*)", name)
    return {int(number) for number in found[1].split("_and_")} if found else set()


def test_every_row_of_the_case_is_there_and_has_tests_or_says_what_it_waits_for() -> None:
    found = case_rows()
    assert sorted(found) == list(CASE_ROWS)
    for number, row in found.items():
        assert len(row) == 5, number
        assert _CASE_TEST.search(row[4]) or row[4].startswith("not yet"), number


def test_every_case_test_is_listed_in_its_rows_and_every_listed_one_exists() -> None:
    defined = defined_case_tests()
    listed = {
        (number, name, (DOCS / path).resolve())
        for number, row in case_rows().items()
        for name, path in _LISTED.findall(row[4])
    }
    expected = {(number, name, path) for name, path in defined.items() for number in numbers_of(name)}
    assert listed - expected == set(), "docs/case.md lists tests that are not there, or in another row or file"
    assert expected - listed == set(), "docs/case.md leaves out these tests"


def test_other_tests_that_documents_name_exist() -> None:
    everything = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    there = set(re.findall(r"def (test_\w+)", everything)) | {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    for path in documents():
        for name in re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8")):
            assert name in there or not _TEST_NAME.fullmatch(name), f"{path.name} names {name}"


# Formats


def test_every_kind_and_field_of_facts_is_in_the_table_and_no_other() -> None:
    listed = [
        (row[0].strip("`"), row[1].strip("`")) for row in rows(section(text("formats.md"), "### Kinds and facts"))
    ]
    expected = [
        (kind.value, field)
        for kind, facts in FACTS.items()
        for field in [one.name for one in dataclasses.fields(facts)] or ["–"]
    ]
    assert listed[1:] == expected


def test_every_choice_of_a_field_is_in_the_table() -> None:
    table = {
        (row[0].strip("`"), row[1].strip("`")): row[2]
        for row in rows(section(text("formats.md"), "### Kinds and facts"))
    }
    facts = TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=bytes(16))
    for field in ("method", "result"):
        for member in type(getattr(facts, field)):
            assert f"`{member.value}`" in table["test-result", field]


def test_every_refusal_is_in_the_table() -> None:
    assert named(section(text("formats.md"), "### What admission answers")) == list(REFUSALS)


def test_every_event_at_rest_is_in_the_table() -> None:
    assert named(section(text("formats.md"), "## Events at rest")) == list(_entries._READ)


def example() -> dict[str, str]:
    """Return the hex of the worked example by name."""
    found: dict[str, str] = {}
    name = ""
    for block in re.findall(r"```hex\n(.*?)```", text("formats.md"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("# "):
                name = line[2:]
            else:
                found[name] = found.get(name, "") + line
    return found


def test_the_worked_example_is_what_the_code_gives() -> None:
    key = make_signing_key(Algorithm.EDDSA, bytes(32))
    identifier = Identifier(kind="resident-id", country="CN", number="4101 0019 9001 0100 1X")
    ref = identifier.ref(bytes(range(32)))
    statement = Statement(
        ref=ref,
        facts=TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=bytes(range(16))),
        observed=parse_instant("2022-06-12T08:20:00+08:00"),
        issued=parse_instant("2022-06-12T21:04:00+08:00"),
        area=Area("CN-41-4101"),
    )
    data = sign_statement(statement, key)
    signed = parse_statement(data)
    assert example() == {
        "ref-input": encode_cbor(["habeas/v1/ref", "resident-id", "CN", "41010019900101001X"]).hex(),
        "ref": ref.hex(),
        "payload": encode_cbor(statement.to_cbor()).hex(),
        "protected": signed.message.protected.hex(),
        "signature": signed.message.signature.hex(),
        "statement": data.hex(),
        "id": signed.id.hex(),
    }
    for said in (key.verifying.public.hex(), key.kid.hex(), identifier.number, str(int(statement.issued))):
        assert said in text("formats.md")


def test_every_cause_is_named() -> None:
    causes = re.findall(r"`([a-z]+)`", (Cause.__doc__ or "").split("is one of", 1)[1].split(";")[0])
    assert len(causes) > 5
    sentence = text("formats.md").split("`what` is one of", 1)[1].split(".")[0]
    assert re.findall(r"`([a-z]+)`", sentence) == causes


# Rooms, glossary, data


def test_every_room_is_described_and_no_other() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "habeas").glob("*/__init__.py")}
    assert set(named(section(text("journeys.md"), "## The rooms"))) == rooms


def test_every_import_contract_is_named() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        assert f"**{contract['name']}.**" in text("journeys.md")


def test_the_glossary_has_one_word_an_idea_in_both_languages() -> None:
    found = [row for row in rows(text("glossary.md")) if row[0] != "English"]
    for row in found:
        assert len(row) == 3, row
        assert row[0].isascii(), row
        assert _HAN.search(row[1]), row
        assert row[2], row
    for column in (0, 1):
        words = [row[column] for row in found]
        assert sorted(set(words)) == sorted(words), "a word stands twice"


def hashes() -> dict[str, str]:
    table = section(text("conformance.md"), "## Hashes")
    return {row[0].strip("`"): row[1].strip("`") for row in rows(table) if row[0].startswith("`")}


@pytest.mark.parametrize("name", sorted(hashes()))
def test_the_public_files_are_those_whose_hashes_are_given(name: str) -> None:
    assert hashlib.sha256(data_file(name).read_bytes()).hexdigest() == hashes()[name]


def test_every_public_file_that_is_there_has_its_hash() -> None:
    folders = {name.split("/")[0] for name in hashes() if "/" in name}
    for folder in folders:
        top = data_file(folder)
        there = {f"{folder}/{path.relative_to(top).as_posix()}" for path in top.rglob("*") if path.is_file()}
        assert there <= set(hashes())


# The repository's texts


def documents() -> list[Path]:
    return [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    for target in _LINK.findall(re.sub(r"```.*?```", "", written, flags=re.DOTALL)):
        file, _, heading = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        leads_to = (path.parent / file).resolve() if file else path
        assert leads_to.exists(), f"{path.name}: {target}"
        if heading and leads_to.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", leads_to.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
            assert heading in slugs, f"{path.name}: {target}"


_TEXTS = {
    ".md",
    ".py",
    ".toml",
    ".txt",
    ".in",
    ".yaml",
    ".yml",
    ".json",
    ".js",
    ".ts",
    ".html",
    ".css",
    ".cfg",
    ".sh",
    "",
}
_MADE = {"demo", "dist", "build", "node_modules", "__pycache__", "results"}
_REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("golang", "org/dl"),
        ("crates", "io"),
    )
)
_MACHINE_PATH = re.compile(r"(?<![\w./…-])(?:/(?:work|home|root|tmp|Users|private|mnt)/\w|[A-Z]:\\Users)")


def repository_texts() -> Iterator[Path]:
    """Yield the text files of the repository: all but hidden folders and what is made."""
    for top in sorted(ROOT.iterdir()):
        if top.name.startswith(".") and top.name not in (".ci", ".gitignore"):
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            made = _MADE & set(path.relative_to(ROOT).parts)
            if path.is_file() and path.suffix in _TEXTS and not made:
                yield path


def test_no_text_names_a_package_registry_or_a_path_of_one_machine() -> None:
    for path in repository_texts():
        written = path.read_text(encoding="utf-8", errors="replace")
        for name in _REGISTRIES:
            assert name not in written, f"{path.relative_to(ROOT)} names {name}"
        found = _MACHINE_PATH.search(written)
        assert found is None, f"{path.relative_to(ROOT)} has the path {found[0] if found else ''}"


def test_the_checks_would_see_what_they_look_for() -> None:
    assert _MACHINE_PATH.search(" /" + "home/somebody/x")
    assert not _MACHINE_PATH.search("https://example.org/home/x")
    assert numbers_of("test_case_04_and_07_equal") == {4, 7}
    assert list(rows("| a | b |\n|---|---|\n| c | d |")) == [["a", "b"], ["c", "d"]]
    assert section("## A\none\n### B\ntwo\n## C\nthree", "## A") == "one\n### B\ntwo\n"
