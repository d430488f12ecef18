"""`habeas dcc open` says the same of a certificate as a line, as text in a file, and as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.running import ROOT, done, habeas
from pictures.drawing import as_pdf, as_png, draw_code

VECTORS = json.loads((ROOT / "vectors" / "dcc" / "lines.json").read_bytes())
UNDER = ("--keys", ROOT / "vectors" / "dcc" / "trust.json", "--at", VECTORS["command"][-1])
OPENED = {row["id"]: row for row in VECTORS["lines"] if "gives" in row}


def text_of(name: str) -> str:
    return str(json.loads(OPENED[name]["send"])["hc1"])


@pytest.mark.parametrize("name", ["vaccination", "plain-values"])
def test_text_and_picture_open_as_the_line_does(name: str, tmp_path: Path) -> None:
    contents = OPENED[name]["gives"]["payload"]
    code = draw_code(text_of(name))
    for file, data in (("a.txt", f"{text_of(name)}\n".encode()), ("a.png", as_png(code)), ("a.pdf", as_pdf(code))):
        (tmp_path / file).write_bytes(data)
        said = done("dcc", "open", tmp_path / file, *UNDER).out
        assert json.loads(said, parse_constant=pytest.fail) == contents
    assert done("dcc", "open", "-", *UNDER, stdin=as_png(code)).json == contents


def test_a_file_with_several_certificates_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"{text_of('vaccination')}\n{text_of('test')}\n")
    ran = habeas("dcc", "open", file, *UNDER)
    assert (ran.code, ran.out) == (2, "")
    assert "has 2 certificates" in ran.err
    assert "dcc scan" in ran.err

    file.write_text(f"shc:/567629\n{text_of('vaccination')}\n{text_of('vaccination')}\n")
    assert done("dcc", "open", file, *UNDER).json == OPENED["vaccination"]["gives"]["payload"], (
        "one of the EU among them"
    )


def test_lines_are_judged_at_the_instant_and_go_on_after_a_refusal() -> None:
    good = OPENED["vaccination"]
    lines = f"{good['send']}\nHC1:\n{good['send']}\n"
    out = done("dcc", "open", *UNDER, stdin=lines).out
    first, second, third = map(json.loads, out.splitlines())
    assert first == third == good["gives"]
    assert second["error"]["code"] == "not-json"
    late = done("dcc", "open", *UNDER[:2], "--at", "2030-01-01T00:00Z", stdin=lines).out
    assert json.loads(late.splitlines()[0])["error"]["code"] == "expired"
