"""A made-up town and a home province far away: people, offices, three honest weeks, labelled misuse.

For demo, tests and benchmarks. All of it follows from a seed. It writes nothing anywhere, and decides nothing: what
becomes of its statements is for whoever admits them.
"""

from habeas.synthetic._batch import Batch, Misuse
from habeas.synthetic._courses import Cast
from habeas.synthetic._log_misuse import unlogged_pass
from habeas.synthetic._misuse import (
    CODED,
    LANDED,
    SIGNED_AGAIN,
    forged_entries,
    policy_statements,
    shell_mandates,
    shell_records,
    signed_again,
    unsampled_positives,
)
from habeas.synthetic._offices import AWAY, CITY, PROVINCE, Office, Offices, key_of, make_offices
from habeas.synthetic._residents import MOST_PEOPLE, Family, Resident
from habeas.synthetic._town import FEWEST_PEOPLE, Town, make_town

__all__ = [
    "AWAY",
    "CITY",
    "CODED",
    "FEWEST_PEOPLE",
    "LANDED",
    "MOST_PEOPLE",
    "PROVINCE",
    "SIGNED_AGAIN",
    "Batch",
    "Cast",
    "Family",
    "Misuse",
    "Office",
    "Offices",
    "Resident",
    "Town",
    "forged_entries",
    "key_of",
    "make_offices",
    "make_town",
    "policy_statements",
    "shell_mandates",
    "shell_records",
    "signed_again",
    "unlogged_pass",
    "unsampled_positives",
]
