"""`habeas person hand-over`: a certificate at a counter, from its holder and for nobody else.

The officer sees whom a certificate names, and only after that, and with a word of their own, is it logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from habeas.certificates import (
    SHC_PREFIX,
    Certificate,
    CertificateError,
    HealthCard,
    favourable_facts,
    gather_shc,
    open_certificate,
)
from habeas.cli._certificate_file import read_certificate_texts
from habeas.cli._door import Taken, open_door
from habeas.cli._favourable import favourable_as_json, favourable_lines
from habeas.cli._ledger_file import read_ref
from habeas.cli._options import AsJson, At, Db, RegistryKey
from habeas.cli._output import fields, printable, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant
from habeas.evidence import Admitted, Refused
from habeas.ledger import Applied, HandOver, State
from habeas.wire import Instant

__all__ = ["hand_over"]

_COMPARE = (
    "Nothing was logged. Compare name and date of birth with the person before you and their document. "
    "They are theirs? Call again with --compared. They are not, or you are not sure? Give the certificate back."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A certificate's text, where it was, and what it turned out to be."""

    file: Path
    text: str
    opened: Certificate | CertificateError


def hand_over(
    db: Db,
    files: Annotated[
        list[Path], typer.Argument(metavar="CERTIFICATE...", help="Pictures, PDFs, or texts (HC1:..., shc:/...).")
    ],
    document: Annotated[
        str,
        typer.Option(
            "--document",
            metavar="KIND:COUNTRY:NUMBER",
            help="The holder's document, as enrolled; - reads it from stdin.",
        ),
    ],
    compared: Annotated[
        bool,
        typer.Option(
            "--compared",
            metavar="",
            help="Name and date of birth are those of the person before you and their document.",
        ),
    ] = False,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> int:
    """Hand over the certificates of a person who is here: what they say in the person's favour is admitted.

    Without --compared they are only shown, and nothing is logged. Names are shown to be compared, and not noted; they
    stay in the certificate's own text, which the ledger keeps so that its signature can be checked again.
    """
    now, ref = read_instant("--at", at), read_ref(db, registry_key, "--document", document)
    texts = [(file, text) for file in files for text in _certificates(file)]
    with open_door(db) as door:
        latest, state = door.latest(now), door.state(now)
        state.registry.subject_of(ref, latest)  # a document of nobody is told before anything is shown
        if compared:
            taken = door.take([HandOver(ref=ref, text=text) for _, text in texts], now)
            return _tell([file for file, _ in texts], taken, as_json=as_json)
        return _show([_given(state, file, text, latest) for file, text in texts], latest, as_json=as_json)


def _certificates(path: Path) -> Iterator[str]:
    found = read_certificate_texts(path)
    yield from (text for text in found if not text.startswith(SHC_PREFIX))
    yield from gather_shc(found)


def _given(state: State, file: Path, text: str, at: Instant) -> _Given:
    try:
        opened: Certificate | CertificateError = open_certificate(text, state.trust, state.card_trust, at)
    except CertificateError as error:
        opened = error
    return _Given(file=file, text=text, opened=opened)


def _show(given: Sequence[_Given], at: Instant, *, as_json: bool) -> int:
    """Show each certificate, for the officer's eyes; return 1 if one of them would be refused."""
    if as_json:
        write_json({"logged": False, "certificates": [_as_json(one, at) for one in given]})
    else:
        for one in given:
            fields((name, printable(value)) for name, value in _lines(one, at))
            write()
        write(_COMPARE)
    return REFUSED if any(isinstance(one.opened, CertificateError) for one in given) else OK


def _as_json(given: _Given, at: Instant) -> dict[str, object]:
    opened = given.opened
    row: dict[str, object] = {"file": str(given.file), "verified": not isinstance(opened, CertificateError)}
    if isinstance(opened, CertificateError):
        return row | {"code": opened.code, "message": str(opened)}
    names, born = _holder(opened)
    said = [favourable_as_json(one) for one in favourable_facts(opened, at)]
    return row | {"names": names, "born": born, "favourable": said}


def _lines(given: _Given, at: Instant) -> Iterator[tuple[str, str]]:
    opened = given.opened
    yield "file", str(given.file)
    if isinstance(opened, CertificateError):
        yield from (("verified", f"no: {opened.code}"), ("why", str(opened)))
        return
    names, born = _holder(opened)
    yield "verified", "yes"
    yield from (("name", name) for name in names)
    yield "born", born or "not said"
    yield from favourable_lines(favourable_facts(opened, at))


def _holder(certificate: Certificate) -> tuple[list[str], str]:
    """Return whom a certificate names, each way that it is written, and the date of birth."""
    if isinstance(certificate, HealthCard):
        return list(certificate.names), certificate.born
    name = certificate.name
    written = [(name.family, name.given), (name.family_latin, name.given_latin)]
    return [", ".join(part for part in pair if part) for pair in written if any(pair)], certificate.born


def _tell(files: Sequence[Path], taken: Taken, *, as_json: bool) -> int:
    """Say what became of each certificate; return 1 if one of them was refused."""
    rows = [_outcome(file, one) for file, one in zip(files, taken.applied, strict=True)]
    if as_json:
        write_json({"logged": taken.receipts is None, **taken.when, "certificates": rows})
    else:
        for row in rows:
            fields((name, str(value)) for name, value in row.items())
            write()
        fields([taken.line()])
    return REFUSED if any(row["outcome"] == "refused" for row in rows) else OK


def _outcome(file: Path, applied: Applied) -> dict[str, object]:
    outcome = applied.outcome
    if isinstance(outcome, Refused):
        return {
            "file": str(file),
            "outcome": "refused",
            "code": outcome.code,
            "message": outcome.message,
            "next": outcome.next_step,
        }
    kinds = [one.kind.value for one in outcome if isinstance(one, Admitted)] if isinstance(outcome, tuple) else []
    return {
        "file": str(file),
        "outcome": "admitted" if applied.new else "admitted before",
        "says": ", ".join(kinds),
    }
