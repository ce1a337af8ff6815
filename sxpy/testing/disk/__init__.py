"""A simulated disk, and loops that stop a store at every call it makes to one.

    for stop in every_crash(work):
        with closing(MyStore(stop.disk.port())) as store:
            assert set(stop.done) <= set(store.everything())

`medium.py` says what files and names become when power is lost, `machine.py` is the disk and the processes
on it, `stops.py` has the loops. A store can be tested so when it does all its input and output through
a `Port` (`sxpy/port.py`). `docs/servicers.md` has an example that runs.
"""

from __future__ import annotations

from sxpy.port import File, Port, SyncError
from sxpy.testing.disk.machine import Crash, Fault, SimulatedDisk, SimulatedPort
from sxpy.testing.disk.stops import Stop, every_crash, every_error, every_turn

__all__ = [
    "Crash",
    "Fault",
    "File",
    "Port",
    "SimulatedDisk",
    "SimulatedPort",
    "Stop",
    "SyncError",
    "every_crash",
    "every_error",
    "every_turn",
]
