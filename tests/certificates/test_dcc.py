"""Opening a certificate: what is taken, and each way to be refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.issuing import BEFORE, ELBONIA, EXPIRES, ISSUED, NAME, NOW, UTOPIA, VACCINATION, Issuer, oid, payload
from habeas.certificates import (
    BadSignatureError,
    CertificateError,
    DccKind,
    ExpiredError,
    HolderName,
    KeyUsageError,
    NotACertificateError,
    NotYetValidError,
    TrustList,
    UnknownKeyError,
    WrongAlgorithmError,
    open_dcc,
    read_contents,
    read_signer,
)
from habeas.wire import FOREVER, CborTag, Instant, encode_cbor, format_hc1, open_hc1, parse_cbor


def trusting(*issuers: Issuer) -> TrustList:
    return TrustList(signers=dict(read_signer(issuer.der) for issuer in issuers))


TRUST = trusting(UTOPIA, ELBONIA)


@pytest.mark.parametrize("issuer", [UTOPIA, ELBONIA], ids=["ES256", "PS256"])
@pytest.mark.parametrize(("group", "kind"), [("v", DccKind.VACCINATION), ("t", DccKind.TEST), ("r", DccKind.RECOVERY)])
def test_a_certificate_is_opened(issuer: Issuer, group: str, kind: DccKind) -> None:
    dcc = open_dcc(issuer.text(payload(group)), TRUST, NOW)
    assert (dcc.kid, dcc.issuer, dcc.issued, dcc.expires, dcc.kind) == (issuer.kid, "UT", ISSUED, EXPIRES, kind)
    assert dcc.name == HolderName(
        family="Müller-O’Neill", given="Ada", family_latin="MUELLER<ONEILL", given_latin="ADA"
    )
    assert dcc.born == "1990-01-15"
    assert dcc.payload == payload(group)
    assert dcc.entries == (payload(group)[group][0],)


def test_nothing_of_the_holder_in_a_log_line() -> None:
    line = repr(open_dcc(UTOPIA.text(payload("v")), TRUST, NOW))
    assert "Utopia" not in line
    for secret in [*NAME.values(), "1990", VACCINATION["ci"]]:
        assert secret not in line


def test_its_time_includes_both_ends() -> None:
    text = UTOPIA.text(payload("v"))
    for at in (ISSUED, EXPIRES):
        assert open_dcc(text, TRUST, at).expires == EXPIRES
    with pytest.raises(NotYetValidError, match="valid from 2022-01-10T08:00:00Z on"):
        open_dcc(text, TRUST, BEFORE)
    with pytest.raises(ExpiredError, match="expired at 2023-01-10T08:00:00Z"):
        open_dcc(text, TRUST, EXPIRES.after(1))
    with pytest.raises(NotYetValidError, match="valid from 2022-06-12T13:04:01Z on"):
        open_dcc(UTOPIA.text(payload("v"), c5=NOW + 1), TRUST, NOW)
    assert open_dcc(UTOPIA.text(payload("v"), c5=int(BEFORE)), TRUST, ISSUED)


def test_numbers_as_javascript_writes_them() -> None:
    dcc = open_dcc(UTOPIA.text(payload("v", dn=2.0, sd=2.0), c4=EXPIRES + 0.9, c6=float(ISSUED)), TRUST, NOW)
    assert (dcc.issued, dcc.expires) == (ISSUED, EXPIRES)
    assert [(type(dcc.entries[0][field]), dcc.entries[0][field]) for field in ("dn", "sd")] == [(int, 2)] * 2


def test_tagged_date_times_are_their_text() -> None:
    dcc = open_dcc(UTOPIA.text(payload("t", sc=CborTag(0, "2022-06-12T11:30:00Z"))), TRUST, NOW)
    assert dcc.entries[0]["sc"] == "2022-06-12T11:30:00Z"


@pytest.mark.parametrize("issuer", [None, "", "Ministry of Health of Utopia"])
def test_the_issuer_need_not_be_a_country(issuer: str | None) -> None:
    assert open_dcc(UTOPIA.text(payload("v"), c1=issuer), TRUST, NOW).issuer == (issuer or "")


USED_FOR_TESTS = Issuer(UTOPIA.private, (oid("test"),))


REFUSED: list[tuple[str, type[CertificateError], str]] = [
    ("", NotACertificateError, "begins with HC1:"),
    (format_hc1(b""), NotACertificateError, "ends too early"),
    (format_hc1(encode_cbor([b"", {4: b"kid"}, b"", b""])), WrongAlgorithmError, "algorithm None is not taken"),
    (
        UTOPIA.text(payload("v"), headers={1: -8}),
        WrongAlgorithmError,
        "the message says EDDSA, the key is for ES256; ask its issuer",
    ),
    (UTOPIA.text(payload("v"), headers={1: -37}), WrongAlgorithmError, "the message says PS256"),
    (UTOPIA.text(payload("v"), headers={1: -35}), WrongAlgorithmError, "-35 is not taken"),
    (
        UTOPIA.text(payload("v"), headers={4: b"12345678"}),
        UnknownKeyError,
        "no key MTIzNDU2Nzg= is on the trust list of 2",
    ),
    (UTOPIA.text(payload("v"), headers={4: UTOPIA.kid + b"\0"}), UnknownKeyError, "no key"),
    (UTOPIA.text(payload("v"), headers={4: ELBONIA.kid}), WrongAlgorithmError, "PS256"),
    (UTOPIA.text(payload("v"), headers={2: [4]}), NotACertificateError, "critical"),
    (UTOPIA.text_of(b"\xff", headers={1: -7, 4: UTOPIA.kid}), NotACertificateError, "no set of claims: byte 0"),
    (UTOPIA.text_of(b"\x80", headers={1: -7, 4: UTOPIA.kid}), NotACertificateError, "no set of claims (RFC 8392)"),
    (UTOPIA.text(payload("v"), c1=7), NotACertificateError, "issuer (claim 1) is no text"),
    (UTOPIA.text(payload("v"), c4=None), NotACertificateError, "claim 4 is no time"),
    (UTOPIA.text(payload("v"), c6=None), NotACertificateError, "claim 6 is no time"),
    (UTOPIA.text(payload("v"), c6=True), NotACertificateError, "claim 6 is no time"),
    (UTOPIA.text(payload("v"), c4="2023"), NotACertificateError, "claim 4 is no time"),
    (UTOPIA.text(payload("v"), c4=float("nan")), NotACertificateError, "claim 4 is no time"),
    (UTOPIA.text(payload("v"), c4=float("inf")), NotACertificateError, "claim 4 is no time"),
    (
        UTOPIA.text(payload("v"), c4=FOREVER + 1),
        NotACertificateError,
        "claim 4: 253402300800 seconds is no instant",
    ),
    (UTOPIA.text(payload("v"), c5="now"), NotACertificateError, "claim 5 is no time"),
    (UTOPIA.text(payload("v"), cm260=None), NotACertificateError, "no EU contents"),
    (UTOPIA.text(payload("v"), cm260={2: payload("v")}), NotACertificateError, "no EU contents"),
    (UTOPIA.text([]), NotACertificateError, "no EU contents"),
    (UTOPIA.text(payload("t", sc=CborTag(1, 1_655_039_040))), NotACertificateError, "CBOR tag 1"),
    (UTOPIA.text(payload("t", sc=CborTag(0, 1))), NotACertificateError, "CBOR tag 0"),
    (UTOPIA.text({}), NotACertificateError, "ver is missing"),
]


@pytest.mark.parametrize(("text", "error", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_refused_with_what_and_what_next(text: str, error: type[CertificateError], words: str) -> None:
    with pytest.raises(CertificateError) as caught:
        open_dcc(text, TRUST, NOW)
    assert type(caught.value) is error
    assert words in str(caught.value)


def test_a_key_kept_for_another_kind() -> None:
    trust = trusting(USED_FOR_TESTS)
    assert open_dcc(USED_FOR_TESTS.text(payload("t")), trust, NOW).kind is DccKind.TEST
    for group, kind in (("v", "vaccination"), ("r", "recovery")):
        with pytest.raises(KeyUsageError, match=f"this {kind} certificate"):
            open_dcc(USED_FOR_TESTS.text(payload(group)), trust, NOW)


def test_one_key_under_two_kids_signs_for_the_one_that_is_named() -> None:
    with pytest.raises(UnknownKeyError):
        open_dcc(UTOPIA.text(payload("t")), trusting(USED_FOR_TESTS), NOW)


def test_each_refusal_has_a_code_of_its_own() -> None:
    codes = [error.code for error in CertificateError.__subclasses__()]
    assert sorted(codes) == [
        "bad-signature",
        "expired",
        "key-usage",
        "not-a-certificate",
        "not-a-rule-file",
        "not-a-trust-list",
        "not-a-value-set",
        "not-yet-valid",
        "unknown-kid",
        "unknown-region",
        "wrong-algorithm",
        "wrong-issuer",
    ]


def test_every_flipped_bit_is_refused() -> None:
    message = open_hc1(UTOPIA.text(payload("v")))
    assert open_dcc(format_hc1(message), TRUST, NOW)
    for bit in range(8 * len(message)):
        changed = bytearray(message)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((BadSignatureError, NotACertificateError, UnknownKeyError, WrongAlgorithmError)):
            open_dcc(format_hc1(bytes(changed)), TRUST, NOW)


scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 64), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=9)
    | st.binary(max_size=3)
    | st.sampled_from(["2022-01-01", "840539006"])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 5), inner, max_size=3)
        | st.builds(CborTag, st.integers(0, 3), inner)
    ),
    max_leaves=8,
)


@given(
    st.text(max_size=30)
    | st.binary(max_size=40).map(format_hc1)
    | anything.map(lambda value: format_hc1(encode_cbor(value)))
)
def test_any_text_is_refused_by_a_certificate_error(text: str) -> None:
    with pytest.raises(CertificateError):
        open_dcc(text, TRUST, NOW)


def _replaced(value: Any, place: int, other: Any) -> Any:  # noqa: ANN401 - plain values
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


@given(st.sampled_from("vtr"), st.integers(0, 20), anything)
def test_a_signed_certificate_with_anything_anywhere_is_opened_or_refused(
    group: str, place: int, other: object
) -> None:
    try:
        dcc = open_dcc(UTOPIA.text(_replaced(payload(group), place, other)), TRUST, NOW)
    except CertificateError:
        return
    assert dcc.kind in DccKind


@given(anything)
def test_any_claims_are_opened_or_refused(token: object) -> None:
    with pytest.raises(CertificateError):
        open_dcc(UTOPIA.text_of(encode_cbor(token), headers={1: -7, 4: UTOPIA.kid}), TRUST, NOW)


AS_ISSUED = Instant(ISSUED)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ([], "its contents are no map"),
        (payload("v") | {"ver": "1.3"}, "ver is no version"),
        (payload("v") | {"ver": 1}, "ver is missing, or no text"),
        (payload("v") | {"dob": None}, "dob is missing"),
        (payload("v") | {"dob": "1815-08-24"}, "dob is no date of birth"),
        (payload("v") | {"dob": "2022-01-11"}, "dob is no date of birth"),
        (payload("v") | {"dob": "90-01-15"}, "dob is no date of birth"),
        (payload("v") | {"v": []}, "must be one of v (vaccination), t (test) and r (recovery)"),
        (payload("v") | {"v": None}, "must be one of"),
        (payload("v") | payload("t"), "must be one of"),
        (payload("v") | {"v": {}}, "v is no list"),
        (payload("v") | {"v": ["x"]}, "entry is no map"),
        (payload("v") | {"nam": "Ada"}, "nam is no map of names"),
        (payload("v") | {"nam": {"fn": "Ada"}}, "nam has neither fnt nor gnt"),
        (payload("v") | {"nam": NAME | {"fn": 7}}, "fn is missing, or no text"),
        (payload("v") | {"nam": NAME | {"gn": "😀"}}, "nam holds a sign that is no part of a name"),
        (payload("v") | {"nam": NAME | {"gn": "A\nda"}}, "nam holds a sign"),
        (payload("v") | {"nam": NAME | {"gnt": "Ada"}}, "nam has an fnt or gnt that is not of A to Z and <"),
        (payload("v", co="ut"), "co is no country"),
        (payload("v", co="XY"), "co is no country"),
        (payload("v", mp=None), "mp is missing, or no text"),
        (payload("v", dt="2021-02-30"), "dt is no date"),
        (payload("v", dt="11.06.2021"), "dt is no date"),
        (payload("v", dn="2"), "dn is no number of doses from 0 to 9"),
        (payload("v", dn=10), "dn is no number"),
        (payload("v", sd=-1), "sd is no number"),
        (payload("v", sd=True), "sd is no number"),
        (payload("v", sd=1.5), "sd is no number"),
        (payload("t", sc="2022-06-12"), "sc is no date and time with offset"),
        (payload("t", sc="2022-06-12T11:30:00"), "sc is no date and time"),
        (payload("t", sc="2022-06-32T11:30:00Z"), "sc is no date and time"),
        (payload("t", tr=1), "tr is missing, or no text"),
        (payload("r", fr=""), "fr is no date"),
        (payload("r", du="2022-13-01"), "du is no date"),
    ],
)
def test_contents_that_nothing_can_be_read_from(contents: object, words: str) -> None:
    with pytest.raises(NotACertificateError) as caught:
        read_contents(contents, AS_ISSUED)
    assert words in str(caught.value)


@pytest.mark.parametrize("born", ["", "1990", "1990-01", "1990-01-15", "1963-00", "2022-01-10", "1978-01-26T00:00:00"])
def test_dates_of_birth_may_be_known_in_part(born: str) -> None:
    assert read_contents(payload("v") | {"dob": born}, AS_ISSUED).born == born


def test_names_are_composed() -> None:
    name = read_contents(payload("v") | {"nam": NAME | {"fn": "Müller"}}, AS_ISSUED).name
    assert name.family == "Müller"
    assert read_contents(payload("v") | {"nam": {"fnt": "ADA"}}, AS_ISSUED).name.given == ""


def test_what_is_not_read_is_kept() -> None:
    contents = payload("v", other={"a": [1.0, b"x"]}) | {"meta": {"id": 7}, "t": None, "r": []}
    dcc = open_dcc(UTOPIA.text(contents), TRUST, NOW)
    assert dcc.payload == contents
    assert parse_cbor(encode_cbor(dcc.payload)) == dict(dcc.payload)
