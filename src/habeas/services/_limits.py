"""How often one address may ask: a bucket that fills by time. No header is read for it: whoever writes headers, writes any."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from habeas.services.errors import BusyError

__all__ = ["Rate"]

_ADDRESSES = 4096


class Rate:
    """So many requests a second of each address, and `burst` at once. Behind a proxy all are one address.

    Of more than a few thousand addresses the ones that were silent longest are forgotten.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Count one request of an address; raises `BusyError`."""
        now = self._clock()
        left, since = self._left.pop(address, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_second)
        self._left[address] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)
        if left < 1:
            raise BusyError("this address asks too often")
