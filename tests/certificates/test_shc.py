"""Opening a SMART Health Card: what is taken, each way to be refused, and joserfc as the second opinion."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError

from certificates.cards import (
    ANY_HEADER,
    BEFORE,
    CLINIC,
    ISSUED,
    NOW,
    STATE,
    STRANGER,
    TRUST,
    CardMaker,
    b64url,
    bundle,
    chunks,
    credential,
    dose,
    numeric,
    patient,
    raw_deflate,
    result,
    trusting,
)
from certificates.issuing import UTOPIA, payload
from certificates.test_dcc import trusting as dcc_trusting
from habeas.certificates import (
    MAX_PAYLOAD_BYTES,
    MAX_SHC_CHARACTERS,
    BadSignatureError,
    CertificateError,
    Dcc,
    ExpiredError,
    HealthCard,
    NotACertificateError,
    NotYetValidError,
    UnknownKeyError,
    WrongAlgorithmError,
    WrongIssuerError,
    content_of,
    favourable_claims,
    format_shc,
    gather_shc,
    open_certificate,
    open_shc,
    parse_card_trust_list,
    parse_trust_list,
)
from habeas.certificates._shc_text import read_shc
from habeas.certificates._strict_json import MAX_JSON_DEPTH, parse_json
from habeas.wire import FOREVER

EXPIRES = NOW.after(3600)


def shc(text: str) -> str:
    return "shc:/" + numeric(text)


@pytest.mark.parametrize("maker", [STATE, CLINIC], ids=["state", "clinic"])
def test_a_card_is_opened(maker: CardMaker) -> None:
    card = open_shc(maker.text(dose(), dose("2021-07-02"), exp=int(EXPIRES)), TRUST, NOW)
    assert (card.kid, card.issuer.iss, card.issuer.country) == (maker.kid, maker.iss, maker.country)
    assert (card.issued, card.expires) == (ISSUED, EXPIRES)
    assert (card.names, card.born) == (("Müller-O’Neill, Ada B.",), "1990-01-15")
    assert card.resources == (dose(), dose("2021-07-02"))
    assert card.bundle == bundle(patient(), dose(), dose("2021-07-02"))


def test_nothing_of_the_holder_in_a_log_line() -> None:
    line = repr(open_shc(STATE.text(dose(), result()), TRUST, NOW))
    assert STATE.iss in line
    for secret in ("ller", "Ada", "1990", "208", "260415000", "2021-06"):
        assert secret not in line


def test_its_time_includes_both_ends_and_most_have_no_end() -> None:
    text = STATE.text(dose(), exp=int(EXPIRES))
    for at in (ISSUED, EXPIRES):
        assert open_shc(text, TRUST, at).expires == EXPIRES
    with pytest.raises(NotYetValidError, match="valid from 2022-06-12T12:00:00Z on"):
        open_shc(text, TRUST, BEFORE)
    with pytest.raises(ExpiredError, match="expired at 2022-06-12T14:04:00Z"):
        open_shc(text, TRUST, EXPIRES.after(1))
    assert open_shc(STATE.text(dose()), TRUST, FOREVER).expires is None


def test_instants_with_fractions_as_issuers_write_them() -> None:
    card = open_shc(STATE.text(dose(), nbf=ISSUED + 0.189, exp=EXPIRES + 0.9), TRUST, ISSUED)
    assert (card.issued, card.expires) == (ISSUED, EXPIRES)


def test_the_digits_of_the_specification() -> None:
    assert read_shc("shc:/43") == "X"
    assert format_shc("X") == "shc:/43"
    assert read_shc("shc:/567629095243206034602924374044603122295953265460346029254077280433") == (
        "eyJ6aXAiOiJERUYiLCJhbGciOiJFUzI1N"
    )
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    assert read_shc(format_shc(alphabet)) == alphabet
    assert format_shc(alphabet) == shc(alphabet)


@pytest.mark.parametrize("number", [1, 2, 3, 10])
def test_a_card_in_several_pictures_in_any_order_and_some_twice(number: int) -> None:
    whole = STATE.jws(STATE.payload(dose()))
    pictures = chunks(whole, number)
    for order in (pictures, pictures[::-1], pictures[1:] + pictures[:1] + pictures[-1:]):
        assert open_shc("\n".join(order), TRUST, NOW) == open_shc(shc(whole), TRUST, NOW)


def test_pictures_are_gathered_to_cards() -> None:
    two, three = chunks(WHOLE, 2), chunks(WHOLE, 3)
    mixed = [three[2], "HC1:6BF", two[0], shc(WHOLE), three[0], "shc:/x", two[1], three[1], two[0]]
    assert gather_shc(mixed) == (f"{three[2]}\n{three[0]}\n{three[1]}", f"{two[0]}\n{two[1]}", shc(WHOLE), "shc:/x")
    assert gather_shc(["HC1:6BF", ""]) == ()


def test_a_certificate_is_opened_by_the_scheme_that_it_names() -> None:
    eu = UTOPIA.text(payload("v"))
    lists = (dcc_trusting(UTOPIA), TRUST)
    assert isinstance(open_certificate(shc(WHOLE), *lists, NOW), HealthCard)
    found = open_certificate(eu, *lists, NOW)
    assert isinstance(found, Dcc)
    assert len(content_of(found)) == 32
    for text, nobody in ((eu, (parse_trust_list("{}"), TRUST)), (shc(WHOLE), (lists[0], parse_card_trust_list("{}")))):
        with pytest.raises(UnknownKeyError):
            open_certificate(text, *nobody, NOW)


WHOLE = STATE.jws(STATE.payload(dose()))
HEADER = {"zip": "DEF", "alg": "ES256", "kid": STATE.kid}
PACKED = raw_deflate(json.dumps(STATE.payload(dose())).encode())


def headed(**changes: object) -> str:
    """Return a card whose header says something else over the same payload, signed by the same key."""
    members = {name: value for name, value in (HEADER | changes).items() if value is not None}
    return shc(STATE.signed(json.dumps(members).encode(), PACKED))


def packed(data: bytes) -> str:
    return shc(STATE.jws({}, packed=data))


def altered(part: int, old: bytes, new: bytes) -> str:
    """Return a card whose header or payload was changed after it was signed."""
    parts = WHOLE.split(".")
    plain = PACKED if part else json.dumps(HEADER).encode()
    data = zlib.decompress(plain, wbits=-15) if part else plain
    assert old in data
    changed = data.replace(old, new)
    parts[part] = b64url(raw_deflate(changed) if part else changed)
    return shc(".".join(parts))


def unsigned(**changes: object) -> str:
    return shc(f"{b64url(json.dumps(HEADER | changes).encode())}.{b64url(PACKED)}.")


def claims(**changes: object) -> str:
    return STATE.text(dose(), **changes)


def deep(levels: int) -> bytes:
    return b'{"a":' + b"[" * levels + b"]" * levels + b"}"


TWO = chunks(WHOLE, 2)

REFUSED: list[tuple[str, str, type[CertificateError], str]] = [
    ("no text", "", NotACertificateError, "text is shc:/ and digits"),
    ("another scheme", "HC1:6BF", NotACertificateError, "text is shc:/ and digits"),
    ("a link", "shlink:/eyJ1cmwi", NotACertificateError, "text is shc:/ and digits"),
    ("capitals", shc(WHOLE).replace("shc", "SHC"), NotACertificateError, "text is shc:/ and digits"),
    ("no digits", "shc:/", NotACertificateError, "text is shc:/ and digits"),
    ("the JWS itself", WHOLE, NotACertificateError, "text is shc:/ and digits"),
    ("digits of another script", "shc:/٤٣", NotACertificateError, "text is shc:/ and digits"),
    ("odd digits", shc(WHOLE)[:-1], NotACertificateError, "odd number of digits"),
    ("digits out of range", shc(WHOLE) + "78", NotACertificateError, "digits 78 stand for no character"),
    ("too long", "shc:/" + "0" * MAX_SHC_CHARACTERS, NotACertificateError, "at most 32768"),
    ("a chunk missing", TWO[1], NotACertificateError, "of 2 pictures, number 1 is missing"),
    ("a chunk too many", f"{TWO[0]} {TWO[1]} shc:/3/2/4343", NotACertificateError, "picture 3 of 2"),
    ("a chunk of zero", "shc:/0/2/4343", NotACertificateError, "text is shc:/ and digits"),
    ("chunks of two cards", f"{TWO[0]} shc:/2/3/4343", NotACertificateError, "several cards"),
    ("one chunk, two texts", f"{TWO[0]} {TWO[1]} shc:/2/2/4343", NotACertificateError, "several cards"),
    ("two cards", f"{shc(WHOLE)}\n{STATE.text(result())}", NotACertificateError, "several cards"),
    ("two parts", shc("e30.e30"), NotACertificateError, "2 parts"),
    ("four parts", shc(WHOLE + "."), NotACertificateError, "4 parts"),
    ("bits too many", shc(WHOLE[:-1] + "B"), NotACertificateError, "bits too many"),
    ("a slash", shc(WHOLE.replace(".", "./", 1)), NotACertificateError, "no Base64url"),
    ("a header that is no JSON", shc(STATE.signed(b"{", PACKED)), NotACertificateError, "header is not JSON"),
    ("a header that is no object", shc(STATE.signed(b"[]", PACKED)), NotACertificateError, "header is no JSON object"),
    (
        "a header with a name twice",
        shc(STATE.signed(f'{{"alg":"none","zip":"DEF","kid":"{STATE.kid}","alg":"ES256"}}'.encode(), PACKED)),
        NotACertificateError,
        "header is not JSON",
    ),
    ("alg none", unsigned(alg="none"), WrongAlgorithmError, "signed with ES256"),
    ("no alg", headed(alg=None), WrongAlgorithmError, "signed with ES256"),
    ("alg HS256", headed(alg="HS256"), WrongAlgorithmError, "signed with ES256"),
    ("alg RS256", headed(alg="RS256"), WrongAlgorithmError, "signed with ES256"),
    ("alg ES384", headed(alg="ES384"), WrongAlgorithmError, "signed with ES256"),
    ("alg es256", headed(alg="es256"), WrongAlgorithmError, "signed with ES256"),
    ("alg a list", headed(alg=["ES256"]), WrongAlgorithmError, "signed with ES256"),
    ("no zip", headed(zip=None), NotACertificateError, "not alg, zip DEF and kid alone"),
    ("another zip", headed(zip="GZIP"), NotACertificateError, "not alg, zip DEF and kid alone"),
    ("no kid", headed(kid=None), NotACertificateError, "not alg, zip DEF and kid alone"),
    ("kid a number", headed(kid=7), NotACertificateError, "not alg, zip DEF and kid alone"),
    ("crit", headed(crit=["zip"]), NotACertificateError, "not alg, zip DEF and kid alone"),
    ("a key of its own", headed(jwk=STATE.public), NotACertificateError, "not alg, zip DEF and kid alone"),
    ("a stranger", STRANGER.text(dose()), UnknownKeyError, f"no key '{STRANGER.kid}' is on the trust list of 2"),
    ("kid of no key", headed(kid="x" * 900), UnknownKeyError, f"no key '{'x' * 43}' is"),
    ("altered payload", altered(1, b'"208"', b'"212"'), BadSignatureError, "not as its issuer signed it"),
    ("altered header", altered(0, b'"DEF", "alg"', b'"DEF" , "alg"'), BadSignatureError, "not as its issuer"),
    ("no signature", unsigned(), BadSignatureError, "not as its issuer signed it"),
    ("another's kid", shc(STRANGER.jws(STATE.payload(dose()), kid=STATE.kid)), BadSignatureError, "not as its"),
    ("zlib", packed(zlib.compress(b"{}")), NotACertificateError, "raw DEFLATE"),
    ("not packed", packed(b'{"iss":"x"}'), NotACertificateError, "raw DEFLATE"),
    ("a bomb", packed(raw_deflate(bytes(1 << 22))), NotACertificateError, "more than 65536 bytes"),
    ("cut short", packed(PACKED[:-1]), NotACertificateError, "ends too early"),
    ("nothing packed", packed(b""), NotACertificateError, "ends too early"),
    ("trailing bytes", packed(PACKED + b"\0"), NotACertificateError, "1 bytes follow"),
    ("a payload that is no JSON", packed(raw_deflate(b"\xff")), NotACertificateError, "payload is not JSON"),
    ("a payload with a name twice", packed(raw_deflate(b'{"iss":1,"iss":1}')), NotACertificateError, "payload is not"),
    ("a payload that is a list", packed(raw_deflate(b"[]")), NotACertificateError, "payload is no JSON object"),
    ("a payload with NaN", packed(raw_deflate(b'{"nbf":NaN}')), NotACertificateError, "payload is not JSON"),
    ("a payload with 1e999", packed(raw_deflate(b'{"nbf":1e999}')), NotACertificateError, "payload is not JSON"),
    ("a payload with half a character", packed(raw_deflate(b'"\\ud800"')), NotACertificateError, "payload is not"),
    ("a payload nested deep", packed(raw_deflate(deep(30))), NotACertificateError, "payload is not JSON"),
    ("a payload nested deeper", packed(raw_deflate(deep(30_000))), NotACertificateError, "payload is not JSON"),
    ("no iss", claims(iss=None), NotACertificateError, "names no issuer (iss)"),
    ("iss a number", claims(iss=7), NotACertificateError, "names no issuer (iss)"),
    ("another issuer", claims(iss=CLINIC.iss), WrongIssuerError, "does not sign with the key"),
    ("an issuer unknown", claims(iss="https://example.org"), WrongIssuerError, "does not sign with the key"),
    ("a slash after iss", claims(iss=STATE.iss + "/"), WrongIssuerError, "does not sign with the key"),
    ("nbf in the future", claims(nbf=NOW + 1), NotYetValidError, "valid from 2022-06-12T13:04:01Z on"),
    ("no nbf", claims(nbf=None), NotACertificateError, "nbf is no time"),
    ("nbf true", claims(nbf=True), NotACertificateError, "nbf is no time"),
    ("nbf text", claims(nbf=str(int(ISSUED))), NotACertificateError, "nbf is no time"),
    ("nbf in thousandths", claims(nbf=ISSUED * 1000), NotACertificateError, "nbf lies outside the years"),
    ("nbf huge", claims(nbf=1e300), NotACertificateError, "nbf lies outside the years"),
    ("expired", claims(exp=int(BEFORE)), ExpiredError, "expired at 2022-06-12T11:59:59Z"),
    ("exp text", claims(exp="never"), NotACertificateError, "exp is no time"),
]


@pytest.mark.parametrize(("text", "error", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_what_and_what_next(text: str, error: type[CertificateError], words: str) -> None:
    with pytest.raises(CertificateError) as caught:
        open_shc(text, TRUST, NOW)
    assert type(caught.value) is error
    assert words in str(caught.value)


def people(*resources: object, **changes: object) -> dict[str, Any]:
    return {"vc": credential(bundle(*resources) | changes)}


CONTENTS: list[tuple[dict[str, Any], str]] = [
    ({"vc": None}, "vc.type is missing"),
    ({"vc": []}, "vc.type is missing"),
    ({"vc": credential(bundle(patient()), type=None)}, "vc.type is missing"),
    ({"vc": credential(bundle(patient()), type=["VerifiableCredential"])}, "vc.type does not name"),
    ({"vc": credential(bundle(patient()), credentialSubject=None)}, "vc.credentialSubject is missing"),
    ({"vc": credential(None, credentialSubject={"fhirBundle": bundle(patient())})}, "fhirVersion is missing"),
    (
        {"vc": credential(None, credentialSubject={"fhirVersion": "3.0.2", "fhirBundle": bundle(patient())})},
        "fhirVersion is none of FHIR R4",
    ),
    ({"vc": credential(None)}, "fhirBundle is missing"),
    (people(patient(), type="batch"), "no Bundle of type collection"),
    (people(patient(), resourceType="Patient"), "no Bundle of type collection"),
    (people(patient(), entry={}), "fhirBundle.entry is missing"),
    (people(patient(), entry=[1]), "entry.fullUrl is missing"),
    (people(patient(), entry=[{"fullUrl": "resource:0"}]), "entry.resource is missing"),
    (people(patient(), entry=[{"fullUrl": "a", "resource": one} for one in (patient(), dose())]), "stands twice"),
    (people(dose()), "is about 0 people"),
    (people(patient(), patient(), dose()), "is about 2 people"),
    (people(patient(), implicitRules="https://example.org/rules"), "has a modifier"),
    (people(patient(modifierExtension=[])), "has a modifier"),
    (people(patient(name=None)), "Patient.name is missing"),
    (people(patient(name=[])), "Patient.name is missing"),
    (people(patient(name=["Ada"])), "Patient.name is no HumanName"),
    (people(patient(name=[{}])), "Patient.name is missing"),
    (people(patient(name=[{"family": 1}])), "Patient.name.family is missing, or not of its type"),
    (people(patient(name=[{"given": "Ada"}])), "Patient.name.given is no list"),
    (people(patient(name=[{"given": [1]}])), "Patient.name.given is no list"),
    (people(patient(name=[{"family": "A\u0007da"}])), "Patient.name holds a sign"),
    (people(patient(name=[{"family": "😀"}])), "Patient.name holds a sign"),
    (people(patient(name=[{"family": "A" * 201}])), "is no name by its length"),
    (people(patient(birthDate=None)), "Patient.birthDate is no date of birth"),
    (people(patient(birthDate=1990)), "Patient.birthDate is no date of birth"),
    (people(patient(birthDate="15.01.1990")), "Patient.birthDate is no date of birth"),
    (people(patient(birthDate="1990-02-30")), "Patient.birthDate is no date"),
    (people(patient(birthDate="1990-13")), "Patient.birthDate is no date"),
]


@pytest.mark.parametrize(("changes", "words"), CONTENTS, ids=[words for _, words in CONTENTS])
def test_contents_that_nothing_can_be_read_from(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NotACertificateError) as caught:
        open_shc(STATE.text(**changes), TRUST, NOW)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ([{"family": "Mu\u0308ller"}], ("Müller",)),
        ([{"given": ["Ada", "B."]}], ("Ada B.",)),
        ([{"text": "Ada Lovelace"}], ("Ada Lovelace",)),
        ([{"family": "Lovelace", "given": ["Ada"], "text": "Countess"}], ("Lovelace, Ada",)),
        ([{"family": "Byron"}, {"family": "Lovelace"}, {}, {"family": "Byron"}], ("Byron", "Lovelace")),
    ],
)
def test_names_as_they_are_shown_at_a_counter(name: object, shown: tuple[str, ...]) -> None:
    assert open_shc(STATE.text(**people(patient(name=name))), TRUST, NOW).names == shown


@pytest.mark.parametrize("born", ["1990", "1990-01", "1990-01-15", "2000-02-29"])
def test_dates_of_birth_may_be_known_in_part(born: str) -> None:
    assert open_shc(STATE.text(**people(patient(birthDate=born))), TRUST, NOW).born == born


@pytest.mark.parametrize("version", ["4.0.1", "4.0.0", "4.3.0", "4.3.0-cibuild"])
def test_releases_of_fhir_that_are_read(version: str) -> None:
    subject = {"fhirVersion": version, "fhirBundle": bundle(patient(), dose())}
    assert open_shc(STATE.text(vc=credential(None, credentialSubject=subject)), TRUST, NOW).resources == (dose(),)


def test_only_the_one_person_s_own_resources_are_read() -> None:
    mine, other = dose(), dose(patient={"reference": "resource:7"})
    strange: list[object] = [
        other,
        dose(patient=None),
        dose(patient="resource:0"),
        dose(modifierExtension=[{}]),
        dose(implicitRules="x"),
        result(subject={"reference": "Patient/1"}),
        {"resourceType": "Condition", "subject": {"reference": "resource:0"}},
        {"resourceType": ["Immunization"], "patient": {"reference": "resource:0"}},
        {"patient": {"reference": "resource:0"}, "": {"reference": "resource:0"}},
    ]
    assert open_shc(STATE.text(mine, *strange, result()), TRUST, NOW).resources == (mine, result())


def test_a_key_that_several_issuers_share_signs_for_each_of_them() -> None:
    branch = CardMaker(STATE.iss + "/north", 1951, "MX")
    trust = trusting(STATE, branch)
    assert [open_shc(one.text(dose()), trust, NOW).issuer.country for one in (STATE, branch)] == ["US", "MX"]
    with pytest.raises(WrongIssuerError):
        open_shc(branch.text(dose()), TRUST, NOW)


def test_contents_are_named_alike_however_they_were_packed_and_whenever_signed() -> None:
    card = open_shc(shc(WHOLE), TRUST, NOW)
    in_pieces = open_shc(" ".join(TWO), TRUST, NOW)
    again = open_shc(claims(nbf=int(BEFORE)), TRUST, NOW)
    assert content_of(card) == content_of(in_pieces) == content_of(again)
    others = [CLINIC.text(dose()), STATE.text(dose("2021-06-12")), STATE.text(dose(), result())]
    assert len({content_of(card), *(content_of(open_shc(text, TRUST, NOW)) for text in others)}) == 4


def test_every_flipped_bit_of_what_was_signed_is_refused() -> None:
    parts = WHOLE.split(".")
    in_header = (BadSignatureError, NotACertificateError, UnknownKeyError, WrongAlgorithmError)
    for part, errors in enumerate((in_header, (BadSignatureError,), (BadSignatureError,))):
        data = base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4))
        for bit in range(8 * len(data)):
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            text = ".".join([*parts[:part], b64url(bytes(changed)), *parts[part + 1 :]])
            with pytest.raises(errors):
                open_shc(shc(text), TRUST, NOW)


# Anything at all

leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=4)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
texts = st.text(max_size=30) | st.text("shc:/0123456789 \n", max_size=30) | st.binary(max_size=60).map(b64url).map(shc)


@given(texts)
def test_any_text_is_refused_by_a_certificate_error(text: str) -> None:
    with pytest.raises(CertificateError):
        open_shc(text, TRUST, NOW)


@given(st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_signed_payload_is_opened_or_refused(data: bytes) -> None:
    for text in (packed(data), packed(raw_deflate(data))):
        with pytest.raises(CertificateError):
            open_shc(text, TRUST, NOW)


def _replaced(value: Any, place: int, other: object) -> Any:  # noqa: ANN401 - plain values
    """Return `value` with the item at `place`, counted through all that it holds, replaced by `other`."""
    counter = iter(range(place + 1))

    def walk(item: Any) -> Any:  # noqa: ANN401 - plain values
        if next(counter, None) == place:
            return other
        if isinstance(item, dict):
            return {key: walk(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [walk(inner) for inner in item]
        return item

    return walk(value)


@given(st.integers(0, 80), anything)
def test_a_signed_card_with_anything_anywhere_is_opened_or_refused(place: int, other: object) -> None:
    payload = _replaced(STATE.payload(dose(), result(), dose("2021-07-02")), place, other)
    try:
        card = open_shc(shc(STATE.jws(json.dumps(payload).encode())), TRUST, NOW)
        said = favourable_claims(card, NOW)
    except CertificateError:
        return
    assert isinstance(card, HealthCard)
    assert len(said) <= 3


# Another implementation's opinion: joserfc

cards = st.builds(
    lambda doses, tests, nbf: STATE.jws(STATE.payload(*doses, *tests, nbf=nbf)),
    st.lists(st.dates().map(lambda day: dose(day.isoformat())), max_size=3),
    st.lists(st.sampled_from([result(), result("94558-4"), result(status="preliminary")]), max_size=2),
    st.integers(int(BEFORE), int(NOW)) | st.floats(int(BEFORE), int(NOW)),
)


def joserfc_says(text: str) -> bytes | None:
    """Return the packed payload, if joserfc finds the signature to be the issuer's."""
    try:
        return jws.deserialize_compact(text, STATE.private, ["ES256"], ANY_HEADER).payload
    except (JoseError, ValueError):
        return None


