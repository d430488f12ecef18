"""The bytes of the log's formats, held fast: a few lines without our code, the file of vectors, and our code agree."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from habeas.passes import (
    GateView,
    Opening,
    PassFormatError,
    PersonKeys,
    Previous,
    Ratchet,
    Salt,
    admission_commitment,
    decide,
    format_pass,
    ground_commitment,
    label_at,
    make_pass,
    parse_pass,
    refusal_commitment,
    salt_at,
)
from habeas.tlog import (
    PAD,
    Admission,
    Block,
    CaseEvent,
    Counts,
    Decision,
    Ground,
    Head,
    Header,
    Plain,
    SignatureType,
    TlogError,
    block_file,
    chain_of,
    format_block_file,
    format_blocks,
    format_indexes,
    format_pool,
    hash_of_list,
    make_note_signer,
    parse_block_file,
    parse_blocks,
    parse_indexes,
    parse_pool,
)
from habeas.tlog._note_key import signed_bytes

VECTORS: dict[str, str] = json.loads((Path(__file__).parents[2] / "vectors" / "log" / "bytes.json").read_text())
REFUSALS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "log" / "refusals.json").read_text()
)
ORIGIN, EPOCH, BEGINS, AT = "henan.example/habeas", 229_861, 229_861 * 7200, 1_655_039_040
DAY = BEGINS // 86_400
ONE, TWO, THREE, FOUR = (bytes([n]) * 32 for n in range(1, 5))
INDEXES = (260, 261, 70_000)
PATH = [bytes([n]) * 32 for n in range(8)]


def H(*parts: bytes) -> bytes:  # noqa: N802 - as docs/formats.md writes it
    return hashlib.sha256(b"".join(parts)).digest()


def base45(data: bytes) -> str:
    """RFC 9285: two bytes are three digits, the lowest first, a last byte two."""
    alphabet, out = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", ""
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out += alphabet[digit]
    return out


def by_hand() -> dict[str, str]:
    """Compute every vector from docs/formats.md with hashlib, hmac and struct alone."""
    log, epoch, origin = H(ORIGIN.encode()), struct.pack(">I", EPOCH), ORIGIN.encode()
    # The keys begin a day before, so each state is rolled forward once.
    labels, openings = (hmac.digest(H(b"habeas/next", seed), b"habeas/use", "sha256") for seed in (ONE, TWO))
    label = hmac.digest(labels, b"label" + log + epoch, "sha256")[:16]
    salt = {x: hmac.digest(openings, b"salt" + x.encode() + log + epoch, "sha256")[:16] for x in "GRPC"}
    names = ("gate", "grounds", "previous", "rest", "admission", "ground", "refusal")
    tag = {x: H(f"habeas/v1/{x}\n{ORIGIN}".encode()) for x in names}
    view = struct.pack(">BBIBB12s", 1, 2, BEGINS // 3600 + 168, 0, 0, b"0042 1958")
    gate = H(tag["gate"], label, salt["G"], view)
    grounds = H(tag["grounds"], label, salt["R"], b"\x81\x67inbound")  # CBOR: ["inbound"]
    previous = H(tag["previous"], label, salt["P"], (770).to_bytes(5, "big"), THREE)
    rest = H(tag["rest"], grounds, previous)
    listed = struct.pack(">I", 3) + bytes([0x85, 0x02, 0x01, 0xEB, 0xA0, 0x04])  # gaps 261, 1, 69739
    header = struct.pack(">BIB5I", 1, EPOCH, 8, 2, 3, 4, 5, 6) + (256).to_bytes(5, "big") + struct.pack(">I", 3)
    shown = bytes([1]) + log[:4] + bytes([8]) + (300).to_bytes(5, "big") + epoch + label + rest + salt["G"] + view
    text = f"{ORIGIN}\n768\n{base64.b64encode(FOUR).decode()}\n"
    cosigned = f"cosignature/v1\ntime {AT}\n{text}".encode()
    name = b"w.example/2"
    lattice = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", AT) + bytes([len(origin)]) + origin
    lattice += struct.pack(">QQ", 0, 768) + FOUR
    pool, plain = b"CN41\0", struct.pack(">BIB5I", 1, EPOCH, 8, 0, 0, 0, 0, 0) + (256).to_bytes(5, "big") + bytes(132)
    pads = [H(b"\0\0")]  # subtrees of pads alone, from one leaf up
    root = H(b"\0" + plain)
    for _ in range(8):
        root = H(b"\1", root, pads[-1])
        pads.append(H(b"\1", pads[-1], pads[-1]))
    found = {
        "header": header + H(ONE, H(listed)) + bytes(32) + H(listed) + TWO,
        "decision": struct.pack(">BI", 0x10, EPOCH) + label + gate + rest,
        "ground": bytes([0x11]) + (257).to_bytes(5, "big") + struct.pack(">H", 3) + pool + b"\2" + ONE,
        "admission": bytes([0x12, 7]) + pool + struct.pack(">I", 459_722) + TWO,
        "case": bytes([0x13, 1, 2]) + pool + struct.pack(">I", 459_999) + THREE,
        "list": listed,
        "block file": (512).to_bytes(5, "big") + struct.pack(">I", 1) + plain + b"".join(pads[:8]) + root,
        "blocks": struct.pack(">I", EPOCH - 1) + bytes(5) + epoch + (512).to_bytes(5, "big"),
        "view": view,
        "label": label,
        **{f"salt {x}": value for x, value in salt.items()},
        "gate commitment": gate,
        "rest commitment": rest,
        "admission commitment": H(tag["admission"], b"\7", ONE),
        "ground commitment": H(tag["ground"], label, salt["C"], H(ONE, TWO, b"inbound")),
        "refusal commitment": H(tag["refusal"], THREE),
        "cosignature": struct.pack(">Q", AT) + Ed25519PrivateKey.from_private_bytes(ONE).sign(cosigned),
        "ml-dsa message": lattice,
    }
    return {name: value.hex() for name, value in found.items()} | {"pass": "HB1:" + base45(shown + b"".join(PATH))}


def by_our_code() -> dict[str, str]:
    listed, pool = format_indexes(INDEXES), parse_pool("CN-41")
    keys = PersonKeys(labels=Ratchet(day=DAY - 1, state=ONE), openings=Ratchet(day=DAY - 1, state=TWO))
    assert keys.openings is not None
    opening_key = keys.openings.key(DAY)
    view = GateView(now=2, until=BEGINS // 3600 + 168, then=0, hint="0042 1958")
    opening = Opening(view=view, grounds=["inbound"], previous=Previous(index=770, leaf=THREE))
    decision = decide(keys, ORIGIN, EPOCH, BEGINS, opening)
    salts = {salt: salt_at(opening_key, salt, ORIGIN, EPOCH) for salt in Salt}
    header = Header(
        epoch=EPOCH,
        height=8,
        counts=Counts(plain=2, admissions=3, cases=4, decisions=5, grounds=6),
        previous=256,
        superseded=3,
        chain=chain_of(ONE, listed),
        packs=hash_of_list(listed),
        policy=TWO,
    )
    alone = Header(epoch=EPOCH, height=8, counts=Counts(), previous=256).to_bytes()
    file = block_file(Block(start=512, entries=(alone, *(PAD for _ in range(255)))))
    text = Head(origin=ORIGIN, size=768, root=FOUR).text
    witness = make_note_signer("w.example/1", SignatureType.COSIGNATURE, ONE)
    lattice = make_note_signer("w.example/2", SignatureType.COSIGNATURE_MLDSA, TWO)
    found = {
        "header": header.to_bytes(),
        "decision": decision.to_bytes(),
        "ground": Ground(pack=257, rule=3, pool=pool, class_=2, commitment=ONE).to_bytes(),
        "admission": Admission(kind=7, pool=pool, received=459_722, commitment=TWO).to_bytes(),
        "case": CaseEvent(kind=1, event=2, pool=pool, due=459_999, commitment=THREE).to_bytes(),
        "list": listed,
        "block file": format_block_file(file),
        "blocks": format_blocks([(EPOCH - 1, 0), (EPOCH, 512)]),
        "view": view.to_bytes(),
        "label": label_at(keys.labels.key(DAY), ORIGIN, EPOCH),
        **{f"salt {salt.value.decode()}": value for salt, value in salts.items()},
        "gate commitment": decision.gate,
        "rest commitment": decision.rest,
        "admission commitment": admission_commitment(ORIGIN, 7, ONE),
        "ground commitment": ground_commitment(keys, ORIGIN, EPOCH, BEGINS, pack=ONE, rule="inbound", statement=TWO),
        "refusal commitment": refusal_commitment(ORIGIN, THREE),
        "cosignature": witness.sign(text, AT),
        "ml-dsa message": signed_bytes(lattice.key, text, AT),
    }
    shown = make_pass(decision, salts[Salt.GATE], view, origin=ORIGIN, index=300, path=PATH)
    return {name: value.hex() for name, value in found.items()} | {"pass": format_pass(shown)}


READERS: dict[str, Callable[[bytes], object]] = {
    "header": Header.of_bytes,
    "decision": Decision.of_bytes,
    "ground": Ground.of_bytes,
    "admission": Admission.of_bytes,
    "case": CaseEvent.of_bytes,
    "plain": Plain.of_bytes,
    "list": parse_indexes,
    "block file": parse_block_file,
    "blocks": parse_blocks,
    "pool": lambda data: format_pool(int.from_bytes(data)),
    "view": GateView.of_bytes,
    "pass": lambda data: parse_pass(data.decode()),
}


@pytest.mark.parametrize("row", REFUSALS, ids=[f"{row['format']}: {row['why']}" for row in REFUSALS])
def test_bytes_that_are_none_are_refused(row: dict[str, str]) -> None:
    with pytest.raises(TlogError if row["format"] not in {"view", "pass"} else PassFormatError):
        READERS[row["format"]](bytes.fromhex(row["bytes"]))


def test_every_format_has_a_refusal() -> None:
    assert {row["format"] for row in REFUSALS} == READERS.keys()


@pytest.mark.parametrize("name", VECTORS)
def test_the_formats_bytes_are_those_of_the_vectors(name: str) -> None:
    assert by_hand()[name] == VECTORS[name]
    assert by_our_code()[name] == VECTORS[name]


def test_every_format_has_its_vector_and_is_read_back() -> None:
    assert by_hand().keys() == by_our_code().keys() == VECTORS.keys()
    data = {name: bytes.fromhex(VECTORS[name]) for name in ("header", "decision", "ground", "admission", "case")}
    assert Header.of_bytes(data["header"]).to_bytes() == data["header"]
    assert Decision.of_bytes(data["decision"]).to_bytes() == data["decision"]
    assert Ground.of_bytes(data["ground"]).to_bytes() == data["ground"]
    assert Admission.of_bytes(data["admission"]).to_bytes() == data["admission"]
    assert CaseEvent.of_bytes(data["case"]).to_bytes() == data["case"]
    again: dict[str, Callable[[bytes], bytes]] = {
        "block file": lambda form: format_block_file(parse_block_file(form)),
        "blocks": lambda form: format_blocks(parse_blocks(form)),
        "list": lambda form: format_indexes(parse_indexes(form)),
    }
    for name, read_and_write in again.items():
        assert read_and_write(bytes.fromhex(VECTORS[name])).hex() == VECTORS[name]
    assert format_pass(parse_pass(VECTORS["pass"])) == VECTORS["pass"]
