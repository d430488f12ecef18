"""Which packs a checker lets count without a notice: only those that it has compared itself and found nowhere stricter."""

from __future__ import annotations

import hashlib

import pytest

from cli.running import one_rule
from habeas.services._milder import milder_packs, pack_of
from habeas.tlog import EntryKind, Plain, format_indexes
from habeas.wire import encode_cbor, sign1
from services.live import FOUNDER

OLD = "[yellow, 28]"


def entry(text: str, kind: EntryKind = EntryKind.PACK) -> bytes:
    return Plain(kind=kind, body=sign1(encode_cbor({"hash": bytes(32), "text": text}), FOUNDER)).to_bytes()


def nothing(_path: str) -> bytes | None:
    return None


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return entries: the pack that runs, a milder and a stricter one, one of another name, and no pack at all."""
    folder = tmp_path_factory.mktemp("packs")

    def text(name: str, old: str, new: str) -> str:
        return one_rule(folder / name, old=old, new=new).read_text(encoding="utf-8")

    def next_pack(text: str, name: str = "next", succeeds: str = "cn-henan-2021-2") -> str:
        return text.replace("pack: cn-henan-2021-2\n", f"pack: {name}\nsucceeds: {succeeds}\ntransition: milder\n")

    runs = text("runs", OLD, OLD)
    softer = text("milder", OLD, "[yellow, 21]")
    return {
        "runs": entry(runs),
        "milder": entry(next_pack(softer)),
        "stricter": entry(next_pack(text("stricter", OLD, "[yellow, 35]"))),
        "other": entry(next_pack(softer, succeeds="cn-henan-other")),
        "twin": entry(softer),
        "unread": entry("pack: ["),
        "mandate": entry(runs, EntryKind.MANDATE),
    }


def milder(packs: dict[str, bytes], before: list[str], now: list[str]) -> set[str]:
    """Return the names of those in `now` that need no notice."""
    names = list(packs)
    at = {name: number for number, name in enumerate(names)}
    lists = [format_indexes(at[name] for name in one) for one in (before, now)]
    found = milder_packs(lists[0], lists[1], lambda index: packs[names[index]], nothing)
    return {names[index] for index in found}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (["runs"], ["milder"]),
        (["runs"], ["runs", "milder"]),  # grounds still stand under the one before
        (["runs", "milder"], ["runs", "milder"]),  # and in every block until its notice would be over
        ([], ["runs", "milder"]),  # of the two it is the first that needs a notice
    ],
)
def test_a_pack_that_succeeds_another_and_is_nowhere_stricter_needs_no_notice(
    packs: dict[str, bytes], before: list[str], now: list[str]
) -> None:
    assert milder(packs, before, now) == {"milder"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (["runs"], ["stricter"]),
        (["milder"], ["runs"]),
        (["runs"], ["other"]),
        (["runs"], ["twin"]),  # of the same name, and succeeds nothing
        ([], ["milder"]),  # a first pack is stricter than none
        (["runs"], ["unread"]),
        (["unread"], ["milder"]),
        (["runs"], ["mandate"]),
        (["runs"], ["runs"]),
        (["runs", "twin"], ["milder"]),  # two of one name: nobody can say which it takes over from
    ],
)
def test_every_other_waits(packs: dict[str, bytes], before: list[str], now: list[str]) -> None:
    assert milder(packs, before, now) == set()


def test_a_body_by_its_hash_is_read_from_its_file(packs: dict[str, bytes]) -> None:
    whole = sign1(encode_cbor({"hash": bytes(32), "text": "x" * 70_000}), FOUNDER)
    named = Plain(kind=EntryKind.PACK, body=b"\0" + len(whole).to_bytes(4) + hashlib.sha256(whole).digest()).to_bytes()
    asked: list[str] = []

    def fetch(path: str) -> bytes | None:
        asked.append(path)
        return packs["runs"][1:]

    found = pack_of(named, fetch)
    assert found is not None
    assert found.id == "cn-henan-2021-2"
    assert asked == [f"plain/{hashlib.sha256(whole).hexdigest()}"]
    assert pack_of(named, nothing) is None
