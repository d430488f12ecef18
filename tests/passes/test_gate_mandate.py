"""Gate mandates as entries of the log: one form, one signer, and what cannot be one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.mandates import GateClass, GateMandate, GateMandateError, gate_mandate_entry, read_gate_mandate
from habeas.tlog import EntryKind, Plain
from habeas.wire import Algorithm, Instant, Span, encode_cbor, make_signing_key, sign1
from passes.gate_log import MANDATE
from tlog.blocks import KEY, plain

VALUE = MANDATE.to_cbor()


@given(
    st.builds(
        replace,
        st.just(MANDATE),
        offset=st.integers(-840, 840),
        lets_in=st.integers(0, 255),
        gate_class=st.sampled_from(GateClass),
        hours=st.tuples(st.integers(0, 719), st.integers(720, 1440)),
        time=st.integers(1, 10**9).map(lambda end: Span(Instant(0), Instant(end))),
    )
)
def test_a_gate_mandate_is_logged_in_one_form(mandate: GateMandate) -> None:
    entry = gate_mandate_entry(mandate, KEY)
    assert read_gate_mandate(entry, KEY.verifying) == mandate
    assert gate_mandate_entry(read_gate_mandate(entry, KEY.verifying), KEY) == entry


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        VALUE | {"more": 1},
        {name: value for name, value in VALUE.items() if name != "lane"},
        *(VALUE | {name: value} for name, value in (
            ("lane", " "), ("place", 3), ("body", 5), ("lets_in", True), ("lets_in", 256), ("lets_in", -1), ("offset", 841),
            ("offset", 1.0), ("hours", [1.0, 3]), ("hours", [1, 2, 3]), ("time", [0]), ("time", [5, 5]), ("time", [0, 2**60]),
            ("class", "treatment"), ("area", "nowhere"), ("purpose", "Emergency room"),
        )),
    ],
)  # fmt: skip
def test_what_no_gate_mandate_can_be_is_refused(wrong: object) -> None:
    with pytest.raises(GateMandateError):
        GateMandate.of_cbor(wrong)
    body = sign1(encode_cbor(wrong), KEY)
    with pytest.raises(GateMandateError):
        read_gate_mandate(Plain(kind=EntryKind.GATE_MANDATE, body=body).to_bytes(), KEY.verifying)


def test_another_kind_signer_or_form_is_no_gate_mandate() -> None:
    other = make_signing_key(Algorithm.EDDSA, b"o" * 32)
    entry = gate_mandate_entry(MANDATE, KEY)
    for wrong, key in (
        (entry, other),
        (plain(EntryKind.PACK), KEY),
        (entry[:-1], KEY),
        (b"", KEY),
        (bytes([EntryKind.GATE_MANDATE]) + b"\0" + (70_000).to_bytes(4) + bytes(32), KEY),
    ):
        with pytest.raises(GateMandateError):
            read_gate_mandate(wrong, key.verifying)


def test_the_minute_of_the_day_is_the_places_own() -> None:
    assert MANDATE.minute_at(Instant(0)) == 480
    assert replace(MANDATE, offset=-1).minute_at(Instant(0)) == 1439
    assert MANDATE.minute_at(Instant(16 * 3600)) == 0
