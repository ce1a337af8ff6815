"""The debugger: a program run step by step, forwards and backwards, by hand.

    debugger = Debugger(Interpreter)                  # `Interpreter` makes the world of a run
    debugger.load("(define (f x) (* x x)) (+ 1 (f 4))")
    debugger.break_at("f")
    debugger.go().reason                              # Reason.BREAKPOINT
    debugger.evaluate("x")                            # 4
    debugger.out().state.control                      # 16

It runs the machine of `sxpy/machine/step.py`, so a step is what the definition of the language says. Read
`debugger.py` first; `calls.py` and `scope.py` look at a state, `breakpoints.py` says where to stop,
`history.py` keeps what was. The command line's face of it is `sxpy/cli/debug/`.
"""

from __future__ import annotations

from sxpy.debugger.breakpoints import (
    Breakpoint,
    ErrorBreakpoint,
    FunctionBreakpoint,
    LineBreakpoint,
    OperationBreakpoint,
)
from sxpy.debugger.calls import Call, calls
from sxpy.debugger.debugger import Debugger, Reason, Stop
from sxpy.debugger.history import History
from sxpy.debugger.scope import Variable, pending, variables

__all__ = [
    "Breakpoint",
    "Call",
    "Debugger",
    "ErrorBreakpoint",
    "FunctionBreakpoint",
    "History",
    "LineBreakpoint",
    "OperationBreakpoint",
    "Reason",
    "Stop",
    "Variable",
    "calls",
    "pending",
    "variables",
]
