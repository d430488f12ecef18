"""Our command passes our own conformance suite, and an implementation with a fault does not, fault by fault.

The suite is run as anybody would run it: another process, which starts the command as another one.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certificates import faulty
from conformance.wrong import FAULTS
from public_data import data_file

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "conformance"
HABEAS = shlex.join([sys.executable, "-m", "habeas.cli"])
LINES = "certlogic/lines/"
SECONDS = 3  # a faulty implementation is given that long for an answer; it takes milliseconds


def suite(*args: object, command: str = HABEAS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SUITE / "run.py", "--command", command, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
    )


def outcomes(*args: object, command: str = HABEAS) -> dict[str, Any]:
    ran = suite("--json", *args, command=command)
    assert not ran.stderr, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == int(any(case["outcome"] in WRONG for case in found["cases"]) or bool(found["unknown"]))
    return found


WRONG = ("failed", "passed, though expected to fail")


def failed(found: dict[str, Any]) -> dict[str, str]:
    return {case["id"]: case["fault"] for case in found["cases"] if case["outcome"] == "failed"}


# Ours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["certlogic", "dcc", "scan"])
def test_our_command_passes_the_lines_of_our_vectors(group: str) -> None:
    found = outcomes("--ours", "--only", group, "--xfails", SUITE / "habeas.xfails")
    assert failed(found) == {}
    assert len(found["cases"]) == {"certlogic": 74, "dcc": 63, "scan": 23}[group]


@pytest.mark.long
def test_our_command_passes_everything() -> None:
    found = outcomes("--data", data_file("."), "--xfails", SUITE / "habeas.xfails", "--timeout", 120)
    assert failed(found) == {}
    assert {
        group: sum(v for v in counted.values() if isinstance(v, int)) for group, counted in found["groups"].items()
    } == {
        "certlogic": 1680,
        "dcc": 625,
        "scan": 53,
        "derive": 27,
    }
    assert found["groups"]["dcc"]["left out"] == {
        "they are faulty themselves (conformance/dcc-faulty.json)": 11,
        "they do not say what is right": 9,
    }


def test_the_list_of_what_we_fail_gives_a_reason_for_each() -> None:
    for line in (SUITE / "habeas.xfails").read_text().splitlines():
        assert not line or line.startswith("#") or re.fullmatch(r"(certlogic|dcc|scan|derive)/\S+ # .+", line)


# Not ours --------------------------------------------------------------------------------------------------------


def faulty_command(fault: str) -> str:
    return shlex.join([sys.executable, str(Path(__file__).parent / "wrong.py"), fault])


def wrong(fault: str, *args: object) -> dict[str, str]:
    about = ("--ours", "--only", "certlogic", "--timeout", SECONDS)
    return failed(outcomes(*about, *args, command=faulty_command(fault)))


def cases(*, refused_with: str = "", giving: object = ...) -> set[str]:
    """Return the ids of our lines that are refused with a code, or give a value."""
    rows = json.loads((ROOT / "vectors" / "certlogic" / "lines.json").read_bytes())["lines"]
    return {
        LINES + row["id"]
        for row in rows
        if refused_with in row.get("refuses", ()) or row.get("gives") == {"value": giving}
    }


def test_an_implementation_that_is_not_ours_passes() -> None:
    assert wrong("none") == {}


def test_a_true_for_an_error_is_caught_at_every_such_line() -> None:
    assert wrong("true_to_errors").keys() == cases(refused_with="undecided")


def test_malformed_lines_without_an_answer_are_caught_at_each() -> None:
    found = wrong("drops_malformed_lines")
    dropped = {LINES + "all-at-once", LINES + "last-line-without-end", LINES + "one-by-one"}
    assert len(found) > len(dropped)
    first = sorted(found.keys() - dropped)
    assert any("no answer in 3 seconds" in found[name] for name in first)
    assert any("not asked" in found[name] for name in first)


def test_answers_in_another_order_are_caught() -> None:
    found = wrong("swaps_order")
    assert LINES + "one-by-one" in found, "the second line is only sent when the first is answered"
    assert {LINES + "constant", LINES + "empty-line"} <= found.keys()


def test_a_second_answer_is_caught_at_its_line() -> None:
    found = wrong("answers_twice")
    fifth = json.loads((ROOT / "vectors" / "certlogic" / "lines.json").read_bytes())["lines"][4]["id"]
    assert found[LINES + "all-at-once"] == "71 answers to 70 lines"
    assert found[LINES + fifth] == "two answers to one line"


def test_an_implementation_that_dies_fails_at_its_line_and_is_started_again_for_the_next() -> None:
    found = wrong("dies")
    assert {name for name, fault in found.items() if "ended instead of answering" in fault} == cases(
        refused_with="bad-logic"
    )
    assert found.keys() == cases(refused_with="bad-logic") | {LINES + "all-at-once"}


def test_an_implementation_that_falls_silent_is_not_waited_for() -> None:
    found = wrong("falls_silent")
    assert found.keys() == {LINES + "all-at-once", *cases(giving=7)}
    assert found[LINES + "sum"] == "no answer in 3 seconds"


def test_an_answer_over_two_lines_is_caught() -> None:
    found = wrong("breaks_the_line")
    assert found.keys() == cases(refused_with="bad-logic") | {LINES + "all-at-once"}


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        ("writes_nan", cases(giving=5)),
        ("one_is_true", {LINES + "after-empty-line"}),
        ("has_another_code", cases(refused_with="too-long")),
        ("says_more", {LINES + "sum"}),
    ],
)
def test_an_answer_that_is_nearly_right_is_caught(fault: str, where: set[str]) -> None:
    assert where
    assert wrong(fault).keys() == where


def test_an_error_that_is_bare_text_is_caught_everywhere() -> None:
    found = wrong("errors_are_text")
    codes = ("not-json", "bad-fields", "too-long", "undecided", "bad-logic")
    assert found.keys() >= set().union(*(cases(refused_with=code) for code in codes))


def test_an_exit_code_is_caught() -> None:
    assert "exit code 3" in wrong("ends_badly")[LINES + "all-at-once"]


def test_an_implementation_that_stops_reading_is_not_waited_for() -> None:
    found = wrong("stops_reading")
    assert found.keys() == {LINES + "all-at-once", *cases(refused_with="too-long")}
    assert found[LINES + "too-long"] == "no answer in 3 seconds"


def test_half_a_character_in_an_answer_is_shown_and_not_the_end() -> None:
    ran = suite("--ours", "--only", "certlogic", command=faulty_command("halves_a_character"))
    assert (ran.returncode, ran.stderr) == (1, "")
    assert all(name in ran.stdout for name in cases(giving=7))
    assert r"\ud800" in ran.stdout


def test_every_fault_has_a_test() -> None:
    tested = {
        node.value
        for node in ast.walk(ast.parse(Path(__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in FAULTS
    }
    assert tested == set(FAULTS)


def test_codes_that_do_not_follow_are_caught(tmp_path: Path) -> None:
    """An implementation whose `derive` prints what it was once given, and never refuses."""
    once = json.loads((ROOT / "vectors" / "derive" / "positives" / "next-noon.json").read_bytes())
    program = tmp_path / "program.py"
    program.write_text(f"print({json.dumps(json.dumps(once))})")
    found = outcomes("--only", "derive", "--ours", command=shlex.join([sys.executable, str(program)]))
    right = [case["id"] for case in found["cases"] if case["outcome"] == "passed"]
    assert right == ["derive/positives/next-noon"]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("sys.exit('no')", ""),
        ("raise KeyError", "it broke down, where it must refuse: Traceback"),
        ("sys.exit(1)", "it refused without a message on stderr"),
        ("print('no', file=sys.stderr); sys.exit(4)", "exit code 4, where it must refuse with 1 or 2. no"),
        ("print('{}'); sys.exit('no')", "it refused, and yet wrote to stdout"),
        ("pass", "exit code 0, where it must refuse with 1 or 2."),
    ],
)
def test_whoever_breaks_down_has_not_refused(program: str, says: str) -> None:
    command = shlex.join([sys.executable, "-c", f"import sys; {program}"])
    found = outcomes("--only", "derive", "--ours", command=command)
    faults = {case["id"]: case["fault"] or "" for case in found["cases"] if case["id"].startswith("derive/refused/")}
    assert len(faults) == 8
    assert all(fault.startswith(says) if says else not fault for fault in faults.values()), faults


# Lists and arguments ---------------------------------------------------------------------------------------------


def test_what_is_expected_to_fail_must_fail_and_have_a_reason(tmp_path: Path) -> None:
    xfails = tmp_path / "some.xfails"
    xfails.write_text(f"# ours\n\n{LINES}constant # it is thought to fail\n")
    found = outcomes("--ours", "--only", "certlogic", "--xfails", xfails, command=faulty_command("none"))
    assert [case["id"] for case in found["cases"] if case["outcome"] in WRONG] == [LINES + "constant"]

    undecided = "".join(f"{name} # it fails open\n" for name in cases(refused_with="undecided"))
    xfails.write_text(undecided)
    assert wrong("true_to_errors", "--xfails", xfails) == {}

    for text in (f"{LINES}constant\n", "# \n  # x\n # y\nx #\n", f"{LINES}constant # a\n{LINES}constant # b\n"):
        xfails.write_text(text)
        ran = suite("--ours", "--only", "certlogic", "--xfails", xfails)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "write `<case id> # <reason>`" in ran.stderr


def test_a_case_that_is_not_there_is_not_expected_to_fail_unseen(tmp_path: Path) -> None:
    xfails = tmp_path / "some.xfails"
    xfails.write_text(f"{LINES}no-such-line # gone\nderive/x # of another group\n")
    found = outcomes("--ours", "--only", "certlogic", "--xfails", xfails, command=faulty_command("none"))
    assert found["unknown"] == [f"{LINES}no-such-line"]


@pytest.mark.parametrize(
    ("args", "command", "says"),
    [
        (("--ours",), "no-such-program", "there is no program"),
        (("--data", "none"), HABEAS, "HABEAS_DATA"),
        (("--ours", "--xfails", "none"), HABEAS, "cannot be read"),
    ],
)
def test_what_cannot_be_tried_ends_with_two(args: tuple[str, ...], command: str, says: str) -> None:
    ran = suite(*args, command=command)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr


def test_the_suite_needs_nothing_but_python() -> None:
    """What makes the vectors is the only part that knows Habeas."""
    for path in SUITE.glob("*.py"):
        if not path.name.startswith("make_"):
            names = {
                (name.name if isinstance(node, ast.Import) else str(node.module)).split(".")[0]
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in node.names
            }
            own = {other.stem for other in SUITE.glob("*.py")}
            assert names <= own | sys.stdlib_module_names, path.name


# Files -----------------------------------------------------------------------------------------------------------


def test_the_vectors_are_what_their_programs_make(tmp_path: Path) -> None:
    """And what must follow is written down in them by hand: a document that says something else is not written."""
    for name in ("conformance", "tests", "vectors"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    made = ("derive", "dcc", "scan")
    before = {
        path: path.read_bytes() for name in made for path in (ROOT / "vectors" / name).rglob("*") if path.is_file()
    }
    for name in made:
        for path in (tmp_path / "vectors" / name).rglob("*"):
            if path.is_file() and path != tmp_path / "vectors" / "derive" / "pack.yaml":
                path.unlink()
    for program in ("make_derive.py", "make_dcc.py"):
        subprocess.run([sys.executable, tmp_path / "conformance" / program], check=True)
    after = {
        ROOT / path.relative_to(tmp_path): path.read_bytes()
        for name in made
        for path in (tmp_path / "vectors" / name).rglob("*")
        if path.is_file()
    }
    assert after == before


def test_the_list_of_faulty_files_is_the_one_that_our_tests_go_by() -> None:
    listed = {row["path"]: row for row in json.loads((SUITE / "dcc-faulty.json").read_bytes())}
    ours: dict[str, list[str]] = {}
    for one in faulty.FAULTY:
        ours.setdefault(one.path, []).append(one.fault)
    left_out = {faulty.P384, faulty.NO_USAGE, faulty.WRONG_KEY}
    for path, faults in ours.items():
        assert listed[path]["faults"] == faults
        if left_out & set(faults):
            assert listed[path]["effect"] == "left out"
        else:
            assert (listed[path]["effect"] == "payload not compared") is (faulty.OTHER_PAYLOAD in faults)
    rest = listed.keys() - ours.keys()
    assert rest == set(faulty.VALUE_SETS)
    for path in rest:
        assert faulty.VALUE_SETS[path] in listed[path]["faults"][0]
        assert listed[path]["effect"] == "left out"


def test_the_hashes_that_are_published_are_those_of_the_files() -> None:
    listed = dict(line.split("  ")[::-1] for line in (SUITE / "data.sha256").read_text().splitlines())
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", page, re.MULTILINE)) == listed
    folder = data_file(".")
    for name, wanted in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted, name
    below = ("certlogic", "merkle")
    files = {str(path.relative_to(folder)) for name in below for path in (folder / name).rglob("*") if path.is_file()}
    assert {name for name in listed if name.split("/")[0] in below} == files
