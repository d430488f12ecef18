"""What the log's services bear: requests a second over loopback, one connection, service and client a process each.

services.py [REQUESTS]   so many of each kind (2000)
"""

from __future__ import annotations

import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from _report import report
from habeas.services import Checker, FolderSource, HttpSource, Rate, Witness, checker_app, log_app, serve, witness_app
from habeas.stores import FolderDisk, LogFolder
from habeas.tlog import (
    Constants,
    Decision,
    Head,
    Policy,
    Request,
    Sections,
    SignatureType,
    build_block,
    constants_entry,
    format_request,
    format_vkey,
    hash_leaf,
    make_note_signer,
    nodes_of,
    parse_policy,
    prove_consistency,
    root_of,
    sign_checkpoint,
    tile_nodes,
)
from habeas.wire import Algorithm, make_signing_key

REQUESTS = 2000
ORIGIN = "bench.example/log"
LOG = make_note_signer(ORIGIN, SignatureType.ED25519, bytes(32))
WITNESS = make_note_signer("w.example", SignatureType.COSIGNATURE, bytes(range(32)))
CHECKER = make_note_signer("c.example", SignatureType.COSIGNATURE, bytes(range(1, 33)))
FOUNDER = make_signing_key(Algorithm.EDDSA, bytes(32))
SECONDS = 7200
WIDE = 16

Row = dict[str, object]


def policy(url: str) -> Policy:
    """Return a policy of the witness and the checker."""
    lines = [f"log {format_vkey(LOG.key)} {url}"]
    lines += [f"witness w {format_vkey(WITNESS.key)}", f"witness c {format_vkey(CHECKER.key)}"]
    return parse_policy("\n".join([*lines, "group checkers all w c", "quorum checkers", ""]).encode())


def run_witness(said: Connection, folder: Path) -> None:
    """Serve a witness over a folder."""
    with FolderDisk(folder) as disk:
        app = witness_app(Witness(disk, WITNESS, {ORIGIN: LOG.key}, lambda: int(time.time())), Rate(1e9, 10**9))
        serve(app, host="127.0.0.1", port=0, listens=said.send)


def run_checker(said: Connection, folder: Path, url: str) -> None:
    """Serve a checker of the log at an address."""
    with FolderDisk(folder) as disk, HttpSource(url) as source:
        one = Checker(disk, CHECKER, policy(url), source, FOUNDER.verifying, lambda: int(time.time()))
        serve(checker_app(one, Rate(1e9, 10**9)), host="127.0.0.1", port=0, listens=said.send)


def run_log(said: Connection, folder: Path) -> None:
    """Serve a folder's public files."""
    serve(log_app(FolderSource(folder)), host="127.0.0.1", port=0, listens=said.send)


class Process:
    """A service in a process of its own."""

    def __init__(self, run: Callable[..., None], *args: object) -> None:
        here, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=run, args=(there, *args), daemon=True)
        self._process.start()
        self.url: str = here.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


class Client:
    """One connection that is kept; as little work a request as can be, so that the service is what is measured."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def ask(self, head: str, body: bytes = b"") -> tuple[int, bytes]:
        """Return status and body."""
        length = f"content-length: {len(body)}\r\n" if body else ""
        self._socket.sendall(f"{head} HTTP/1.1\r\nhost: x\r\n{length}\r\n".encode() + body)
        status = int(self._file.readline().split()[1])
        size = 0
        while (line := self._file.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        return status, self._file.read(size)


def measured(name: str, client: Client, requests: Iterable[tuple[str, bytes]], wanted: int = 200) -> Row:
    """Return how many requests a second were answered, and how long the slowest hundredth took."""
    taken = []
    began = time.perf_counter()
    for head, body in requests:
        at = time.perf_counter()
        status, _ = client.ask(head, body)
        assert status == wanted, status
        taken.append(time.perf_counter() - at)
    whole = time.perf_counter() - began
    slow = sorted(taken)[int(0.99 * len(taken))]
    return {"what": name, "a second": round(len(taken) / whole), "p99 ms": round(1000 * slow, 2)}


def checkpoints(count: int) -> list[bytes]:
    """Return requests for a log that grows by one entry at a time."""
    leaves = [hash_leaf(number.to_bytes(4)) for number in range(count)]
    out = []
    for new in range(1, count + 1):
        note = sign_checkpoint(Head(origin=ORIGIN, size=new, root=root_of(leaves[:new])), LOG)
        path = prove_consistency(nodes_of(leaves[:new]), new - 1, new)
        out.append(format_request(Request(old=new - 1, path=tuple(path), checkpoint=note)))
    return out


def lay_block(folder: Path) -> bytes:
    """Lay a log with one block of 2^16 entries, and return the request for its checkpoint."""
    constants = Constants(origin=ORIGIN, epoch_seconds=SECONDS, height=WIDE)
    epoch = int(time.time()) // SECONDS
    with FolderDisk(folder) as disk:
        log = LogFolder(disk, LOG.key)
        gate = bytes(range(32))
        rows = [
            Decision(epoch=epoch, label=hash_leaf(who.to_bytes(4))[:16], gate=gate, rest=gate).to_bytes()
            for who in range((1 << WIDE) - 2)
        ]
        plain = [constants_entry(constants, FOUNDER)]
        staged = log.stage(build_block(Sections(plain=plain, decisions=rows), epoch=epoch, height=WIDE), witnessed=None)
        head = Head(origin=ORIGIN, size=staged.growth.size, root=staged.growth.root)
        note = sign_checkpoint(head, LOG)
        log.commit(staged, note)
        log.lay(staged)
        log.publish(note)
        assert tile_nodes(log.read, head.size)(WIDE, 0) == head.root
    return format_request(Request(old=0, path=(), checkpoint=note))


def main() -> None:
    """Measure each service."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as name:
        folder = Path(name)
        with Process(run_witness, folder / "w") as witness:
            client = Client(witness.url)
            posts = [("POST /add-checkpoint", body) for body in checkpoints(count)]
            rows.append(measured("add-checkpoint, each durable", client, posts))
            rows.append(measured("add-checkpoint, told the size (409)", client, posts, 409))
        request = lay_block(folder / "log")
        with Process(run_log, folder / "log") as log:
            client = Client(log.url)
            rows.append(measured("full tile, 8 KiB", client, [("GET /tile/0/007", b"")] * count))
            rows.append(measured("bundle of 256 decisions, 22 KiB", client, [("GET /tile/entries/007", b"")] * count))
            rows.append(measured("checkpoint", client, [("GET /checkpoint", b"")] * count))
            with Process(run_checker, folder / "c", log.url) as checker:
                asked = [("POST /add-checkpoint", request)]
                rows.append(measured("checker, a block of 65,536 entries", Client(checker.url), asked))
    report("services", f"The log's services, {count:,} requests of each kind on one connection", rows)


if __name__ == "__main__":
    main()
