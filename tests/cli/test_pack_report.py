"""The report of `habeas pack compare`: what it comes to first, in words, on a terminal and on a page of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len

from cli.running import CODED, ROOT, columns, done, habeas, one_rule
from grounds import test_compare_silent as built
from habeas.cli._comparison_deck import REPORT_WORDS
from habeas.cli._comparison_page import page_of
from habeas.cli._comparison_report import Report, report_of
from habeas.cli._comparison_words import DIRECTIONS, what_words
from habeas.grounds import SMALLEST_CELL, Affected, Aspect, Cell, Comparison, Direction, compare_packs
from habeas.wire import Instant

PACKS = sorted((ROOT / "packs").glob("*.yaml"))
NINTH, TWENTY = ROOT / "packs" / "cn-national-9.yaml", ROOT / "packs" / "cn-national-9-20m.yaml"
LANGUAGES = ["en", "zh"]


def test_it_begins_with_what_it_comes_to() -> None:
    lines = done("pack", "compare", NINTH, TWENTY).out.splitlines()
    lead = " ".join(" ".join(lines[lines.index("") + 1 :]).split()).partition("Close contact (close-contact)")[0]
    assert "This is an act of its own" in lead
    assert "Rules: 2 milder, 1 taken out. Nothing was changed without a word." in lead


def test_days_are_counted_as_the_plan_counts_them_and_codes_have_their_names() -> None:
    out = done("pack", "compare", NINTH, TWENTY).out
    assert "its own day is day 1" in out
    assert re.search(r"code: days 6 to 7 +red +yellow +▼ milder", out)
    chinese = done("pack", "compare", NINTH, TWENTY, "--lang", "zh").out
    assert re.search(r"颜色：第6至7天 +红码 +黄码 +▼ 更宽", chinese)


def test_what_nobody_was_told_of_comes_before_all_differences(tmp_path: Path) -> None:
    old = one_rule(tmp_path / "old.yaml")
    new = one_rule(tmp_path / "new.yaml", old="- [red, 14]", new="- [red, 2]")
    ran = habeas("pack", "compare", old, new)
    assert ran.code == 1
    headings = [line for line in ran.out.splitlines() if line and not line.startswith(" ")]
    assert headings[1] == "CHANGED WITHOUT A WORD"
    row = next(line for line in ran.out.splitlines() if "the version, the words shown (en, zh)" in line)
    assert "H2-test" in row


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_the_terminal(language: str, width: int) -> None:
    with columns(width):
        for pair in pairwise(PACKS):
            out = habeas("pack", "compare", *pair, "--lang", language).out
            assert max(map(cell_len, out.splitlines())) <= width


# Words


def comparisons() -> Iterator[Comparison]:
    """Yield every comparison that the built changes make."""
    for pack in built.PACKS.values():
        changed = [change(pack) for _, change in built.WHOLE.values()]
        changed += [change(pack) for change in built.HARMLESS_PACKS.values()]
        for place, rule in enumerate(pack.rules):
            others = [change(rule, pack) for _, change in built.RULES.values()]
            others += [change(rule, pack) for change in built.HARMLESS_RULES.values()]
            others.append(built.of(rule, id="renamed", succeeds=rule.id))
            others.append(built.of(rule, tier=True) if rule.tier == 1 else None)  # equal to 1, and nothing names it
            rest = (*pack.rules[:place], *pack.rules[place + 1 :])
            changed += [built.of(pack, rules=(*rest, one)) for one in others if one]
            changed += [built.of(pack, rules=rest), built.of(pack, rules=(*pack.rules, built.of(rule, id="added")))]
        changed.append(built.of(pack, parameters={"doses": 7}))
        yield from (compare_packs(pack, new) for new in changed if new is not None)


def test_everything_that_can_differ_has_words_in_both_languages() -> None:
    seen = set()
    for comparison in comparisons():
        for row in comparison.differences:
            seen.add(row.aspect)
            english, chinese = (what_words(row, language) for language in LANGUAGES)
            assert english
            assert re.search(r"[一-鿿]", chinese), (row.aspect, row.item)
            assert not re.search(r"[一-鿿]", re.sub(r"（.*", "", english))
        for language in LANGUAGES:
            shown = report_of(comparison, None, language)
            said = "\n".join(cell for section in shown.sections for line in section.rows for cell in line)
            assert not re.search(r'"var"|===|Kind\.|<\w+\.|\(\w+=|None', said)
    assert seen == set(Aspect)


def test_both_languages_say_the_same_things() -> None:
    english, chinese = (REPORT_WORDS[language] for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", chinese[name])), name
        assert text.count("|") == chinese[name].count("|"), name
    assert all(DIRECTIONS[language].keys() == set(Direction) for language in LANGUAGES)


# The page


class Page(HTMLParser):
    """What a page is made of: tags in order, those left open, attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_terminal_says_and_needs_nothing_else(tmp_path: Path, language: str) -> None:
    file = tmp_path / "report.html"
    done("pack", "compare", NINTH, TWENTY, "--lang", language, "--report", file)
    html = file.read_text(encoding="utf-8")
    page = Page(html)
    assert page.open == []
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(page.tags)
    assert {name for name, _ in page.attributes} == {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert ("lang", "zh-Hans" if language == "zh" else "en") in page.attributes
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert "url(" not in html
    assert "@import" not in html
    report = report_of(compare_packs(*(built.PACKS[path.stem] for path in (NINTH, TWENTY))), None, language)
    said = set(page.text)
    for section in report.sections:
        assert {section.heading, *(cell for row in section.rows for cell in row if cell)} <= said
    assert {report.title, report.lead, *(text for row in report.packs for text in row)} <= said


def test_nothing_in_a_pack_becomes_part_of_the_page() -> None:
    wild = "<script>alert(1)</script> & \"'"
    pack = built.PACKS["good"]
    rule = pack.rules[0]
    texts = {name: dict.fromkeys(row, wild) for name, row in rule.texts.items()}
    new = built.of(
        pack,
        titles=dict.fromkeys(pack.titles, wild),
        issuer=wild,
        codes=tuple(built.of(code, names=dict.fromkeys(code.names, wild)) for code in pack.codes),
        rules=(built.of(rule, id=wild, texts=texts, ladder=()), *pack.rules[1:]),
    )
    for language in LANGUAGES:
        page = Page(page_of(report_of(compare_packs(pack, new), None, language)))
        assert "script" not in page.tags
        assert any(wild in text for text in page.text)


def test_a_report_never_overwrites_a_file(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("mine")
    ran = habeas("pack", "compare", NINTH, TWENTY, "--report", file)
    assert ran.code != 0
    assert "report.html" in ran.err
    assert file.read_text() == "mine"


# Who is affected


def report(of: dict[str, int], *, public: bool = True) -> Report:
    cells = tuple(Cell(old="yellow", new="red", worse=True, of=name, people=count) for name, count in of.items())
    total = Cell(old="yellow", new="red", worse=True, of="", people=sum(of.values()))
    made = Affected(at=Instant(1_656_500_000), people=9_000, total=(total,), by_rule=cells, by_area=cells)
    packs = (built.PACKS[path.stem] for path in (NINTH, TWENTY))
    return report_of(compare_packs(*packs), made.public() if public else made, "en")


def test_who_is_affected_is_counted_and_small_counts_are_not_shown() -> None:
    shown = report({"close-contact": 4_000, "inbound": SMALLEST_CELL - 1})
    cells = [cell for section in shown.sections for row in section.rows for cell in row]
    assert "4,049" in cells
    assert not {"49", "4,000"} & set(cells)
    assert "all others" in cells
    assert "so many would get a worse code: 4,049; a better one: 0." in shown.lead
    few = report({"inbound": 3})
    assert "a worse code: too few to show" in few.lead
    assert "too few to show" in [cell for section in few.sections for row in section.rows for cell in row]


def test_full_counts_say_that_they_are_never_to_be_published(province: Path) -> None:
    assert any("never publish" in section.note for section in report({"inbound": 3}, public=False).sections)
    new = one_rule(province / "new.yaml", old="- [red, 14]", new="- [red, 2]")
    given = ("pack", "compare", province / "pack.yaml", new, "--statements", province / "events.jsonl", "--at", CODED)
    assert "never publish" in habeas(*given, "--full").out
    page = province / "page.html"
    habeas(*given, "--report", page)
    assert "too few to show" in page.read_text(encoding="utf-8")


def test_nobody_affected_and_no_code_have_words() -> None:
    packs = compare_packs(*(built.PACKS[path.stem] for path in (NINTH, TWENTY)))
    nobody = Affected(at=Instant(0), people=9, total=(), by_rule=(), by_area=())
    assert any("Nobody would get another code." in part.note for part in report_of(packs, nobody, "en").sections)
    none = Cell(old="red", new=None, worse=False, of="", people=70)
    area = Cell(old="red", new=None, worse=False, of="", people=70)
    gone = report_of(packs, Affected(at=Instant(0), people=90, total=(none,), by_rule=(area,), by_area=(area,)), "zh")
    cells = [cell for section in gone.sections for row in section.rows for cell in row]
    assert {"没有码", "未注明", "70"} <= set(cells)


# For machines, and beside


def test_the_document_has_conditions_as_published_and_who_was_not_told(tmp_path: Path) -> None:
    old = one_rule(tmp_path / "old.yaml")
    new = one_rule(tmp_path / "new.yaml", old="- [red, 14]", new="- [red, 2]")
    document = habeas("pack", "compare", old, new, "--json").json
    assert document["act_of_its_own"] is False
    (silent,) = document["silent"]
    assert (silent["unchanged"], silent["languages"]) == (["version", "texts"], ["en", "zh"])
    (row,) = (row for row in document["differences"] if row["aspect"] == "ladder")
    assert (row["old"], row["new"], row["direction"]) == ("red", "yellow", "milder")
    assert row["days"][1] - row["days"][0] == 11


def test_a_rule_of_one_side_alone_has_its_title_there() -> None:
    (row,) = (
        row
        for row in done("pack", "compare", NINTH, TWENTY, "--json").json["differences"]
        if row["aspect"] == "removed"
    )
    assert (row["rule"], row["old"], row["new"]) == ("secondary-contact", "Contact of a close contact", "")


def test_a_new_pack_that_could_not_be_published_is_noted(tmp_path: Path) -> None:
    old = one_rule(tmp_path / "old.yaml")
    new = one_rule(tmp_path / "new.yaml", old="default: green", new="default: yellow")
    assert "habeas pack check" in habeas("pack", "compare", old, new).err
    assert done("pack", "compare", old, old).err == ""
