"""What a person is alarmed of: a closed list, each in words with what to do, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

__all__ = ["ALARM_WORDS", "Alarm", "AlarmCode"]


class AlarmCode(Enum):
    """Why a person is alarmed; the word is for machines."""

    FORK = "fork"
    GOES_BACK = "goes-back"
    SILENCE = "silence"
    CLOCK = "clock"
    FALSE_BLOCK = "false-block"
    DOES_NOT_OPEN = "does-not-open"
    OTHER_GROUNDS = "other-grounds"
    BROKEN_CHAIN = "broken-chain"
    SUPERSEDED = "superseded"
    REKEYED = "rekeyed"
    UNLOGGED = "unlogged"
    GROUNDLESS = "groundless"
    UNCOUNTED = "uncounted"
    NOT_RENEWED = "not-renewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm with the epoch and the leaf that it is about, where there are such."""

    code: AlarmCode
    epoch: int | None = None
    index: int | None = None

    @property
    def words(self) -> tuple[str, str]:
        """What it means and what to do, in English and in Chinese."""
        return ALARM_WORDS[self.code]


_EN: Final = {
    AlarmCode.FORK: "The log has shown you two histories. Keep both checkpoints: they prove it. Give them to a newspaper or an "
    "auditor, and look no further from this device until that is answered.",
    AlarmCode.GOES_BACK: "This mirror shows less than you have seen before. Ask another mirror; if all of them show less, keep "
    "the checkpoint that you have: it proves that something was taken away.",
    AlarmCode.SILENCE: "The log has said nothing new for over a day. Ask another mirror. Your pass goes on opening gates; the "
    "silence counts for you.",
    AlarmCode.CLOCK: "This device's clock is behind the log. Set it right, then look again.",
    AlarmCode.FALSE_BLOCK: "A block that witnesses have signed is not in order: a second decision can hide in it. Keep the log's "
    "files of this epoch; whoever signed as checker must answer for it.",
    AlarmCode.DOES_NOT_OPEN: "A decision under your label does not open with your keys and your hint. Check the hint that you "
    "chose at the counter; if it is right, object: a code that you cannot open says nothing.",
    AlarmCode.OTHER_GROUNDS: "The grounds that you were given are not those that the decision commits to. Keep both, and object: "
    "you were told another reason than was logged.",
    AlarmCode.BROKEN_CHAIN: "This decision does not name your last one as the one before it. One was left out, or slipped in. "
    "Object, and give the auditor both leaves.",
    AlarmCode.SUPERSEDED: "Your decision was superseded and no new one came for you. That is abuse, and you can prove it: "
    "`habeas me abuse` writes the proof, which makes the line void at every gate.",
    AlarmCode.REKEYED: "The log says that your keys were replaced. If you did not ask for new keys at a counter, object at once: "
    "somebody else may hold the new ones.",
    AlarmCode.UNLOGGED: "You were told of a decision that is not in the log. It has no effect: no gate can see it. Object, and "
    "keep what you were told.",
    AlarmCode.GROUNDLESS: "A code against you was logged without any ground. A code without grounds is none. Object at once, and "
    "keep what you were told: it proves it.",
    AlarmCode.UNCOUNTED: "A ground against you was not counted in public by the end of the next day. It is void. Object, and "
    "name the ground.",
    AlarmCode.NOT_RENEWED: "Your decision should have been logged anew 14 days after the last and was not. Your pass holds for "
    "14 days more. Object that your code is withheld.",
}

_ZH: Final = {
    AlarmCode.FORK: "日志向您出示了两种不同的历史。请保存两个检查点，它们就是证据。"
    "请交给记者或审计员；得到答复前，不要再用本设备查询。",
    AlarmCode.GOES_BACK: "此镜像显示的内容比您以前看到的少。请换一个镜像；"
    "如果都少了，请保存您已有的检查点：它证明有内容被拿掉了。",
    AlarmCode.SILENCE: "日志已有一天以上没有更新。请换一个镜像。您的通行证照常有效；日志沉默的后果不由您承担。",
    AlarmCode.CLOCK: "本设备的时钟慢于日志。请校准后再查询。",
    AlarmCode.FALSE_BLOCK: "一个已经见证签名的区块次序不对：其中可能藏有第二个决定。"
    "请保存该时段的日志文件；签名的检查者必须作出解释。",
    AlarmCode.DOES_NOT_OPEN: "您标签下的一个决定无法用您的密钥和提示打开。请核对您在窗口选定的提示；"
    "如果无误，请提出异议：您打不开的码不作数。",
    AlarmCode.OTHER_GROUNDS: "给您的理由与该决定所承诺的理由不符。请保存两者并提出异议：告诉您的理由与记录的不同。",
    AlarmCode.BROKEN_CHAIN: "该决定没有把您上一个决定列为前一个：有决定被漏掉或插入。请提出异议，并把两个条目交给审计员。",
    AlarmCode.SUPERSEDED: "您的决定被注销，却没有新的决定。这是滥用，"
    "而且您可以证明：用 `habeas me abuse` 写出证据，各处闸口即不再承认该注销。",
    AlarmCode.REKEYED: "日志称您的密钥已被更换。如果您没有在窗口申请新密钥，请立即提出异议：新密钥可能在别人手里。",
    AlarmCode.UNLOGGED: "您被告知的一个决定不在日志中。它没有效力：任何闸口都看不到它。请提出异议，并保存所收到的内容。",
    AlarmCode.GROUNDLESS: "日志中有一个对您不利的码，却没有任何依据。"
    "没有依据的码无效。请立即提出异议，并保存所收到的内容作为证据。",
    AlarmCode.UNCOUNTED: "一项对您不利的理由到次日结束仍未公开计数。该理由无效。请提出异议，并指明该理由。",
    AlarmCode.NOT_RENEWED: "您的决定应在上一个之后14天重新记录，却没有。您的通行证还可用14天。请就“扣发健康码”提出异议。",
}

ALARM_WORDS: Final = MappingProxyType({code: (_EN[code], _ZH[code]) for code in AlarmCode})
