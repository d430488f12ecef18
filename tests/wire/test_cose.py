"""COSE_Sign1: the RFCs' own messages, another implementation's, and every flipped bit."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.wire import (
    Algorithm,
    AlgorithmError,
    CborTag,
    CoseError,
    Sign1,
    SignatureError,
    SigningKey,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_cbor,
    make_signing_key,
    parse_sign1,
    sign1,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "cose" / "sign1.json").read_text())


def p256(x: bytes, y: bytes) -> VerifyingKey:
    spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04" + x + y
    return VerifyingKey.of_spki(spki)


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=")


# RFC 9052, appendix C.2.1 (RFC 8152 has the same)
KEY_11 = p256(
    _base64url("usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8"), _base64url("IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4")
)
RFC_9052 = bytes.fromhex(
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840"
    "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
    "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
)


def test_rfc_9052_appendix_c_2_1() -> None:
    message = parse_sign1(RFC_9052)
    assert (message.algorithm, message.kid) == (Algorithm.ES256, b"11")
    assert message.signed == bytes.fromhex(
        "846a5369676e61747572653143a101264054546869732069732074686520636f6e74656e742e"
    )
    assert check_sign1(message, KEY_11) == b"This is the content."


def test_rfc_8392_appendix_a_3() -> None:
    key = p256(
        bytes.fromhex("143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f"),
        bytes.fromhex("60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9"),
    )
    payload = bytes.fromhex(
        "a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c69"
        "6768742e6578616d706c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b71"
    )
    signature = bytes.fromhex(
        "5427c1ff28d23fbad1f29c4c7c6a555e601d6fa29f9179bc3d7438bacaca5acd"
        "08c8d4d4f96131680c429a01f85951ecee743a52b9b63632c57209120e1c9e30"
    )
    message = encode_cbor(CborTag(18, [bytes.fromhex("a10126"), {4: b"AsymmetricECDSA256"}, payload, signature]))
    for tagged in (message, b"\xd8\x3d" + message, b"\xd8\x3d" + message[1:], message[1:]):
        assert check_sign1(parse_sign1(tagged), key) == payload


@pytest.mark.parametrize("row", VECTORS["messages"], ids=lambda row: f"{row['algorithm']}, {row['comment']}")
def test_messages_of_another_implementation(row: dict[str, str]) -> None:
    key = VerifyingKey.of_spki(bytes.fromhex(row["spki"]))
    message = parse_sign1(bytes.fromhex(row["message"]))
    assert key.algorithm.name == row["algorithm"]
    assert message.kid.hex() == row["kid"]
    assert check_sign1(message, key).hex() == row["payload"]
    with pytest.raises(SignatureError):
        check_sign1(parse_sign1(_with(row["message"], payload=b"other")), key)


def _with(message: str, *, payload: bytes) -> bytes:
    parsed = parse_sign1(bytes.fromhex(message))
    return encode_cbor([parsed.protected, {4: parsed.kid}, payload, parsed.signature])


@pytest.mark.parametrize(
    "row", VECTORS["ours"], ids=lambda row: f"{row['algorithm']}, {len(row['payload']) // 2} bytes"
)
def test_our_messages_are_those_that_another_implementation_verified(row: dict[str, str]) -> None:
    key = make_signing_key(Algorithm[row["algorithm"]], bytes.fromhex(row["seed"]))
    assert key.kid.hex() == row["kid"]
    assert sign1(bytes.fromhex(row["payload"]), key).hex() == row["message"]


KEYS = [make_signing_key(algorithm, bytes(32)) for algorithm in (Algorithm.EDDSA, Algorithm.ES256)]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm.name)
def test_every_flipped_bit_is_refused(key: SigningKey) -> None:
    message = sign1(b"a result", key)
    assert check_sign1(parse_sign1(message), key.verifying) == b"a result"
    for bit in range(8 * len(message)):
        changed = bytearray(message)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(WireError):
            check_sign1(_of_key(bytes(changed), key.kid), key.verifying)


def _of_key(message: bytes, kid: bytes) -> Sign1:
    """Look the key up, as every caller does."""
    parsed = parse_sign1(message)
    if parsed.kid != kid:
        raise WireError
    return parsed


@given(st.binary(max_size=100), st.sampled_from(KEYS))
def test_round_trip_and_the_same_bytes_each_time(payload: bytes, key: SigningKey) -> None:
    message = sign1(payload, key)
    assert message == sign1(payload, key)
    parsed = parse_sign1(message)
    assert (parsed.algorithm, parsed.kid) == (key.algorithm, key.kid)
    assert check_sign1(parsed, key.verifying) == payload


HEADERS = st.dictionaries(
    st.sampled_from([1, 2, 3, 4, "x"]), st.sampled_from([-7, -8, b"kid", "kid", True, None, 1.5]), max_size=4
)


@given(
    st.binary(max_size=60)
    | st.builds(
        lambda tag, protected, unprotected, payload: encode_cbor(
            CborTag(tag, [protected, unprotected, payload, bytes(64)])
        ),
        st.sampled_from([18, 61, 98]),
        st.binary(max_size=4) | HEADERS.map(encode_cbor),
        HEADERS | st.lists(st.none(), max_size=2),
        st.binary(max_size=9) | st.none(),
    )
)
def test_any_bytes_give_a_message_or_a_wire_error(data: bytes) -> None:
    try:
        message = parse_sign1(data)
        check_sign1(message, KEYS[0].verifying)
    except WireError:
        return
    pytest.fail("nobody signed this")


PROTECTED = encode_cbor({1: -8, 4: b"kid"})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "an array of protected header, header, payload and signature is expected"),
        ([PROTECTED, {}, b""], "an array of"),
        ([PROTECTED, {}, b"", b"", b""], "an array of"),
        (CborTag(98, [PROTECTED, {}, b"", b""]), "an array of"),
        (CborTag(18, CborTag(61, [PROTECTED, {}, b"", b""])), "an array of"),  # 61 lies outside 18, RFC 8392 §6
        (CborTag(18, CborTag(18, [PROTECTED, {}, b"", b""])), "an array of"),
        ([{1: -8}, {}, b"", b""], "must be byte strings"),
        ([PROTECTED, {}, None, b""], "must be byte strings"),  # detached payload
        ([PROTECTED, {}, b"", "signature"], "must be byte strings"),
        ([PROTECTED, [], b"", b""], "its headers are no maps"),
        ([b"\x80", {}, b"", b""], "its headers are no maps"),
        ([encode_cbor({1: -8, 2: [4], 4: b"kid"}), {}, b"", b""], "headers that it calls critical"),
        ([PROTECTED, {2: []}, b"", b""], "headers that it calls critical"),
        ([encode_cbor({1: -8}), {}, b"", b""], "add a kid"),
        ([encode_cbor({1: -8, 4: "kid"}), {4: b"kid"}, b"", b""], "add a kid"),
        ([encode_cbor({4: b"kid"}), {}, b"", b""], "algorithm None is not taken"),
        ([encode_cbor({1: -35, 4: b"kid"}), {}, b"", b""], "algorithm -35 is not taken here; use ES256"),
        ([encode_cbor({1: -999, 4: b"kid"}), {1: -8}, b"", b""], "algorithm -999 is not taken"),
        ([encode_cbor({1: "ES256", 4: b"kid"}), {}, b"", b""], "algorithm 'ES256' is not taken"),
        ([encode_cbor({1: -7.0, 4: b"kid"}), {}, b"", b""], "algorithm -7.0 is not taken"),
    ],
)
def test_what_is_no_message_of_ours(value: object, words: str) -> None:
    with pytest.raises(CoseError) as caught:
        parse_sign1(encode_cbor(value))
    assert words in str(caught.value)


def test_the_unprotected_header_speaks_only_where_the_protected_is_silent() -> None:
    key = KEYS[0]
    silent = parse_sign1(encode_cbor([b"", {1: -8, 4: b"anybody"}, b"hello", bytes(64)]))
    assert (silent.algorithm, silent.kid) == (Algorithm.EDDSA, b"anybody")
    signature = key.sign(silent.signed)
    for none in (b"", b"\xa0"):  # RFC 9052 §3: an empty map is signed as no header
        message = parse_sign1(encode_cbor([none, {1: -8, 4: b"anybody"}, b"hello", signature]))
        assert check_sign1(message, key.verifying) == b"hello"
    both = parse_sign1(encode_cbor([PROTECTED, {1: -7, 4: b"other"}, b"", b""]))
    assert (both.algorithm, both.kid) == (Algorithm.EDDSA, b"kid")


@pytest.mark.parametrize(
    "size", [0, 40, 48, 49, 50, 51, 52, 4_000]
)  # short headers are read once and kept, 64 bytes at most
def test_a_header_of_any_length_is_read(size: int) -> None:
    protected = encode_cbor({1: -8, 4: b"kid", "": bytes(size)})
    for _ in range(2):
        message = parse_sign1(encode_cbor([protected, {}, b"hello", bytes(64)]))
        assert (message.algorithm, message.kid, message.protected) == (Algorithm.EDDSA, b"kid", protected)


def test_a_key_is_used_with_its_own_algorithm_alone() -> None:
    eddsa, es256 = KEYS
    with pytest.raises(AlgorithmError, match="the message says EDDSA, the key is for ES256"):
        check_sign1(parse_sign1(sign1(b"", eddsa)), es256.verifying)


def test_a_second_form_of_an_es256_signature_is_the_same_signed_bytes() -> None:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    key = KEYS[1]
    first = parse_sign1(sign1(b"hello", key))
    other = first.signature[:32] + (order - int.from_bytes(first.signature[32:])).to_bytes(32)
    second = parse_sign1(encode_cbor([first.protected, {9: "a guest"}, first.payload, other]))
    assert check_sign1(second, key.verifying) == b"hello"
    assert second.signed == first.signed
