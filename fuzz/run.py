"""Coverage-guided fuzzing of every parser: a table here, a line of JSON a slice in `fuzz/results/`.

    ./dev fuzz [PARSER [SECONDS]]     each parser, or one, for so long (60 s)
    ./dev fuzz PARSER FILE            one input, such as a crash's, with its traceback
    ./dev fuzz --hours N              all in turn, again and again, evenly, for so long
    ./dev fuzz report                 what was done in all

Nothing of Habeas is imported here: each slice is a process of its own, and so runs the code as it is then.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from _results import Slice, add_slice, as_markdown, read_slices, show, totals
from _tally import Tally

HERE = Path(__file__).parent
CORPUS, CRASHES, RESULTS = HERE / "corpus", HERE / "crashes", HERE / "results"
SLICES = RESULTS / "slices.jsonl"

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - files in memory, where there is such a folder
_SECONDS = 60
_SHORT_SECONDS, _LONG_SECONDS = 30, 240
"""A slice in the first round of many, so that what lies open shows soon; each round is twice as long, up to the second."""
_GRACE = 240
_PAUSE = 10
_AGAIN_AFTER = 60
_PROGRESS = re.compile(r"cov: (\d+) ft: (\d+)")
_MEMORY = re.compile(r"(?:stat::peak_rss_mb:\s+|rss: )(\d+)")
_ENDS = {0: "done", 70: "time", 71: "memory", 77: "crash"}
"""libFuzzer's exit codes."""


def main() -> int:
    """Do what the arguments say; 1 if anything crashed."""
    options = _options()
    signal.signal(signal.SIGTERM, _stop)
    if options.parser == "report":
        return _report("Fuzzing in all", list(read_slices(SLICES)), keep=True)
    if options.seconds and not options.seconds.isdecimal():
        return subprocess.run(
            [sys.executable, HERE / "_once.py", options.parser, options.seconds], check=False
        ).returncode
    if options.hours:
        return _report("Fuzzing, in turn", _in_turn(time.monotonic() + 3600 * options.hours))
    targets = _planted()
    if options.parser and options.parser not in targets:
        sys.stderr.write(f"fuzz: there is no {options.parser}; there is: {', '.join(targets)}\n")
        return 2
    names = [options.parser] if options.parser else list(targets)
    return _report("Fuzzing", [_slice(name, targets[name], int(options.seconds or _SECONDS)) for name in names])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parser", nargs="?", help="one target; `report` sums up what was done")
    parser.add_argument("seconds", nargs="?", help="seconds for each, or the file of one input")
    parser.add_argument("--hours", type=float, help="go on with all in turn for so long")
    return parser.parse_args()


def _in_turn(deadline: float) -> list[Slice]:
    """Give every target a slice, again and again; targets and seeds are looked up anew each time round."""
    done: list[Slice] = []
    seconds = _SHORT_SECONDS
    while time.monotonic() < deadline:
        try:
            targets = _planted()
        except subprocess.CalledProcessError:  # the code is being changed just now
            time.sleep(_AGAIN_AFTER)
            continue
        for name, limits in targets.items():
            left = int(deadline - time.monotonic())
            if left <= 0:
                break
            done.append(_slice(name, limits, min(seconds, left)))
        seconds = min(2 * seconds, _LONG_SECONDS)
    return done


