"""Benchmarks: `python -m bench`. Ratios within one run, never absolute promises; never part of the tests.

`__main__.py` is the command, `groups.py` names the groups, `measure.py` says how anything is measured,
`table.py` what comes out. The language group is in `language.py` and `programs/`, its peers in `peers.py`.
"""
