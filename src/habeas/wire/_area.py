"""Administrative areas: where a body may speak, never where a person was."""

from __future__ import annotations

import re
from dataclasses import dataclass

from habeas.wire.errors import AreaError

__all__ = ["Area", "parse_area"]

_CODE = re.compile(r"[A-Z]{2}(-[0-9A-Z]{1,12}){0,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Area:
    """An administrative area by country (ISO 3166-1) and the country's own codes, widest first: `CN-41-4101`.

    For China the codes are those of GB/T 2260, one part a level: province, city, county, community.
    """

    code: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise AreaError(f"{self.code!r} is no area: write country and codes, widest first, such as CN-41-4101")

    def covers(self, other: Area) -> bool:
        """Whether `other` is this area or lies within it."""
        return other.code == self.code or other.code.startswith(self.code + "-")

    def __str__(self) -> str:
        return self.code


def parse_area(text: object) -> Area:
    """Return the area of `text`; raises `AreaError`."""
    if not isinstance(text, str):
        raise AreaError(f"{text!r} is no area: text such as CN-41-4101 is expected")
    return Area(text)
