"""The profiler: where an SX program spends its time, and what it asks of its host.

A `Profile` is given to an interpreter with `Interpreter.observe`; `text_report` and `flame_graph` show it.
Read `profile.py` first: it says what is counted and what is sampled.
"""

from sxpy.profiler.flame import flame_graph
from sxpy.profiler.profile import Profile
from sxpy.profiler.report import text_report

__all__ = ["Profile", "flame_graph", "text_report"]
