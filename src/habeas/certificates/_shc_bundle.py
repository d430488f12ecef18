"""The contents of a SMART Health Card: a FHIR bundle about one person, of which two kinds of resource are read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn, TypeAlias

from habeas.certificates.errors import NotACertificateError

__all__ = ["CardContents", "Resource", "read_bundle"]

_CARD = "https://smarthealth.cards#health-card"
_FHIR = re.compile(r"4\.[03]\.\d+(-[0-9A-Za-z.-]{1,20})?", re.ASCII)  # R4 and R4B: in them what we read means the same
_BORN = re.compile(r"(19|20)\d\d(-\d\d(-\d\d)?)?", re.ASCII)  # FHIR's date may leave out day, or month and day
_WHOLE_DAY = 10
_MAX_NAME = 200
_SUBJECT = {"Immunization": "patient", "Observation": "subject"}
_MODIFIERS = ("modifierExtension", "implicitRules")  # whoever does not know them must not read on (FHIR R4, 2.4.2.1)

Resource: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContents:
    """A bundle that passed: its one person's names and date of birth, and what it says of them and can be read."""

    names: tuple[str, ...]
    born: str
    resources: tuple[Resource, ...]
    bundle: Resource


def read_bundle(credential: object) -> CardContents:
    """Return what the `vc` of a card's payload holds; raises `NotACertificateError`.

    The message names the field and never quotes it: it may end in a log, and is about a person.
    """
    types = _member(credential, "type", list, "vc.type")
    if _CARD not in types:
        _refuse("vc.type", f"does not name {_CARD}")
    subject = _member(credential, "credentialSubject", dict, "vc.credentialSubject")
    if not _FHIR.fullmatch(_member(subject, "fhirVersion", str, "fhirVersion")):
        _refuse("fhirVersion", "is none of FHIR R4 (4.0, 4.3)")
    bundle = _member(subject, "fhirBundle", dict, "fhirBundle")
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "collection":
        _refuse("fhirBundle", "is no Bundle of type collection")
    resources = _resources(_member(bundle, "entry", list, "fhirBundle.entry"))
    people = [url for url, resource in resources.items() if resource.get("resourceType") == "Patient"]
    if len(people) != 1:
        _refuse("fhirBundle", f"is about {len(people)} people, where a card is about one")
    (person,) = people
    if _is_modified(bundle) or _is_modified(resources[person]):
        _refuse("fhirBundle", "has a modifier that is not known here")
    return CardContents(
        names=_names(resources[person].get("name")),
        born=_born(resources[person].get("birthDate")),
        resources=tuple(one for one in resources.values() if _is_about(one, person)),
        bundle=bundle,
    )


def _resources(entries: list[Any]) -> dict[str, Resource]:
    """Return the bundle's resources by the URL that references name them with."""
    found: dict[str, Resource] = {}
    for entry in entries:
        url = _member(entry, "fullUrl", str, "entry.fullUrl")
        if url in found:
            _refuse("entry.fullUrl", "stands twice, so that a reference could mean either")
        found[url] = _member(entry, "resource", dict, "entry.resource")
    return found


def _is_about(resource: Resource, person: str) -> bool:
    """Whether a resource is of a kind that is read, is this person's, and has nothing that changes what it means."""
    kind = resource.get("resourceType")
    subject = resource.get(_SUBJECT[kind]) if isinstance(kind, str) and kind in _SUBJECT else None
    return isinstance(subject, dict) and subject.get("reference") == person and not _is_modified(resource)


def _is_modified(resource: Resource) -> bool:
    return any(name in resource for name in _MODIFIERS)


def _names(names: object) -> tuple[str, ...]:
    """Return the person's names as they are written: family name, then given names; else the whole."""
    written = [_written(name) for name in names] if isinstance(names, list) else []
    found = tuple(dict.fromkeys(name for name in written if name))
    if not found:
        _refuse("Patient.name", "is missing: nobody can be compared with it")
    for name in found:
        if len(name) > _MAX_NAME or any(unicodedata.category(sign) in {"So", "Cc"} for sign in name):
            _refuse("Patient.name", "holds a sign that is no part of a name, or is no name by its length")
    return found


def _written(name: object) -> str:
    if not isinstance(name, dict):
        _refuse("Patient.name", "is no HumanName")
    parts = ", ".join(part for part in (_text(name, "family"), " ".join(_given(name))) if part)
    return unicodedata.normalize("NFC", parts or _text(name, "text"))


def _given(name: Resource) -> Iterator[str]:
    given = name.get("given", [])
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        _refuse("Patient.name.given", "is no list of texts")
    yield from given


def _born(born: object) -> str:
    if not isinstance(born, str) or not _BORN.fullmatch(born):
        _refuse("Patient.birthDate", "is no date of birth from 1900 on")
    try:
        date.fromisoformat(born + "-01-01"[len(born) - _WHOLE_DAY :] if len(born) < _WHOLE_DAY else born)
    except ValueError:
        _refuse("Patient.birthDate", "is no date")
    return born


def _text(fields: Resource, name: str) -> str:
    return str(_member(fields, name, str, f"Patient.name.{name}")) if name in fields else ""


def _member(fields: object, name: str, kind: type, where: str) -> Any:  # noqa: ANN401 - JSON, checked by its reader
    value = fields.get(name) if isinstance(fields, dict) else None
    if not isinstance(value, kind):
        _refuse(where, "is missing, or not of its type")
    return value


def _refuse(field: str, fault: str) -> NoReturn:
    raise NotACertificateError(f"not a card as its specification wants it: {field} {fault}; ask its issuer")
