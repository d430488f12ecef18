"""The case beside a province's ordinary day: 200,000 honest statements and 1,317 forged ones, admitted and derived.

    ./dev bench admit [STATEMENTS]

Time and memory of one process over SQLite: every signature checked, every batch decided and told. Then what the forged ones did.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

from _report import peak_mib, report
from habeas.evidence import SAMPLE_BYTES, Method, Result, TestResult
from habeas.ledger import Entry, GrantMandate, Ledger, PublishPack, Submit
from habeas.rules import Code, Effect
from habeas.stores import SqliteStore
from habeas.synthetic import CODED, MOST_PEOPLE, Batch, Town, forged_entries, make_town
from habeas.wire import HOUR, parse_instant

HONEST = 200_000
PACK = Path(__file__).parents[1] / "packs" / "cn-henan-2021-2.yaml"


def commit(ledger: Ledger, batch: Batch) -> None:
    """Put a batch of the town in, at most 10,000 statements at once."""
    grants = [GrantMandate(mandate=mandate) for mandate in batch.mandates]
    entries: list[Entry] = [*grants, *batch.enrolments, *(Submit(data=data) for data in batch.statements)]
    for start in range(0, len(entries), 10_000):
        ledger.commit(entries[start : start + 10_000], batch.at)


def screening(town: Town, count: int) -> Batch:
    """Return a round of clear tests in the morning of 12 June, for so many people, by the town's laboratories."""
    at, labs = CODED.after(-9 * HOUR), town.offices.laboratories
    data = []
    for number, who in enumerate(itertools.islice(itertools.cycle(town.residents()), count)):
        sample = (number + 1).to_bytes(SAMPLE_BYTES)
        facts = TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=sample)
        data.append(labs[number % len(labs)].sign(facts, who.ref, at.after(-4 * HOUR), at.after(-HOUR)))
    return Batch(at=at, statements=tuple(data))


def main() -> None:
    """Measure and report."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else HONEST
    town = make_town(people=min(max(2_000, wanted), MOST_PEOPLE))
    batches = list(town.batches())
    honest = sum(len(batch.statements) for batch in batches)
    if honest < wanted:
        batches.append(screening(town, wanted - honest))
        honest = wanted
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "town.sqlite") as store:
        ledger = Ledger(store)
        ledger.commit([PublishPack(text=PACK.read_text())], parse_instant("2022-04-01T00:00+08:00"))
        before, started, cpu = peak_mib(), time.monotonic(), time.process_time()
        for batch in batches:
            commit(ledger, batch)
        honest_seconds = time.monotonic() - started
        forged = forged_entries(town)
        commit(ledger, forged)
        seconds, cpu = time.monotonic() - started, time.process_time() - cpu
        at = ledger.last or forged.at
        found = [ledger.derivation(who.subject) for who in town.savers]
        row: dict[str, object] = {
            "honest statements": honest,
            "seconds": round(honest_seconds, 1),
            "forged": len(forged.statements),
            "seconds for these": round(seconds - honest_seconds, 2),
            "statements/s": round((honest + len(forged.statements)) / seconds),
            "of it CPU": round(cpu / seconds, 2),
            "peak MiB": peak_mib(),
            "before MiB": before,
            "barred by them": sum(_closed(one.at(at).code) for one in found),
            "asked to test": sum(not _closed(one.at(at).code) and bool(one.at(at).grounds) for one in found),
            "after 48 h": sum(bool(one.at(at.after(48 * HOUR)).grounds) for one in found),
        }
    report("admit", "Admitted and derived through SQLite, one process", [row])


def _closed(code: Code | None) -> bool:
    return code is not None and code.effect is Effect.CLOSED


if __name__ == "__main__":
    main()
