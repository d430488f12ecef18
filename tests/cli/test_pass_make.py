"""`habeas pass make` and `habeas pass receipt`, as a person uses them: text, pictures, paper, and what is said when it fails."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from dataclasses import replace
from functools import partial
from hashlib import sha256
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from cli.running import Ran, done, habeas
from habeas.cli._paper import PaperPass, _nothing, paper_page, paper_pdf
from habeas.cli._paper_words import PAPER_WORDS
from habeas.cli._pass_receipt import _grounds
from habeas.cli._person_keys import PersonKeyFile, format_person_keys, parse_person_keys, write_person_keys
from habeas.cli.errors import InputError
from habeas.grounds import LANGUAGES, Language
from habeas.ledger import OpeningRow, format_openings
from habeas.passes import GateView, PersonKeys, Ratchet, _find, _receipt, decide, format_pass, parse_pass, pass_from
from habeas.pictures import read_codes
from habeas.rules import parse_pack
from habeas.tlog import Sections, hash_leaf
from habeas.wire import HOUR, Calendar, Cbor, CborTag, Instant
from passes.own_log import OwnLog
from passes.public_log import (
    EPOCHS,
    PACK,
    POLICY,
    POLICY_FILE,
    RED,
    PublicFiles,
    hint_of,
    keys_of,
    pack_entry,
    small_log,
    tall_log,
)
from tlog.blocks import CONSTANTS

CODED = "2022-06-12T20:00+08:00"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two logs as mirrors have them, the policy, keys, and openings."""
    folder = tmp_path_factory.mktemp("public")
    mirror(folder / "small", small_log())
    mirror(folder / "tall", tall_log())
    for who in (1, 2, 3, 9):
        keys = PersonKeyFile(origin=CONSTANTS.origin, keys=keys_of(who), hint=hint_of(who))
        write_person_keys(folder / f"{who}.keys", keys)
    (folder / "policy").write_bytes(POLICY_FILE)
    (folder / "1.opening").write_bytes(opening_file(small_log(), 1))
    return folder


def mirror(folder: Path, log: PublicFiles | OwnLog) -> None:
    for path, data in log.disk.files.items():
        if path.startswith("log/"):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


def opening_file(log: PublicFiles, who: int) -> bytes:
    """Return what the person's decisions open to, the first one's leaf from what the next names as the one before."""
    rows = [one for (_, of), one in log.openings.items() if of == who]
    leaves = [one.previous.leaf for one in rows[1:]] + [log.last[who].leaf]
    return format_openings(
        OpeningRow(subject=bytes(16), opening=row, leaf=leaf) for row, leaf in zip(rows, leaves, strict=True)
    )


def arguments(folder: Path, who: int, log: str = "small") -> tuple[object, ...]:
    return ("--log", folder / log, "--policy", folder / "policy", "--keys", folder / f"{who}.keys")


def make(folder: Path, who: int, *more: object, log: str = "small") -> Ran:
    return done("pass", "make", *arguments(folder, who, log), *more)


# The pass


@pytest.mark.parametrize(("name", "log"), [("small", small_log), ("tall", tall_log)])
def test_the_text_is_the_pass_that_the_library_makes_in_one_call(shared: Path, name: str, log: object) -> None:
    assert callable(log)
    ran = make(shared, 1, log=name)
    assert ran.out.rstrip("\n") == format_pass(pass_from(log().fetch, POLICY, keys_of(1), hint_of(1)))
    assert "use it by 2022-06-2" in ran.err
    assert make(shared, 1, log=f"{name}/log").out == ran.out


def test_json_says_what_a_gate_learns_and_no_reason(shared: Path) -> None:
    said = make(shared, 1, "--json").json
    view = {"now": RED, "until": "2022-06-14T10:00:00Z", "then": 0, "hint": hint_of(1)}
    assert said["view"] == view
    assert (said["decided"], said["use_by"]) == ("2022-06-12T10:00:00Z", "2022-06-26T10:00:00Z")
    assert parse_pass(said["pass"]).index == said["index"]
    assert not re.search("H2-test|city-lab|ground", json.dumps(said))


@pytest.mark.parametrize("name", ["small", "tall"])
@pytest.mark.parametrize("suffix", [".png", ".svg", ".txt"])
def test_each_file_holds_the_same_text(shared: Path, tmp_path: Path, suffix: str, name: str) -> None:
    out = tmp_path / f"pass{suffix}"
    ran = make(shared, 1, "--out", out, log=name)
    assert ran.out == ""
    text = make(shared, 1, log=name).out.rstrip("\n")
    if suffix == ".png":
        assert read_codes(out.read_bytes()) == (text,)
    elif suffix == ".txt":
        assert out.read_text() == f"{text}\n"
    else:
        assert out.read_text().startswith("<svg ")
    assert habeas("pass", "make", *arguments(shared, 1, name), "--out", out).code == 2


