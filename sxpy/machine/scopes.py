"""Dynamic scopes (`provide`, `context`, `scope`, `emit!`, `emitted`), and the `io` registry."""

from __future__ import annotations

from typing import Any

from sxpy.data import EMPTY, UNBOUND, Box, Dict, equal, from_list
from sxpy.errors import SxValueError, UnknownOperationError
from sxpy.machine.performing import perform
from sxpy.machine.procedures import control
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition, native
from sxpy.primitives.registry import expected
from sxpy.printer import inspect


@native("scope", dynamic=True)
def SCOPE(machine: Any, value: Any, frame: Any) -> Transition:
    """(SCOPE, name, provided value or UNBOUND, box of what was emitted, dynamic, kont)."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


def _enter(machine: Any, name: Any, value: Any, thunk: Any, kont: Kont) -> Transition:
    machine.dynamic = frame = (SCOPE, name, value, Box(EMPTY), machine.dynamic, kont)
    return APPLY, thunk, [], frame


def _nearest(machine: Any, name: Any, *, provided: bool) -> Any:
    frame = machine.dynamic
    while frame is not None:
        if frame[0] is SCOPE and equal(frame[1], name) and not (provided and frame[2] is UNBOUND):
            return frame
        frame = frame[-2]
    return None


@control("%provide", minimum=3, maximum=3)
def provide(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%provide name v thunk) — what `provide` becomes."""
    return _enter(machine, args[0], args[1], args[2], kont)


@control("%scope", minimum=2, maximum=2)
def scope(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%scope name thunk) — what `scope` becomes."""
    return _enter(machine, args[0], UNBOUND, args[1], kont)


@control("context", minimum=1, maximum=2)
def context(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(context name default?) — what the nearest `provide` of the name gave; an error when there is none.

    (provide "depth" 1 (context "depth")) => 1
    """
    frame = _nearest(machine, args[0], provided=True)
    if frame is not None:
        return CONTINUE, frame[2], None, kont
    if len(args) == 2:
        return CONTINUE, args[1], None, kont
    raise SxValueError(f"context: nothing provides {inspect(args[0])}; give a default", args[0])


@control("emit!", minimum=2, maximum=2)
def emit(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(emit! name v) — add v to the nearest scope of the name; v.

    (scope "log" (emit! "log" 1) (emitted "log")) => (1)
    """
    frame = _nearest(machine, args[0], provided=False)
    if frame is None:
        raise SxValueError(f"emit!: there is no scope {inspect(args[0])} around", args[0])
    frame[3].value = frame[3].value.append(args[1])
    return CONTINUE, args[1], None, kont


@control("emitted", minimum=1, maximum=1)
def emitted(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(emitted name) — what was emitted to the nearest scope of the name, in order; () without one.

    (emitted "log") => ()
    """
    frame = _nearest(machine, args[0], provided=False)
    return CONTINUE, EMPTY if frame is None else frame[3].value, None, kont


# -- operations ------------------------------------------------------------------------------------


@control("%defio", minimum=2, maximum=2)
def defio(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%defio name description) — what `defio` becomes."""
    if not isinstance(args[0], str):
        raise expected("defio", "a string as the name", args[0])
    machine.context.operations[args[0]] = args[1]
    return CONTINUE, args[0], None, kont


@control("io", minimum=1)
def io(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(io name arg …) — perform a registered operation: {:op name :args (arg …)}.

    (do (defio "ask") (cek-io-request (cek-step-loop (make-cek-state '(io "ask"))))) => {:op "ask" :args ()}
    """
    name, *rest = args
    if not isinstance(name, str) or name not in machine.context.operations:
        raise UnknownOperationError(f"unknown operation: {inspect(name)}; register it with defio", name)
    return APPLY, perform, [Dict({"op": name, "args": from_list(rest)})], kont


@control("io-registered?", minimum=1, maximum=1)
def io_registered(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(io-registered? name) — whether `defio` made the operation known.

    (io-registered? "nothing/such") => false
    """
    return CONTINUE, args[0] in machine.context.operations, None, kont
