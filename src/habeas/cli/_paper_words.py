"""What stands on a pass on paper, in English and Chinese, each written and neither translated.

What a code does at a door and what a keeper says are the catalogue's (`habeas.grounds.say`); here is the rest. No reason and
no name: there is no key for either.
"""

from __future__ import annotations

from collections.abc import Mapping

from habeas.grounds import Language

__all__ = ["PAPER_WORDS"]

_ENGLISH = {
    "title": "PASS",
    "until": "Until {time}, if nothing new happens.",
    "then": "After that: {code}.",
    "use": "Use by",
    "hint": "Compare with the document",
    "hint.none": "No hint was chosen: there is nothing to compare.",
    "made": "Decided",
    "gate": "At the gate",
    "gate.square": "Hold the square to the camera. It works with no network and no phone.",
    "gate.words": "The gate goes by the square alone. The shape and the words above are for you. They prove nothing.",
    "tell": "If the gate cannot tell",
    "tell.ours": "“We cannot tell”: it is the gate’s fault. You go in.",
    "tell.theirs": "“Cannot read”: smooth the paper and show it again, or print a newer one at any counter.",
    "tell.lane": "Still nothing? You take the no-code lane, or the counter beside the gate.",
    "none": "No pass, worn paper, no phone",
    "none.never": "Nobody is turned away for this.",
    "none.lane": "You take the no-code lane, or the counter beside the gate.",
    "wrong": "Is this wrong?",
    "wrong.call": "Call 12345, at any hour, or ask at any counter. You do not have to prove anything.",
    "wrong.no": "A “not here” at a gate is no order. Nobody may hold you. Medical care stays open to you.",
    "keeper": "For the keeper",
    "lane": "the no-code lane or the counter",
    "foot": "Made with the holder’s own keys from the public log {origin}, entry {index}. Nobody issues a pass, and nobody can "
    "withhold one: print it again as often as you like. A newer decision replaces this one.",
}
_CHINESE = {
    "title": "通行码",
    "until": "到{time}为止（没有新情况的话）。",
    "then": "之后：{code}。",
    "use": "请在此前使用",
    "hint": "与证件核对",
    "hint.none": "没有设定核对信息，不用核对证件。",
    "made": "结果时间",
    "gate": "在查验点",
    "gate.square": "把方块对准镜头。没有网络、没有手机也能用。",
    "gate.words": "查验点只认方块。上面的图形和文字是给您看的，不能作为凭证。",
    "tell": "查验点无法判断时",
    "tell.ours": "显示“我方无法判断”：是查验点的问题，您可以进。",
    "tell.theirs": "显示“读不出来”：把纸抚平再试一次，或到任一服务窗口重新打印。",
    "tell.lane": "还是不行？您走无码通道，或去入口旁的服务窗口。",
    "none": "没有通行码、纸张破损、没有手机",
    "none.never": "不能因此拒绝任何人。",
    "none.lane": "您走无码通道，或去入口旁的服务窗口。",
    "wrong": "觉得不对？",
    "wrong.call": "随时可以拨打12345，也可以到任一服务窗口。您不用自己举证。",
    "wrong.no": "“此处不能进”不是命令，谁都不能扣留您。看病不受影响。",
    "keeper": "查验人员请看",
    "lane": "无码通道或服务窗口",
    "foot": "用持码人自己的密钥从公开日志{origin}第{index}条生成。通行码不由任何人发放，谁也不能扣住不给，"
    "可以随时重新打印。有了新的结果，以新的为准。",
}
PAPER_WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
"""language → key → text; fields stand in braces."""
