"""A ledger that ends in a log, made by the command itself; four witnesses and a checker over loopback, on one clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from litestar import Litestar

from cli.running import LI, POSITIVE, SAMPLING, WANG, Ran, done, habeas, mandate, one_rule, write_json
from habeas.cli._key_file import read_public_file
from habeas.services import (
    Checker,
    FolderSource,
    Rate,
    ServiceError,
    Witness,
    checker_app,
    read_signer,
    serve,
    witness_app,
    write_signer,
)
from habeas.stores import FolderDisk
from habeas.tlog import SignatureType, format_vkey, parse_policy
from habeas.wire import parse_instant

ORIGIN = "henan.example/habeas"
WITNESSES = ("w1", "w2", "w3", "w4")
CHECKER = "c1"
FOUNDED, OPENED = "2022-01-02T00:30Z", "2022-01-02T02:00Z"
GATE = {
    "place": "Zhengzhou Central Library, north door",
    "area": "CN-41-01",
    "hours": ["00:00", "24:00"],
    "purpose": "indoor crowds",
    "class": "ordinary",
    "lane": "counter 2, to the left of the door",
    "body": "city-office",
    "from": "2022-01-01T00:00Z",
    "to": "2023-01-01T00:00Z",
    "offset": "+08:00",
}


class Running:
    """A service in a thread of this process, on a port that stays its own."""

    def __init__(self, app: Callable[[], Litestar]) -> None:
        self._make, self._port = app, 0
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start it, and return when it listens."""
        ready, self._app = threading.Event(), self._make()

        def listens(url: str) -> None:
            self.url, self._port = url, int(url.rpartition(":")[2])
            ready.set()

        def run() -> None:
            with suppress(ServiceError):  # how it is told to stop
                serve(self._app, host="127.0.0.1", port=self._port, listens=listens)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(30)

    def stop(self) -> None:
        """Stop it, and return when it answers no more."""
        if self._thread.is_alive():
            self._app.state.stop(ServiceError("stopped"))
            self._thread.join(30)


