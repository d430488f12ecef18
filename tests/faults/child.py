"""A process of its own that appends to a log and lets it break in one way after the other, each in a process below it.

After each it opens the log again in whole circumstances, and calls the oracle. It says in JSON how often what came of it.
"""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from faults.breaking import CALLS, BreakingCalls, BreakingDisk, When, die, fail
from faults.logs import SIGNER, Seen, append, check_log, start_log
from habeas.stores import Disk, FolderDisk, LogFolder, StoreBusyError, StoreError

_BLOCKS = 2
_PAGE = 4096


def main() -> None:
    what, where, *words = sys.argv[1:]
    ways: dict[str, Callable[..., None]] = {
        "operations": operations,
        "calls": calls,
        "small_files": small_files,
        "small_disk": small_disk,
        "go_on": go_on,
        "share": share,
    }
    ways[what](Path(where), *words)


def apart(work: Callable[[], None]) -> str:
    """Do work in a process below this one, and return how it ended: well, with which error of the store, or killed."""
    errors = {number: one.__name__ for number, one in enumerate(_errors(StoreError), 10)}
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        except StoreError as error:
            code = next(number for number, name in errors.items() if name == type(error).__name__)
        except BaseException:  # noqa: BLE001 - a process ends here
            traceback.print_exc()
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    ends = {0: "done", -9: "killed"} | errors
    return ends[code]  # any other has been traced


def _errors(of: type[StoreError]) -> list[type[StoreError]]:
    return sorted({of, *(two for one in of.__subclasses__() for two in _errors(one))}, key=lambda one: one.__name__)


class Town:
    """A log that is put back as it was before each case."""

    def __init__(self, where: Path) -> None:
        self._kept, self.path, self._where = where / "kept", where / "log", where
        self.seen = Seen(where / "seen")
        self.ends: Counter[str] = Counter()
        self._cases = 0
        start_log(self._kept, Seen(where / "seen before"), _BLOCKS)

    def case(self, work: Callable[[object], None]) -> str:
        """Let a process break, find its log whole, and let it go on; return how the process ended."""
        self._cases += 1
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(self._kept, self.path)
        shutil.copy(self._where / "seen before", self._where / "seen")
        end = apart(lambda: work(self._cases))
        self.ends[end] += 1
        found = check_log(self.path, self.seen)
        assert _BLOCKS <= found <= _BLOCKS + 2, found
        assert end != "done" or found == _BLOCKS + 2
        with FolderDisk(self.path) as disk:
            append(LogFolder(disk, SIGNER.key), self.seen, "after")
        assert check_log(self.path, self.seen) == found + 1
        return end

    def grow(self, run: object, wrap: Callable[[FolderDisk], Disk] = lambda disk: disk) -> None:
        """Append two blocks."""
        with FolderDisk(self.path) as disk:
            used = wrap(disk)
            for number in range(2):
                append(LogFolder(used, SIGNER.key), self.seen, (run, number))

    def say(self) -> None:
        print(json.dumps(self.ends))  # noqa: T201 - it is asked for


def operations(where: Path, act: str, *whens: str) -> None:
    """Break at every operation of the disk, before it, in the midst of it or after it, by a kill or a failure."""
    town = Town(where)
    for when in map(When.__getitem__, whens):
        at, end = 0, ""
        while end != "done":
            at += 1

            def work(run: object, at: int = at, when: When = when) -> None:
                town.grow(run, lambda disk: BreakingDisk(disk, at, when, die if act == "kill" else fail))

            end = town.case(work)
    town.say()


def calls(where: Path, name: str, what: str, step: str) -> None:
    """Break at calls of the C library, every `step`-th: kill at it, let it fail once, or from then on."""
    town = Town(where)
    names = CALLS if name == "any" else {name: CALLS[name]}
    number = 0 if what == "kill" else getattr(errno, what.removesuffix("+"))
    at, end = 1, ""
    while end != "done":

        def decide(count: int, at: int = at) -> int:
            if what == "kill" and count == at:
                die()
            return number if count == at or (what.endswith("+") and count > at) else 0

        def work(run: object, decide: Callable[[int], int] = decide) -> None:
            with BreakingCalls(names, decide) as broken:
                town.grow(run)
            assert broken.calls

        end = town.case(work)
        at += int(step)
    town.say()


def small_files(where: Path, step: str) -> None:
    """Let no file grow beyond a limit, one `step` larger each time."""
    town = Town(where)
    limit, end = 0, ""
    while end != "done":
        limit += int(step)

        def work(run: object, limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            town.grow(run)

        end = town.case(work)
    town.say()


def small_disk(where: Path) -> None:
    """Fill a small disk but for a few pages, some more each time, and make room again before the oracle looks."""
    town = Town(where)
    ballast = where / "ballast"
    pages, end = 0, ""
    while end != "done":

        def work(run: object, pages: int = pages) -> None:
            try:
                with ballast.open("wb", buffering=0) as file:
                    room = os.statvfs(where).f_bavail * os.statvfs(where).f_frsize
                    file.write(bytes(max(0, room - pages * _PAGE)))
                town.grow(run)
            finally:
                ballast.unlink()

        end = town.case(work)
        pages += 3
    town.say()


def go_on(where: Path) -> None:
    """Append one block after the other until killed, and say how many there are when one is published."""
    seen, run = Seen(where / "seen"), random.getrandbits(64)
    with FolderDisk(where / "log") as disk:
        folder = LogFolder(disk, SIGNER.key)
        while True:
            append(folder, seen, run)
            os.write(1, f"{len(folder.blocks())}\n".encode())


def share(where: Path, until: str) -> None:
    """Append blocks in turns with whoever else does."""
    seen, run = Seen(where / "seen"), os.getpid()
    while True:
        try:
            with FolderDisk(where / "log") as disk:
                folder = LogFolder(disk, SIGNER.key)
                if len(folder.blocks()) >= int(until):
                    return
                append(folder, seen, run)
                os.write(1, f"{len(folder.blocks())}\n".encode())
        except StoreBusyError:
            continue


if __name__ == "__main__":
    main()
