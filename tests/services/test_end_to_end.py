"""A log, three witnesses, a checker and a mirror as processes of their own, over loopback: a block from signing to a proof."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cli.running import done
from habeas.cli._key_file import format_public
from habeas.services import HttpNotary
from habeas.tlog import format_vkey
from services.live import FOUNDER, LOG, ORIGIN, WAIT, LiveLog, key_file, policy_of, policy_text, running

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class Town:
    """All of the processes, and the policy that names them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.log = LiveLog(folder / "log", first=int(time.time()) // 7200)
        stack.callback(self.log.close)
        self.server = stack.enter_context(running("log", "serve", folder / "log"))
        (folder / "founder.pub").write_text(json.dumps(format_public(FOUNDER.verifying)))
        draft = folder / "draft"
        draft.write_text(policy_text(self.server.url))
        self.witnesses = {
            name: stack.enter_context(
                running(
                    *("witness", "serve", "--folder", folder / name, "--key", key_file(folder, name)),
                    *("--log", format_vkey(LOG.key)),
                )
            )
            for name in ("w1", "w2", "w3")
        }
        self.checker = stack.enter_context(
            running(
                *("checker", "serve", "--folder", folder / "c1", "--key", key_file(folder, "c1")),
                *("--policy", draft, "--founder", folder / "founder.pub", "--every", "0.1"),
            )
        )
        urls = {name: one.url for name, one in self.witnesses.items()} | {"c1": self.checker.url}
        self.policy = policy_of(self.server.url, urls)
        self.policy_file = folder / "policy"
        self.policy_file.write_text(policy_text(self.server.url, urls))

    def notary(self) -> HttpNotary:
        return HttpNotary(self.policy, origin=ORIGIN, patience=20)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(tmp_path, stack)


def until(url: str, wanted: bytes) -> None:
    late = time.monotonic() + WAIT
    while httpx.get(url, trust_env=False).content != wanted:
        assert time.monotonic() < late, url


def test_a_block_from_signing_to_a_proof(town: Town, tmp_path: Path) -> None:
    notary = town.notary()
    assert notary.witnessed() is None
    for _ in range(2):
        signed = town.log.append()
        note = notary.cosign(signed, town.log.prove)
        published = town.log.publish(note)
        assert town.policy.check(note).head == published.head == signed.head
        assert town.notary().witnessed() == signed.head
    until(f"{town.checker.url}/checkpoint", httpx.get(f"{town.server.url}/checkpoint", trust_env=False).content)
    said = done("log", "verify", town.server.url, "--policy", town.policy_file, "--entries", "--json").json
    assert (said["size"], said["blocks"]) == (512, 2)
    done("log", "prove", town.checker.url, "256", "--policy", town.policy_file, "--out", tmp_path / "header.tlog-proof")
    shown = done("log", "check", tmp_path / "header.tlog-proof", "--policy", town.policy_file, "--json").json
    assert bytes.fromhex(shown["entry"]) == town.log.blocks[1].entries[0]
    follow = ("mirror", "follow", town.server.url, "--policy", town.policy_file, "--folder", tmp_path / "mirror")
    assert done(*follow, "--once", "--json").json["size"] == 512
    done("log", "verify", tmp_path / "mirror", "--policy", town.policy_file, "--entries")
