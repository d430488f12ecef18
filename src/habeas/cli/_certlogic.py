"""`habeas certlogic`: other people's rules, evaluated as packs' rules are: a logic and data in, a value out."""

from __future__ import annotations

import typer

from habeas.cli._lines import LineError, Row, answer_lines
from habeas.cli._options import AsJson
from habeas.rules import LogicError, LogicFormatError, compile_logic

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.callback()
def _group() -> None:
    """Evaluate CertLogic expressions."""


@app.command("eval")
def evaluate(_as_json: AsJson = False) -> int:
    """Read lines {"logic": …, "data": …} from stdin; answer each with {"value": …} or {"error": …}, in their order.

    Date-times in a value are text, YYYY-MM-DDTHH:MM:SS.sssZ. Limits and errors stand in docs/conformance.md.
    """
    return answer_lines(_evaluate, fields=("logic", "data"))


def _evaluate(row: Row) -> Row:
    try:
        return {"value": compile_logic(row["logic"]).evaluate(row["data"])}
    except LogicFormatError as error:
        raise LineError("bad-logic", str(error)) from None
    except LogicError as error:
        raise LineError("undecided", str(error)) from None
