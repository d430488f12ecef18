"""The words of codes, and local time, from the packs that a block was derived under: they stand in the public log."""

from __future__ import annotations

from habeas.passes import MirrorError, PublicLog
from habeas.rules import Code, Effect, RulesError, parse_pack
from habeas.tlog import BlockFile
from habeas.wire import BEGINNING, Calendar, WireError, parse_deterministic_cbor

__all__ = ["codes_in_force"]

_NO_PACK = (Code(id="green", severity=0, effect=Effect.OPEN, colour="green", names={"en": "green", "zh": "绿码"}),)
"""With no pack in force nobody has a code, and every view is the default."""


def codes_in_force(log: PublicLog, block: BlockFile) -> tuple[tuple[Code, ...], Calendar]:
    """Return a block's codes by severity, and its calendar; UTC where no pack is in force. Raises `MirrorError`."""
    for payload in log.packs(block):
        try:
            said = parse_deterministic_cbor(payload)
            text = said.get("text") if isinstance(said, dict) else None
            pack = parse_pack(text if isinstance(text, str) else "")
        except (WireError, RulesError) as error:
            raise MirrorError(f"a pack in the log cannot be read here: {error}") from None
        return pack.codes, pack.calendar
    return _NO_PACK, Calendar(((BEGINNING, 0),))
