"""After every test that opened a store, the check reads all that is left of it, and must find it sound.

A test that damages a store on purpose says so with `@pytest.mark.damages`. The fixture is for the conftest of
each room that tests stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sxpy.testing import SimulatedPort
from sxpy_hosts.port import RealPort
from sxpy_hosts.store import Store
from sxpy_hosts.verify import verify


@pytest.fixture(autouse=True)
def every_store_is_sound_afterwards(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    roots: dict[Path, None] = {}
    disks: list[Any] = []
    opened = Store.__init__

    def remember(store: Store, port: Any, **options: Any) -> None:
        if isinstance(port, SimulatedPort):
            if not any(disk is port.disk for disk in disks[-3:]):
                disks.append(port.disk)
                del disks[:-3]  # loops make thousands, and check each themselves
        elif isinstance(port, RealPort):
            roots[Path(port.root).absolute()] = None
        opened(store, port, **options)

    monkeypatch.setattr(Store, "__init__", remember)
    yield
    if request.node.get_closest_marker("damages") is not None:
        return
    for root in roots:
        if (root / "format.sx").exists():
            assert [str(problem) for problem in verify(root).problems] == [], root
    for disk in disks:
        if "format.sx" in disk.files():
            assert [str(problem) for problem in verify(disk.copy().port()).problems] == []
