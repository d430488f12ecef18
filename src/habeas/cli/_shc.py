"""`habeas shc`: SMART Health Cards, opened and checked against a trust list of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.certificates import (
    CardTrustList,
    CertificateError,
    HealthCard,
    favourable_facts,
    gather_shc,
    open_shc,
)
from habeas.cli._certificate_file import read_certificate_texts
from habeas.cli._favourable import favourable_as_json, favourable_lines
from habeas.cli._options import AsJson, At
from habeas.cli._output import fields, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant
from habeas.cli._trust_file import read_card_trust
from habeas.cli.errors import InputError, RefusedError
from habeas.wire import Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_NO_RULES = (
    "No country's acceptance rules were applied, and no list of revoked cards was asked: "
    "this says who signed, not that it is enough anywhere."
)
_Trust: TypeAlias = Annotated[
    Path, typer.Option("--trust", "--keys", metavar="FILE", help="The trust list of cards as JSON: issuers, keys.")
]


@app.command("open")
def show(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A picture, a PDF, or the text (shc:/...); - reads stdin.")
    ],
    trust: _Trust,
    at: At = None,
    _as_json: AsJson = False,
) -> None:
    """Print a card's contents as JSON, if a trusted issuer signed it and it is valid. They name their holder."""
    now, trusted = read_instant("--at", at), read_card_trust(trust)
    texts = _cards(file)
    if len(texts) > 1:
        raise InputError(str(file), f"has {len(texts)} cards", "give one at a time")
    try:
        card = open_shc(texts[0], trusted, now)
    except CertificateError as error:
        raise RefusedError(
            str(file), f"not verified, {error.code}: {error}", "scan it again, or ask its issuer"
        ) from None
    write_json(dict(card.bundle))


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures, PDFs, or their texts.")],
    trust: _Trust,
    at: At = None,
    as_json: AsJson = False,
) -> int:
    """Say of each card whether it is verified, and what it says in its holder's favour."""
    now, trusted = read_instant("--at", at), read_card_trust(trust)
    looked = [(file, _open(text, trusted, now)) for file in files for text in _cards(file)]
    if as_json:
        rows = [_as_json(file, found, now) for file, found in looked]
        write_json({"at": str(now), "rules_applied": False, "revocation_asked": False, "cards": rows})
    else:
        for file, found in looked:
            fields(_lines(file, found, now))
            write()
        write(_NO_RULES)
    return OK if all(isinstance(found, HealthCard) for _, found in looked) else REFUSED


def _cards(path: Path) -> tuple[str, ...]:
    """Return the text of each card in a file; pictures that are chunks of one are one."""
    found = gather_shc(read_certificate_texts(path))
    if not found:
        raise InputError(
            str(path), "has no SMART Health Card, but an EU certificate", "call `habeas dcc check`, which reads those"
        )
    return found


def _open(text: str, trust: CardTrustList, at: Instant) -> HealthCard | CertificateError:
    try:
        return open_shc(text, trust, at)
    except CertificateError as error:
        return error


def _as_json(file: Path, found: HealthCard | CertificateError, at: Instant) -> dict[str, object]:
    row: dict[str, object] = {"file": str(file), "verified": isinstance(found, HealthCard)}
    if isinstance(found, CertificateError):
        return row | {"code": found.code, "message": str(found), "favourable": []}
    return row | {
        "code": None,
        "message": None,
        "issuer": found.issuer.iss,
        "name": found.issuer.name,
        "country": found.issuer.country,
        "kid": found.kid,
        "issued": str(found.issued),
        "expires": str(found.expires) if found.expires is not None else None,
        "favourable": [favourable_as_json(said) for said in favourable_facts(found, at)],
    }


def _lines(file: Path, found: HealthCard | CertificateError, at: Instant) -> Iterator[tuple[str, str]]:
    yield "file", str(file)
    if isinstance(found, CertificateError):
        yield from (("verified", f"no: {found.code}"), ("why", str(found)))
        return
    issuer = found.issuer
    yield "verified", f"yes: a card of {issuer.name} ({issuer.country}), {issuer.iss}"
    yield "issued", str(found.issued)
    yield "expires", str(found.expires) if found.expires is not None else "never"
    yield from favourable_lines(favourable_facts(found, at))
