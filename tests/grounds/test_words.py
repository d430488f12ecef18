"""The catalogue keeps its own language rules, and every sentence that the code asks for is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from habeas.evidence import Kind, Method
from habeas.grounds._explained import Default, EndWord
from habeas.grounds._words import LANGUAGES, WORDS, _parse, placeholders, say
from habeas.grounds.errors import WordsError

MAX_WORDS = 20
MAX_CLAUSE = 24
FILLED = "某某某某"  # what a field is counted as in Chinese

BANNED_EN = ("invalid", "process", "resolve", "relevant", "sorry", "please")
BANNED_ZH = (
    "有关部门", "相关", "配合", "须", "务必", "予以", "及时", "敬请谅解", "受理", "办结", "诉求", "赋码", "转码", "大数据", "依法追究",
)  # fmt: skip
THREATS_EN = ("penalty", "prosecut", "punish", "offence", "liable")
THREATS_ZH = ("处罚", "法律责任", "违法", "拘留")

_CODE = Path(__file__).parents[2] / "src" / "habeas"


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_fields(key: str) -> None:
    assert placeholders(WORDS[key]["en"]) == placeholders(WORDS[key]["zh"])


@pytest.mark.parametrize("key", WORDS)
def test_english_is_plain(key: str) -> None:
    text = WORDS[key]["en"].lower()
    allowed = text.replace("please take a test", "")
    assert not [word for word in BANNED_EN if re.search(rf"\b{word}", allowed)]
    assert not [word for word in THREATS_EN if word in text]
    assert max(len(sentence.split()) for sentence in re.split(r"(?<=[.?!])\s", text)) <= MAX_WORDS


@pytest.mark.parametrize("key", WORDS)
def test_chinese_is_plain(key: str) -> None:
    text = WORDS[key]["zh"]
    assert not [word for word in (*BANNED_ZH, *THREATS_ZH) if word in text]
    clauses = re.split("[，。；：？！、（）“”]", re.sub(r"\{\w+\}", FILLED, text))
    assert max(map(len, clauses)) <= MAX_CLAUSE
    assert not re.search("[,;:?!]", text), "full-width marks only"
    assert not re.search(r"[\u4e00-\u9fff] \d|\d [\u4e00-\u9fff]", text), "no space between a character and a digit"
    assert not re.search("你(?!好)", text), "您 for residents"


def test_a_banned_word_would_be_found() -> None:
    rows = _parse("a.b | We process it, sorry. | 有关部门正在受理。")
    assert any(word in rows["a.b"]["en"] for word in BANNED_EN)
    assert any(word in rows["a.b"]["zh"] for word in BANNED_ZH)


@pytest.mark.parametrize(
    "row", ["a | b", "a |  | c", "a | {x} | {y}", "a | b | c\na | b | c", "a | b | c | d"], ids=lambda row: row[:12]
)
def test_a_row_that_is_no_pair_is_refused(row: str) -> None:
    with pytest.raises(WordsError):
        _parse(row)


def test_no_reason_for_a_code_is_in_the_catalogue() -> None:
    for words in WORDS.values():
        assert "you tested positive" not in words["en"], "reasons are the rules' own texts (I6)"
        assert "says you entered" not in words["en"]


def test_wrong_ended_and_replaced_are_different_words() -> None:
    for language in LANGUAGES:
        first = [re.split("[:：,，]", WORDS[f"end.{word}"][language])[0] for word in ("annulled", "lapsed", "replaced")]
        assert len(set(first)) == 3
        said = [WORDS[f"end.{word.value}"][language] for word in EndWord]
        assert len(set(said)) == len(said)
    wrong = "it was wrong"
    assert [key for key, words in WORDS.items() if key.startswith("end.") and wrong in words["en"].lower()] == [
        "end.lapsed",
        "end.stepped",
        "end.annulled",
        "end.expired",
        "end.rules",
    ]
    for key in ("end.lapsed", "end.stepped", "end.expired", "end.rules"):
        assert "does not say it was wrong" in WORDS[key]["en"]


@pytest.mark.parametrize(
    "family",
    [
        [f"record.{kind.value}" for kind in Kind],
        [f"method.{method.value}" for method in Method],
        [f"end.{word.value}" for word in EndWord],
        [f"clock.default.{default.value}" for default in Default],
        ["clock.default.tier1.past", "clock.default.tier1.lone.past"],
        [f"end.{cause}" for cause in ("retracted", "corrected", "annulled", "suspended", "index", "expired", "moved")],
        [f"cause.{cause}" for cause in ("admitted", "backed", "unbacked", "helped", "bound", "rules", "measured")],
    ],
    ids=lambda family: family[0],
)
def test_families_are_complete(family: list[str]) -> None:
    assert not set(family) - set(WORDS)


def _asked() -> list[tuple[str, str, frozenset[str]]]:
    """Return every call of `say` with a key written out: where, the key, the fields."""
    found = []
    for path in sorted(_CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "func", None)
            called = getattr(name, "attr", getattr(name, "id", None))
            if isinstance(node, ast.Call) and called == "say" and node.args and isinstance(node.args[0], ast.Constant):
                fields = frozenset(word.arg for word in node.keywords if word.arg)
                found.append((f"{path.name}:{node.lineno}", str(node.args[0].value), fields))
    return found


@pytest.mark.parametrize(("where", "key", "fields"), _asked())
def test_what_the_code_asks_for_is_there_with_its_fields(where: str, key: str, fields: frozenset[str]) -> None:
    assert key in WORDS, where
    assert fields == placeholders(WORDS[key]["en"]), where


def test_say_fills_and_refuses() -> None:
    assert say("show.left.hours", "en", n="23") == "23 hours left."
    assert say("show.left.hours", "zh", n="23") == "还剩23小时。"
    assert say("state.open", "en", code="{time}") == "{time}: gates are open to you.", (
        "what is filled in is not read again"
    )
    with pytest.raises(WordsError, match=r"has no state\.purple"):
        say("state.purple", "en")
    with pytest.raises(WordsError, match="filled with n, not with nothing"):
        say("show.left.hours", "en")


_LONG = {
    "name": ("Alexandra Papadopoulou", "阿依古丽·买买提"),
    "time": ("10:30pm, 22 Sept", "12月22日22:30"),
    "end": ("10:30pm, 24 Sept", "12月24日22:30"),
    "hotline": ("12345", "12345"),
    "site": ("habeas.example", "habeas.example"),
    "n": ("406 118 2953", "406 118 2953"),
    "id": ("bdd38f10", "bdd38f10"),
    "body": ("Provincial border office", "省出入境边防检查站"),
    "default": ("it ends by itself.", "自动失效。"),
    "place": ("Counter 3, River Street", "河滨路三号窗口"),
    "role": ("Case officer", "经办人"),
    "who": ("Alexandra Papadopoulou", "阿依古丽·买买提"),
}


@pytest.mark.parametrize("key", [key for key in WORDS if key.startswith("msg.")])
def test_a_message_fits_and_tells_no_illness(key: str) -> None:
    for place, language in enumerate(LANGUAGES):
        fields = {field: _LONG[field][place] for field in placeholders(WORDS[key][language])}
        text = say(key, language, **fields)
        assert len(text) <= (160, 70)[place], text
    assert not re.search(r"\btest|infection|contact|positive|disease", WORDS[key]["en"])
    assert not re.search("检测|感染|接触|阳性|疾病|病", WORDS[key]["zh"])
