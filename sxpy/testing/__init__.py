"""Tests written in SX: found, run and reported; and what a store of anybody's can be tested with.

`discovery.py` says which files are tests, `runner.py` runs one, `report.py` and `junit.py` tell what came
of it; `sx test` and the pytest plugin (`pytest_plugin.py`) are two ways to ask for that. For stores there
are the conformance kit, `check_servicer` (`sxpy/testing/servicer/`), and a simulated disk that loses power
and fails, `SimulatedDisk` (`sxpy/testing/disk/`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sxpy.testing.disk import (
        Crash,
        Fault,
        File,
        Port,
        SimulatedDisk,
        SimulatedPort,
        Stop,
        SyncError,
        every_crash,
        every_error,
        every_turn,
    )
    from sxpy.testing.servicer import ServicerCheck, check_servicer, servicer_checks

__all__ = [
    "Crash",
    "Fault",
    "File",
    "Port",
    "ServicerCheck",
    "SimulatedDisk",
    "SimulatedPort",
    "Stop",
    "SyncError",
    "check_servicer",
    "every_crash",
    "every_error",
    "every_turn",
    "servicer_checks",
]


def __getattr__(name: str) -> Any:
    # Every run of pytest imports this package for the plugin; the kits are imported when they are asked for.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    kit = "servicer" if "servicer" in name.lower() else "disk"
    return getattr(import_module(f"sxpy.testing.{kit}"), name)
