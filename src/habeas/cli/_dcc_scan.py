"""`habeas dcc scan`: the texts of the certificates in pictures, neither opened nor verified."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._certificate_file import EU_BEGINNING, CertificateFileError, read_certificate_texts
from habeas.cli._lines import Row, answer_lines, read_string
from habeas.cli._options import AsJson
from habeas.cli._output import counted, note, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import STDIN
from habeas.cli.errors import InputError

__all__ = ["scan"]


def scan(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="PNG, JPEG, PDF, or text; - reads stdin. None: lines, see above.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Print the texts of the certificates in pictures, a line each. That says nothing of who signed them.

    Without FILE, read lines {"file": …} from stdin; answer each with {"file": …, "hc1": …} or {"file": …, "error": …}.
    """
    if not files:
        return answer_lines(_answer, fields=("file",))
    rows = [_scanned(file) for file in files]
    if as_json:
        write_json({"verified": False, "files": rows})
    else:
        for row in rows:
            _show(row)
    return OK if all(row["texts"] for row in rows) else REFUSED


def _answer(row: Row) -> Row:
    file = read_string(row, "file")
    if file == STDIN or not _may_be_read(file):
        return _refusal(file, "unreadable-file", "this is no regular file; stdin is where the lines come from")
    try:
        texts = read_certificate_texts(Path(file))
    except InputError as error:
        return _refusal(file, _code(error), str(error))
    except ValueError:  # a character that no path can have
        return _refusal(file, "unreadable-file", "this is no path")
    if len(texts) > 1:
        return _refusal(file, "several-certificates", f"{len(texts)} certificates, where one is answered: cut it out")
    if not texts[0].startswith(EU_BEGINNING):
        return _refusal(
            file, "other-certificate", f"a SMART Health Card, whose text does not begin with {EU_BEGINNING}"
        )
    return {"file": file, "hc1": texts[0]}


def _may_be_read(file: str) -> bool:
    """Whether reading it ends: a pipe may never, and stdin under another name has the lines to come."""
    try:
        return stat.S_ISREG(Path(file).stat().st_mode)
    except (OSError, ValueError):
        return True  # reading it says why it cannot be


def _scanned(file: Path) -> Row:
    try:
        return {"file": str(file), "texts": list(read_certificate_texts(file)), "error": None}
    except InputError as error:
        said = {"code": _code(error), "message": error.what, "next": error.next_step}
        return {"file": str(file), "texts": [], "error": said}


def _show(row: Row) -> None:
    """Write the texts, and nothing else, to stdout: another command can read them there."""
    texts, error = row["texts"], row["error"]
    if isinstance(error, dict):
        note(f"{row['file']}: {error['message']}. Next: {error['next']}")
    elif isinstance(texts, list):
        note(f"{row['file']}: {counted(len(texts), 'certificate', 'certificates')}, not verified")
        for text in texts:
            write(text)


def _code(error: InputError) -> str:
    return error.code if isinstance(error, CertificateFileError) else "unreadable-file"


def _refusal(file: str, code: str, message: str) -> Row:
    return {"file": file, "error": {"code": code, "message": message}}
