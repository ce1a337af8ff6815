"""The history of a conversation: a file in the user's state directory, or memory if there can be no file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


def history_file(name: str = "history") -> Path:
    """Where a history is kept: `$XDG_STATE_HOME/sx/NAME`, by default under `~/.local/state`."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "sx" / name


def open_history(name: str = "history") -> tuple[History, str | None]:
    """The history of this name, and why it will be forgotten when it will."""
    try:
        path = history_file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # What people type may be private.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))
    except (OSError, RuntimeError) as error:  # RuntimeError: the user has no home directory
        return InMemoryHistory(), str(error)
    return TolerantHistory(str(path)), None


class TolerantHistory(FileHistory):
    """A history that goes on in memory when its file cannot be read or written any more."""

    def load_history_strings(self) -> list[str]:
        """The lines of earlier conversations, the latest first; none when they cannot be read."""
        try:
            return list(super().load_history_strings())
        except OSError:  # no reason to refuse a conversation
            return []

    def store_string(self, string: str) -> None:
        """Add a line to the file if that is possible; the base class has kept it in memory already."""
        try:
            super().store_string(string)
        except OSError:  # no reason to end a conversation
            return
