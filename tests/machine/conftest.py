"""Both executors in tests: a module that uses the fixture `tier` runs each of its tests twice."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["interpreted", "compiled"])
def tier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Programs run by the definition of the machine, then with every block compiled at its first run."""
    if request.param == "interpreted":
        monkeypatch.setenv("SX_TIER", "0")
    else:
        monkeypatch.setenv("SX_HOT", "1")
    return str(request.param)
