"""Every servicer against the contract: in memory, on disk, after kills, checkpointing all the time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servicer_contract import ServicerContract
from store_support import host_on, small_limits

from sxpy.host import Host
from sxpy_hosts.disk import DiskHost, open_host
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.simulated import SimulatedDisk
from sxpy_hosts.verify import verify


class TestMemory(ServicerContract):
    """The store in memory."""

    def open(self) -> Host:
        return MemoryHost()


class TestDisk(ServicerContract):
    """The store on a real disk, opened anew through a checkpoint."""

    def open(self) -> Host:
        return open_host(self.directory / "root")

    def check(self) -> None:
        root = self.directory / "root"
        if root.exists():
            report = verify(root)
            assert (report.problems, report.notes) == ([], [])

    def reopen(self) -> None:
        self.host.close()
        self.host = self.open()


class TestDiskAfterKills(ServicerContract):
    """The store on a simulated disk: each opening finds what a killed process left, all in the journal."""

    def open(self) -> Host:
        self.disk = SimulatedDisk()
        return host_on(self.disk.port())

    def reopen(self) -> None:
        assert isinstance(self.host, DiskHost)
        self.disk.lose_power()
        self.host = host_on(self.disk.port())

    def check(self) -> None:
        assert verify(self.disk.port()).problems == []


class TestDiskThatCheckpointsAllTheTime(TestDisk):
    """The store on a real disk with limits so small that almost every operation is a checkpoint."""

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _small(cls) -> Iterator[None]:
        with small_limits(segment=1, touched=1, split=200, fewest=2, slack=10):
            yield
