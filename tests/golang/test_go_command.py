"""The `go` command is a client of a log with our tree code: it takes growth, and refuses a fork and every falsehood."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from golang.checksums import MODULE, SIGNER, Database, Release, filler, serve
from golang.toolchain import go
from habeas.tlog import NoteSigner, SignatureType, Tile, format_vkey, make_note_signer

pytestmark = pytest.mark.enable_socket  # loopback only

V1, V2, V3 = (Release(version=f"v1.{number}.0") for number in range(3))


def download(
    address: str, release: Release, folder: Path, signer: NoteSigner = SIGNER
) -> subprocess.CompletedProcess[str]:
    """Have the `go` command fetch a version and hold it against the database; `folder` keeps what it knows of that."""
    folder.mkdir(parents=True, exist_ok=True)
    key = f"{format_vkey(signer.key)} {address}/sum"
    words = ("mod", "download", "-x", f"{MODULE}@{release.version}")
    (folder / "go.mod").write_text("module here.example/reader\n\ngo 1.25\n")
    return go(*words, folder=folder, home=folder / "home", GOPROXY=f"{address}/proxy", GOSUMDB=key)


def grown(*sizes: int) -> Database:
    """Return a database of filler with `V1` at the end, appended in steps."""
    database = Database()
    for size in sizes:
        database.append(*filler(size - len(database.entries)))
    database.append(V1.lines)
    return database


def known(folder: Path) -> str:
    """Return the tree head that the `go` command keeps."""
    return (folder / "home" / "path" / "pkg" / "sumdb" / SIGNER.key.name / "latest").read_text()


@pytest.mark.parametrize("sizes", [(0,), (1, 2), (255,), (100, 700), (256, 65_535), (65_000, 70_000)])
def test_it_finds_an_entry_in_a_log_of_any_size(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    database = grown(*sizes)
    with serve(database, [V1]) as (address, asked):
        done = download(address, V1, tmp_path)
    assert (done.returncode, "SECURITY" in done.stderr) == (0, False), done.stderr
    assert known(tmp_path) == database.note.decode()
    assert f"/sum/lookup/{MODULE}@{V1.version}" in asked
    assert any(path.startswith("/sum/tile/8/0/") for path in asked)


def test_it_goes_on_with_a_log_that_has_grown(tmp_path: Path) -> None:
    database = grown(300)
    with serve(database, [V1, V2, V3]) as (address, asked):
        assert download(address, V1, tmp_path).returncode == 0
        for release, more in ((V2, 11), (V3, 900)):
            was = len(asked)
            database.append(*filler(more, release.version), release.lines)
            done = download(address, release, tmp_path)
            assert done.returncode == 0, done.stderr
            assert known(tmp_path) == database.note.decode()
            assert any(path.startswith("/sum/tile/8/") for path in asked[was:])  # what the old head is held against


@pytest.mark.parametrize("more", [0, 1, 900], ids=["of the same size", "one larger", "much larger"])
def test_it_refuses_a_fork(tmp_path: Path, more: int) -> None:
    database, fork = grown(300), Database()
    fork.append(*filler(256), *filler(44, "another"), V2.lines, *filler(more))
    with serve(database, [V1]) as (address, _):
        assert download(address, V1, tmp_path).returncode == 0
    with serve(fork, [V2]) as (address, _):
        done = download(address, V2, tmp_path)
    assert done.returncode != 0
    for words in ("SECURITY ERROR", "go.sum database server misbehavior detected!", "proof of misbehavior:"):
        assert words in done.stderr
    for note in (database.note, fork.note):  # both heads, which convict the log
        assert note.decode().replace("\n", "\n\t") in done.stderr
    assert known(tmp_path) == database.note.decode()


def test_it_refuses_a_fork_whose_tiles_it_already_has_of_the_other_log(tmp_path: Path) -> None:
    database, fork = grown(300), Database()
    fork.append(*filler(300, "another"), V2.lines, *filler(1))
    with serve(database, [V1]) as (address, _):
        assert download(address, V1, tmp_path).returncode == 0
    with serve(fork, [V2]) as (address, _):
        done = download(address, V2, tmp_path)
    assert done.returncode != 0
    assert "checking tree#301 against tree#302: downloaded inconsistent tile" in done.stderr


def refused(tmp_path: Path, database: Database) -> str:
    """Return what the `go` command says of a database that it refuses, after it has taken the honest one."""
    honest = grown(300)
    with serve(honest, [V1]) as (address, _):
        assert download(address, V1, tmp_path / "honest").returncode == 0  # so it is not refused for something else
    with serve(database, [V1]) as (address, _):
        done = download(address, V1, tmp_path / "false")
    assert done.returncode != 0
    return done.stderr


def test_it_refuses_an_entry_that_was_altered_under_an_honest_head(tmp_path: Path) -> None:
    database = grown(300)
    path = f"/lookup/{MODULE}@{V1.version}"
    served = database.get(path)
    assert served is not None
    altered = served.replace(b"h1:", b"h1:A", 1)
    assert altered != served
    database.served[path] = altered
    assert "cannot authenticate record data in server response" in refused(tmp_path, database)


def test_it_refuses_an_entry_under_another_number(tmp_path: Path) -> None:
    database = grown(300)
    path = f"/lookup/{MODULE}@{V1.version}"
    served = database.get(path)
    assert served is not None
    database.served[path] = served.replace(b"300\n", b"299\n", 1)
    assert "cannot authenticate record data in server response" in refused(tmp_path, database)
    database.served[path] = served.replace(b"300\n", b"301\n", 1)
    assert "cannot validate record 301 in tree of size 301" in refused(tmp_path, database)


def test_it_refuses_a_tile_with_a_flipped_bit(tmp_path: Path) -> None:
    database = grown(300)
    tile = Tile(level=0, index=1, width=45)
    data = bytearray(database.tiles[tile])
    data[-1] ^= 1
    database.tiles[tile] = bytes(data)
    assert "downloaded inconsistent tile" in refused(tmp_path, database)


def test_it_refuses_a_module_that_is_not_what_is_logged(tmp_path: Path) -> None:
    database = Database()
    database.append(*filler(300), V1.lines.replace(b"h1:", b"h1:AAAA", 1).replace(b"=", b"", 1))
    assert "SECURITY ERROR" in (said := refused(tmp_path, database))
    assert "checksum mismatch" in said


def test_it_refuses_a_head_of_another_key_and_one_that_was_altered(tmp_path: Path) -> None:
    database = grown(300)
    database.signer = make_note_signer(SIGNER.key.name, SignatureType.ED25519, b"x" * 32)
    assert "note has no verifiable signatures" in refused(tmp_path, database)
    database = grown(300)
    path = f"/lookup/{MODULE}@{V1.version}"
    served = database.get(path)
    assert served is not None
    database.served[path] = served.replace(b"\n301\n", b"\n302\n")
    assert f"invalid signature for key {SIGNER.key.name}" in refused(tmp_path / "again", database)
