"""A live log in a folder, and services as processes of their own: started, waited for, and ended by whoever began them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from habeas.services import write_signer
from habeas.stores import FolderDisk, LogFolder
from habeas.tlog import (
    Block,
    Checkpoint,
    Constants,
    Head,
    Note,
    NoteSigner,
    Policy,
    Sections,
    SignatureType,
    build_block,
    constants_entry,
    format_vkey,
    make_note_signer,
    parse_policy,
    prove_consistency,
    sign_checkpoint,
    tile_nodes,
)
from habeas.wire import Algorithm, make_signing_key
from tlog.blocks import decision

ORIGIN = "henan.example/habeas"
LOG = make_note_signer(ORIGIN, SignatureType.ED25519, b"l" * 32)
FOUNDER = make_signing_key(Algorithm.EDDSA, b"c" * 32)
CONSTANTS = Constants(origin=ORIGIN, epoch_seconds=7200, height=8)
FIRST = 229_860
"""An epoch of 12 June 2022."""
NAMES = ("w1", "w2", "w3", "c1")
SIGNERS = {name: make_note_signer(f"{name}.example", SignatureType.COSIGNATURE, name.encode() * 16) for name in NAMES}
AT = 1_655_039_040
WAIT = 30
"""Seconds after which a process that should have answered has failed; no test waits so long for anything that works."""


class LiveLog:
    """A log in a folder that grows block by block; what is appended is signed and laid, not yet published."""

    def __init__(self, folder: Path, first: int = FIRST, signer: NoteSigner = LOG) -> None:
        self.disk = FolderDisk(folder)
        self.folder = LogFolder(self.disk, signer.key)
        self.signer = signer
        self.path = folder
        self.blocks: list[Block] = []
        self.first = first

    def block(self, sections: Sections | None = None, **more: object) -> Block:
        """Return the block that would come next."""
        epoch = self.first + len(self.blocks)
        if not self.blocks:
            sections = Sections(plain=[constants_entry(CONSTANTS, FOUNDER)])
        after = self.blocks[-1] if self.blocks else None
        rest = sections or Sections(decisions=[decision(epoch, who) for who in range(40)])
        return build_block(rest, epoch=epoch, height=8, after=after, **more)  # type: ignore[arg-type]

    def append(self, block: Block | None = None) -> Checkpoint:
        """Sign and lay a block, the next one if none is given."""
        block = block or self.block()
        staged = self.folder.stage(block, witnessed=None)
        head = Head(origin=self.signer.key.name, size=staged.growth.size, root=staged.growth.root)
        checkpoint = self.folder.commit(staged, sign_checkpoint(head, self.signer))
        self.folder.lay(staged)
        self.blocks.append(block)
        return checkpoint

    def publish(self, note: Note) -> Checkpoint:
        return self.folder.publish(note)

    def prove(self, old: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the way from `old` entries to the newest head, or to a size."""
        new = self.folder.head().size if size is None else size
        return tuple(prove_consistency(tile_nodes(self.folder.read, new), old, new))

    def close(self) -> None:
        self.disk.close()


def policy_text(log_url: str = "", urls: dict[str, str] | None = None) -> str:
    """Return a policy of three of w1, w2, w3 and the checker c1, who must be among them."""
    urls = urls or {}
    lines = [f"log {format_vkey(LOG.key)} {log_url}".strip()]
    lines += [f"witness {name} {format_vkey(one.key)} {urls.get(name, '')}".strip() for name, one in SIGNERS.items()]
    lines += ["group some 2 w1 w2 w3", "group checkers all c1", "group both all some checkers", "quorum both", ""]
    return "\n".join(lines)


def policy_of(log_url: str = "", urls: dict[str, str] | None = None) -> Policy:
    return parse_policy(policy_text(log_url, urls).encode())


def key_file(folder: Path, name: str) -> Path:
    """Write the key of one of the witnesses."""
    path = folder / f"{name}.key"
    if not path.exists():
        write_signer(path, f"{name}.example", SignatureType.COSIGNATURE, name.encode() * 16)
    return path


class Service:
    """A service as a process. It is killed when it is left."""

    def __init__(self, args: Sequence[object], program: Sequence[str]) -> None:
        self.args = [*program, *map(str, args)]
        self._url = ""
        self.start()

    def start(self) -> None:
        """Start it; `url` waits for it."""
        self._url = ""
        env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        self.process = subprocess.Popen(
            [sys.executable, *self.args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
        )

    @property
    def url(self) -> str:
        """Where it listens, once it does."""
        if not self._url:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            if " listens on " not in line:
                raise AssertionError((self.args, line, self.process.communicate(timeout=WAIT)[1]))
            self._url = line.split()[-1]
        return self._url

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=WAIT)

    def ends(self) -> tuple[int, str]:
        """Wait until it ends by itself; return its code and what it wrote to stderr."""
        _, err = self.process.communicate(timeout=WAIT)
        return self.process.returncode, err


@contextmanager
def running(*args: object, program: Sequence[str] = ("-m", "habeas.cli")) -> Iterator[Service]:
    """Run a service on a free port for as long as the block lasts."""
    service = Service([*args, "--port", "0"] if program[0] == "-m" else args, program)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.kill()
        else:
            service.process.communicate()


Answer = Callable[[str, bytes], tuple[int, str, bytes]]
"""Path and body in; status, content type and body out."""


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Serve whatever a function says, as a witness or mirror that may lie; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

        def do_GET(self) -> None:
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            status, content_type, data = answer(self.path, body)
            try:
                self.send_response(status)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
