"""What `habeas me` says around decisions and alarms, in English and Chinese, each written and neither translated."""

from __future__ import annotations

from collections.abc import Mapping

from habeas.cli._options import Language

__all__ = ["said"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "looked": (
        (
            "{origin}: {blocks} new blocks looked at, {bundles} bundles read, up to {entries} entries under quorum.\n"
            "The newest block is of {newest}."
        ),
        (
            "{origin}：本次查看了 {blocks} 个新区块，读取 {bundles} 个条目包；已有法定签名的记录共 {entries} 条。\n"
            "最新的区块为 {newest}。"
        ),
    ),
    "known": (
        "{origin}: not looked into this time. This is what was known before.",
        "{origin}：本次没有查看。以下是以前已知的内容。",
    ),
    "nothing": ("The log holds no decision of yours.", "日志中没有您的决定。"),
    "watched": ("something came; these keys do not open it", "有新的决定；这些密钥打不开它"),
    "until": ("{code} until {until}, then {then}", "{code}，至 {until}，之后 {then}"),
    "superseded": ("superseded in the block of {when}", "已在 {when} 的区块中被取代"),
    "stands": ("stands", "有效"),
    "code": ("code {number}", "码 {number}"),
    "grounds": ("grounds, as committed to: {grounds}", "理由（与承诺一致）：{grounds}"),
    "no-grounds": ("grounds: none were given to this look", "理由：本次没有提供"),
    "quiet": ("Nothing unexpected.", "没有异常。"),
    "alarm": ("ALARM {code}{where}", "警报 {code}{where}"),
    "minute": (
        "Look every day at {minute} UTC, whether or not anything has happened: so nobody learns from when you look.",
        "请每天在协调世界时 {minute} 查看，无论有没有事发生：这样别人无法从您查看的时间看出什么。",
    ),
    "proof": (
        "{out} proves that the line for entry {index} is abuse. Give it to a gate, an auditor, a newspaper. {reveals}",
        "{out} 证明对第 {index} 条的注销是滥用。可以交给闸口、审计员或记者。{reveals}",
    ),
    "reveals-day": (
        "Whoever has it can find your decisions of that one day, and open none.",
        "拿到它的人可以找到您当天的决定，但打不开。",
    ),
    "reveals-state": (
        "Whoever has it can find all your decisions from that day on, and open none: then ask for new keys.",
        "拿到它的人可以找到您从那天起的所有决定，但打不开：之后请申请新密钥。",
    ),
    "proved": (
        "Proved: the line that supersedes entry {index} of {origin} is owed to no decision. It is void.",
        "已证明：{origin} 第 {index} 条的注销没有对应的新决定，无效。",
    ),
}


def said(language: Language, key: str, **values: object) -> str:
    """Return a sentence with its values."""
    english, chinese = _WORDS[key]
    return (english if language is Language.EN else chinese).format(**values)
