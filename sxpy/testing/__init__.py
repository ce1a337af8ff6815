"""Tests written in SX: found, run and reported; and the kit that every store has to pass.

`discovery.py` says which files are tests, `runner.py` runs one, `report.py` and `junit.py` tell what came
of it; `sx test` and the pytest plugin (`pytest_plugin.py`) are two ways to ask for that.
"""
