"""People a second on one core: derived from what is held, and written through the ledger into SQLite.

    ./dev bench derive [PEOPLE …]

Pure: hold, claims and the code at one instant, for everybody of a made-up town. Beside it, as the baseline of the same run, one
Ed25519 check of a signature for each person. SQLite: the whole view of decisions derived anew and written (`rebuild`).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from _report import peak_mib, report
from habeas.ledger import GrantMandate, Ledger, PublishPack, Submit
from habeas.stores import SqliteStore
from habeas.synthetic import make_town
from habeas.wire import Algorithm, make_signing_key, parse_instant

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
AT = parse_instant("2022-06-12T21:04+08:00")
PACK = Path(__file__).parents[1] / "packs" / "cn-henan-2021-2.yaml"


def measure(people: int, folder: Path) -> dict[str, object]:
    """Return one row: a town of so many people, from admission to derivation."""
    town = make_town(people=people)
    with SqliteStore(folder / f"{people}.sqlite") as store:
        ledger = Ledger(store)
        ledger.commit([PublishPack(text=PACK.read_text())], parse_instant("2022-04-01T00:00+08:00"))
        started, statements = time.process_time(), 0
        for batch in town.batches():
            statements += len(batch.statements)
            grants = [GrantMandate(mandate=mandate) for mandate in batch.mandates]
            ledger.commit([*grants, *batch.enrolments, *(Submit(data=data) for data in batch.statements)], batch.at)
        admitted = time.process_time() - started
        subjects = [person.subject for person in ledger.state.registry.people()]
        started = time.process_time()
        for subject in subjects:
            ledger.derivation(subject).at(AT)
        pure = time.process_time() - started
        started = time.process_time()
        rows = ledger.rebuild()
        through = time.process_time() - started
    return {
        "people": len(subjects),
        "statements": statements,
        "admitted and decided, statements/s": round(statements / admitted),
        "pure, people/s": round(len(subjects) / pure),
        "people in one signature check": round(len(subjects) / pure * signature_seconds(), 2),
        "through SQLite, people/s": round(len(subjects) / through),
        "decisions": rows,
        "peak MiB": peak_mib(),
    }


def signature_seconds(times: int = 3_000) -> float:
    """Return the seconds of one Ed25519 check: the baseline."""
    key = make_signing_key(Algorithm.EDDSA, bytes(32))
    signature = key.sign(bytes(300))
    started = time.process_time()
    for _ in range(times):
        key.verifying.check(bytes(300), signature)
    return (time.process_time() - started) / times


def main() -> None:
    """Measure every size and report."""
    sizes = tuple(int(word) for word in sys.argv[1:]) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(people, Path(folder)) for people in sizes]
    report("derive", "Deriving codes on one core (process time)", rows)


if __name__ == "__main__":
    main()
