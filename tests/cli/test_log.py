"""`habeas log`, `witness key` and `mirror --once`: what they print, what they refuse, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.running import done, habeas
from habeas.services import format_fork, read_signer
from habeas.services._fork import same_size
from habeas.tlog import Head, format_note, format_vkey, open_checkpoint, parse_vkey, sign_checkpoint, sign_note
from services.live import AT, LOG, ORIGIN, SIGNERS, LiveLog, policy_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a published log of two blocks in `log`, and its policy."""
    log = LiveLog(tmp_path / "log")
    for _ in range(2):
        note = log.append().note
        log.publish(note.with_signatures(sign_note(note.text, one, AT) for one in SIGNERS.values()))
    log.close()
    (tmp_path / "policy").write_text(policy_text())
    return tmp_path


def test_a_key_is_printed_as_policies_name_it_and_never_overwritten(tmp_path: Path) -> None:
    for group in ("log", "witness"):
        path = tmp_path / f"{group}.key"
        said = done(group, "key", f"{group}.example/x", "--out", path).out.strip()
        assert parse_vkey(said) == read_signer(path).key
        again = habeas(group, "key", f"{group}.example/x", "--out", path)
        assert (again.code, "left as it is" in again.err) == (2, True)
    assert done("log", "key", "y", "--out", tmp_path / "y", "--json").json["key"].startswith("y+")
    assert habeas("log", "key", "a name", "--out", tmp_path / "z").code == 2
    assert not (tmp_path / "z").exists()


def test_a_log_is_verified_in_a_folder_and_refused_where_a_byte_is_wrong(folder: Path) -> None:
    args = ("log", "verify", folder / "log", "--policy", folder / "policy")
    assert "512 entries under quorum" in done(*args).out
    assert done(*args, "--entries", "--json").json["blocks"] == 2
    bundle = folder / "log" / "log" / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"\x01")
    assert habeas(*args).code == 0
    wrong = habeas(*args, "--entries")
    assert (wrong.code, "not those that the log has signed" in wrong.err) == (1, True)
    tile = folder / "log" / "log" / "tile" / "1" / "000.p" / "2"
    tile.write_bytes(bytes(64))
    assert habeas(*args).code == 1
    (folder / "log" / "log" / "checkpoint").unlink()
    assert habeas(*args).code == 1


def test_fsck_is_clean_or_names_the_file(folder: Path) -> None:
    args = ("log", "fsck", folder / "log", "--policy", folder / "policy")
    assert "Clean" in done(*args).out
    bundle = folder / "log" / "log" / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"\x01")
    found = habeas(*args, "--json")
    assert found.code == 1
    assert [one["path"] for one in found.json["faults"]] == ["tile/entries/001"]
    assert "tile/entries/001" in habeas(*args).out


def test_an_entry_is_proved_and_the_proof_checked_offline(folder: Path) -> None:
    proof, policy = folder / "one.tlog-proof", folder / "policy"
    done("log", "prove", folder / "log", "257", "--policy", policy, "--out", proof)
    assert "entry 257" in done("log", "check", proof, "--policy", policy).out
    (folder / "entry").write_bytes(b"another")
    assert habeas("log", "check", proof, "--policy", policy, "--entry", folder / "entry").code == 1
    entry = bytes.fromhex(done("log", "check", proof, "--policy", policy, "--json").json["entry"])
    (folder / "entry").write_bytes(entry)
    done("log", "check", proof, "--policy", policy, "--entry", folder / "entry")
    proof.write_bytes(proof.read_bytes().replace(b"index 257", b"index 256"))
    assert habeas("log", "check", proof, "--policy", policy).code == 1
    beyond = habeas("log", "prove", folder / "log", "512", "--policy", policy, "--out", folder / "no")
    assert (beyond.code, "0 to 511" in beyond.err) == (1, True)
    assert not (folder / "no").exists()


def test_a_fork_s_file_is_checked_and_anything_else_refused(folder: Path) -> None:
    seen = open_checkpoint((folder / "log" / "log" / "checkpoint").read_bytes(), LOG.key)
    head = Head(origin=ORIGIN, size=512, root=bytes(32))
    other = open_checkpoint(format_note(sign_checkpoint(head, LOG)), LOG.key)
    (folder / "fork").write_bytes(format_fork(same_size(seen, other)))
    vkey = format_vkey(LOG.key)
    assert done("log", "fork", folder / "fork", "--log", vkey, "--json").json["first"] == 512
    assert "two logs" in done("log", "fork", folder / "fork", "--log", vkey).out
    assert habeas("log", "fork", folder / "fork", "--log", format_vkey(SIGNERS["w1"].key)).code == 1
    assert habeas("log", "fork", folder / "policy", "--log", vkey).code == 1
    assert habeas("log", "fork", folder / "fork", "--log", "nothing").code == 2


def test_a_mirror_takes_over_once(folder: Path) -> None:
    args = ("mirror", "follow", folder / "log", "--policy", folder / "policy", "--folder", folder / "m", "--once")
    assert done(*args).out == f"{ORIGIN}: 512 entries, under quorum\n"
    assert done(*args, "--json").json["size"] == 512
    done("log", "verify", folder / "m", "--policy", folder / "policy", "--entries")
    nowhere = habeas(*args[:2], folder / "nowhere", *args[3:])
    assert (nowhere.code, "checkpoint is not there" in nowhere.err) == (3, True)
    assert habeas("mirror", "follow", "--policy", folder / "policy", "--folder", folder / "m", "--once").code == 2


def test_services_say_what_they_lack(folder: Path) -> None:
    key = folder / "w1.key"
    done("witness", "key", "w1.example", "--out", key)
    vkey = format_vkey(LOG.key)
    table = (
        (("log", "serve", folder / "nowhere"), 2),
        (("witness", "serve", "--folder", folder / "w", "--key", folder / "none", "--log", vkey), 2),
        (("witness", "serve", "--folder", folder / "w", "--key", key, "--log", "nothing"), 2),
        (("witness", "serve", "--folder", folder / "policy", "--key", key, "--log", vkey), 3),
    )
    for args, code in table:
        ran = habeas(*args)
        assert (ran.code, ran.err.startswith("error: ")) == (code, True), args
    key.chmod(0o644)
    assert habeas("witness", "serve", "--folder", folder / "w", "--key", key, "--log", vkey).code == 2
    public = folder / "founder.pub"
    public.write_text(json.dumps(done("keys", "new", "--out", folder / "f.key").json))
    key.chmod(0o600)
    checker = ("checker", "serve", "--folder", folder / "c", "--key", key, "--policy", folder / "policy")
    lacks = habeas(*checker, "--founder", public)
    assert (lacks.code, "--url" in lacks.err) == (2, True)
