"""A comparison as one HTML page: opened with a double click, printed as it stands, without script or outside resource."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from habeas.cli._comparison_report import Report, Section

__all__ = ["page_of"]

_STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans CJK SC", "Droid Sans Fallback", sans-serif; color: #1a1a1a; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: #595959; }
dd { margin: 0; }
.lead { font-size: 1.1rem; border-left: 4px solid #1a1a1a; padding-left: 1rem; margin: 1.5rem 0; }
.note, .foot { color: #595959; margin: .2rem 0 .6rem; }
.foot { margin-top: 2rem; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #d0d0d0;
  overflow-wrap: anywhere; }
th:first-child { width: 22%; }
th:empty:last-child { width: 14%; }
th { font-weight: 600; border-bottom: 2px solid #1a1a1a; }
tr { break-inside: avoid; }
.loud { border: 3px solid #a30000; padding: 0 1rem 1rem; margin-top: 2rem; break-inside: avoid; }
.loud h2 { color: #a30000; margin-top: 1rem; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } }
""".strip()
_LANGUAGES = {"en": "en", "zh": "zh-Hans"}


def page_of(report: Report) -> str:
    """Return the page of a report; every text in it is escaped."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    title = escape(report.title)
    yield f'<!DOCTYPE html>\n<html lang="{_LANGUAGES[report.language]}">\n<head>\n<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>"
    terms = "".join(f"<dt>{escape(name)}</dt><dd>{escape(pack)}</dd>" for name, pack in report.packs)
    yield f'<dl>{terms}</dl>\n<p class="lead">{escape(report.lead)}</p>'
    for section in report.sections:
        yield from _section(section)
    if report.foot:
        yield f'<p class="foot">{escape(report.foot)}</p>'
    yield "</body>\n</html>"


def _section(section: Section) -> Iterator[str]:
    yield f"<section{' class=' + chr(34) + 'loud' + chr(34) if section.loud else ''}>"
    yield f"<h2>{escape(section.heading)}</h2>"
    if section.note:
        yield f'<p class="note">{escape(section.note)}</p>'
    if section.rows:
        yield f"<table>\n<thead>{_row(section.columns, 'th')}</thead>\n<tbody>"
        yield from (_row(row, "td") for row in section.rows)
        yield "</tbody>\n</table>"
    yield "</section>"


def _row(cells: tuple[str, ...], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
