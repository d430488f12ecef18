"""What a log serves and what it does not; keys in files; what is asked of a source and what is taken from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from habeas.services import (
    FolderSource,
    HttpSource,
    KeyFileError,
    SourceError,
    format_signer,
    log_app,
    parse_signer,
    public_file,
    read_signer,
    source_of,
    write_signer,
)
from habeas.tlog import NoteError, SignatureType, format_vkey, make_note_signer
from services.live import AT, LOG, SIGNERS, LiveLog, answering
from tlog.blocks import digest

SEED = digest("seed")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LiveLog]:
    found = LiveLog(tmp_path / "log")
    found.publish(found.append().note)
    yield found
    found.close()


def test_each_file_has_its_type_and_says_how_long_it_holds(log: LiveLog) -> None:
    with TestClient(log_app(FolderSource(log.path))) as client:
        for name in log.disk.names("log"):
            path = name.removeprefix("log/")
            answer = client.get(f"/{path}")
            assert answer.content == log.folder.fetch(path)
            grows = path in ("checkpoint", "blocks")
            kept = "no-cache" if grows else "public, max-age=31536000, immutable"
            assert answer.headers["cache-control"] == kept
            wanted = "text/plain; charset=utf-8" if path == "checkpoint" else "application/octet-stream"
            assert answer.headers["content-type"] == wanted
            again = client.get(f"/{path}", headers={"if-none-match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert client.get(f"/{path}", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "private/signed",
        "../private/signed",
        "..%2Fprivate%2Fsigned",
        "%2e%2e/private/signed",
        "tile/../../private/signed",
        "lock",
        "tile/0/1",
        "tile/0/000.p/0",
        "tile/0/x000/000",
        "block/01",
        "block/1/",
        "log/checkpoint",
        "",
    ],
)
def test_nothing_else_can_be_asked_for(log: LiveLog, path: str) -> None:
    (log.path / "private" / "signed").touch()
    with TestClient(log_app(FolderSource(log.path)), raise_server_exceptions=False) as client:
        assert client.get(f"/{path}").status_code == 404


@given(st.text(alphabet="tileblockspd/x.0123456789ABCDEFabcdef%\\\0", max_size=80))
def test_a_path_is_a_public_file_s_or_none(path: str) -> None:
    file = public_file(path)
    if file is not None:
        assert ".." not in file.path
        assert not file.path.startswith("/")
        assert file.path == path


def test_a_folder_gives_the_same_with_and_without_log_in_it(log: LiveLog, tmp_path: Path) -> None:
    for folder in (log.path, log.path / "log"):
        with source_of(str(folder)) as source:
            assert source("checkpoint") == log.folder.fetch("checkpoint")
            assert source("tile/entries/009") is None
            with pytest.raises(SourceError):
                source("../private/signed")
    new = FolderSource(tmp_path / "new")
    assert new("checkpoint") is None


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_what_an_address_says_is_bounded() -> None:
    big = b"x" * 8193

    def answer(path: str, _body: bytes) -> tuple[int, str, bytes]:
        return {
            "/tile/0/000": (200, "", big),
            "/tile/0/001": (500, "", b""),
            "/tile/0/002": (302, "", b""),
            "/tile/0/003": (404, "", b""),
            "/tile/0/004": (200, "", b"ok"),
        }[path]

    with ExitStack() as stack:
        source = stack.enter_context(HttpSource(stack.enter_context(answering(answer))))
        for path in ("tile/0/000", "tile/0/001", "tile/0/002", "no/file"):
            with pytest.raises(SourceError):
                source(path)
        assert source("tile/0/003") is None
        assert source("tile/0/004") == b"ok"
    with HttpSource("http://127.0.0.1:9", patience=5) as closed, pytest.raises(SourceError, match="ConnectError"):
        closed("checkpoint")


# Keys


@pytest.mark.parametrize("kind", list(SignatureType))
def test_a_key_s_file_gives_the_key_again(kind: SignatureType, tmp_path: Path) -> None:
    made = write_signer(tmp_path / "key", "w1.example/x", kind, SEED)
    found = read_signer(tmp_path / "key")
    assert found.key == made.key == make_note_signer("w1.example/x", kind, SEED).key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyFileError, match="left as it is"):
        write_signer(tmp_path / "key", "w1.example/x", kind, SEED)
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_signer(tmp_path / "key")
    with pytest.raises(KeyFileError):
        read_signer(tmp_path / "none")


def test_a_log_s_key_is_written_as_go_writes_it() -> None:
    """The form of golang.org/x/mod/sumdb/note: PRIVATE+KEY+name+hash+base64(1 ‖ seed)."""
    line = format_signer("PeterNeumann", SignatureType.ED25519, bytes(32))
    name, key_id, secret = line.removeprefix("PRIVATE+KEY+").strip().split("+", 2)
    vkey = format_vkey(make_note_signer("PeterNeumann", SignatureType.ED25519, bytes(32)).key)
    assert (name, key_id) == tuple(vkey.split("+")[:2])
    assert secret == "AQ" + "A" * 42
    with pytest.raises(NoteError):
        format_signer("a name", SignatureType.ED25519, bytes(32))


def test_what_is_no_key_is_refused_and_not_repeated() -> None:
    good = format_signer("w1.example", SignatureType.COSIGNATURE, SEED)
    for bad in (
        b"",
        good[:-3].encode(),
        good.replace("w1", "w2").encode(),
        good[12:].encode(),
        b"\xff",
        good.encode()[::-1],
    ):
        with pytest.raises(KeyFileError) as caught:
            parse_signer(bad)
        assert good[-20:-1] not in str(caught.value)


def test_the_keys_of_these_tests_are_apart() -> None:
    keys = {one.key.public for one in SIGNERS.values()} | {LOG.key.public}
    assert len(keys) == 5
    assert AT
