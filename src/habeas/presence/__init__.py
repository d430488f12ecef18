"""Visits that stay on the device. Empty still: its walls stand, and are checked, before anything is in it.

Where somebody was is no ground (I5): evidence, rules and grounds cannot import this room, nor it them.
"""

__all__: list[str] = []
