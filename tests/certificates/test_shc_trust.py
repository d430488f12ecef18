"""Trust lists of cards: read whole or refused, with the issuer at fault named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, KeySet

from certificates.cards import CLINIC, STATE, STRANGER, CardMaker, trust_text, trusting
from habeas.certificates import (
    MAX_TRUST_LIST_CHARACTERS,
    CardIssuer,
    CardTrustList,
    CertificateError,
    TrustListError,
    UnknownKeyError,
    WrongIssuerError,
    parse_card_trust_list,
)
from habeas.wire import Algorithm, VerifyingKey, make_signing_key

ISS = STATE.iss


def test_a_list_of_issuers() -> None:
    trust = parse_card_trust_list(trust_text(STATE, CLINIC))
    assert set(trust.issuers) == {STATE.iss, CLINIC.iss}
    issuer = trust.issuer(CLINIC.iss, CLINIC.kid)
    assert (issuer.iss, issuer.name, issuer.country) == (CLINIC.iss, "Health Department", "CA")
    assert issuer.kids == {CLINIC.kid: trust.find(CLINIC.kid)}
    with pytest.raises(UnknownKeyError, match="is on the trust list of 2 issuers: update the list"):
        trust.find(STRANGER.kid)
    for iss, kid in ((STATE.iss, CLINIC.kid), (STRANGER.iss, STATE.kid)):
        with pytest.raises(WrongIssuerError, match="does not sign with the key"):
            trust.issuer(iss, kid)
    with pytest.raises(TypeError):
        trust.issuers[ISS] = issuer  # type: ignore[index]
    assert parse_card_trust_list("{}").issuers == {}


def test_a_key_set_as_another_implementation_publishes_it() -> None:
    keys = [ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}) for _ in range(3)]
    for key in keys:
        key.ensure_kid()
    published = KeySet([*keys]).as_dict(private=False)["keys"]  # kid is joserfc's RFC 7638 thumbprint
    trust = parse_card_trust_list(json.dumps({ISS: STATE.entry(keys=published)}))
    assert set(trust.issuers[ISS].kids) == {key.kid for key in keys}


def listed(**changes: object) -> str:
    return json.dumps({ISS: STATE.entry(**changes)})


def keyed(**changes: object) -> str:
    """Return a list whose key has other members."""
    return listed(keys=[{name: value for name, value in (STATE.jwk | changes).items() if value is not None}])


def named(iss: str) -> str:
    return json.dumps({iss: STATE.entry()})


HTTPS = "an https URL without a slash at its end"
REFUSED: list[tuple[str, str]] = [
    ("", "not strict JSON"),
    ("{", "not strict JSON"),
    ("[" * 100_000, "not strict JSON: nested too deep"),
    ("[]", "is one JSON object"),
    (f'{{"{ISS}": {json.dumps(STATE.entry())}, "{ISS}": {{}}}}', "stands twice"),
    (listed(name="a")[:-2] + ', "name": "b"}}', "'name' stands twice"),
    ('{"a": "\\ud800"}', "not strict JSON"),
    (" " * (MAX_TRUST_LIST_CHARACTERS + 1), "at most 16777216"),
    (named("http://health.example.org"), HTTPS),
    (named("https://health.example.org/"), HTTPS),
    (named("https://health.example.org/?a"), HTTPS),
    (named("https://health.example.org#a"), HTTPS),
    (named("https://user@health.example.org"), HTTPS),
    (named("https://"), HTTPS),
    (named("https://héalth.example.org"), HTTPS),
    (named("https://health.example.org/" + "a" * 200), HTTPS),
    (json.dumps({ISS: []}), f"issuer '{ISS}': write"),
    (listed(name=None), "write {"),
    (listed(website="https://example.org"), "write {"),
    (listed(jwks="https://example.org/.well-known/jwks.json"), "write {"),
    (listed(name=7), "name and country are text"),
    (listed(name=""), "a name has 1 to 200 characters"),
    (listed(name="a" * 201), "a name has 1 to 200 characters"),
    (listed(name="a\nb"), "no control characters"),
    (listed(country="us"), "two capitals (ISO 3166-1)"),
    (listed(country="XX"), "two capitals (ISO 3166-1)"),
    (listed(keys={}), "keys is a list"),
    (listed(keys=[]), "one key or more"),
    (listed(keys=[STATE.jwk, STATE.jwk]), "each of them once"),
    (listed(keys=["key"]), "a key is a JSON object"),
    (listed(keys=[{**STATE.jwk, "d": "AA"}]), "A PRIVATE KEY (d) STANDS IN THIS LIST"),
    (listed(keys=[{"d": 7}]), "A PRIVATE KEY (d) STANDS IN THIS LIST"),
    (keyed(x5c=["AA"]), "x5c is not read: certificate chains"),
    (keyed(crlVersion=1), "crlVersion is not read: revocation lists"),
    (keyed(key_ops=["verify"]), "and nothing else"),
    (keyed(use=None), "a key has kty, crv, use, alg, kid, x and y"),
    (keyed(x=7), "all of them text"),
    (keyed(kty="OKP"), "EC on P-256"),
    (keyed(crv="P-384"), "EC on P-256"),
    (keyed(use="enc"), "to sign (sig)"),
    (keyed(alg="ES384"), "with ES256"),
    (keyed(x=STATE.jwk["x"] + "="), "x or y: no Base64url"),
    (keyed(x=STATE.jwk["x"][4:]), "x and y have 32 bytes each (RFC 7518 §6.2.1), not 29"),
    (keyed(x="AAAA" + STATE.jwk["x"]), "not 35"),
    (keyed(x=STATE.jwk["y"]), "no point of P-256"),
    (keyed(x=CLINIC.jwk["x"], y=CLINIC.jwk["y"]), "is not the key's thumbprint"),
    (keyed(kid="key-1"), f"kid 'key-1' is not the key's thumbprint (RFC 7638), {STATE.kid}"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refused_with_the_issuer(text: str, words: str) -> None:
    with pytest.raises(TrustListError) as caught:
        parse_card_trust_list(text)
    assert words in str(caught.value)
    assert caught.value.code == "not-a-trust-list"


def test_a_private_key_is_refused_and_not_shown() -> None:
    secret = str(STATE.private.as_dict(private=True)["d"])
    with pytest.raises(TrustListError) as caught:
        parse_card_trust_list(keyed(d=secret))
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "iss", ["https://a.b", "https://a.b:8443", "https://a.b/c/d", "https://smarthealth.cards/examples/issuer"]
)
def test_issuers_as_they_are_written(iss: str) -> None:
    assert parse_card_trust_list(named(iss)).issuers[iss].iss == iss


def test_values_are_valid_when_they_exist() -> None:
    (key,) = trusting(STATE).issuers[ISS].keys
    rest: dict[str, Any] = {"name": "a", "country": "US"}
    issuer = CardIssuer(iss=ISS, keys=(key,), **rest)
    assert issuer.kids == {STATE.kid: key}
    for wrong in ((), (key, key), (make_signing_key(Algorithm.EDDSA, bytes(32)).verifying,)):
        with pytest.raises(TrustListError):
            CardIssuer(iss=ISS, keys=wrong, **rest)
    with pytest.raises(TrustListError):
        CardTrustList(issuers={"https://a.b": issuer})


def test_keys_of_another_form_have_the_kid_of_their_point() -> None:
    (key,) = trusting(STATE).issuers[ISS].keys
    point = key.public[-65:]
    short = bytes((2 + point[-1] % 2,)) + point[1:33]
    compressed = VerifyingKey(
        algorithm=Algorithm.ES256,
        public=bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + short,
    )
    assert list(CardIssuer(iss=ISS, name="a", country="US", keys=(compressed,)).kids) == [STATE.kid]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(list(STATE.jwk.values())),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "country", "keys", ISS, *STATE.jwk]), inner, max_size=7)
    ),
)


@given(st.text(max_size=20) | json_values.map(json.dumps) | json_values.map(lambda keys: listed(keys=keys)))
def test_any_text_gives_a_list_or_an_error(text: str) -> None:
    try:
        trust = parse_card_trust_list(text)
    except CertificateError:
        return
    assert not trust.issuers


def test_every_changed_character_of_a_key_is_refused() -> None:
    for name in ("x", "y", "kid"):
        for at in range(len(STATE.jwk[name])):
            text = STATE.jwk[name]
            for other in "ABQg_-":
                if text[at] == other:
                    continue
                with pytest.raises(TrustListError):
                    parse_card_trust_list(keyed(**{name: text[:at] + other + text[at + 1 :]}))


def test_makers_of_cards_differ() -> None:
    assert len({STATE.kid, CLINIC.kid, STRANGER.kid, CardMaker("https://a.b", 5).kid}) == 4
