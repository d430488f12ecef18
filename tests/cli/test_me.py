"""`habeas me`, `log counts` and `log phantoms` over a log in a folder: what they say, what they refuse, what they remember."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.running import HENAN, Ran, done, habeas
from habeas.cli import _counts, _me, _me_state
from habeas.cli._me_state import format_state, parse_state
from habeas.cli._person_keys import PersonKeyFile, write_person_keys
from habeas.cli.errors import InputError
from habeas.ledger import OpeningRow, format_openings
from habeas.passes import ALARM_WORDS, AlarmCode, Memory, PersonKeys, check_abuse, day_of, decide, own_view, parse_abuse
from habeas.rules import parse_pack
from habeas.tlog import Admission, Ground, Sections, hash_leaf, parse_pool
from habeas.wire import Instant
from passes.attacks import superseded_for_one
from passes.own_log import OwnLog
from passes.public_log import GREEN, LOG, POLICY, POLICY_FILE, RED, hint_of, keys_of, pack_entry
from tlog.blocks import CONSTANTS, FIRST, digest

SAVER, FRIEND = 1, 2
DAY = day_of(CONSTANTS.begins(FIRST + 1))
DATE = datetime.fromtimestamp(DAY * 86_400, UTC).date().isoformat()
LAST = (DAY + 1) * 12 - 1


def the_log() -> OwnLog:
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(
        FIRST + 1,
        {SAVER: GREEN, FRIEND: GREEN},
        others=300,
        admissions=[
            Admission(kind=1, pool=parse_pool("CN-41"), received=1, commitment=digest(n)).to_bytes() for n in range(7)
        ],
    )
    log.grow(FIRST + 5, {SAVER: RED}, others=30)
    return log


class Place:
    """A folder with a mirror's files, a policy, and people's keys and openings."""

    def __init__(self, folder: Path, log: OwnLog) -> None:
        self.folder, self.log = folder, log
        self.policy, self.state = folder / "policy", folder / "state.json"
        self.policy.write_bytes(POLICY_FILE)
        self.mirror = folder / "mirror"
        self.serve()
        for who in (SAVER, FRIEND):
            file = PersonKeyFile(origin=CONSTANTS.origin, keys=keys_of(who), hint=hint_of(who))
            write_person_keys(folder / f"keys{who}", file)
            watcher = PersonKeyFile(origin=CONSTANTS.origin, keys=PersonKeys(labels=keys_of(who).labels))
            write_person_keys(folder / f"watch{who}", watcher)

    def serve(self, mirror: str = "mirror") -> Path:
        for name, data in self.log.disk.files.items():
            path = self.folder / mirror / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        rows = [
            OpeningRow(subject=bytes(16), opening=opening, leaf=leaf)
            for leaf, opening in self.log.told.get(SAVER, {}).items()
        ]
        (self.folder / "openings").write_bytes(format_openings(rows))
        return self.folder / mirror

    def args(self, *more: object, who: int = SAVER, keys: str = "keys") -> list[object]:
        return ["--log", self.mirror, "--policy", self.policy, "--keys", self.folder / f"{keys}{who}", *more]

    def look(self, *more: object, **which: Any) -> Ran:  # noqa: ANN401 - who, and which keys
        return habeas("me", "look", *self.args("--openings", self.folder / "openings", *more, **which))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path, the_log())
    at = Instant(made.log.now())
    for module in (_me, _counts):
        monkeypatch.setattr(module, "clock", lambda: at)
    return made


def codes(ran: Ran) -> list[str]:
    return [alarm["code"] for alarm in ran.json["alarms"]]


# A look ---------------------------------------------------------------------------------------------------------------


def test_a_look_says_what_is_there_in_both_languages(place: Place) -> None:
    ran = place.look()
    assert (ran.code, ran.err) == (0, "")
    assert "superseded in the block of" in ran.out
    assert "H2-test" in ran.out
    assert ran.out.rstrip().endswith("Nothing unexpected.")
    chinese = place.look("--lang", "zh").out
    assert "没有异常" in chinese
    assert "Nothing" not in chinese


def test_a_look_as_json_has_decisions_and_alarms(place: Place) -> None:
    ran = place.look("--json")
    assert [one["view"]["now"] for one in ran.json["decisions"]] == [GREEN, RED]
    assert [one["superseded_in"] for one in ran.json["decisions"]] == [FIRST + 5, None]
    assert ran.json["decisions"][1]["grounds"]["code"] == "red"
    assert (ran.json["alarms"], ran.json["blocks"], ran.code) == ([], 3, 0)


def test_a_decision_until_an_hour_that_no_calendar_shows_is_looked_at_all_the_same(place: Place) -> None:
    log, epoch = place.log, FIRST + 6
    opening = log.opening(epoch, SAVER, RED)
    opening = replace(opening, view=replace(opening.view, until=2**32 - 1))
    entry = decide(keys_of(SAVER), CONSTANTS.origin, epoch, CONSTANTS.begins(epoch), opening).to_bytes()
    log.append(log.build(epoch, Sections(decisions=[entry]), [log.last[SAVER].index]))
    log.told[SAVER][hash_leaf(entry)] = opening
    place.serve()
    text, ran = place.look(), place.look("--json")
    assert (text.code, ran.code, codes(ran)) == (1, 1, ["does-not-open"])
    assert "until 9999-12-31T23:59:59Z" in text.out
    assert ran.json["decisions"][-1]["view"]["until"] == "9999-12-31T23:59:59Z"


def test_a_watcher_sees_when_and_not_what(place: Place) -> None:
    for keys in ("keys", "watch"):
        ran = done("me", "watch", *place.args("--json", keys=keys))
        assert [(one["view"], one["grounds"]) for one in ran.json["decisions"]] == [(None, None)] * 2
    text = done("me", "watch", *place.args(keys="watch")).out
    assert text.count("something came") == 2
    assert "H2-test" not in text


def test_the_plan_is_the_same_minute_every_day_and_another_for_others(place: Place) -> None:
    minutes = {
        who: done("me", "plan", "--keys", place.folder / f"keys{who}", "--json").json["minute_utc"] for who in (1, 2)
    }
    assert minutes[1] != minutes[2]
    for text in minutes.values():
        hour, _, minute = text.partition(":")
        assert 0 <= int(hour) < 24
        assert 0 <= int(minute) < 60
        assert len(text) == 5
    assert minutes[1] in done("me", "plan", "--keys", place.folder / "keys1").out


# Remembering ----------------------------------------------------------------------------------------------------------


def test_a_second_look_reads_what_is_new_and_the_state_is_its_owners_alone(place: Place) -> None:
    assert place.look("--state", place.state).code == 0
    assert place.state.stat().st_mode & 0o777 == 0o600
    place.log.grow(FIRST + 6, {SAVER: GREEN}, others=9)
    place.serve()
    ran = place.look("--state", place.state, "--json")
    assert (ran.json["blocks"], len(ran.json["decisions"]), ran.code) == (1, 3, 0)
    again = place.look("--state", place.state, "--json")
    assert (again.json["blocks"], again.json["decisions"]) == (0, ran.json["decisions"])
    assert sorted(path.name for path in place.folder.glob("state*")) == ["state.json"]


def test_a_state_that_was_torn_or_changed_is_refused_and_left_as_it_is(place: Place) -> None:
    place.look("--state", place.state)
    whole = place.state.read_bytes()
    for at in range(0, len(whole) - 1, 97):
        for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            place.state.write_bytes(broken)
            ran = place.look("--state", place.state)
            assert ran.code == 2, (at, ran)
            assert str(place.state) in ran.err
            assert place.state.read_bytes() == broken
    place.state.write_bytes(whole)
    (place.folder / "state.json.new").write_bytes(b"torn")  # left by a crash while the next was being written
    assert place.look("--state", place.state).code == 0


def test_a_state_with_the_right_sum_and_the_wrong_things_in_it_is_refused() -> None:
    log = the_log()
    memory = own_view(log.open(), keys_of(SAVER), now=log.now()).memory
    good = json.loads(format_state(memory))
    assert parse_state("here", good, LOG.key) == memory
    wrong: tuple[dict[str, object], ...] = (
        {"v": 2}, {"habeas": "x"}, {"chain": "00"}, {"checkpoint": 1}, {"checkpoint": "x"}, {"decisions": {}},
        {"decisions": [1]}, {"decisions": [["1", "00"]]}, {"decisions": [[True, "00"]]}, {"decisions": [[1, "00"]]},
        {"lines": [[1, 2]]}, {"lines": [[1, 2, 3]]}, {"false_blocks": [True]}, {"false_blocks": ["1"]}, {"more": 1},
    )  # fmt: skip
    for change in wrong:
        value = {key: one for key, one in {**good, **change}.items() if key != "sum"}
        with pytest.raises(InputError):
            parse_state("here", {**value, "sum": _me_state._sum(value)}, LOG.key)
    with pytest.raises(InputError):
        format_state(Memory())


def test_a_state_that_cannot_be_written_is_said(place: Place) -> None:
    ran = place.look("--state", place.folder / "none" / "state.json")
    assert (ran.code, "cannot be written" in ran.err) == (2, True)


def test_a_mirror_that_is_behind_is_passed_over_if_another_is_not(place: Place) -> None:
    place.look("--state", place.state)
    place.log.grow(FIRST + 6, {}, others=9)
    place.serve("newer")
    newer = place.folder / "newer"
    habeas("me", "look", "--log", newer, *place.args("--state", place.state)[2:])
    for _ in range(8):  # in whatever order they are asked
        ran = place.look("--log", newer, "--state", place.state, "--json")
        assert (ran.code, codes(ran), ran.json["newest"]) == (0, [], str(Instant(CONSTANTS.begins(FIRST + 6))))
    before = place.state.read_bytes()
    ran = place.look("--state", place.state, "--json")
    assert (ran.code, codes(ran), len(ran.json["decisions"])) == (1, ["goes-back"], 2)
    assert place.state.read_bytes() == before
    assert "not looked into" in place.look("--state", place.state).out


def test_a_fork_leaves_its_proof_beside_the_state_and_changes_nothing_in_it(place: Place) -> None:
    other = place.log.copy()
    place.log.grow(FIRST + 6, {SAVER: GREEN})
    place.serve()
    place.look("--state", place.state)
    before = place.state.read_bytes()
    other.__post_init__()
    other.grow(FIRST + 6, {SAVER: RED})
    place.log = other
    place.serve()
    ran = place.look("--state", place.state, "--json")
    assert (ran.code, codes(ran)) == (1, ["fork"])
    assert place.state.read_bytes() == before
    (proof,) = place.folder.glob("fork-*.json")
    key = POLICY_FILE.decode().split("\n")[0].split(" ")[1]
    assert "two logs" in done("log", "fork", proof, "--log", key).out
    assert place.look("--state", place.state).code == 1  # and the proof that is there already is left


# Alarms and proofs ----------------------------------------------------------------------------------------------------


def hide(place: Place, epoch: int) -> int:
    log = place.log
    decided = log.decided(epoch, {SAVER: GREEN}, others=20)
    log.told[SAVER].popitem()
    index = log.last[SAVER].index
    log.append(
        superseded_for_one(
            Sections(decisions=list(decided.values())), decided[SAVER], index=index, epoch=epoch, constants=CONSTANTS,
            after=log.blocks[-1],
        )
    )  # fmt: skip
    place.serve()
    return index


@pytest.mark.parametrize(("epoch", "reveals"), [(FIRST + 6, "day"), (FIRST + 18, "state")])
def test_an_alarm_leads_to_a_proof_that_anybody_checks(place: Place, epoch: int, reveals: str) -> None:
    index = hide(place, epoch)
    ran = place.look()
    assert ran.code == 1
    assert f"ALARM superseded --epoch {epoch} --index {index}" in ran.out
    assert ALARM_WORDS[AlarmCode.SUPERSEDED][0] in ran.out
    assert ALARM_WORDS[AlarmCode.SUPERSEDED][1] in place.look("--lang", "zh").out
    out = place.folder / "proof"
    made = done("me", "abuse", *place.args("--index", index, "--epoch", epoch, "--out", out, "--json"))
    assert made.json["reveals"] == reveals
    assert check_abuse(parse_abuse(out.read_bytes()), POLICY) == index
    checked = done("me", "check-abuse", out, "--policy", place.policy, "--json")
    assert checked.json == {"origin": CONSTANTS.origin, "void": index}
    assert str(index) in done("me", "check-abuse", out, "--policy", place.policy, "--lang", "zh").out
    out.write_bytes(out.read_bytes()[:-1])
    refused = habeas("me", "check-abuse", out, "--policy", place.policy)
    assert refused.code == 1
    text = done("me", "abuse", *place.args("--index", index, "--epoch", epoch, "--out", place.folder / "two")).out
    assert ("new keys" in text) == (reveals == "state")


def test_a_proof_is_made_from_whichever_mirror_has_the_log(place: Place, tmp_path: Path) -> None:
    index = hide(place, FIRST + 6)
    empty = tmp_path / "empty"
    empty.mkdir()
    args = ["--policy", place.policy, "--keys", place.folder / "watch1", "--index", index, "--epoch", FIRST + 6]
    assert habeas("me", "abuse", "--log", empty, *args, "--out", tmp_path / "one").code == 1
    for n in range(4):
        done("me", "abuse", "--log", empty, "--log", place.mirror, *args, "--out", tmp_path / f"out{n}")


def test_there_is_no_proof_against_a_valid_line(place: Place) -> None:
    index = place.log.blocks[1].start + 5
    ran = habeas("me", "abuse", *place.args("--index", index, "--epoch", FIRST + 5, "--out", place.folder / "no"))
    assert ran.code == 1
    assert not (place.folder / "no").exists()


def test_what_cannot_be_looked_at_says_why_and_what_to_do(place: Place, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "checkpoint").write_bytes((place.mirror / "log" / "checkpoint").read_bytes())
    ran = habeas("me", "look", "--log", broken, *place.args()[2:])
    assert (ran.code, "another mirror" in ran.err) == (1, True)
    assert habeas("me", "look", "--log", broken, *place.args()).code == 0  # the other one is asked
    assert habeas("me", "look", "--log", tmp_path / "none", *place.args()[2:]).code == 1
    assert habeas("me", "look", *place.args("--openings", place.policy)).code == 2
    other = PersonKeyFile(origin="other.example/log", keys=keys_of(3))
    write_person_keys(tmp_path / "keys3", other)
    ran = habeas("me", "look", *place.args(who=3))
    assert (ran.code, "other.example/log" in ran.err) == (1, True)
    assert habeas("me", "look", *place.args("--state", place.state, who=3)).code == 1


# Counts and phantoms --------------------------------------------------------------------------------------------------


def test_counts_are_a_table_and_json(place: Place) -> None:
    rows = [
        Ground(pack=3, rule=n % 2, pool=parse_pool("CN-41"), class_=3, commitment=digest("g", n)).to_bytes()
        for n in range(30)
    ]
    before = done("log", "counts", place.mirror, "--policy", place.policy, "--day", DATE)
    assert "so far" in before.out
    assert "No grounds." in before.out
    place.log.grow(LAST, {}, others=2, grounds=rows)
    place.serve()
    found = done("log", "counts", place.mirror, "--policy", place.policy, "--day", DATE, "--json").json
    assert found["whole"] is True
    assert found["grounds"] == [
        {"rule": f"rule {n} of pack 3", "code": "code 3", "pool": "CN-41", "count": 15} for n in (0, 1)
    ]
    assert found["admissions"] == [{"kind": "test-result", "pool": "CN-41", "count": 7}]
    text = done("log", "counts", place.mirror, "--policy", place.policy, "--day", DATE).out
    assert "█" * 40 in text
    assert "rule 1 of pack 3" in text
    assert place.folder.exists()


def test_rules_have_their_names_where_the_log_has_their_pack(place: Place) -> None:
    text = HENAN.read_text(encoding="utf-8")
    log = place.log
    block = log.build(FIRST + 6, Sections(plain=[pack_entry(text)]))
    log.append(block)
    pack = block.start + 1
    rows = [
        Ground(pack=number, rule=1, pool=9, class_=2, commitment=digest("g", number)).to_bytes()
        for number in (pack, pack + 5)
    ]
    log.append(log.build(LAST, Sections(grounds=rows), packs=(pack,)))
    files = place.serve()
    found = done("log", "counts", files, "--policy", place.policy, "--day", DATE, "--json").json
    assert [row["rule"] for row in found["grounds"]] == [parse_pack(text).rules[1].id, f"rule 1 of pack {pack + 5}"]
    assert {row["pool"] for row in found["grounds"]} == {"0000000009"}
    (files / "log" / "packs" / str(LAST)).unlink()
    found = done("log", "counts", files, "--policy", place.policy, "--day", DATE, "--json").json
    assert found["grounds"][0]["rule"] == f"rule 1 of pack {pack}"  # a number says enough


def test_a_false_block_is_told_to_the_auditor(place: Place) -> None:
    place.log.append(place.log.build(FIRST + 6, Sections(decisions=[b"\x10 is too short"])))
    files, labels = place.serve(), place.folder / "labels"
    labels.write_text("", encoding="utf-8")
    ran = habeas("log", "phantoms", files, "--policy", place.policy, "--labels", labels, "--day", DATE)
    assert (ran.code, "checker" in ran.err) == (1, True)


def test_counts_are_of_yesterday_if_no_day_is_given(place: Place) -> None:
    found = done("log", "counts", place.mirror, "--policy", place.policy, "--json").json
    today = datetime.fromtimestamp(place.log.now(), UTC).toordinal()
    assert datetime.fromisoformat(found["day"]).toordinal() == today - 1


@pytest.mark.parametrize("day", ["2022", "20220612", "2022-13-01", "1969-12-31", "2022-06-12T00", "yesterday", ""])
def test_what_is_no_day_is_refused(place: Place, day: str) -> None:
    assert habeas("log", "counts", place.mirror, "--policy", place.policy, "--day", day).code == 2


def test_phantoms_are_listed_and_end_with_one(place: Place) -> None:
    place.log = OwnLog()
    place.log.grow(FIRST, {})
    place.log.grow(FIRST + 1, {SAVER: GREEN, FRIEND: GREEN})
    for file in sorted(place.mirror.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    place.serve()
    labels = place.folder / "labels"

    def audit(people: list[int], *more: object) -> Ran:
        labels.write_text("\n".join(keys_of(who).labels.key(DAY).hex() for who in people) + "\n", encoding="utf-8")
        return habeas(
            "log", "phantoms", place.mirror, "--policy", place.policy, "--labels", labels, "--day", DATE, *more
        )

    assert audit([SAVER, FRIEND, 3]).code == 0
    ran = audit([SAVER, SAVER, 3], "--json")
    assert ran.code == 1
    assert ran.json["unexplained"] == [place.log.last[FRIEND].index]
    assert ran.json["shared"] == [place.log.last[SAVER].index]
    assert "two people's: none" in audit([SAVER, FRIEND]).out
    labels.write_text("no key\n", encoding="utf-8")
    assert (
        habeas("log", "phantoms", place.mirror, "--policy", place.policy, "--labels", labels, "--day", DATE).code == 2
    )


def test_json_of_a_look_can_be_read_by_any_program(place: Place) -> None:
    assert json.loads(place.look("--json").out)["origin"] == CONSTANTS.origin
