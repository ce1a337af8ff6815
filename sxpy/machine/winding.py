"""Winders: what `dynamic-wind` promises when control leaves a body or comes back.

`travel` is the only way from one continuation to another that is not a plain return. It finds the winders
that are left and those that are entered, runs their thunks in order — each in the dynamic state just
outside of its own winder — and then makes the transition it was given.
"""

from __future__ import annotations

from typing import Any

from sxpy.machine.procedures import control
from sxpy.machine.state import APPLY, CONTINUE, Kont, Transition, native

Passage = tuple[Any, Any]
"""A thunk to run, and the winder frame it belongs to."""


@native("dynamic-wind", dynamic=True)
def WIND(machine: Any, value: Any, frame: Any) -> Transition:
    """(WIND, before, after, dynamic, kont): the body of a dynamic-wind runs."""
    _, _, after, dynamic, kont = frame
    machine.dynamic = dynamic
    return APPLY, after, [], (LEFT, value, kont)


@native("dynamic-wind entry")
def ENTERING(machine: Any, value: Any, frame: Any) -> Transition:
    """(ENTERING, before, thunk, after, kont): the before-thunk has run."""
    _, before, thunk, after, kont = frame
    machine.dynamic = winder = (WIND, before, after, machine.dynamic, kont)
    return APPLY, thunk, [], winder


@native("dynamic-wind exit")
def LEFT(machine: Any, value: Any, frame: Any) -> Transition:
    """(LEFT, result, kont): the after-thunk has run."""
    return CONTINUE, frame[1], None, frame[-1]


@native("winding")
def WINDING(machine: Any, value: Any, frame: Any) -> Transition:
    """(WINDING, passages left, transition, dynamic afterwards, because, kont): on the way elsewhere."""
    _, passages, transition, dynamic, because, _ = frame
    return _pass_through(machine, passages, transition, dynamic, because)


def _winders(dynamic: Kont) -> list[Any]:
    """The winder frames in force, innermost first."""
    found = []
    while dynamic is not None:
        if dynamic[0] is WIND:
            found.append(dynamic)
        dynamic = dynamic[-2]
    return found


def travel(machine: Any, transition: Transition, dynamic: Kont, because: Any = None) -> Transition:
    """Leave the present dynamic state for `dynamic`, then make `transition`.

    `because` is the raised value that is brought to its handler, if that is what for.
    """
    frame = machine.dynamic
    while frame is not dynamic and frame is not None and frame[0] is not WIND:
        frame = frame[-2]
    if frame is dynamic:  # nothing on the way there has anything to do
        machine.dynamic = dynamic
        return transition
    leaving, entering = _winders(machine.dynamic), _winders(dynamic)
    while leaving and entering and leaving[-1] is entering[-1]:
        leaving.pop()
        entering.pop()
    passages: tuple[Passage, ...] = (
        *((winder[2], winder) for winder in leaving),
        *((winder[1], winder) for winder in reversed(entering)),
    )
    return _pass_through(machine, passages, transition, dynamic, because)


def _pass_through(
    machine: Any, passages: tuple[Passage, ...], transition: Transition, dynamic: Kont, because: Any
) -> Transition:
    if not passages:
        machine.dynamic = dynamic
        return transition
    (thunk, winder), *rest = passages
    machine.dynamic = winder[-2]
    return APPLY, thunk, [], (WINDING, tuple(rest), transition, dynamic, because, winder[-1])


@control("dynamic-wind", minimum=3, maximum=3)
def dynamic_wind(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(dynamic-wind before thunk after) — the thunk's value; before on every entry, after on every exit.

    (let ((l (mutable-list))) (dynamic-wind (fn () (append! l 1)) list (fn () (append! l 2))) l) => (1 2)
    """
    before, thunk, after = args
    return APPLY, before, [], (ENTERING, before, thunk, after, kont)
