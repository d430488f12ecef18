"""certlogic-js 1.2.2 in one long-lived Node process: many expressions and data a line, their answers back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

_NODE = Path(__file__).parents[1] / "node"


class CertLogicJs:
    """The reference behind a pipe; `tests/node/certlogic.mjs` says what it takes."""

    def __init__(self) -> None:
        missing = "node" if shutil.which("node") is None else "certlogic-js"
        if missing == "node" or not (_NODE / "node_modules" / "certlogic-js").exists():
            reason = f"needs {missing}: `./dev test` sets up tests/node/node_modules, with Node 20 or newer"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        command = ["node", str(_NODE / "certlogic.mjs"), "--watch"]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait()

    def ask(self, **request: object) -> Any:  # noqa: ANN401 - JSON
        """Send one request and return its answer."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(request) + "\n")
        self._node.stdin.flush()
        return json.loads(self._node.stdout.readline())
