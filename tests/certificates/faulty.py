"""Which files of the public DCC test data are themselves faulty, and how; test_data.py checks each claim.

Two further groups are not listed by file: 96 of NL say of one and the same payload that it is and is not valid, and 6
of PL want value sets that are not ours to judge.
"""

from __future__ import annotations

from dataclasses import dataclass

OTHER_PAYLOAD = "the JSON beside it is not what was signed"
P384 = "signed with a P-384 key and 96 bytes, and says ES256, which HCERT binds to P-256"
NO_USAGE = "wants a refusal by key usage, yet its certificate names none of HCERT's OIDs, which allows all three kinds"
WRONG_KEY = (
    "a test certificate signed with a key that is kept for vaccinations, with no word that this is meant to fail"
)
MISSPELT_EXPIRY = "its expectation is misspelt, EXPTECTEDEXPIRED, so that it states nothing about expiry"
MISSPELT_ALL = "has an expectation EXPECTEDRESULTS within EXPECTEDRESULTS, which means nothing"
MISSPELT_PICTURE = "its picture is under _2DCODE, where nobody looks for it"
NO_COSE = "states what becomes of COSE and COMPRESSED, and has neither: only the text leads there"
NO_CBOR = "states what becomes of CBOR, and has none: only the text leads there"


@dataclass(frozen=True)
class Faulty:
    """A file and its fault; `misses` are the stated expectations that cannot come out, with EXPECTED left off."""

    path: str
    fault: str
    misses: tuple[str, ...] = ()


FAULTY = (
    Faulty("ES/2DCode/raw/401.json", P384, ("VERIFY",)),
    Faulty("ES/2DCode/raw/402.json", P384, ("VERIFY",)),
    Faulty("ES/2DCode/raw/403.json", P384, ("VERIFY",)),
    Faulty("FR/2DCode/raw/test_pcr_ok.json", OTHER_PAYLOAD, ("VALIDJSON",)),  # sampled two hours later
    Faulty(
        "PL/1.3.0/2DCode/raw/1.json", OTHER_PAYLOAD, ("VALIDJSON", "SCHEMAVALIDATION")
    ),  # another person, in lower case
    Faulty("PL/1.3.0/2DCode/raw/5.json", OTHER_PAYLOAD, ("VALIDJSON", "SCHEMAVALIDATION")),  # the same
    Faulty("PT/1.3.0/2DCode/raw/4.json", OTHER_PAYLOAD, ("VALIDJSON",)),  # the same instant, as +00:00 for Z
    Faulty("IS/2DCode/raw/3.json", NO_USAGE, ("KEYUSAGE",)),
    Faulty("LI/2DCode/raw/4.json", WRONG_KEY),
    Faulty("BG/2DCode/raw/1.json", MISSPELT_EXPIRY),
    Faulty("BG/2DCode/raw/2.json", MISSPELT_EXPIRY),
    Faulty("BG/2DCode/raw/3.json", MISSPELT_EXPIRY),
    Faulty("BG/2DCode/raw/4.json", MISSPELT_EXPIRY),
    Faulty("ES/2DCode/raw/201.json", MISSPELT_EXPIRY),
    Faulty("ES/2DCode/raw/202.json", MISSPELT_EXPIRY),
    Faulty("ES/2DCode/raw/203.json", MISSPELT_EXPIRY),
    Faulty("ES/2DCode/raw/1001.json", MISSPELT_ALL),
    Faulty("ES/2DCode/raw/1002.json", MISSPELT_ALL),
    Faulty("ES/2DCode/raw/1003.json", MISSPELT_ALL),
    Faulty("LV/2DCode/raw/1.json", MISSPELT_PICTURE),
    Faulty("LV/2DCode/raw/2.json", MISSPELT_PICTURE),
    Faulty("LV/2DCode/raw/3.json", MISSPELT_PICTURE),
    Faulty("PT/1.3.0/2DCode/raw/1.json", NO_COSE),
    Faulty("PT/1.3.0/2DCode/raw/2.json", NO_COSE),
    Faulty("PT/1.3.0/2DCode/raw/3.json", NO_COSE),
    Faulty("PT/1.3.0/2DCode/raw/4.json", NO_COSE),
    Faulty("PT/1.0.0/2DCode/raw/4.json", NO_CBOR),
    Faulty("PT/1.0.0/2DCode/raw/5.json", NO_CBOR),
    Faulty("PT/1.3.0/2DCode/raw/5.json", NO_CBOR),
)

VALUE_SETS = {
    "PL/1.0.0/2DCode/raw/7.json": "9999",
    "PL/1.2.1/2DCode/raw/7.json": "9999",
    "PL/1.3.0/2DCode/raw/7.json": "9999",
    "PL/1.0.0/2DCode/raw/9.json": "ORG-99999999",
    "PL/1.2.1/2DCode/raw/9.json": "ORG-99999999",
    "PL/1.3.0/2DCode/raw/9.json": "ORG-99999999",
}
"""Files to be refused for a device or maker that no value set has: judged by acceptance rules, not by reading."""
