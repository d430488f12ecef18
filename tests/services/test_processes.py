"""Services as processes that are killed, find no room, are started twice, or see what must stop them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cli.running import done, habeas
from habeas.services import log_id
from habeas.tlog import (
    Checkpoint,
    Request,
    Sections,
    format_note,
    format_request,
    format_vkey,
    open_checkpoint,
    sign_note,
)
from services.live import (
    AT,
    LOG,
    ORIGIN,
    SIGNERS,
    WAIT,
    LiveLog,
    Service,
    answering,
    key_file,
    policy_text,
    running,
)
from tlog.blocks import decision

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
CHILD = str(Path(__file__).parent / "child.py")
VKEY = format_vkey(LOG.key)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LiveLog]:
    found = LiveLog(tmp_path / "log")
    yield found
    found.close()


def witness(folder: Path, *more: object) -> tuple[object, ...]:
    return ("witness", "serve", "--folder", folder / "w1", "--key", key_file(folder, "w1"), "--log", VKEY, *more)


def ask(service: Service, log: LiveLog, old: int, checkpoint: Checkpoint) -> httpx.Response:
    path = log.prove(old, checkpoint.head.size)
    body = format_request(Request(old=old, path=path, checkpoint=checkpoint.note))
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        return client.post(f"{service.url}/add-checkpoint", content=body)


def last(service: Service) -> int | None:
    answer = httpx.get(f"{service.url}/logs/{log_id(ORIGIN)}/checkpoint", trust_env=False)
    return open_checkpoint(answer.content, LOG.key).head.size if answer.status_code == 200 else None


@pytest.mark.parametrize("how", ["before", "after"])
def test_killed_between_state_and_answer_it_gives_the_cosignature_when_asked_again(
    log: LiveLog, tmp_path: Path, how: str
) -> None:
    first = log.append()
    program = (CHILD, how, str(tmp_path / "w1"), str(key_file(tmp_path, "w1")), VKEY)
    with running(program=program) as child:
        with pytest.raises(httpx.TransportError):
            ask(child, log, 0, first)
        assert child.ends()[0] == -9
    with running(*witness(tmp_path)) as service:
        had = last(service)
        assert had == (256 if how == "after" else None)
        assert ask(service, log, had or 0, first).status_code == 200
        publish(log, first)
        assert ask(service, log, 256, log.append()).status_code == 200


def test_where_there_is_no_room_nothing_is_cosigned_until_there_is(log: LiveLog, tmp_path: Path) -> None:
    program = (CHILD, "full", str(tmp_path / "w1"), str(key_file(tmp_path, "w1")), VKEY)
    first = log.append()
    with running(program=program) as child:
        answer = ask(child, log, 0, first)
        assert (answer.status_code, answer.json()["title"]) == (503, "disk full")
        assert last(child) is None
        assert ask(child, log, 0, first).status_code == 200


def test_after_a_write_of_unknown_outcome_it_ends(log: LiveLog, tmp_path: Path) -> None:
    program = (CHILD, "unknown", str(tmp_path / "w1"), str(key_file(tmp_path, "w1")), VKEY)
    with running(program=program) as child:
        assert ask(child, log, 0, log.append()).status_code == 503
        code, err = child.ends()
    assert code != 0
    assert "UnknownOutcomeError" in err


def test_one_process_to_a_folder_and_one_to_a_port(log: LiveLog, tmp_path: Path) -> None:
    with running(*witness(tmp_path)) as service:
        assert last(service) is None
        second = habeas(*witness(tmp_path, "--port", "0"))
        assert (second.code, "another process" in second.err) == (3, True)
        port = service.url.rpartition(":")[2]
        taken = habeas("log", "serve", log.path, "--port", port)
        assert (taken.code, port in taken.err) == (2, True)


def test_an_old_copy_that_is_put_back_is_reminded_by_whom_it_asks(log: LiveLog, tmp_path: Path) -> None:
    publish(log, log.append())
    checkpoint = log.append()
    shown = checkpoint.note.with_signatures([sign_note(checkpoint.note.text, SIGNERS["w1"], AT)])
    with ExitStack() as stack:
        mirror = stack.enter_context(answering(lambda _path, _body: (200, "text/plain", format_note(shown))))
        asked = ("--ask", mirror, "--ask", "http://127.0.0.1:9")
        assert last(stack.enter_context(running(*witness(tmp_path, *asked)))) == 512


def publish(log: LiveLog, checkpoint: Checkpoint) -> None:
    log.publish(checkpoint.note.with_signatures(sign_note(checkpoint.note.text, one, AT) for one in SIGNERS.values()))


def test_a_mirror_serves_follows_is_killed_goes_on_and_stops_at_a_fork(tmp_path: Path) -> None:
    with ExitStack() as stack:
        logs = [LiveLog(tmp_path / name) for name in ("one", "two")]
        for one in logs:
            stack.callback(one.close)
            publish(one, one.append())
        publish(logs[0], logs[0].append())
        other = logs[1].block(Sections(decisions=[decision(logs[1].first + 1, 999)]))
        policy = tmp_path / "policy"
        policy.write_text(policy_text())
        servers = [stack.enter_context(running("log", "serve", one.path)) for one in logs]
        follow = ("mirror", "follow", servers[0].url, servers[1].url, "--policy", policy, "--folder", tmp_path / "m")
        service = stack.enter_context(running(*follow, "--every", "0.05"))
        served = f"{service.url}/checkpoint"
        until(served, logs[0])
        service.kill()
        publish(logs[0], logs[0].append())
        service.start()
        until(f"{service.url}/checkpoint", logs[0])
        publish(logs[1], logs[1].append(other))
        code, err = service.ends()
        assert (code, "signed two logs" in err) == (1, True)
        (file,) = (tmp_path / "m" / "forks").iterdir()
        said = done("log", "fork", file, "--log", VKEY, "--json").json
        assert (said["first"], said["second"]) == (512, 768)
        assert "Proved" in done("log", "fork", file, "--log", VKEY).out
        again = habeas(*follow, "--once")
        assert (again.code, "two logs" in again.err) == (1, True)


def until(url: str, log: LiveLog) -> None:
    late = time.monotonic() + WAIT
    while httpx.get(url, trust_env=False).content != log.folder.fetch("checkpoint"):
        assert time.monotonic() < late, url


def test_the_line_that_says_where_is_json_if_asked(log: LiveLog, tmp_path: Path) -> None:
    with running("log", "serve", log.path, "--json") as service:
        assert service.process.stdout is not None
        lines = ""
        while "}" not in lines:
            lines += service.process.stdout.readline()
        said = json.loads(lines)
    assert said["service"] == "log"
    assert said["url"].startswith("http://127.0.0.1:")
    assert tmp_path