def test_a_hint_that_was_not_chosen_and_keys_of_nobody_are_told_apart(shared: Path) -> None:
    wrong = habeas("pass", "make", *arguments(shared, 1), "--hint", "4821 1968")
    assert (wrong.code, "hint" in wrong.err) == (1, True)
    nobody = habeas("pass", "make", *arguments(shared, 9))
    assert nobody.code == 1
    assert "12345" in nobody.err


def test_keys_of_another_log_a_folder_without_one_and_a_strange_ending_are_refused(
    shared: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.keys"
    other.write_text((shared / "1.keys").read_text().replace("henan", "hunan"))
    ran = habeas("pass", "make", *arguments(shared, 1)[:-1], other)
    assert (ran.code, "hunan.example/habeas" in ran.err) == (2, True)
    assert habeas("pass", "make", "--log", tmp_path, *arguments(shared, 1)[2:]).code == 2
    assert habeas("pass", "make", *arguments(shared, 1), "--out", tmp_path / "pass.doc").code == 2
    assert habeas("pass", "make", *arguments(shared, 1)[:3], shared / "1.keys", *arguments(shared, 1)[4:]).code == 2


def test_a_mirror_that_is_damaged_says_so_and_makes_nothing(shared: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(shared / "small", tmp_path / "small")
    (broken / "log" / "blocks").write_bytes(b"\0" * 5)
    ran = habeas("pass", "make", "--log", broken, *arguments(shared, 1)[2:], "--out", tmp_path / "pass.txt")
    assert ran.code == 1
    assert "another mirror" in ran.err
    assert not (tmp_path / "pass.txt").exists()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_mirror_s_address_does_as_well_as_its_folder(shared: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=shared / "small" / "log")) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            mirror = f"http://127.0.0.1:{server.server_port}/"
            ran = done("pass", "make", "--log", mirror, *arguments(shared, 1)[2:])
            lost = habeas("pass", "make", "--log", f"{mirror}elsewhere", *arguments(shared, 1)[2:])
        finally:
            server.shutdown()
            thread.join()
    assert ran.out == make(shared, 1).out
    assert (lost.code, "another mirror" in lost.err) == (1, True)
    gone = habeas("pass", "make", "--log", mirror, *arguments(shared, 1)[2:])
    assert (gone.code, "another mirror" in gone.err) == (2, True)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None: ...


# Keys


def test_a_file_of_keys_is_its_owners_alone_and_read_back(tmp_path: Path) -> None:
    file = PersonKeyFile(origin="henan.example/habeas", keys=keys_of(1), hint="4821 1968")
    path = tmp_path / "1.keys"
    write_person_keys(path, file)
    assert path.stat().st_mode & 0o777 == 0o600
    assert parse_person_keys("here", json.loads(path.read_text())) == file
    with pytest.raises(InputError, match="is there already"):
        write_person_keys(path, file)
    watcher = PersonKeyFile(origin="henan.example/habeas", keys=PersonKeys(labels=keys_of(1).labels))
    assert "openings" not in format_person_keys(watcher)
    assert parse_person_keys("here", json.loads(format_person_keys(watcher))) == watcher


def test_both_seeds_stand_as_of_one_day() -> None:
    labels, openings = (Ratchet(day=day, state=bytes(32)) for day in (9, 7))
    keys = PersonKeys(labels=labels, openings=openings)
    read = parse_person_keys("here", json.loads(format_person_keys(PersonKeyFile(origin="x", keys=keys))))
    assert read.keys.openings == openings.at(9)


@pytest.mark.parametrize(
    "change",
    [
        {"habeas": "signing-key"}, {"origin": ""}, {"origin": 7}, {"day": "1"}, {"day": True}, {"day": -1}, {"labels": "00"},
        {"openings": None}, {"labels": "x" * 64}, {"hint": 1}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_no_file_of_keys_is_refused(change: dict[str, object]) -> None:
    value = json.loads(format_person_keys(PersonKeyFile(origin="x", keys=keys_of(1)))) | change
    with pytest.raises(InputError):
        parse_person_keys("here", value)


# Paper


class Words(HTMLParser):
    """The words on a page, without its drawings and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside = 0
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self._inside += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.said)


_SPARE_POINTS = 60
"""Nothing stands so low on the page: another font may be taller than the one that it was set with here."""
CODES, CHINA = parse_pack(PACK.read_text(encoding="utf-8")).codes, Calendar(((Instant(0), 8 * HOUR),))


def paper_of(code: int, *, log: PublicFiles | None = None, hint: str = "4821 1968", now: int = 0) -> PaperPass:
    files = log or tall_log()
    made = pass_from(files.fetch, POLICY, keys_of(1), hint_of(1))
    begins = Instant(CONSTANTS.begins(made.epoch))
    view = GateView(now=code, until=begins // HOUR + 48 * bool(code), then=0, hint=hint)
    shown = parse_pass(format_pass(made)).__class__(
        log=made.log, index=made.index, epoch=made.epoch, label=made.label, rest=made.rest, salt=made.salt, view=view, path=made.path
    )  # fmt: skip
    return PaperPass(
        shown=shown, origin=CONSTANTS.origin, begins=begins, now=Instant(begins + now), codes=CODES, calendar=CHINA
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", range(4))
def test_the_page_says_all_that_it_must_and_no_reason(code: int, language: Language) -> None:
    page = Words(paper_page(paper_of(code), language)).text
    chinese = language == "zh"
    word = CODES[code].names[language]
    assert (word if chinese else word.capitalize()) in page
    for said in ("12345", "4821 1968", CONSTANTS.origin, "无码通道", "no-code lane", "请放行", "let them through"):
        assert said in page
    assert ("到2022年6月" in page if chinese else "Until " in page) is bool(code)
    assert ("2022年6月26日" if chinese else "26 June 2022") in page
    assert not re.search("H2-test|city-lab|because|原因", page)
    assert page.count("绿码") <= 1 or code == 0


def test_after_its_hour_the_page_says_the_code_that_follows() -> None:
    page = Words(paper_page(paper_of(RED, now=48 * HOUR), "en")).text
    assert "Green: gates are open to you." in page
    assert "Until" not in page


def test_shape_and_word_carry_the_meaning_and_no_colour_does() -> None:
    pages = [paper_page(paper_of(code), "en") for code in range(4)]
    shapes = {re.findall(r'class="shape".*?</svg>', page)[0] for page in pages}
    assert len(shapes) == 4
    assert {colour for page in pages for colour in re.findall(r"#[0-9a-f]{3,6}", page)} == {"#000", "#fff"}


def test_what_stands_in_a_hint_or_an_origin_is_text_and_nothing_else() -> None:
    page = paper_page(paper_of(0, hint="<b>&x</b>"), "en")
    assert "&lt;b&gt;&amp;x&lt;/b&gt;" in page
    assert "<b>&x" not in page
    assert "No hint was chosen" in paper_page(paper_of(0, hint=""), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_page_even_with_the_longest_words_and_is_read_back_from_a_one_bit_scan(language: Language) -> None:
    paper = paper_of(1, hint="四八二一")
    data = paper_pdf(paper_page(paper, language))
    with pypdfium2.PdfDocument(data) as document:
        assert len(document) == 1
        assert document[0].get_textpage().get_text_bounded(top=_SPARE_POINTS).strip() == ""
        scan = document[0].render(scale=200 / 72, grayscale=True).to_pil().point(lambda level: 255 * (level > 128))
        words = document[0].get_textpage().get_text_range()
    out = io.BytesIO()
    smudged(scan).save(out, "PNG")
    assert read_codes(out.getvalue()) == (format_pass(paper.shown),)
    assert "12345" in words
    assert "四八二一" in words


def smudged(page: Image.Image) -> Image.Image:
    """Return the page with a stain on the square, of 18 mm of its 104."""
    stained = page.copy()
    stained.paste(128, (430, 520, 570, 660))
    return stained.convert("1").convert("L")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_prints_a_page(shared: Path, tmp_path: Path, language: Language) -> None:
    out = tmp_path / "pass.pdf"
    make(shared, 1, "--out", out, "--lang", language, "--at", CODED)
    text = make(shared, 1).out.rstrip("\n")
    assert read_codes(out.read_bytes()) == (text,)
    with pypdfium2.PdfDocument(out.read_bytes()) as document:
        words = document[0].get_textpage().get_text_range()
    assert ("红码" if language == "zh" else "Red: ordinary gates are") in words
    assert "UTC+8" in words  # the pack's own calendar, from the log


def test_a_code_that_no_pack_in_the_log_has_a_word_for_is_not_put_in_words(shared: Path, tmp_path: Path) -> None:
    for name, packs, says in (
        ("none", (), "has a word for this code"),
        ("torn", (pack_entry("pack: torn"),), "cannot be read"),
    ):
        log = PublicFiles()
        log.grow(EPOCHS[0], {})
        log.grow(EPOCHS[1], {}, packs=packs)
        log.grow(EPOCHS[2], {1: RED})
        mirror(tmp_path / name, log)
        whole = ("--log", tmp_path / name, *arguments(shared, 1)[2:])
        ran = habeas("pass", "make", *whole, "--out", tmp_path / f"{name}.pdf")
        assert ran.code == 1
        assert says in ran.err
        done("pass", "make", *whole, "--out", tmp_path / f"{name}.png")


def test_a_page_asks_for_nothing_from_outside() -> None:
    with pytest.raises(ValueError, match="fetches nothing"):
        _nothing("https://example.org/font")


def test_without_pango_the_error_names_what_to_install(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    ran = habeas("pass", "make", *arguments(shared, 1), "--out", tmp_path / "pass.pdf")
    assert ran.code == 2
    assert "libpango-1.0-0" in ran.err
    assert not (tmp_path / "pass.pdf").exists()
    make(shared, 1, "--out", tmp_path / "pass.svg")


def test_both_languages_have_the_same_words_with_the_same_fields() -> None:
    fields = {
        one: {key: re.findall(r"\{(\w+)\}", text) for key, text in words.items()} for one, words in PAPER_WORDS.items()
    }
    assert {key: sorted(names) for key, names in fields["en"].items()} == {
        key: sorted(names) for key, names in fields["zh"].items()
    }
    for key, text in PAPER_WORDS["en"].items():
        assert key == "foot" or all(len(sentence.split()) <= 20 for sentence in re.split(r"[.?!:]", text)), key


# Receipts


def test_a_receipt_is_made_checked_by_its_file_and_altered_it_is_refused(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "li.receipt"
    done("pass", "receipt", "make", *arguments(shared, 1), "--openings", shared / "1.opening", "--out", out)
    ran = done("pass", "receipt", "check", out, "--policy", shared / "policy")
    assert (
        f"rule H2-test, statement {sha256(bytes([1])).hexdigest()}, signed by city-lab-4, until 2022-06-19"
        in " ".join(ran.out.split())
    )
    assert "1792 entries, under quorum" in ran.out
    said = done("pass", "receipt", "check", out, "--policy", shared / "policy", "--json").json
    assert said["decided"] == "2022-06-12T10:00:00Z"
    assert said["grounds"]["grounds"][0]["rule"] == "H2-test"
    assert said["previous"]["index"] < said["index"]
    altered = out.read_text().replace("index 1", "index 2", 1)
    ran = habeas("pass", "receipt", "check", "-", "--policy", shared / "policy", stdin=altered)
    assert (ran.code, "does not hold" in ran.err) == (1, True)
    assert (
        done("pass", "receipt", "make", *arguments(shared, 1), "--openings", shared / "1.opening").out
        == out.read_text()
    )


def test_a_receipt_of_what_stood_before_can_be_had_as_long_as_the_log_has_it(shared: Path, tmp_path: Path) -> None:
    before = (*arguments(shared, 1), "--openings", shared / "1.opening", "--at", "2022-06-12T09:59:59Z")
    done("pass", "receipt", "make", *before, "--out", tmp_path / "before")
    said = done("pass", "receipt", "check", tmp_path / "before", "--policy", shared / "policy", "--json").json
    assert (said["decided"], said["previous"]) == ("2022-06-12T02:00:00Z", None)
    assert habeas("pass", "receipt", "make", *before[:-1], "2022-06-12T01:59:59Z").code == 1


def test_a_receipts_picture_wants_a_gate_and_its_file_a_policy(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "li.png"
    opening = ("--openings", shared / "1.opening")
    said = done("pass", "receipt", "make", *arguments(shared, 1), *opening, "--out", out, "--json")
    assert said.json["receipt"] is None
    assert "synced" in said.err
    [text] = read_codes(out.read_bytes())
    assert text.startswith("HR1:")
    assert habeas("pass", "receipt", "check", out, "--policy", shared / "policy").code == 2
    assert habeas("pass", "receipt", "check", "-", stdin=text).code == 2
    assert habeas("pass", "receipt", "check", "-", stdin=b"c2sp.org").code == 2
    (tmp_path / "empty").mkdir()
    assert habeas("pass", "receipt", "check", out, "--gate", tmp_path / "empty").code == 2


def test_a_synced_gate_checks_a_receipts_picture_and_its_text(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "li.png"
    done("pass", "receipt", "make", *arguments(shared, 1), "--openings", shared / "1.opening", "--out", out)
    done("pass", "sync", "--gate", tmp_path / "gate", *arguments(shared, 1)[:4])
    said = done("pass", "receipt", "check", out, "--gate", tmp_path / "gate", "--json").json
    assert (said["size"], said["grounds"]["grounds"][0]["rule"]) == (None, "H2-test")
    [text] = read_codes(out.read_bytes())
    ran = done("pass", "receipt", "check", "-", "--gate", tmp_path / "gate", stdin=text)
    assert "up to what this gate has synced" in ran.out
    altered = text[:40] + ("0" if text[40] != "0" else "1") + text[41:]
    assert habeas("pass", "receipt", "check", "-", "--gate", tmp_path / "gate", stdin=altered).code in {1, 2}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"grounds": []}, ["no ground: the default"]),
        ([1, b"x"], ['[1, "78"]']),
        ({"grounds": [{"rule": "H2", "until": -(2**70)}, CborTag(7, "x")]}, None),
    ],
)
def test_whatever_stands_in_the_grounds_is_shown(said: Cbor, shown: list[str] | None) -> None:
    assert _grounds(said, adverse=False) == shown or shown is None


def test_a_receipt_of_an_adverse_code_without_a_ground_says_to_object() -> None:
    assert _grounds({"grounds": []}, adverse=True) == ["no ground, although the code is not the mildest: object"]


def test_an_hour_that_no_calendar_shows_stops_neither_a_pass_nor_a_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's pass is searched that far; whoever made a receipt with other tools still has it checked."""
    view = GateView(now=RED, until=2**32 - 1, then=0, hint=hint_of(1))
    log = OwnLog()
    log.grow(EPOCHS[0], {})
    opening = replace(log.opening(EPOCHS[1], 1, RED), view=view, grounds={"grounds": []})
    begins = CONSTANTS.begins(EPOCHS[1])
    entry = decide(keys_of(1), CONSTANTS.origin, EPOCHS[1], begins, opening).to_bytes()
    log.append(log.build(EPOCHS[1], Sections(decisions=[entry])))
    mirror(tmp_path / "small", log)
    write_person_keys(tmp_path / "1.keys", PersonKeyFile(origin=CONSTANTS.origin, keys=keys_of(1), hint=hint_of(1)))
    (tmp_path / "policy").write_bytes(POLICY_FILE)
    row = OpeningRow(subject=bytes(16), opening=opening, leaf=hash_leaf(entry))
    (tmp_path / "1.opening").write_bytes(format_openings([row]))
    receipt = (*arguments(tmp_path, 1), "--openings", tmp_path / "1.opening", "--out", tmp_path / "receipt")
    for ran in (habeas("pass", "make", *arguments(tmp_path, 1)), habeas("pass", "receipt", "make", *receipt)):
        assert (ran.code, "no view fits" in " ".join(ran.err.split())) == (1, True)
    for module in (_find, _receipt):
        monkeypatch.setattr(module, "find_view", lambda *_: view)
    assert make(tmp_path, 1, "--json").json["view"]["until"] == "9999-12-31T23:59:59Z"
    done("pass", "receipt", "make", *receipt)
    checked = ("pass", "receipt", "check", tmp_path / "receipt", "--policy", tmp_path / "policy")
    assert "3 until 9999-12-31T23:59:59Z, then 0" in done(*checked).out
    assert "although the code is not the mildest" in " ".join(done(*checked).out.split())
    assert done(*checked, "--json").json["view"]["until"] == "9999-12-31T23:59:59Z"


def test_an_opening_of_another_decision_is_refused(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "2.opening").write_bytes(opening_file(small_log(), 2))
    ran = habeas("pass", "receipt", "make", *arguments(shared, 1), "--openings", tmp_path / "2.opening")
    assert (ran.code, "does not open the decision of 2022-06-12" in " ".join(ran.err.split())) == (2, True)
    (tmp_path / "torn.opening").write_bytes(opening_file(small_log(), 1)[:-3])
    assert habeas("pass", "receipt", "make", *arguments(shared, 1), "--openings", tmp_path / "torn.opening").code == 2


def test_the_epochs_of_this_town_are_of_june_2022() -> None:
    assert str(Instant(CONSTANTS.begins(EPOCHS[2]))) == "2022-06-12T10:00:00Z"
