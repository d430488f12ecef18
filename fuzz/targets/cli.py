"""Targets of `habeas.cli`: every file and argument that a command reads. The bytes come on stdin, as for `-`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from habeas.cli._certificate_file import read_certificate_texts
from habeas.cli._certlogic import evaluate
from habeas.cli._dcc_open import _answer
from habeas.cli._derive import read_people
from habeas.cli._event_file import read_events
from habeas.cli._gate_mandate_file import format_gate_mandate, read_gate_mandate_file
from habeas.cli._key_file import read_public, read_public_file, read_registry_key, read_signing_key
from habeas.cli._lines import answer_lines
from habeas.cli._log_folder import format_settings, parse_settings
from habeas.cli._mandate_file import read_mandate_file
from habeas.cli._pack_files import read_criteria, read_pack
from habeas.cli._reading import (
    STDIN,
    read_base64,
    read_bytes,
    read_document,
    read_hex,
    read_instant,
    read_json,
    read_map,
    read_text,
)
from habeas.cli._statement_file import format_statement, read_statement_file, read_statements
from habeas.cli._trust_file import read_card_trust, read_trust
from habeas.cli.errors import CliError, InputError, RefusedError
from habeas.evidence import sign_statement
from habeas.rules import Pack, check_pack, parse_pack
from seeds import documents, rules, town
from targets._target import as_text, target
from targets.certificates import signed_text
from targets.pictures import SECONDS

_HERE = Path(STDIN)


@target(read_events, read_people, seeds=town.event_files, max_bytes=16_384)
def event_file(data: bytes) -> bool:
    """Events carried out: each is judged again, and the first bad line is named."""
    return _taken(data, lambda: read_people(_HERE, packs=True), RefusedError)


@target(read_mandate_file, read_public, read_json, read_map, read_bytes, read_text, seeds=town.mandate_files)
def mandate_file(data: bytes) -> bool:
    """A mandate as people write it, its key in it."""
    return _taken(data, lambda: read_mandate_file(_HERE, None).id)


@target(read_gate_mandate_file, seeds=town.gate_mandate_files)
def gate_mandate_file(data: bytes) -> bool:
    """A gate mandate as people write it: shown in the same form, it is the same."""
    return _taken(data, _read_and_show_gate)


def _read_and_show_gate() -> None:
    found = read_gate_mandate_file(_HERE)
    with _stdin(json.dumps(format_gate_mandate(found)).encode()):
        assert read_gate_mandate_file(_HERE) == found


@target(parse_settings, seeds=town.log_settings)
def log_settings(data: bytes) -> bool:
    """A log's settings: written again they are the same."""
    return _taken(data, _read_and_write_settings)


def _read_and_write_settings() -> None:
    found = parse_settings(STDIN, read_json(_HERE))
    assert parse_settings(STDIN, json.loads(format_settings(*found))) == found


@target(read_statement_file, seeds=town.statement_files)
def statement_file(data: bytes) -> bool:
    """A statement as people write it: it can be signed, and shown in the same form."""
    return _taken(data, _sign_and_show)


def _sign_and_show() -> None:
    found = read_statement_file(_HERE, None)
    sign_statement(found, documents.DCC_KEY)
    shown = json.dumps(format_statement(found)).encode()
    with _stdin(shown):
        assert read_statement_file(_HERE, None) == found


@target(read_statements, seeds=town.signed_files, max_bytes=8192)
def signed_file(data: bytes) -> bool:
    """Signed statements, one a line or one alone; what is in them is judged elsewhere."""
    return _taken(data, lambda: read_statements(_HERE))


@target(read_signing_key, read_registry_key, read_public_file, seeds=town.key_files, max_bytes=2048)
def key_file(data: bytes) -> bool:
    """One of the three kinds of key files; no bytes are two of them."""
    readers: tuple[Callable[[Path], object], ...] = (read_signing_key, read_registry_key, read_public_file)
    taken = [_taken(data, lambda reader=reader: reader(_HERE)) for reader in readers]  # type: ignore[misc]
    assert sum(taken) <= 1
    return any(taken)


@target(
    read_certificate_texts, seeds=documents.certificate_files, max_bytes=16_384, memory_mib=1024, input_seconds=SECONDS
)
def certificate_file(data: bytes) -> bool:
    """Certificates' texts, or a picture of them."""
    return _taken(data, lambda: read_certificate_texts(_HERE))


@target(read_trust, read_card_trust, seeds=documents.trust_lists, max_bytes=8192)
def trust_file(data: bytes) -> bool:
    """A trust list's file, of either kind."""
    return any([_taken(data, lambda: read_trust(_HERE)), _taken(data, lambda: read_card_trust(_HERE))])


@target(read_pack, seeds=rules.packs, max_bytes=rules.MOST_PACK_BYTES)
def pack_file(data: bytes) -> bool:
    """A pack's file."""
    return _taken(data, lambda: read_pack(_HERE))


@target(read_criteria, seeds=rules.criteria, max_bytes=16_384)
def criteria_file(data: bytes) -> bool:
    """A list of published criteria, and a pack held against it."""
    return _taken(data, lambda: check_pack(_pack(), read_criteria(_HERE)))


@lru_cache(maxsize=1)
def _pack() -> Pack:
    return parse_pack(rules.small_pack())


@target(read_document, read_instant, read_hex, read_base64, seeds=town.arguments, max_bytes=256)
def argument(data: bytes) -> bool:
    """A document on stdin, or one of the words that options take."""
    text = as_text(data)
    return any(
        (
            _taken(data, lambda: read_document("--document", STDIN)),
            _taken(data, lambda: read_document("--document", text)),
            _taken(data, lambda: read_instant("--at", text)),
            _taken(data, lambda: read_hex("--subject", text)),
            _taken(data, lambda: read_base64("--key", text)),
        )
    )


@target(evaluate, answer_lines, seeds=rules.logic_lines, max_bytes=8192)
def logic_lines(data: bytes) -> bool:
    """`habeas certlogic eval`: one answer a line, in its place, none of them a fault of ours."""
    with _stdin(data), redirect_stdout(io.StringIO()) as out:
        evaluate()
    answers = _answers(out)
    assert len(answers) == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
    return any("value" in answer for answer in answers)


@target(answer_lines, seeds=documents.claims)
def dcc_lines(data: bytes) -> bool:
    """`habeas dcc open` with claims that a trusted key did sign, as any CBOR: whatever they hold is answered in JSON."""
    line = json.dumps({"hc1": signed_text(data)}).encode()
    with redirect_stdout(io.StringIO()) as out:
        answer_lines(
            lambda row: _answer(row, documents.DCC_TRUST, documents.NOW), fields=("hc1",), source=io.BytesIO(line)
        )
    (answer,) = _answers(out)
    return "payload" in answer


def _answers(out: io.StringIO) -> list[dict[str, Any]]:
    answers = [json.loads(line, parse_constant=_no_json) for line in out.getvalue().splitlines()]
    assert not any(isinstance(one.get("error"), dict) and one["error"]["code"] == "fault" for one in answers)
    return answers


def _no_json(word: str) -> NoReturn:
    raise AssertionError(f"{word} is no JSON")


def _taken(data: bytes, read: Callable[[], object], *errors: type[CliError]) -> bool:
    try:
        with _stdin(data):
            read()
    except CliError as error:
        if not isinstance(error, (InputError, *errors)):
            raise
        assert str(error).strip()
        assert error.next_step.strip()
        return False
    return True


@contextmanager
def _stdin(data: bytes) -> Iterator[None]:
    kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = kept