@given(cards)
def test_what_is_opened_is_what_joserfc_verifies(text: str) -> None:
    card = open_shc(shc(text), TRUST, NOW)
    packed_payload = joserfc_says(text)
    assert packed_payload is not None
    claims_read = json.loads(zlib.decompress(packed_payload, wbits=-15))
    assert card.bundle == claims_read["vc"]["credentialSubject"]["fhirBundle"]
    assert (card.issuer.iss, card.issued) == (claims_read["iss"], int(claims_read["nbf"]))


@given(cards, st.integers(0, 10_000), st.sampled_from("ABCxyz019-_."))
def test_what_joserfc_does_not_verify_is_not_opened(text: str, place: int, character: str) -> None:
    at = place % len(text)
    changed = text[:at] + character + text[at + 1 :]
    try:
        open_shc(shc(changed), TRUST, NOW)
    except CertificateError:
        return
    assert joserfc_says(changed) is not None
    assert changed == text


# What JSON is taken


finite = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.recursive(finite, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_strict_json_is_json(value: object) -> None:
    text = json.dumps(value)
    assert json.dumps(parse_json(text)) == text
    assert json.dumps(parse_json(text.encode())) == text


@pytest.mark.parametrize(
    "text", ["NaN", "[-Infinity]", '{"a":1e309}', '{"a":1,"a":1}', '"\\udc00"', "{} {}", "", "\ufeff1"]
)
def test_what_is_json_to_some_is_none_here(text: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(ValueError):
            parse_json(data)


def test_json_has_a_depth() -> None:
    assert parse_json("[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH)
    with pytest.raises(ValueError, match="nested too deep"):
        parse_json("[" * (MAX_JSON_DEPTH + 1) + "]" * (MAX_JSON_DEPTH + 1))
    with pytest.raises(ValueError, match="nested too deep"):
        parse_json("[" * 100_000)


def test_the_largest_payload() -> None:
    filler = {"a": "x" * (MAX_PAYLOAD_BYTES - len('{"a":""}'))}
    with pytest.raises(NotACertificateError, match="names no issuer"):
        open_shc(shc(STATE.jws(filler)), TRUST, NOW)
    filler["a"] += "x"
    with pytest.raises(NotACertificateError, match="more than 65536 bytes"):
        open_shc(shc(STATE.jws(filler)), TRUST, NOW)
