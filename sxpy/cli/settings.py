"""How to run a program: what the options of the command line say, and what holds when they say nothing."""

from __future__ import annotations

import os

from sxpy.machine.limits import Limits

DEFAULT_STORE = "persist-data"
"""The directory of the store when nobody names one."""


class Settings:
    """How to run a program: its store (None: no host), its limits, strictness, how much to tell of errors."""

    __slots__ = ("limits", "store", "strict", "traceback")

    def __init__(
        self,
        store: str | os.PathLike[str] | None,
        limits: Limits,
        strict: bool = False,
        traceback: str = "short",
    ) -> None:
        self.store = store
        self.limits = limits
        self.strict = strict
        self.traceback = traceback


def default_store() -> str:
    """`$SX_PERSIST_DIR` when it is set and not empty, else `persist-data` in the working directory."""
    return os.environ.get("SX_PERSIST_DIR") or DEFAULT_STORE


def default_settings() -> Settings:
    """What holds for a command without options."""
    return Settings(default_store(), Limits())
