"""The demo's process tree: the log's file server, four witnesses, a checker and a mirror, each a process of its own.

They do what `habeas log|witness|checker|mirror` do, over loopback. Only their clock is the story's, which is in 2022.
"""

from __future__ import annotations

import multiprocessing
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from litestar import Litestar

from habeas.cli.errors import InputError
from habeas.services import (
    Checker,
    Due,
    HttpNotary,
    HttpSource,
    Mirror,
    Rate,
    SourceError,
    Witness,
    checker_app,
    log_app,
    serve,
    witness_app,
)
from habeas.stores import FolderDisk
from habeas.tlog import Fetch, NoteSigner, Policy, SignatureType, format_vkey, make_note_signer, parse_policy
from habeas.wire import Algorithm, Instant, VerifyingKey

__all__ = ["CHECKER", "ORIGIN", "WITNESSES", "Services", "running_services"]

ORIGIN = "anhe.example/habeas"
WITNESSES = ("court", "university", "newspaper", "ombudsman")
CHECKER = "hospitals"
_HOST = "127.0.0.1"
_PATIENCE = 20.0
_START_SECONDS = 60.0
_MIRROR_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The log's services, running: the log's key, their policy, their addresses by name, the clock that they go by."""

    log: NoteSigner
    policy_file: bytes
    urls: dict[str, str]
    clock: Any = field(repr=False)

    @property
    def policy(self) -> Policy:
        """The quorum: the checker, and three of the four witnesses."""
        return parse_policy(self.policy_file)

    def notary(self) -> HttpNotary:
        """Return those whom the log asks."""
        return HttpNotary(self.policy, origin=ORIGIN, patience=_PATIENCE)

    def set_clock(self, at: Instant) -> None:
        """Set everybody's clock."""
        self.clock.value = int(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """All that a process needs to know of its part."""

    name: str
    folder: Path
    port: int
    seed: bytes
    policy_file: bytes
    log_url: str
    public: Path
    founder: bytes
    clock: Any

    def now(self) -> int:
        return int(self.clock.value)


@contextmanager
def running_services(folder: Path, public: Path, founder: VerifyingKey) -> Iterator[Services]:
    """Run the services of a log whose public files are under `public`, and end them with the block.

    Their own folders are under `folder`; `founder` signs the log's constants (Ed25519).
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    names = ("log", *WITNESSES, CHECKER, "mirror")
    seeds = {name: secrets.token_bytes(32) for name in names}
    ports = _free_ports(names)
    urls = {name: f"http://{_HOST}:{port}" for name, port in ports.items()}
    log = make_note_signer(ORIGIN, SignatureType.ED25519, seeds["log"])
    policy_file = _policy(log, {name: _signer(name, seeds[name]) for name in (*WITNESSES, CHECKER)}, urls)
    clock = context.Value("q", 0)
    roles = [
        _Role(
            name=name,
            folder=folder,
            port=ports[name],
            seed=seeds[name],
            policy_file=policy_file,
            log_url=urls["log"],
            public=public,
            founder=founder.public,
            clock=clock,
        )
        for name in names
    ]
    with _processes(context, roles):
        yield Services(log=log, policy_file=policy_file, urls=urls, clock=clock)


@contextmanager
def _processes(context: ForkServerContext, roles: list[_Role]) -> Iterator[None]:
    children = [context.Process(target=play, args=(role,), daemon=True) for role in roles]
    try:
        for child in children:
            child.start()
        for role in roles:
            _await(role)
        yield
    finally:
        for child in children:
            if child.pid is not None:
                child.terminate()
        for child in children:
            if child.pid is not None:
                child.join()


def play(role: _Role) -> None:
    """Be one of the processes, until it is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends us
    if role.name == "log":
        _listen(role, log_app(_fetch(role.public)))
        return
    policy = parse_policy(role.policy_file)
    with FolderDisk(role.folder / role.name, durable=False) as disk, HttpSource(role.log_url) as source:
        if role.name == "mirror":
            mirror = Mirror(disk, policy, [source])
            _listen(role, log_app(mirror.copy.fetch), Due(every=_MIRROR_SECONDS, do=lambda: _follow(mirror)))
        elif role.name == CHECKER:
            founder = VerifyingKey(algorithm=Algorithm.EDDSA, public=role.founder)
            checker = Checker(disk, _signer(role.name, role.seed), policy, source, founder, role.now)
            _listen(role, checker_app(checker, _unlimited()))
        else:
            witness = Witness(disk, _signer(role.name, role.seed), policy.logs, role.now)
            _listen(role, witness_app(witness, _unlimited()))


def _listen(role: _Role, app: Litestar, due: Due | None = None) -> None:
    serve(app, host=_HOST, port=role.port, listens=lambda _: None, due=due)


def _follow(mirror: Mirror) -> None:
    with suppress(SourceError):  # the log may have nothing yet, or write at this moment
        mirror.follow()


def _signer(name: str, seed: bytes) -> NoteSigner:
    return make_note_signer(f"{name}.example", SignatureType.COSIGNATURE, seed)


def _policy(log: NoteSigner, signers: dict[str, NoteSigner], urls: dict[str, str]) -> bytes:
    lines = [f"log {format_vkey(log.key)} {urls['log']}"]
    lines += [f"witness {name} {format_vkey(one.key)} {urls[name]}" for name, one in signers.items()]
    lines += [f"group witnesses 3 {' '.join(WITNESSES)}", f"group checkers all {CHECKER}"]
    return "\n".join([*lines, "group both all witnesses checkers", "quorum both", ""]).encode()


def _free_ports(names: tuple[str, ...]) -> dict[str, int]:
    listeners = [socket.create_server((_HOST, 0)) for _ in names]
    ports = [one.getsockname()[1] for one in listeners]
    for one in listeners:
        one.close()
    return dict(zip(names, ports, strict=True))


def _await(role: _Role) -> None:
    """Wait until a process listens."""
    late = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection((_HOST, role.port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > late:
                raise InputError(
                    f"port {role.port}", f"the demo's {role.name} does not answer there", "call it again"
                ) from error
            time.sleep(0.02)
        else:
            return


def _unlimited() -> Rate:
    return Rate(1e6, 1_000_000)


def _fetch(public: Path) -> Fetch:
    def fetch(path: str) -> bytes | None:
        file = public / path
        return file.read_bytes() if file.is_file() else None

    return fetch
