"""From the text in a certificate's QR picture to contents that its issuer signed, beside the bare check of its signature.

    ./dev bench dcc [ROUNDS]

The real certificates of the public DCC test data that open at their time of issue, under one trust list with all their keys. The
baseline is cryptography's own verification alone: key loaded, signature in DER, algorithm made beforehand. Rounds of all of them
alternate between the baseline, the whole and its stages; each certificate counts with its best and its median time, by the clock:
the best says what the work costs, the median what else the machine did. Then the pictures that hold such texts. Needs the public
data, and no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from _pictures import measure_pictures
from _report import report
from habeas.certificates import CertificateError, Signer, TrustList, TrustListError, open_dcc, parse_trust_list
from habeas.wire import (
    Algorithm,
    Instant,
    Sign1,
    VerifyingKey,
    WireError,
    check_sign1,
    open_hc1,
    parse_base45,
    parse_cbor,
    parse_sign1,
)

ROUNDS = 60
DATA = (
    Path(os.environ.get("HABEAS_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    / "dcc-testdata.jsonl"
)
TO_MICROSECONDS = 1e6
ECDSA = ec.ECDSA(hashes.SHA256())
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
SHA256 = hashes.SHA256()

Step = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A real certificate, what its stages take, and the bare check of its signature."""

    text: str
    at: Instant
    cose: bytes
    message: Sign1
    key: VerifyingKey
    bare: Step

    def steps(self, trust: TrustList) -> dict[str, Step]:
        """Return what is measured, the baseline first and the whole second."""
        return {
            "the signature alone, bare": self.bare,
            "text to checked contents": lambda: open_dcc(self.text, trust, self.at),
            "of it: Base45": lambda: parse_base45(self.text[4:]),
            "of it: Base45 and inflate": lambda: open_hc1(self.text),
            "of it: COSE": lambda: parse_sign1(self.cose),
            "of it: the signature": lambda: check_sign1(self.message, self.key),
            "of it: CBOR of the contents": lambda: parse_cbor(self.message.payload),
        }


def real_certificates() -> tuple[list[Certificate], TrustList]:
    """Return the certificates that open at their time of issue, and the trust list of all keys in the data."""
    with DATA.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    trust = trust_list([base64.b64decode(row["TESTCTX"]["CERTIFICATE"]) for row in rows])
    found = []
    for text in dict.fromkeys(row["PREFIX"] for row in rows):  # a text that stands twice is taken once
        try:
            cose = open_hc1(text)
            message = parse_sign1(cose)
            at = Instant(int(parse_cbor(message.payload)[6]))  # type: ignore[index,arg-type]
            open_dcc(text, trust, at)
        except (WireError, CertificateError, TypeError, KeyError):
            continue
        key = trust.find(message.kid).key
        found.append(Certificate(text=text, at=at, cose=cose, message=message, key=key, bare=bare_check(message, key)))
    return found, trust


def trust_list(certificates: Sequence[bytes]) -> TrustList:
    """Return the trust list of those whose keys we take."""
    signers: dict[bytes, Signer] = {}
    for der in certificates:
        kid = base64.b64encode(hashlib.sha256(der).digest()[:8]).decode()
        try:
            one = parse_trust_list(json.dumps({kid: {"certificate": base64.b64encode(der).decode()}}))
        except TrustListError:
            continue
        signers.update(one.signers)
    return TrustList(signers=signers)


def bare_check(message: Sign1, key: VerifyingKey) -> Step:
    """Return cryptography's own check of the signature, with all that can be prepared prepared."""
    public, signed, signature = load_der_public_key(key.public), message.signed, message.signature
    if isinstance(public, rsa.RSAPublicKey):
        return lambda: public.verify(signature, signed, PSS, SHA256)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    return lambda: public.verify(der, signed, ECDSA)


def measure(certificates: Sequence[Certificate], trust: TrustList, rounds: int) -> list[dict[str, object]]:
    """Return a row for the baseline, one for the whole, and one for each stage."""
    steps = [certificate.steps(trust) for certificate in certificates]
    taken: dict[str, list[list[float]]] = {name: [[] for _ in steps] for name in steps[0]}
    for _ in range(rounds):
        for name, times in taken.items():
            for step, own in zip([each[name] for each in steps], times, strict=True):
                began = time.perf_counter()
                step()
                own.append(time.perf_counter() - began)
    best = {name: statistics.mean(map(min, times)) * TO_MICROSECONDS for name, times in taken.items()}
    median = {name: statistics.mean(map(statistics.median, times)) * TO_MICROSECONDS for name, times in taken.items()}
    baseline = next(iter(taken))
    algorithm = certificates[0].key.algorithm.name
    return [
        {
            "algorithm": algorithm,
            "what": name,
            "certificates": len(certificates),
            "best µs": round(best[name], 1),
            "median µs": round(median[name], 1),
            "× bare, best": round(best[name] / best[baseline], 2),
            "× bare, median": round(median[name] / median[baseline], 2),
            "per second": round(TO_MICROSECONDS / median[name]),
        }
        for name in taken
    ]


def main() -> None:
    """Measure each algorithm by itself, then the pictures, and report."""
    if not DATA.exists():
        sys.exit(
            f"dcc: needs {DATA.name} from github.com/eu-digital-green-certificates/dgc-testdata; HABEAS_DATA names its folder "
            "(docs/conformance.md)"
        )
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    certificates, trust = real_certificates()
    rows = []
    for algorithm in (Algorithm.ES256, Algorithm.PS256):
        rows += measure([one for one in certificates if one.key.algorithm is algorithm], trust, rounds)
    report("dcc", "A certificate's text, read and checked on one core", rows)
    report("dcc-pictures", "Pictures of such texts", measure_pictures())


if __name__ == "__main__":
    main()
