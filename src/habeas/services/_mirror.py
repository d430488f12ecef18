"""A mirror: a copy of a log that anybody can keep, from whatever addresses have it, and that sees when the log is two.

A checkpoint is taken only under the policy's quorum and only if its tree begins with the copy's. Blocks are laid first, the
checkpoint last, each durable before the next. Two checkpoints that contradict each other are kept as `forks/<id>`, and
from then on the mirror follows nothing: which of the two logs is the log is for people to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from habeas.services._checker import only_log
from habeas.services._copy import Copy
from habeas.services._fork import Fork, format_fork, parse_fork
from habeas.services._fork_search import contradiction
from habeas.services._source import Source
from habeas.services._survey import check_lists, needed, survey, take
from habeas.services.errors import ForkedLogError, ForkFileError, SourceError
from habeas.stores import Disk
from habeas.tlog import Checkpoint, Policy, TlogError, parse_note

__all__ = ["Mirror"]


class Mirror:
    """A mirror of the one log of a policy. One thread follows; any may read the folder meanwhile."""

    def __init__(self, disk: Disk, policy: Policy, sources: Sequence[Source]) -> None:
        self._disk = disk
        self._policy = policy
        self._sources = tuple(sources)
        self._key = policy.logs[only_log(policy)]
        self._copy = Copy(disk, self._key)
        self.trouble: list[str] = []
        """What was wrong with which source, the last time."""

    @property
    def copy(self) -> Copy:
        """The copy that it serves."""
        return self._copy

    def follow(self) -> Checkpoint:
        """Take over what is new, and return the newest checkpoint that the copy has.

        Raises `ForkedLogError`, `SourceError` if no source has a checkpoint under quorum that could be taken over, and
        `StoreError`s. What was there before stands after each of them.
        """
        self._check_forks()
        self.trouble = []
        offered = self._offered()
        for checkpoint, source in offered:
            had = self._copy.checkpoint()
            try:
                if had is None or checkpoint.head.size > had.head.size:
                    self._take_over(checkpoint, source, had)
                elif (fork := contradiction(self._copy.fetch, checkpoint, had)) is not None:
                    self._stop(fork)
            except (SourceError, TlogError) as error:
                self.trouble.append(f"{source.name}: {error}")
        found = self._copy.checkpoint()
        if found is None or len(self.trouble) >= len(self._sources):
            raise SourceError("; ".join(self.trouble) or "no source was given")
        return found

    def _offered(self) -> list[tuple[Checkpoint, Source]]:
        """Return what the sources have under quorum, the largest first."""
        out: list[tuple[Checkpoint, Source]] = []
        for source in self._sources:
            try:
                out.append((self._policy.check(parse_note(needed(source, "checkpoint"))), source))
            except (SourceError, TlogError) as error:
                self.trouble.append(f"{source.name}: {error}")
        return sorted(out, key=lambda one: -one[0].head.size)

    def _take_over(self, checkpoint: Checkpoint, source: Source, had: Checkpoint | None) -> None:
        size = had.head.size if had else 0
        try:
            files = survey(source, self._copy.tree(size), checkpoint.head)
        except SourceError:
            self._look_for_fork(checkpoint, source, had)
            raise
        chain = self._copy.chain(size)
        for file in files:
            taken = take(source, file)
            check_lists(taken, chain)
            self._copy.add(taken, {})
            chain = file.header.chain
        self._copy.publish(checkpoint.note)

    def _look_for_fork(self, checkpoint: Checkpoint, source: Source, had: Checkpoint | None) -> None:
        """Stop if the source's own tiles show that its checkpoint's tree does not begin with ours; else it serves badly."""
        if had is None:
            return
        try:
            fork = contradiction(source, had, checkpoint)
        except (ForkFileError, SourceError, TlogError):
            return
        if fork is not None:
            self._stop(fork)

    def _stop(self, fork: Fork) -> None:
        self._disk.write({f"forks/{fork.id}": format_fork(fork)})
        raise ForkedLogError(fork)

    def _check_forks(self) -> None:
        for name in self._disk.names("forks"):
            raise ForkedLogError(parse_fork(self._disk.read(name) or b"", self._key))
