"""A pass on paper: one page of A4, black on white, in English or Chinese, with the square large and no reason and no name.

Shape and word carry the meaning, no colour does. The keeper's own three lines stand on it in both languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from habeas.cli._paper_words import PAPER_WORDS
from habeas.cli.errors import InputError
from habeas.grounds import LANGUAGES, Language, say, show_time, show_zone
from habeas.passes import PASS_DAYS, Pass, format_pass
from habeas.pictures import Level, draw_qr
from habeas.rules import Code, Effect
from habeas.wire import DAY, HOUR, Calendar, Instant

__all__ = ["PaperPass", "paper_page", "paper_pdf"]

_TAGS: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}
_DOOR = {
    Effect.OPEN: "state.open",
    Effect.ASK: "state.ask",
    Effect.PARTLY: "state.partly",
    Effect.CLOSED: "state.closed",
}
# Round goes on, corners stop. All are black on white: what a one-bit printer can do is enough.
_SHAPES = {
    Effect.OPEN: '<circle cx="50" cy="50" r="48"/><path d="M26 52l17 17 32-37" fill="none" stroke="#fff" '
    'stroke-width="14" stroke-linecap="round" stroke-linejoin="round"/>',
    Effect.ASK: '<circle cx="50" cy="50" r="44" fill="none" stroke="#000" stroke-width="8"/><circle cx="27" cy="50" r="7"/>'
    '<circle cx="50" cy="50" r="7"/><circle cx="73" cy="50" r="7"/>',
    Effect.PARTLY: '<path d="M50 4L96 50 50 96 4 50z" fill="none" stroke="#000" stroke-width="6"/>'
    '<path d="M50 4L96 50 50 96z"/>',
    Effect.CLOSED: '<path d="M4 4h92v92H4z"/><path d="M22 42h56v16H22z" fill="#fff"/>',
}
_STYLE = """
@page { size: A4; margin: 12mm 16mm 9mm; }
body { font: 10.5pt/1.35 "DejaVu Sans", "Noto Sans CJK SC", "Droid Sans Fallback", sans-serif; color: #000; margin: 0; }
:lang(zh-Hans) { font-family: "Noto Sans CJK SC", "Droid Sans Fallback", "DejaVu Sans", sans-serif; line-height: 1.5; }
h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 4mm; padding-bottom: 2mm; border-bottom: 1.2mm solid #000; }
h1 small { font-size: 14pt; font-weight: normal; padding-left: 4mm; }
.top { display: flex; }
.square { width: 104mm; height: 104mm; margin: -4mm 0 -4mm -5mm; }
.said { padding-left: 3mm; width: 76mm; }
.shape { width: 23mm; height: 23mm; display: block; }
.code { font-size: 16pt; font-weight: bold; line-height: 1.25; margin: 2.5mm 0 1.5mm; }
dl { margin: 2.5mm 0 0; }
dt { font-size: 9.5pt; }
dd { margin: 0 0 1.6mm; font-weight: bold; }
dd.hint { font-size: 17pt; border: .6mm solid #000; padding: 1mm 3mm; display: inline-block; }
.rows { display: flex; flex-wrap: wrap; }
section { width: 84mm; padding-right: 5mm; break-inside: avoid; }
h2 { font-size: 12.5pt; margin: 3mm 0 1mm; }
p { margin: 0 0 1.4mm; }
.keeper { display: flex; border: .8mm solid #000; padding: 2mm 3mm .6mm; margin-top: 2mm; font-size: 9.5pt; break-inside: avoid; }
.keeper p { width: 83mm; padding-right: 3mm; }
.foot { font-size: 8.5pt; line-height: 1.35; margin: 3mm 0 0; }
""".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPass:
    """What is printed: the pass, when its decision was made, and at `now` its code and the one after it, by their pack."""

    shown: Pass
    origin: str
    begins: Instant
    now: Instant
    codes: tuple[Code, ...]
    calendar: Calendar

    def code_at(self, at: int) -> Code:
        """Return the code at an instant."""
        return self.codes[self.shown.view.code_at(at)]


def paper_page(paper: PaperPass, language: Language) -> str:
    """Return the page as HTML; every text in it is escaped."""
    drawn = draw_qr(format_pass(paper.shown), Level.M).svg()
    other: Language = "zh" if language == "en" else "en"
    title = f"{_word(language, 'title')}<small lang={_TAGS[other]}>{_word(other, 'title')}</small>"
    boxes = "".join(
        _section(language, name, *lines)
        for name, lines in (
            ("gate", ("gate.square", "gate.words")),
            ("tell", ("tell.ours", "tell.theirs", "tell.lane")),
            ("none", ("none.never", "none.lane")),
            ("wrong", ("wrong.call", "wrong.no")),
        )
    )
    foot = _word(language, "foot", origin=paper.origin, index=f"{paper.shown.index:,}")
    return (
        f'<!DOCTYPE html><html lang="{_TAGS[language]}"><head><meta charset="utf-8">'
        f"<title>Habeas · {_word(language, 'title')}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Habeas · {title}</h1>"
        f'<div class="top">{_sized(drawn, "square")}<div class="said">{_said(paper, language)}</div></div>'
        f'<div class="rows">{boxes}</div>{_keeper()}<p class="foot">{foot}</p></body></html>'
    )


def paper_pdf(page: str) -> bytes:
    """Return the page as PDF; raises `InputError` where the system has nothing to set text with."""
    try:
        from weasyprint import HTML  # type: ignore[import-untyped] # noqa: PLC0415 - it loads Pango, which only this needs
    except (ImportError, OSError):
        raise InputError(
            "--out",
            "a PDF needs the library Pango, which is not there",
            "install libpango-1.0-0, libpangoft2-1.0-0 and fonts-droid-fallback, or write .svg or .png",
        ) from None
    data: bytes = HTML(string=page, url_fetcher=_nothing).write_pdf()
    return data


def _said(paper: PaperPass, language: Language) -> str:
    """Return what stands beside the square: shape, word, what it does at a door, until when, use by, the hint."""
    view, code = paper.shown.view, paper.code_at(paper.now)
    until = Instant(0).after(view.until * HOUR)
    door, lines = say(_DOOR[code.effect], language, code=_name(code, language)), list[str]()
    if paper.now < until and view.now != view.then:
        lines.append(_raw(language, "until", time=_time(paper, until, language)))
        lines.append(_raw(language, "then", code=_name(paper.code_at(until), language)))
    use_by = paper.begins.after(PASS_DAYS * DAY)
    rows = [("use", _time(paper, use_by, language), ""), ("made", _time(paper, paper.begins, language), "")]
    if view.hint:
        rows.append(("hint", view.hint, "hint"))
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    terms = "".join(
        f'<dt>{_word(language, name)}</dt><dd class="{kind}">{escape(value)}</dd>' for name, value, kind in rows
    )
    shape = f'<svg class="shape" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{_SHAPES[code.effect]}</svg>'
    none = "" if view.hint else f"<p>{_word(language, 'hint.none')}</p>"
    return f'{shape}<p class="code">{escape(door[:1].upper() + door[1:])}</p>{told}<dl>{terms}</dl>{none}'


def _keeper() -> str:
    """Return the keeper's lines, in both languages whatever the page's: who reads it at a gate is not who printed it."""
    return f'<div class="keeper">{"".join(map(_keeper_in, LANGUAGES))}</div>'


def _keeper_in(language: Language) -> str:
    lane = _raw(language, "lane")
    said = (
        ("(?)", say("gate.ours", language)),
        ("[?]", say("gate.theirs", language, lane=lane)),
        ("(–)", say("gate.nocode", language, lane=lane)),
    )
    lines = "<br>".join(f"<b>{mark}</b> {escape(line)}" for mark, line in said)
    return f'<p lang="{_TAGS[language]}"><b>{_word(language, "keeper")}</b><br>{lines}</p>'


def _section(language: Language, heading: str, *lines: str) -> str:
    body = "".join(f"<p>{_word(language, line)}</p>" for line in lines)
    return f"<section><h2>{_word(language, heading)}</h2>{body}</section>"


def _name(code: Code, language: Language) -> str:
    return code.names[language] if language in code.names else next(iter(code.names.values()))


def _time(paper: PaperPass, at: Instant, language: Language) -> str:
    zone = show_zone(at, paper.calendar)
    return f"{show_time(at, paper.calendar, language)}" + (f"（{zone}）" if language == "zh" else f" ({zone})")


def _raw(language: Language, key: str, **fields: str) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda found: fields[found[1]], PAPER_WORDS[language][key])


def _word(language: Language, key: str, **fields: str) -> str:
    return escape(_raw(language, key, **fields))


def _sized(svg: str, name: str) -> str:
    return svg.replace("<svg ", f'<svg class="{name}" ', 1)


def _nothing(url: str) -> dict[str, object]:
    raise ValueError(f"a page on paper fetches nothing, not {url[:40]}")
