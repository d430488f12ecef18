"""The `habeas` command: files and arguments in, one call of the rooms below, text or JSON out; it decides nothing.

It has no command that sets, copies or forwards a code, and none that looks for a person by anything but a document.
"""

from habeas.cli._app import main

__all__ = ["main"]
