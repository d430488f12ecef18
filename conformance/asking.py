"""Feeds lines to an implementation and takes its answers, whatever it does: too many, none, too late, or its own end.

All lines of a batch are written at once, which is how programs talk to it and what would bring answers out of order. If
then the answers are not as many as the lines, the batch is asked again line by line, each answer awaited before the next
line, so that the fault is found at its line; a process that ended is started again for the next.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cases import Batch, Case, Once, parse_answer, same

__all__ = ["Asker"]

MAX_ANSWER_BYTES = 1 << 24
MOST_TIMEOUTS = 3
"""After so many lines of a batch without an answer the rest is not asked: the whole would take hours."""

_MOMENT = 0.02  # how long a second answer to one line is waited for, line by line
_REFUSALS = (1, 2)
_UNCAUGHT = ("Traceback (most recent call last)", "Exception in thread ", "panicked at ", "panic: ", "\n    at ")
"""What Python, Java, Rust, Go and Node print when a program broke down: it has not refused anything."""


class _Process:
    """A running implementation; a thread each writes to it and reads from it, so that every wait for it can end."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            list(command), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            start_new_session=True,
        )  # fmt: skip
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def _write(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin:  # it has ended: the answer that is missing says so
            while (data := self._lines.get()) is not None:
                self._process.stdin.write(data)
                self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            while line := self._process.stdout.readline(MAX_ANSWER_BYTES):
                self._answers.put(line)
        self._answers.put(None)

    def send(self, data: bytes) -> None:
        """Have it written, without waiting for anybody to read it."""
        self._lines.put(data)

    def close(self) -> None:
        """Say that there are no more lines."""
        self._lines.put(None)

    def next(self, seconds: float) -> bytes | None:
        """Return the next line of output, None at its end; raises `queue.Empty` when none comes in time."""
        line = self._answers.get(timeout=seconds)
        if line is None:
            self._answers.put(None)  # the end stays the end
        return line

    def ended(self, seconds: float) -> int:
        """Return the exit code; raises `subprocess.TimeoutExpired`."""
        return self._process.wait(timeout=seconds)

    def last_words(self) -> str:
        """Return the end of what it wrote to stderr."""
        self._errors.seek(0)
        return self._errors.read(1 << 20).decode(errors="replace").strip()[-300:]

    def stop(self) -> None:
        """End it and what it started, whatever they are doing."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.close()
        for thread in self._threads:
            thread.join(1)  # what left the group may hold the pipes for ever: then its thread is left to it
        self._errors.close()


class Asker:
    """An implementation: its command, and how many seconds it may take for one answer."""

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self._command = tuple(command)
        self._seconds = seconds

    def ask(self, batch: Batch) -> dict[str, str]:
        """Return by case what is wrong with its answer, nothing if it is right."""
        lines, fault = self._all_at_once(batch)
        found = {f"{batch.id}/all-at-once": fault}
        if fault:
            return found | self._one_by_one(batch)
        return found | {case.id: _judged(case, line) for case, line in zip(batch.cases, lines, strict=True)}

    def manners(self, batch: Batch) -> dict[str, str]:
        """Return by case what is wrong with how it takes lines: none, one by one, the last without its end."""
        first, second, *_ = batch.cases
        with self._started(batch) as process:
            answers, fault = [], ""
            for case in (first, second, first):
                process.send(case.line + b"\n")
                answers.append(self._answer(process))
                fault = fault or answers[-1][1] or _judged(case, answers[-1][0])
            process.close()
            fault = fault or self._end(process)
        no_end, said = self._talk(batch, second.line + b"\n" + first.line)
        none, nothing = self._talk(batch, b"")
        return {
            f"{batch.id}/one-by-one": fault,
            f"{batch.id}/last-line-without-end": said or ("" if len(no_end) == len(("a", "b")) else _count(no_end, 2)),
            f"{batch.id}/no-line": nothing or ("" if not none else _count(none, 0)),
        }

    def run(self, once: Once) -> str:
        """Return what is wrong with the one document that a process prints, nothing if it is right."""
        try:
            ran = subprocess.run(
                [*self._command, *once.words],
                cwd=once.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=10 * self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no end after {10 * self._seconds:g} seconds"
        if once.document is None:
            return _refused(ran)
        if ran.returncode:
            return f"exit code {ran.returncode}: {ran.stderr.decode(errors='replace').strip()[-300:]}"
        try:
            document = parse_answer(ran.stdout)
        except ValueError as error:
            return str(error)
        return "" if same(document, once.document) else "another document"

    def _all_at_once(self, batch: Batch) -> tuple[list[bytes], str]:
        lines, fault = self._talk(batch, b"".join(case.line + b"\n" for case in batch.cases))
        if not fault and len(lines) != len(batch.cases):
            fault = _count(lines, len(batch.cases))
        return lines, fault

    def _talk(self, batch: Batch, data: bytes) -> tuple[list[bytes], str]:
        """Write everything, read everything; return the lines and what is wrong."""
        with self._started(batch) as process:
            process.send(data)
            process.close()
            lines: list[bytes] = []
            try:
                while (line := process.next(self._seconds)) is not None:
                    lines.append(line)
                    if len(lines) > 2 * len(batch.cases) + 2:
                        return lines, f"{len(lines)} answers and more to {len(batch.cases)} lines"
            except queue.Empty:
                return (
                    lines,
                    f"{len(lines)} answers to {len(batch.cases)} lines, then none for {self._seconds:g} seconds",
                )
            return lines, self._end(process)

    def _one_by_one(self, batch: Batch) -> dict[str, str]:
        found: dict[str, str] = {}
        waiting = iter(batch.cases)
        late = 0
        while late < MOST_TIMEOUTS and (rest := tuple(waiting)):
            waiting = iter(rest)
            with self._started(batch) as process:
                for case in waiting:
                    process.send(case.line + b"\n")
                    line, fault = self._answer(process)
                    found[case.id] = fault or _judged(case, line)
                    if fault:
                        late += "seconds" in fault
                        break  # what it may still say belongs to no line: start anew
        return found | {case.id: "not asked: too many lines before had no answer" for case in waiting}

    def _answer(self, process: _Process) -> tuple[bytes, str]:
        """Return the one answer to a line that was sent, and what is wrong with there being one."""
        try:
            line = process.next(self._seconds)
        except queue.Empty:
            return b"", f"no answer in {self._seconds:g} seconds"
        if line is None:
            return b"", f"it ended instead of answering. {process.last_words()}".strip()
        with suppress(queue.Empty):
            more = process.next(_MOMENT)
            return line, "two answers to one line" if more is not None else ""
        return line, ""

    def _end(self, process: _Process) -> str:
        try:
            code = process.ended(self._seconds)
        except subprocess.TimeoutExpired:
            return f"no end within {self._seconds:g} seconds of the last line's"
        return f"exit code {code}. {process.last_words()}".strip() if code else ""

    @contextmanager
    def _started(self, batch: Batch) -> Iterator[_Process]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) if batch.files else batch.folder
            for file, content in batch.files:
                (folder / file).write_bytes(content)
            process = _Process((*self._command, *batch.words), folder)
            try:
                yield process
            finally:
                process.stop()


def _refused(ran: subprocess.CompletedProcess[bytes]) -> str:
    """Return what is wrong with how a process refused: it must say so to people, and not break down."""
    said = ran.stderr.decode(errors="replace").strip()
    if ran.returncode not in _REFUSALS:
        return f"exit code {ran.returncode}, where it must refuse with 1 or 2. {said[-300:]}".strip()
    if ran.stdout:
        return "it refused, and yet wrote to stdout"
    if not said:
        return "it refused without a message on stderr"
    return f"it broke down, where it must refuse: {said[-300:]}" if any(mark in said for mark in _UNCAUGHT) else ""


def _judged(case: Case, line: bytes) -> str:
    try:
        if not line.endswith(b"\n"):
            return "an answer without its line's end, or of more than 16 MiB"
        return case.judge(parse_answer(line))
    except ValueError as error:
        return f"no JSON object on a line: {error}"


def _count(lines: Sequence[bytes], wanted: int) -> str:
    return f"{len(lines)} answers to {wanted} lines"