def _planted() -> dict[str, Mapping[str, int]]:
    CORPUS.mkdir(exist_ok=True)
    made = subprocess.run(
        [sys.executable, HERE / "_plant.py", CORPUS], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    found: dict[str, Mapping[str, int]] = json.loads(made.stdout)
    return found


def _slice(name: str, limits: Mapping[str, int], seconds: int) -> Slice:
    """Run one target in a process of its own, and write down what came of it."""
    CRASHES.mkdir(exist_ok=True)
    RESULTS.mkdir(exist_ok=True)
    log = RESULTS / f"{name}.log"
    started = datetime.now(UTC)  # noqa: TID251 - a record of work, no part of the core
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        tally = Tally.make(Path(folder))
        environment = {**os.environ, "TMPDIR": folder}  # a target that needs a file writes it there
        with log.open("wb") as file:
            command = _command(name, limits, seconds, folder)
            process = subprocess.Popen(command, stdout=file, stderr=file, cwd=HERE, env=environment)
            try:
                code, paused = _wait(process, seconds + _GRACE)
            finally:
                process.kill()
                process.wait()
        counts, places = tally.counts(), tally.places()
    said = log.read_text(encoding="utf-8", errors="replace")
    progress = _PROGRESS.findall(said)
    one = {
        "target": name,
        "at": started.isoformat(timespec="seconds"),
        **counts,
        "places": places,
        "coverage": int(progress[-1][0]) if progress else 0,
        "features": int(progress[-1][1]) if progress else 0,
        "peak_mib": max((int(mib) for mib in _MEMORY.findall(said)), default=0),
        "ended": _ended(code, paused=paused) if counts["executions"] else "not started",
    }
    add_slice(SLICES, one)
    print(f"{one['at']} {name}: {counts['executions']:,} executions, {len(places)} crashes, {one['ended']}", flush=True)
    return one


def _wait(process: subprocess.Popen[bytes], seconds: int) -> tuple[int, bool]:
    """Return the exit code of a slice, and whether it was paused; it is given so many seconds beside any pause."""
    started = time.monotonic()
    waited = 0
    code: int | None = None
    while code is None and waited < seconds:
        waited += 1
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(1)
    paused = time.monotonic() - started > waited + _PAUSE
    return (-signal.SIGKILL if code is None else code), paused


def _ended(code: int, *, paused: bool) -> str:
    said = _ENDS.get(code, f"exit {code}")
    return "paused" if paused and said == "time" else said  # the engine's clock went on meanwhile


def _command(name: str, limits: Mapping[str, int], seconds: int, folder: str) -> list[str]:
    words = CORPUS / f"{name}.dict"
    return [
        sys.executable,
        str(HERE / "_slice.py"),
        name,
        folder,
        str(CRASHES),
        f"-max_total_time={seconds}",
        f"-max_len={limits['max_bytes']}",
        "-len_control=0",  # documents are long; the engine would begin with a few bytes
        f"-rss_limit_mb={limits['memory_mib']}",
        f"-timeout={limits['input_seconds']}",
        f"-artifact_prefix={CRASHES}/{name}-",
        "-print_final_stats=1",
        *([f"-dict={words}"] if words.stat().st_size else []),
        str(CORPUS / name),
    ]


def _report(title: str, slices: list[Slice], *, keep: bool = False) -> int:
    rows = totals(slices)
    if not rows:
        sys.stderr.write("fuzz: nothing was fuzzed yet; `./dev fuzz --hours 1` begins\n")
        return 2
    show(title, rows)
    if keep:
        (RESULTS / "totals.json").write_text(json.dumps(rows, indent=1) + "\n")
        (RESULTS / "totals.md").write_text(as_markdown(rows))
    last = {(one["target"], place): one["at"] for one in slices for place in one["places"]}
    for (name, place), at in sorted(last.items()):
        print(f"{name}: {place}, last at {at}")
    if keep:
        _ask_again([str(row["parser"]) for row in rows])
    return int(any(row["crashes"] or row["broken off"] for row in rows))


def _ask_again(names: list[str]) -> None:
    """Say of each input that was kept whether it still fails."""
    for path in sorted(CRASHES.glob("*")):
        name = max((name for name in names if path.name.startswith(f"{name}-")), key=len, default="")
        if name and path.suffix != ".txt":
            ran = subprocess.run([sys.executable, HERE / "_once.py", name, path], check=False, capture_output=True)
            print(f"{path.relative_to(HERE.parent)}: {'STILL FAILS' if ran.returncode else 'fails no more'}")


def _stop(_signal: int, _frame: object) -> NoReturn:
    sys.exit(143)  # through every `finally`: the slice that runs is ended, too


if __name__ == "__main__":
    sys.exit(main())
