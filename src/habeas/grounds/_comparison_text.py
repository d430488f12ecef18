"""A comparison as text for a terminal, its headings in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.grounds._affected import Affected, Cell
from habeas.grounds._compare import Comparison, Silence, Silent
from habeas.grounds._differences import Aspect, Difference, Direction

__all__ = ["format_affected", "format_comparison"]

_ASPECTS = {
    Aspect.ADDED: "new rule 新增规则",
    Aspect.REMOVED: "rule taken out 删除规则",
    Aspect.KIND: "kind of statement 陈述种类",
    Aspect.TIER: "tier 层级",
    Aspect.WHEN: "when it applies 适用条件",
    Aspect.ANCHOR: "how days count 起算方式",
    Aspect.LADDER: "code by day 逐日颜色",
    Aspect.SUPPORT: "bodies needed 所需机构数",
    Aspect.PROVISIONAL: "provisional time 核实期限",
    Aspect.RELIEF: "what ends it sooner 提前解除",
    Aspect.REQUIRES: "what must follow 应跟进事项",
    Aspect.DATES: "dates 日期",
    Aspect.TEXT: "words shown 告知文字",
    Aspect.SOURCE: "published source 公布出处",
    Aspect.ACT: "act 依据文件",
    Aspect.EXAMPLES: "examples 示例",
    Aspect.PARAMETER: "parameter 参数",
    Aspect.LIMIT: "limit 限额",
    Aspect.CODE: "codes 码的种类",
    Aspect.ARRIVALS: "arrivals measured 入境监测",
    Aspect.CALENDAR: "calendar 历法",
    Aspect.LAYERS: "place among packs 与其他规则包的关系",
    Aspect.LEFT_OUT: "left out 未收入",
    Aspect.ABOUT: "about 说明",
}
_DIRECTIONS = {
    Direction.STRICTER: "stricter 更严",
    Direction.MILDER: "milder 更宽",
    Direction.UNKNOWN: "look who is affected 请看影响范围",
}
_UNCHANGED = {Silence.VERSION: "version did not 版本未变", Silence.TEXTS: "its words did not 文字未变"}
_NOTHING = "—"


def format_comparison(comparison: Comparison, affected: Affected | None = None) -> str:
    """Return a comparison as lines of text; with `affected`, also who would be affected, as those counts stand."""
    old, new = comparison.old, comparison.new
    lines = [f"{old.id} {old.version} -> {new.id} {new.version}", ""]
    if not comparison.differences:
        lines += ["No difference. 没有差异。", ""]
    lines += _section("SILENT CHANGES 未声明的变更", [f"! {_silent(row)}" for row in comparison.silent])
    lines += _section("THE PACK 规则包", [_difference(row) for row in comparison.of_rule(None)])
    for rule in comparison.rules:
        lines += _section(f"RULE 规则 {rule}", [_difference(row) for row in comparison.of_rule(rule)])
    if affected is not None:
        lines += format_affected(affected).splitlines()
    return "\n".join(lines).rstrip() + "\n"


def format_affected(affected: Affected) -> str:
    """Return who would be affected as lines of text; give it `affected.public()` for what others may read."""
    heading = f"WHO WOULD BE AFFECTED 影响范围: {affected.people:,} people looked at 人, {affected.at}"
    lines = [heading, *(f"  {row}" for row in map(_cell, affected.total)), ""]
    if not affected.total:
        lines = [heading, "  Nobody. 无人。", ""]
    lines += _section("BY RULE 按规则", [_cell(row) for row in affected.by_rule])
    lines += _section("BY AREA OF THE SIGNER 按签发机构所在地区", [_cell(row) for row in affected.by_area])
    return "\n".join(lines).rstrip() + "\n"


def _section(heading: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield from (heading, *(f"  {row}" for row in rows), "")


def _difference(row: Difference) -> str:
    what = f"{_ASPECTS[row.aspect]} [{row.item}]" if row.item else _ASPECTS[row.aspect]
    change = f"{row.old or _NOTHING} -> {row.new or _NOTHING}"
    read = f" (read by 用于 {', '.join(row.rules)})" if row.rules else ""
    direction = f"  [{_DIRECTIONS[row.direction]}]" if row.direction in _DIRECTIONS else ""
    return f"{what}: {change}{read}{direction}"


def _silent(row: Silent) -> str:
    what = ", ".join(_ASPECTS[aspect] for aspect in row.aspects)
    name = f"rule 规则 {row.rule}" if row.rule else "the pack 规则包"
    return f"{name}: {what} changed 已变; {', '.join(_UNCHANGED[one] for one in row.unchanged)}"


def _cell(cell: Cell) -> str:
    of = "all others 其他合计" if cell.of is None else cell.of
    people = "too few to show 人数过少，不显示" if cell.people is None else f"{cell.people:,}"
    mark = "+" if cell.worse else "−"
    return f"{cell.old or 'no code 无码'} -> {cell.new or 'no code 无码'}  {of + '  ' if of else ''}{mark} {people}"
