"""Tests written in SX: found, run and reported; and the kit that every store has to pass.

`discovery.py` says which files are tests, `runner.py` runs one, `report.py` and `junit.py` tell what came
of it; `sx test` and the pytest plugin (`pytest_plugin.py`) are two ways to ask for that. The kit for
stores, `check_servicer`, is `sxpy/testing/servicer/`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sxpy.testing.servicer import ServicerCheck, check_servicer, servicer_checks

__all__ = ["ServicerCheck", "check_servicer", "servicer_checks"]


def __getattr__(name: str) -> Any:
    # Every run of pytest imports this package for the plugin; the kit is imported when it is asked for.
    if name in __all__:
        from sxpy.testing import servicer  # noqa: PLC0415

        return getattr(servicer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
