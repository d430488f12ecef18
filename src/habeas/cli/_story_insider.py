"""What the insider of the demo tries on the log, and what the processes, gates and people's own views answer."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

import httpx

from habeas.cli._person_keys import PersonKeyFile, write_person_keys
from habeas.cli._story_log import CONSTANTS, SAVER_KEYS, StoryLog
from habeas.cli._story_services import CHECKER, ORIGIN, WITNESSES
from habeas.cli._story_values import LogStep, LogStory, Promise
from habeas.ledger import Clock, Ledger
from habeas.passes import (
    AlarmCode,
    Answer,
    GateView,
    OwnView,
    PassError,
    PersonKeys,
    PublicLog,
    Synced,
    Verdict,
    check_pass,
    decide,
    find_decision,
    format_pass,
    make_abuse,
    open_log,
    own_view,
    pass_of,
    sync,
    void_line,
)
from habeas.registry import Enrol
from habeas.services import HttpSource
from habeas.stores import LogFolder, Staged, public_files
from habeas.synthetic import Resident, Town, unlogged_pass
from habeas.tlog import (
    Block,
    BlockFile,
    Checkpoint,
    EntryKind,
    Head,
    Request,
    Sections,
    Tile,
    block_file,
    build_block,
    check_note,
    format_blocks,
    format_note,
    format_request,
    hash_leaf,
    parse_block_file,
    parse_bundle,
    parse_indexes,
    parse_note,
    plan_append,
    prove_consistency,
    sign_checkpoint,
    tile_nodes,
)
from habeas.wire import DAY, HOUR, Instant

__all__ = ["try_everything"]

_MIRROR_PATIENCE = 10.0


def try_everything(log: StoryLog, ledger: Ledger, town: Town, at: Instant) -> LogStory:
    """Make every attempt on the log, from an instant on, and return what became of each."""
    with HttpSource(log.services.urls["mirror"]) as mirror:
        return _tried(log, _Insider(log, ledger, mirror), town, at)


def _tried(log: StoryLog, insider: _Insider, town: Town, at: Instant) -> LogStory:
    first, second = town.savers[town.savers_here], town.savers[town.savers_here + 1]
    write_person_keys(log.place / SAVER_KEYS, PersonKeyFile(origin=ORIGIN, keys=insider.keys(second)))
    steps = (
        insider.makes_a_pass(town.cast.positive),
        insider.decides_twice(first),
        insider.hides_a_decision(),
        insider.takes_a_pass_off(first, at.after(HOUR)),
        insider.withholds_a_renewal(second, at.after(16 * DAY)),
        insider.shows_two_logs(),
    )
    head, policy = _head(log.folder), log.services.policy
    names = {key: name for name, key in policy.witnesses.items()}
    cosigned = tuple(names[one.key] for one in check_note(head.note, names))
    return LogStory(entries=head.head.size, blocks=len(log.folder.blocks()), cosigned_by=cosigned, steps=steps)


class _Insider:
    """Somebody with all keys of the authority; each method is an attempt."""

    def __init__(self, log: StoryLog, ledger: Ledger, mirror: HttpSource) -> None:
        self._log, self._ledger, self._mirror = log, ledger, mirror
        self._gate: Synced | None = None

    def makes_a_pass(self, friend: Resident) -> LogStep:
        epoch = self._newest()
        now = CONSTANTS.begins(epoch)
        green = GateView(now=0, until=0, then=0, hint="")
        text = unlogged_pass(
            self.keys(friend), CONSTANTS, epoch=epoch, index=_head(self._log.folder).head.size - 1, view=green
        )
        answer = check_pass(text, self._synced().held(now), now)
        caught = (answer.verdict, answer.reason) == (Verdict.NO, "not-in-the-log")
        return LogStep(
            tried=f"A green pass for {friend.name}, who is red, for a decision that no block holds.",
            caught_by="the gate, offline",
            said=f"{answer.verdict.value}: {answer.reason}",
            row=1,
            promises=(Promise(words="a gate takes no pass whose decision is not in the log", held=caught),),
        )

    def decides_twice(self, saver: Resident) -> LogStep:
        epoch, newest = self._newest() + 1, self._log.press.newest(saver.subject)
        assert newest is not None, "everybody has a decision"  # noqa: S101
        opening = newest[1].opening
        red = replace(opening, view=replace(opening.view, now=3, until=epoch * CONSTANTS.epoch_seconds // HOUR + 48))
        begins = CONSTANTS.begins(epoch)
        entries = [decide(self.keys(saver), ORIGIN, epoch, begins, one).to_bytes() for one in (opening, red)]
        said, refused = self._put_to_checker(self._block(epoch, entries))
        return LogStep(
            tried=f"Two decisions for {saver.name} in one block: green for them to see, red for the gates.",
            caught_by="the checker, in public",
            said=said,
            row=20,
            promises=(Promise(words="no checker signs two decisions under one label", held=refused == "label"),),
        )

    def hides_a_decision(self) -> LogStep:
        epoch = self._newest() + 1
        entries = []
        for subject in sorted(self._subjects())[:5]:
            row, newest = self._log.keyring.at(subject, epoch), self._log.press.newest(subject)
            if row is not None and newest is not None:
                begins = CONSTANTS.begins(epoch)
                entries.append(decide(row.keys, ORIGIN, epoch, begins, newest[1].opening).to_bytes())
        block = self._block(epoch, entries)
        first = 1 + block.header.counts.plain
        rows = list(block.entries)
        rows[first], rows[first + 3] = rows[first + 3], rows[first]
        said, refused = self._put_to_checker(replace(block, entries=tuple(rows)))
        return LogStep(
            tried="A block whose decisions are not in their order, so that their people do not find them.",
            caught_by="the checker, in public",
            said=said,
            row=14,
            promises=(Promise(words="no checker signs a block out of order", held=refused in ("order", "label")),),
        )

    def takes_a_pass_off(self, saver: Resident, at: Instant) -> LogStep:
        """Supersede a saver's decision and log no new one: another's first decision makes up the count."""
        shown = self._pass(saver)
        self._log.press.takes_off, self._log.press.leaves_out = saver.subject, frozenset({saver.subject})
        newcomer = Enrol(subject=secrets.token_bytes(16), ref=secrets.token_bytes(32))
        self._ledger.commit([newcomer], at)
        self._log.press.takes_off, self._log.press.leaves_out = None, frozenset()
        now = int(self._ledger.last or at)
        before = check_pass(shown, self._synced().held(now), now)
        view = self._own_view(saver, now)
        alarm = next((one for one in view.alarms if one.code is AlarmCode.SUPERSEDED), None)
        after = before
        if alarm is not None and alarm.index is not None and alarm.epoch is not None:
            proof = make_abuse(self._public(), self.keys(saver), alarm.index, alarm.epoch)
            self._gate = void_line(self._synced(), proof)
            after = check_pass(shown, self._gate.held(now), now)
        return LogStep(
            tried=f"{saver.name}'s pass is taken off every gate, and no new decision is logged. No witness can see that.",
            caught_by=f"{saver.name}, at the next look-up; the proof makes the line void",
            said=f"gate: {_said(before)}; own view: {_named(view)}; gate with the proof: {_said(after)}",
            row=24,
            promises=(
                Promise(words="whose pass is taken off without a new decision sees it", held=alarm is not None),
                Promise(words="their proof opens the gate again", held=after.verdict is Verdict.YES),
            ),
        )

    def withholds_a_renewal(self, saver: Resident, at: Instant) -> LogStep:
        """Renew everybody's decision but one saver's."""
        self._log.press.leaves_out = frozenset({saver.subject})
        self._ledger.commit([Clock()], at)
        now = int(self._ledger.last or at)
        answer = check_pass(self._pass(saver), self._synced().held(now), now)
        view = self._own_view(saver, now)
        alarms = {one.code for one in view.alarms}
        self._log.press.leaves_out = frozenset()
        return LogStep(
            tried=f"No renewal for {saver.name}, whose pass is older than 14 days.",
            caught_by=f"{saver.name}, at the next look-up; silence counts for them",
            said=f"own view: {_named(view)}; gate: {_said(answer)}",
            row=24,
            promises=(
                Promise(words="a withheld renewal is seen", held=AlarmCode.NOT_RENEWED in alarms),
                Promise(words="and the old pass still opens gates", held=answer.verdict is Verdict.YES),
            ),
        )

    def shows_two_logs(self) -> LogStep:
        """Sign another log of the same size, and ask everybody to cosign it; then show it to one gate alone."""
        head = _head(self._log.folder).head
        false = sign_checkpoint(replace(head, root=hash_leaf(b"another log")), self._log.services.log)
        request = format_request(Request(old=head.size, path=(), checkpoint=false))
        answers = {name: self._post(name, request).status_code for name in (*WITNESSES, CHECKER)}
        kept = sum(bool(httpx.get(f"{self._log.services.urls[name]}/forks").json()) for name in answers)
        gate, refused = self._synced(), False
        try:
            sync(
                gate,
                lambda path: format_note(false) if path == "checkpoint" else self._fetch(path),
                self._log.services.policy_file,
            )
        except PassError:
            refused = True
        return LogStep(
            tried="A second log for one gate: another root for the same number of entries, signed with the log's own key.",
            caught_by="every witness; the gate, for want of a quorum",
            said=f"{list(answers.values()).count(409)} of {len(answers)} refuse, {kept} keep both as proof",
            row=20,
            promises=(
                Promise(
                    words="no witness signs two roots for one size",
                    held=set(answers.values()) == {httpx.codes.CONFLICT},
                ),
                Promise(words="a gate takes no checkpoint without a quorum", held=refused),
            ),
        )

    # What the attempts need ---------------------------------------------------------------------------------------

    def _subjects(self) -> set[bytes]:
        return {person.subject for person in self._ledger.state.registry.people()}

    def _newest(self) -> int:
        return self._log.folder.blocks()[-1][0]

    def keys(self, who: Resident) -> PersonKeys:
        row = self._log.keyring.at(who.subject, 1 << 31)
        assert row is not None, "everybody has keys"  # noqa: S101
        return row.keys

    def _fetch(self, path: str) -> bytes | None:
        return self._mirror(path)

    def _public(self) -> PublicLog:
        """Return the log as the mirror shows it, once the mirror has followed."""
        wanted = _head(self._log.folder).head.size
        late = time.monotonic() + _MIRROR_PATIENCE
        while True:
            data = self._fetch("checkpoint")
            if (
                data is not None and self._log.services.policy.check(parse_note(data)).head.size >= wanted
            ) or time.monotonic() > late:
                return open_log(self._fetch, self._log.services.policy)
            time.sleep(0.05)

    def _synced(self) -> Synced:
        """Return the station's gate after its next sync."""
        self._public()
        if self._gate is None:
            index = next(
                index
                for epoch, start in self._log.folder.blocks()
                for index, entry in enumerate(self._entries(epoch), start)
                if entry[0] == EntryKind.GATE_MANDATE
            )
            self._gate = sync(
                None, self._fetch, self._log.services.policy_file, key=self._log.authority.verifying, mandates=(index,)
            )
        else:
            self._gate = sync(self._gate, self._fetch, self._log.services.policy_file)
        return self._gate

    def _entries(self, epoch: int) -> list[bytes]:
        start = dict(self._log.folder.blocks())[epoch]
        tile = Tile(level=None, index=start >> 8)
        return parse_bundle(tile, self._log.folder.read(tile))

    def _pass(self, who: Resident) -> str:
        log, keys = self._public(), self.keys(who)
        return format_pass(pass_of(log, find_decision(log, keys), keys, ""))

    def _own_view(self, who: Resident, now: int) -> OwnView:
        return own_view(self._public(), self.keys(who), now=now)

    def _block(self, epoch: int, decisions: list[bytes]) -> Block:
        placed = self._placed()
        return build_block(
            Sections(decisions=decisions),
            epoch=epoch,
            height=CONSTANTS.height,
            after=placed,
            packs=parse_indexes(self._log.folder.read_list("packs", placed.header.epoch) or b""),
            policy=placed.header.policy,
        )

    def _placed(self) -> BlockFile:
        return parse_block_file(self._log.folder.fetch(f"block/{self._newest()}") or b"")

    def _put_to_checker(self, block: Block) -> tuple[str, str]:
        """Lay a block where the checker reads, ask it, take the block away again; return its words and the rule broken."""
        log, size = self._log, block.start
        growth = plan_append(size, block.entries, log.folder.read)
        files = public_files(Staged(block=block, growth=growth, file=block_file(block)))
        blocks = (*log.folder.blocks(), (block.header.epoch, size))
        files["log/blocks"] = format_blocks(blocks)
        had = {name: log.disk.read(name) for name in files}
        log.disk.write(files)
        log.services.set_clock(Instant(CONSTANTS.begins(block.header.epoch)))
        nodes = tile_nodes(log.folder.read, growth.size)
        note = sign_checkpoint(Head(origin=ORIGIN, size=growth.size, root=growth.root), log.services.log)
        request = Request(old=size, path=prove_consistency(nodes, size, growth.size), checkpoint=note)
        answer = self._post(CHECKER, format_request(request))
        for name, data in had.items():
            if data is None:
                log.disk.remove(name)
            else:
                log.disk.write({name: data})
        rules = [one["code"] for one in httpx.get(f"{log.services.urls[CHECKER]}/refusals").json()]
        return f"refused, {answer.json()['detail']}", rules[-1] if rules else ""

    def _post(self, name: str, body: bytes) -> httpx.Response:
        return httpx.post(f"{self._log.services.urls[name]}/add-checkpoint", content=body, timeout=30)


def _head(folder: LogFolder) -> Checkpoint:
    published = folder.published
    assert published is not None, "the log has blocks by now"  # noqa: S101
    return published


def _said(answer: Answer) -> str:
    return f"{answer.verdict.value} ({answer.reason})"


def _named(view: OwnView) -> str:
    return ", ".join(sorted(one.code.value for one in view.alarms)) or "nothing to see"
