"""Targets of `habeas.services`: files that somebody hands over to be believed."""

from __future__ import annotations

from habeas.services import ForkFileError, KeyFileError, format_fork, parse_fork, parse_signer
from seeds import services as seeds
from targets._target import target


@target(parse_fork, seeds=seeds.forks, max_bytes=8192)
def fork(data: bytes) -> bool:
    """A fork that was taken contradicts itself under the log's key, however it is written."""
    try:
        found = parse_fork(data, seeds.LOG)
    except ForkFileError:
        return False
    assert found.first.head.root != found.root
    assert parse_fork(format_fork(found), seeds.LOG) == found
    return True


@target(parse_signer, seeds=seeds.signers, max_bytes=256)
def note_signer(data: bytes) -> bool:
    """A secret key's file gives a key of its own name and id, or nothing."""
    try:
        found = parse_signer(data)
    except KeyFileError:
        return False
    assert found.key.id.hex().encode() in data
    return True