class LogTown:
    """A folder of `log new` with its witnesses and its checker, whose clock is `now`."""

    def __init__(self, folder: Path, stack: ExitStack, *new: str) -> None:
        self.top, self.folder = folder, folder / "town"
        self.now = int(parse_instant(OPENED))
        self.db, self.policy, self.public = (
            self.folder / "ledger.sqlite",
            self.folder / "policy",
            folder / "authority.pub",
        )
        self.gate = folder / "gate"
        self.keys = {name: write_signer(*self._key(name)).key for name in (*WITNESSES, CHECKER)}
        made = done("log", "new", self.folder, "--origin", ORIGIN, *new, "--json").json
        self.vkey = made["key"]
        self.public.write_text(done("keys", "show", self.folder / "authority.key").out)
        self.services = {name: Running(self._app(name, stack)) for name in (*WITNESSES, CHECKER)}
        stack.callback(self.stop, *self.services)
        self.policy.write_text(self.policy_text({name: one.url for name, one in self.services.items()}))

    def policy_text(self, urls: dict[str, str]) -> str:
        """Return the policy: three of the four witnesses, and the checker."""
        lines = [f"log {self.vkey}"]
        lines += [f"witness {name} {format_vkey(key)} {urls.get(name, '')}".strip() for name, key in self.keys.items()]
        lines += [f"group some 3 {' '.join(WITNESSES)}", f"group checkers all {CHECKER}"]
        return "\n".join([*lines, "group both all some checkers", "quorum both", ""])

    def stop(self, *names: str) -> None:
        for name in names:
            self.services[name].stop()

    def start(self, *names: str) -> None:
        for name in names:
            self.services[name].start()

    def append(self, at: str, *more: str) -> Ran:
        """Make what is owed at an instant, by everybody's clock."""
        self.now = max(self.now, int(parse_instant(at)))
        return habeas("log", "append", self.folder, "--at", at, "--patience", "20", *more)

    def appended(self, at: str) -> list[dict[str, object]]:
        """Make what is owed, which has to end well, and return the blocks."""
        ran = self.append(at, "--json")
        assert ran.code == 0, ran
        blocks: list[dict[str, object]] = ran.json["blocks"]
        return blocks

    def found(self) -> None:
        """Hand in mandates, a pack, a gate's mandate and two people."""
        for body, alg, kinds in (("lab", "EdDSA", "test-result"), ("clinic", "ES256", "custodian-record")):
            public = self.top / f"{body}.pub"
            public.write_text(done("keys", "new", "--alg", alg, "--out", self.top / f"{body}.key").out)
            file = write_json(self.top / f"{body}.json", mandate(body, kinds))
            self.do("mandate", "grant", "--body", file, "--public", public, at=FOUNDED)
        self.do("pack", "publish", one_rule(self.top / "pack.yaml"), at=FOUNDED)
        self.do("mandate", "gate", write_json(self.top / "gate.json", GATE), at=FOUNDED)
        self.do("person", "enrol", "--document", LI, "--hint", "123X 1990", at=FOUNDED)
        self.do("person", "enrol", "--document", WANG, at=FOUNDED)

    def do(self, *line: object, at: str) -> Ran:
        """Run a command on the ledger at an instant; it has to end well."""
        return done(*line, "--db", self.db, "--at", at)

    def statement(self, name: str) -> Path:
        """Return a signed statement: `sampling` of the clinic, `positive` of the laboratory that tested the sample."""
        out = self.top / f"{name}.cose"
        if not out.exists():
            said, body = {"sampling": (SAMPLING, "clinic"), "positive": (POSITIVE, "lab")}[name]
            key = ("--key", self.top / f"{body}.key", "--registry-key", self.folder / "registry.key")
            done("statement", "sign", write_json(self.top / f"{name}.json", said), *key, "--out", out)
        return out

    def hand_over_keys(self, document: str, name: str, at: str, *more: object) -> Path:
        out = self.top / name
        self.do("person", "keys", "--document", document, "--out", out, *more, at=at)
        return out

    def pass_of(self, keys: Path) -> str:
        """Return the pass that the holder of some keys makes from the log's public files."""
        return done("pass", "make", "--log", self.folder, "--policy", self.policy, "--keys", keys).out.strip()

    def sync(self, *mandates: int) -> None:
        """Bring the gate up to the newest checkpoint; the first time it is told its mandates."""
        held = [word for index in mandates for word in ("--mandate", index)]
        first = [] if self.gate.is_dir() else ["--policy", self.policy, "--key", self.public]
        done("pass", "sync", "--gate", self.gate, "--log", self.folder, *first, *held)

    def verdict(self, shown: str, at: str) -> tuple[str, str]:
        """Return a gate's answer and its reason."""
        ran = habeas("pass", "check", shown, "--gate", self.gate, "--at", at, "--json")
        (answer,) = ran.json["answers"]
        return answer["verdict"], answer["reason"]

    def _key(self, name: str) -> tuple[Path, str, SignatureType, bytes]:
        return self.top / f"{name}.key", f"{name}.example", SignatureType.COSIGNATURE, name.encode() * 16

    def _app(self, name: str, stack: ExitStack) -> Callable[[], Litestar]:
        disk = stack.enter_context(FolderDisk(self.top / name))
        signer, policy = read_signer(self.top / f"{name}.key"), parse_policy(self.policy_text({}).encode())

        def make() -> Litestar:
            if name != CHECKER:
                return witness_app(Witness(disk, signer, policy.logs, lambda: self.now), Rate(1000, 1000))
            founder, source = read_public_file(self.public), FolderSource(self.folder)
            return checker_app(Checker(disk, signer, policy, source, founder, lambda: self.now), Rate(1000, 1000))

        return make


def plain_of(blocks: list[dict[str, object]], kind: str) -> list[int]:
    """Return where the plain entries of a kind stand in some blocks."""
    rows = [one for block in blocks for one in json.loads(json.dumps(block["plain"]))]
    return [int(one["index"]) for one in rows if one["kind"] == kind]
