"""The log in the demo: what somebody who holds every key of the authority tries, and who catches it, each measured.

The attempts are real: blocks are built, signed with the log's own key and put to the processes that stand for witnesses,
checker and mirror. Nothing here is told that did not come back from them, from a gate's answer or from a person's own view.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from habeas.cli._story_services import ORIGIN, Services, running_services
from habeas.ledger import Ledger, LogGateMandate, OpeningRow, Press, State
from habeas.mandates import GateClass, GateMandate
from habeas.stores import Disk, Event, FolderDisk, Keyring, LogFolder
from habeas.synthetic import CITY
from habeas.tlog import (
    Constants,
)
from habeas.wire import Algorithm, Instant, SigningKey, Span, make_signing_key, parse_instant

__all__ = ["CONSTANTS", "LOG", "LOG_FILES", "POLICY", "SAVER_KEYS", "StoryLog", "story_log"]

LOG, POLICY, SAVER_KEYS = "log", "policy", "saver.keys"
_WATCHERS, _KEYS = "watchers", "keys.sqlite"
LOG_FILES = (LOG, _WATCHERS, _KEYS, f"{_KEYS}-journal", SAVER_KEYS)
"""What a demo's log leaves in its folder."""

CONSTANTS = Constants(origin=ORIGIN, epoch_seconds=60, height=8, pool_minimum=0)
_GATE_FROM = parse_instant("2022-05-10T00:00+08:00")
_STATION = GateMandate(
    place="Anhe Railway Station, south entrance",
    area=CITY,
    hours=(0, 1440),
    purpose="entry to the platforms",
    gate_class=GateClass.ORDINARY,
    lane="the counter to the left of the gate",
    time=Span(_GATE_FROM, parse_instant("2022-12-31T00:00+08:00")),
    body="health-commission",
    offset=480,
    lets_in=1,
)
_SEED_BYTES = 32


class InsiderPress(Press):
    """A press whose owner can leave people out: what nobody but they can see. Without orders it is the honest one."""

    leaves_out: frozenset[bytes] = frozenset()
    takes_off: bytes | None = None
    tick: Callable[[Instant], None] = staticmethod(lambda _: None)

    def publish(self, state: State, events: Sequence[Event], touched: Iterable[bytes] | None) -> None:
        """Let everybody's clock be the block's, then publish."""
        self.tick(events[0].at)
        super().publish(state, events, touched)

    def _candidates(self, state: State, at: Instant, touched: Iterable[bytes] | None) -> set[bytes]:
        return super()._candidates(state, at, touched) - self.leaves_out

    def _superseded(self, rows: Iterable[OpeningRow], at: Instant) -> list[int]:
        found, newest = super()._superseded(rows, at), self.newest(self.takes_off) if self.takes_off else None
        return [*found, newest[0]] if newest else found


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLog:
    """The log of the demo while it runs."""

    services: Services
    press: InsiderPress
    folder: LogFolder
    disk: Disk
    keyring: Keyring
    authority: SigningKey
    place: Path

    def found_gate(self, ledger: Ledger) -> None:
        """Log the mandate of the station's gate, in time for its notice to be over."""
        ledger.commit([LogGateMandate(mandate=_STATION)], _GATE_FROM)


@contextmanager
def story_log(folder: Path) -> Iterator[StoryLog]:
    """Run the log and its services in a folder, and end them with the block."""
    authority = make_signing_key(Algorithm.EDDSA, secrets.token_bytes(_SEED_BYTES))
    place = folder / LOG
    with (
        running_services(folder / _WATCHERS, place / "log", authority.verifying) as services,
        FolderDisk(place, durable=False) as disk,
        Keyring(folder / _KEYS) as keyring,
    ):
        (place / POLICY).write_bytes(services.policy_file)
        log = LogFolder(disk, services.log.key)
        press = InsiderPress(
            log,
            keyring,
            constants=CONSTANTS,
            signer=services.log,
            authority=authority,
            policy=services.policy_file,
            notary=services.notary(),
        )
        press.tick = services.set_clock
        yield StoryLog(
            services=services, press=press, folder=log, disk=disk, keyring=keyring, authority=authority, place=folder
        )
