"""A made-up module and its checksum database on loopback, as the `go` command asks for them; the log in it is ours."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from habeas.tlog import (
    EMPTY_ROOT,
    Head,
    Note,
    NoteSigner,
    SignatureType,
    Tile,
    format_note,
    format_tile_path,
    make_note_signer,
    plan_append,
    sign_note,
)

MODULE = "module.example/town"
SIGNER = make_note_signer("log.example/habeas", SignatureType.ED25519, b"g" * 32)
_ORIGIN = "go.sum database tree"  # Go's client takes no other first line, whatever the key's name is


def _hash1(files: dict[str, bytes]) -> str:
    """Return Go's hash of a module's files (`h1:` of go.sum)."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version of the module: what a module proxy serves of it, and its lines of go.sum."""

    version: str

    @property
    def files(self) -> dict[str, bytes]:
        """The files that the proxy serves, by path."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as zipped:
            for name, data in self._source.items():
                zipped.writestr(name, data)
        at = f"/{MODULE}/@v/{self.version}"
        info = f'{{"Version":"{self.version}","Time":"2022-06-13T00:00:00Z"}}'
        return {f"{at}.info": info.encode(), f"{at}.mod": self._mod, f"{at}.zip": packed.getvalue()}

    @property
    def lines(self) -> bytes:
        """The entry of the log."""
        one, other = _hash1(self._source), _hash1({"go.mod": self._mod})
        return f"{MODULE} {self.version} {one}\n{MODULE} {self.version}/go.mod {other}\n".encode()

    @property
    def _mod(self) -> bytes:
        return f"module {MODULE}\n\ngo 1.25\n".encode()

    @property
    def _source(self) -> dict[str, bytes]:
        at = f"{MODULE}@{self.version}/"
        return {f"{at}go.mod": self._mod, f"{at}town.go": f'package town // "{self.version}"\n'.encode()}


def filler(count: int, of: str = "filler") -> list[bytes]:
    """Return lines of as many other modules."""
    return [f"{of}.example/m{number} v1.0.0 h1:{'A' * 43}=\n".encode() for number in range(count)]


@dataclass
class Database:
    """The log with its tiles, and what is served of it; tests reach in to falsify that."""

    signer: NoteSigner = SIGNER
    entries: list[bytes] = field(default_factory=list)
    tiles: dict[Tile, bytes] = field(default_factory=dict)
    root: bytes = EMPTY_ROOT
    served: dict[str, bytes] = field(default_factory=dict)
    """Other bytes for a path than the log's own."""

    def append(self, *entries: bytes) -> None:
        """Grow by one append."""
        growth = plan_append(len(self.entries), entries, self.tiles.__getitem__)
        self.entries += entries
        self.tiles.update(growth.tiles)
        self.root = growth.root

    @property
    def note(self) -> bytes:
        """The signed tree head."""
        text = Head(origin=_ORIGIN, size=len(self.entries), root=self.root).text
        return format_note(Note(text=text, signatures=(sign_note(text, self.signer),)))

    def get(self, path: str) -> bytes | None:
        """Return what is at a path of the checksum database."""
        if path in self.served:
            return self.served[path]
        if path == "/latest":
            return self.note
        if path.startswith("/lookup/"):
            return self._record(path.removeprefix("/lookup/").replace("@", " ").encode())
        tiles = {
            format_tile_path(one).replace("tile/", "/tile/8/", 1): one for one in self.tiles if one.level is not None
        }
        return self.tiles[tiles[path]] if path in tiles else None

    def _record(self, wanted: bytes) -> bytes | None:
        for number, entry in enumerate(self.entries):
            if entry.startswith(wanted + b" "):
                return b"%d\n%b\n%b" % (number, entry, self.note)
        return None


@contextmanager
def serve(database: Database, releases: list[Release]) -> Iterator[tuple[str, list[str]]]:
    """Serve a database under `/sum` and a module proxy under `/proxy`; yields the address, and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            data = None
            if self.path.startswith("/sum/"):
                data = database.get(self.path.removeprefix("/sum"))
            for release in releases:
                data = release.files.get(self.path.removeprefix("/proxy"), data)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
