"""`habeas dcc check`: who signed a certificate, what it says in its holder's favour, and whether a country's rules are met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from habeas.certificates import (
    SHC_PREFIX,
    Answer,
    CertificateError,
    Dcc,
    Judgement,
    NotACertificateError,
    TrustList,
    UncheckedDcc,
    favourable_facts,
    open_dcc,
    read_unchecked,
)
from habeas.cli._certificate_file import read_certificate_texts
from habeas.cli._dcc_rules import (
    Asked,
    CountryOption,
    LanguagesOption,
    RegionOption,
    RulesOption,
    ValueSetsOption,
    answer_line,
    judgement_as_json,
    judgement_lines,
    notes_on,
    read_asked,
)
from habeas.cli._favourable import favourable_as_json, favourable_lines
from habeas.cli._options import AsJson, At
from habeas.cli._output import fields, note, printable, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant
from habeas.cli._trust_file import read_trust
from habeas.cli.errors import InputError
from habeas.wire import Instant

__all__ = ["check"]

_NO_RULES = "No country's acceptance rules were applied: this says who signed, not that it is enough anywhere."
_NOT_CHECKED = "signature-not-checked"
_NOT_VERIFIED = "not-verified"

OptionalTrust = Annotated[
    Path | None,
    typer.Option(
        "--trust", "--keys", metavar="FILE", help="The trust list as JSON: which keys may sign. Needed without --rules."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One certificate of a file, and what came of it: opened, or read unchecked, or an error."""

    place: str
    number: int
    of: int
    found: Dcc | UncheckedDcc | CertificateError
    judgement: Judgement | None

    @property
    def is_good(self) -> bool:
        """Whether the exit code may be 0 for it: verified, and accepted if a country was asked."""
        return isinstance(self.found, Dcc) and (self.judgement is None or self.judgement.answer is Answer.ACCEPTED)


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures of certificates, or their text.")],
    *,
    trust: OptionalTrust = None,
    rules: RulesOption = None,
    country: CountryOption = None,
    region: RegionOption = None,
    value_sets: ValueSetsOption = None,
    languages: LanguagesOption = None,
    at: At = None,
    as_json: AsJson = False,
) -> int:
    """Say of each certificate whether it is verified, what it says for its holder, and whether a country's rules are met.

    Without --trust nobody checks the signature: the answer is then never yes.
    """
    now = read_instant("--at", at)
    asked = read_asked(rules, country, region, value_sets, languages, now)
    if trust is None and asked is None:
        raise InputError(
            "--trust", "is missing", "give --trust FILE; --rules FILE alone asks what a certificate claims"
        )
    trusted = read_trust(trust) if trust is not None else None
    texts = [(file, read_certificate_texts(file)) for file in files]
    looked = [
        _look(str(file), number, found, trusted, asked, now)
        for file, found in texts
        for number in range(1, len(found) + 1)
    ]
    notes = notes_on([one.judgement for one in looked if one.judgement is not None])
    if as_json:
        write_json(
            {
                "at": str(now),
                "signatures_checked": trusted is not None,
                "rules_applied": asked is not None,
                "certificates": [_as_json(one, asked, now) for one in looked],
                "notes": notes,
            }
        )
    else:
        _write_text(looked, asked, rules, now)
    for said in notes:
        note(said)
    return OK if all(one.is_good for one in looked) else REFUSED


def _look(
    place: str, number: int, texts: tuple[str, ...], trust: TrustList | None, asked: Asked | None, at: Instant
) -> _Looked:
    text = texts[number - 1]
    found: Dcc | UncheckedDcc | CertificateError
    try:
        if text.startswith(SHC_PREFIX):
            raise NotACertificateError("this is a SMART Health Card, no EU certificate: `habeas shc check` reads it")
        found = open_dcc(text, trust, at) if trust is not None else read_unchecked(text, at)
    except CertificateError as error:
        found = error
    judgement = None if asked is None or isinstance(found, CertificateError) else asked.judge(found)
    return _Looked(place=place, number=number, of=len(texts), found=found, judgement=judgement)


def _as_json(looked: _Looked, asked: Asked | None, at: Instant) -> dict[str, object]:
    found = looked.found
    row: dict[str, object] = {"file": looked.place, "number": looked.number, "of": looked.of}
    if isinstance(found, CertificateError):
        row |= {"verified": False, "code": found.code, "message": str(found)}
    elif isinstance(found, UncheckedDcc):
        message = "nobody checked who signed this: there was no trust list"
        row |= {"verified": False, "code": _NOT_CHECKED, "message": message, "claimed": _says(found)}
    else:
        row |= {"verified": True, "code": None, "message": None, **_says(found)}
    row["favourable"] = (
        [favourable_as_json(said) for said in favourable_facts(found, at)] if isinstance(found, Dcc) else []
    )
    if asked is not None and looked.judgement is not None:
        row |= judgement_as_json(looked.judgement, asked.languages)
    elif asked is not None:
        row |= {"answer": _NOT_VERIFIED, "rules": None}
    return row


def _says(dcc: Dcc | UncheckedDcc) -> dict[str, object]:
    return {
        "kind": dcc.kind.value,
        "issuer": dcc.issuer,
        "kid": dcc.kid.hex(),
        "issued": str(dcc.issued),
        "expires": str(dcc.expires),
    }


def _write_text(looked: list[_Looked], asked: Asked | None, rules: Path | None, at: Instant) -> None:
    for one in looked:
        fields((name, printable(value)) for name, value in _lines(one, asked, at))
        write()
    if asked is None:
        write(_NO_RULES)
        return
    write(f"Asked at {at}: {rules}. Who published these rules was not checked.")
    if any(isinstance(one.found, UncheckedDcc) for one in looked):
        write("NO SIGNATURE WAS CHECKED: anybody can write such a certificate. Give --trust FILE.")


def _lines(looked: _Looked, asked: Asked | None, at: Instant) -> Iterator[tuple[str, str]]:
    found = looked.found
    file = looked.place if looked.of == 1 else f"{looked.place}, certificate {looked.number} of {looked.of}"
    if isinstance(found, CertificateError):
        if asked is not None:
            yield "answer", f"NOT VERIFIED: {found.code}. No rule was asked"
        yield from (("file", file), ("verified", f"no: {found.code}"), ("why", str(found)))
        return
    if looked.judgement is not None:
        yield "answer", answer_line(looked.judgement)
    what = f"{found.kind} certificate of {found.issuer or 'an issuer without a name'}"
    is_checked = isinstance(found, Dcc)
    yield "file", file
    yield "verified", f"yes: {what}" if is_checked else f"NO, nobody checked the signature. It claims to be a {what}"
    yield "expires", str(found.expires) if is_checked else f"{found.expires} (claimed)"
    if looked.judgement is not None and asked is not None:
        yield from judgement_lines(looked.judgement, asked.languages)
    if isinstance(found, Dcc):
        yield from favourable_lines(favourable_facts(found, at))
