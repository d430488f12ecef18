"""What a gate says for each answer, in English and Chinese: a shape, a word, why, and what the keeper does next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from habeas.passes import Answer, Verdict

__all__ = ["REASONS", "SHAPES", "Said", "counts_line", "said"]

SHAPES: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.YES: ("          ██", "         ██ ", "  ██    ██  ", "   ██  ██   ", "    ████    "),
    Verdict.NO: ("  ██    ██  ", "    ████    ", "     ██     ", "    ████    ", "  ██    ██  "),
    Verdict.OURS: ("     ██     ", "     ██     ", "     ██     ", "            ", "     ██     "),
    Verdict.THEIRS: ("   ██████   ", "  ██    ██  ", "       ██   ", "            ", "     ██     "),
}
"""A tick, a cross, an exclamation mark, a question mark: told apart without colour and from a metre away."""

REASONS: Mapping[str, tuple[str, str]] = {
    "open": ("the code opens this gate", "可以通行"),
    "code": ("the code does not open this gate", "现在的码不能进这里"),
    "not-in-the-log": ("the log has another entry where this pass says it stands", "公开记录的这个位置上是别的内容"),
    "clock": ("this gate's clock is behind the log", "查验设备的时钟慢了"),
    "stale": ("this gate has not synced for more than a day", "查验设备超过一天没有同步"),
    "unsynced": ("this gate has never synced, or its file is damaged", "查验设备还没有同步，或者文件坏了"),
    "no-mandate": ("no gate mandate is in force here now", "此时此地没有生效的查验授权"),
    "unreadable": ("this is no pass, or not all of one", "不是通行凭证，或者没有扫全"),
    "another-log": ("the pass is of another log", "凭证出自别处的记录"),
    "newer": ("the pass is newer than what this gate has synced", "凭证比查验设备里的记录新"),
    "bridge": ("the bridge does not lead from this pass to the log", "附带的证明接不上公开记录"),
    "too-old": ("the pass is older than 28 days", "凭证超过二十八天"),
    "not-held": ("the pass says a place in the log that this gate does not hold", "查验设备里没有凭证所说的位置"),
    "superseded": ("a newer decision has come after this pass", "这张凭证之后已有新的结果"),
}
"""Why, for every reason that a gate gives (docs/gate.md)."""

_NEXT_OURS = {
    "clock": ("put the clock right", "校准时钟"),
    "stale": ("sync: habeas pass sync", "请同步：habeas pass sync"),
    "unsynced": ("sync: habeas pass sync", "请同步：habeas pass sync"),
    "no-mandate": ("ask nobody for a pass", "不得要求出示凭证"),
}
_NEXT_THEIRS = {
    "unreadable": ("show the whole code again, brighter and still; else", "请重新出示，亮一些，拿稳；不行就到"),
    "another-log": ("a pass of this log; else", "请出示本地的凭证；没有就到"),
    "newer": ("show the pass's bridge too; else", "请同时出示附带的证明；没有就到"),
    "bridge": ("make pass and bridge anew, show both; else", "请重新生成凭证和证明；不行就到"),
    "too-old": ("make a new pass; else", "请生成新的凭证；不行就到"),
    "not-held": ("make a new pass; else", "请生成新的凭证；不行就到"),
    "superseded": ("make a new pass; else", "请生成新的凭证；不行就到"),
}
_WORDS = {
    Verdict.YES: ("YES", "goes in", "可以", "请进"),
    Verdict.NO: ("NO", "does not go in here", "不可以", "这里不能进"),
    Verdict.OURS: ("GO IN", "cannot tell, and the fault is this gate's", "请进", "无法判断，原因在查验设备"),
    Verdict.THEIRS: ("NOT YET", "cannot tell from this pass", "请稍等", "凭这张凭证无法判断"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer in one language: the word, what it means, why, and what the keeper does next."""

    word: str
    means: str
    why: str
    next_step: str


def said(answer: Answer, lane: str, language: str) -> Said:
    """Return an answer in words; `lane` is the counter or no-code lane that the gate's mandate names."""
    zh = language == "zh"
    english, means, chinese, bedeutet = _WORDS[answer.verdict]
    why = REASONS[answer.reason][zh]
    return Said(
        word=chinese if zh else english,
        means=bedeutet if zh else means,
        why=why,
        next_step=_next_zh(answer, lane or "服务窗口") if zh else _next_en(answer, lane or "the counter"),
    )


def _next_en(answer: Answer, lane: str) -> str:
    match answer.verdict:
        case Verdict.YES:
            return f"compare with the document: {answer.hint}" if answer.hint else "nothing more"
        case Verdict.NO:
            checked = f"compare with the document: {answer.hint}; " if answer.hint else ""
            return f"{checked}whoever objects, or has a newer pass, to: {lane}"
        case Verdict.OURS:
            return f"let them in, and count them; {_NEXT_OURS[answer.reason][0]}"
        case Verdict.THEIRS:
            return f"{_NEXT_THEIRS[answer.reason][0]} to: {lane}. This is no refusal"


def _next_zh(answer: Answer, lane: str) -> str:
    match answer.verdict:
        case Verdict.YES:
            return f"与证件核对：{answer.hint}" if answer.hint else "不用再做什么"
        case Verdict.NO:
            checked = f"与证件核对：{answer.hint}；" if answer.hint else ""
            return f"{checked}有异议或有新凭证的，请到：{lane}"
        case Verdict.OURS:
            return f"放行并计数；{_NEXT_OURS[answer.reason][1]}"
        case Verdict.THEIRS:
            return f"{_NEXT_THEIRS[answer.reason][1]}：{lane}。这不是拒绝"


def counts_line(counts: Mapping[Verdict, int], language: str) -> str:
    """Return how many had each answer: numbers are all that a gate has of the people who passed."""
    yes, no, ours, theirs = (counts.get(verdict, 0) for verdict in Verdict)
    if language == "zh":
        return f"可以 {yes} · 不可以 {no} · 设备无法判断而放行 {ours} · 凭证无法判断 {theirs}"
    return f"yes {yes} · no {no} · let in for this gate's own fault {ours} · not yet {theirs}"
