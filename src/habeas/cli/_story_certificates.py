"""The public EU DCC test certificates, handed over by made-up holders: real signatures, checked, in nobody's disfavour."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from habeas.certificates import CertificateError, favourable_claims, open_dcc, parse_trust_list
from habeas.ledger import Entry, HandOver, PublishTrust
from habeas.synthetic import Resident
from habeas.wire import KID_BYTES, Instant

__all__ = ["CERTIFICATES_FROM", "handed_over"]

CERTIFICATES_FROM = "github.com/eu-digital-green-certificates/dgc-testdata"
_FILE = "dcc-testdata.jsonl"
_BESIDE = Path("../shared/data")
_FIRST_OF_A_COUNTRY = '/2DCode/raw/1.json"'
_PATH = 120  # characters of a line in which its path stands


def handed_over(holders: Sequence[Resident], at: Instant) -> list[Entry]:
    """Return a trust list, and one certificate a holder, each of another country and valid at `at`.

    Nothing where the data is not at hand. The list holds the signers that the data's own test contexts name.
    """
    path = Path(os.environ.get("HABEAS_DATA") or _BESIDE) / _FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    valid = _valid((line for line in lines if _FIRST_OF_A_COUNTRY in line[:_PATH]), at)
    pairs = list(zip(holders, valid, strict=False))
    trust: dict[str, object] = {}
    for _, (signers, _) in pairs:
        trust |= signers
    handed = [HandOver(ref=who.ref, text=text) for who, (_, text) in pairs]
    return [PublishTrust(text=json.dumps(trust)), *handed] if handed else []


def _valid(lines: Iterable[str], at: Instant) -> Iterator[tuple[dict[str, object], str]]:
    """Yield signers and text of each certificate that is valid and says something that helps."""
    for line in lines:
        row = json.loads(line)
        try:
            signer = base64.b64decode(row["TESTCTX"]["CERTIFICATE"])
            kid = base64.b64encode(hashlib.sha256(signer).digest()[:KID_BYTES]).decode()
            signers: dict[str, object] = {kid: {"certificate": base64.b64encode(signer).decode()}}
            text = str(row["PREFIX"])
            if favourable_claims(open_dcc(text, parse_trust_list(json.dumps(signers)), at), at):
                yield signers, text
        except (CertificateError, KeyError, TypeError, ValueError):
            continue  # expired, or one of those that the data means to be faulty
