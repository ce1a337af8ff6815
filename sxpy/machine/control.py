"""Continuations, parameters, promises, multiple values and `apply`.

A continuation is the frames themselves: capturing it is O(1), and it can be entered any number of times.
A delimited one is the frames up to the prompt of the nearest `reset`; entering it puts copies of them,
with their links renewed, on top of the present frames (Danvy and Filinski, "Abstracting control", 1990).
"""

from __future__ import annotations

from typing import Any

from sxpy.core.direct import Leave, Waiting
from sxpy.data import (
    UNBOUND,
    Control,
    MultipleValues,
    Parameter,
    Primitive,
    Promise,
    Reraise,
    continuation_of,
    is_list,
)
from sxpy.errors import ArityError, EvalError
from sxpy.machine.conditions import HANDLING, signal
from sxpy.machine.procedures import control, offer
from sxpy.machine.state import APPLY, CONTINUE, Kont, Native, Transition, native, pop_dynamic
from sxpy.machine.walks import with_primitive
from sxpy.machine.winding import WIND, travel
from sxpy.primitives.registry import expected


def several(args: list[Any]) -> Any:
    """The value that stands for these values: the one itself, or the bundle of them."""
    return args[0] if len(args) == 1 else MultipleValues(tuple(args))


def apply_special(machine: Any, head: Any, args: list[Any], kont: Kont) -> Transition:
    """Call a continuation or a parameter."""
    if type(head) is Parameter:
        if args:
            raise ArityError(
                f"a parameter takes no arguments, got {len(args)}; use parameterize to change it"
            )
        return CONTINUE, parameter_value(machine.dynamic, head), None, kont
    if type(head) is Reraise:
        again = (APPLY, RAISE_FROM, [head.payload, head.start, head.continuable], head.kont)
        return travel(machine, again, head.dynamic)
    value = several(args)
    if head.delimited:
        return enter_segment(machine, head.kont, value, (PROMPT, machine.dynamic, kont))
    return travel(machine, (CONTINUE, value, None, head.kont), head.dynamic)


@control("%raise-from", minimum=3, maximum=3)
def RAISE_FROM(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%raise-from payload start continuable) — go on looking for a handler from a dynamic frame on."""
    payload, start, continuable = args
    return signal(machine, payload, kont, start, continuable=continuable)


@control("call/cc", "call-with-current-continuation", minimum=1, maximum=1)
def call_cc(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(call/cc f) — f of the current continuation, a procedure that may be called any number of times.

    (+ 1 (call/cc (fn (k) (+ 10 (k 1))))) => 2
    """
    return APPLY, args[0], [continuation_of(kont, machine.dynamic)], kont


@control("apply", minimum=2)
def apply_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(apply f a … xs) — call f with the arguments a … and the items of the list xs.

    (apply + 1 (list 2 3)) => 6
    """
    *first, last = args[1:]
    if last is not None and not is_list(last):
        raise expected("apply", "a list as the last argument", last)
    return APPLY, args[0], [*first, *(last or ())], kont


def _direct_apply(d: Any, operation: Control, function: Any, *args: Any) -> Any:
    *first, last = args
    if last is not None and not is_list(last):
        raise Leave
    arguments = [*first, *(last or ())]
    if type(function) is Primitive:
        final = True  # noqa: F841  what a primitive did is not done again
        return with_primitive(function, [len(arguments)], lambda call: call(*arguments))
    result = UNBOUND  # noqa: F841  it is looked at from outside
    return function.template.direct(d[0], function, *arguments)


offer(
    apply_,
    _direct_apply,
    _direct_apply,
    Waiting(lambda machine, local, kont: kont, lambda local: (local["function"], local["arguments"])),
)


# -- multiple values -------------------------------------------------------------------------------


@control("values")
def values(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(values a …) — return several values at once.

    (receive (q r) (values 3 1) (list q r)) => (3 1)
    """
    return CONTINUE, several(args), None, kont


@native("call-with-values")
def RECEIVING(machine: Any, value: Any, frame: Any) -> Transition:
    """(RECEIVING, consumer, kont): the producer has returned."""
    args = list(value.items) if type(value) is MultipleValues else [value]
    return APPLY, frame[1], args, frame[-1]


@control("call-with-values", minimum=2, maximum=2)
def call_with_values(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(call-with-values producer consumer) — the consumer of the values that the producer returns.

    (call-with-values (fn () (values 3 1)) list) => (3 1)
    """
    return APPLY, args[0], [], (RECEIVING, args[1], kont)


@control("%case-lambda", minimum=2, maximum=2)
def case_lambda(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%case-lambda clauses arguments) — call the clause that takes this number of arguments."""
    clauses, arguments = list(args[0]), list(args[1])
    for index in range(0, len(clauses), 3):
        count, rest, function = clauses[index : index + 3]
        if len(arguments) == count or (rest and len(arguments) > count):
            return APPLY, function, arguments, kont
    raise ArityError(f"case-lambda: no clause takes {len(arguments)} arguments")


# -- parameters ------------------------------------------------------------------------------------


@native("parameterize", dynamic=True)
def BOUND(machine: Any, value: Any, frame: Any) -> Transition:
    """(BOUND, ((parameter, value) …), dynamic, kont)."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


def parameter_value(dynamic: Kont, parameter: Parameter) -> Any:
    """The value of a parameter in a dynamic state."""
    while dynamic is not None:
        if dynamic[0] is BOUND:
            for bound, value in dynamic[1]:
                if bound is parameter:
                    return value
        dynamic = dynamic[-2]
    return parameter.value


@native("make-parameter")
def MADE(machine: Any, value: Any, frame: Any) -> Transition:
    """(MADE, converter, kont): the converter has returned the first value of a parameter."""
    return CONTINUE, Parameter(value, frame[1]), None, frame[-1]


@control("make-parameter", minimum=1, maximum=2)
def make_parameter(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(make-parameter v converter?) — a parameter; every value it gets goes through the converter.

    (let ((width (make-parameter 80))) (parameterize ((width 40)) (width))) => 40
    """
    if len(args) == 1:
        return CONTINUE, Parameter(args[0]), None, kont
    return APPLY, args[1], [args[0]], (MADE, args[1], kont)


@native("parameter conversion")
def CONVERTING(machine: Any, value: Any, frame: Any) -> Transition:
    """(CONVERTING, pairs, converted so far, thunk, kont): a converter has returned."""
    _, pairs, done, thunk, kont = frame
    parameter, _ = pairs[len(done)]
    return _bind(machine, pairs, (*done, (parameter, value)), thunk, kont)


def _bind(machine: Any, pairs: Any, done: tuple[Any, ...], thunk: Any, kont: Kont) -> Transition:
    while len(done) < len(pairs):
        parameter, value = pairs[len(done)]
        if parameter.converter is not None:
            return APPLY, parameter.converter, [value], (CONVERTING, pairs, done, thunk, kont)
        done = (*done, (parameter, value))
    machine.dynamic = frame = (BOUND, done, machine.dynamic, kont)
    return APPLY, thunk, [], frame


@control("%parameterize", minimum=2, maximum=2)
def parameterize(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%parameterize (p v …) thunk) — what `parameterize` becomes."""
    flat = list(args[0])
    pairs = tuple(zip(flat[::2], flat[1::2], strict=True))
    for parameter, _ in pairs:
        if type(parameter) is not Parameter:
            raise expected("parameterize", "a parameter", parameter)
    return _bind(machine, pairs, (), args[1], kont)


# -- promises --------------------------------------------------------------------------------------


@native("force")
def FORCING(machine: Any, value: Any, frame: Any) -> Transition:
    """(FORCING, promise, kont): the promise's thunk has returned."""
    promise, kont = frame[1], frame[-1]
    state = promise.state
    if state.done:  # forcing it forced it again and that finished first (R7RS §4.2.5)
        return CONTINUE, state.value, None, kont
    if not state.chained:
        state.done, state.value, state.thunk = True, value, None
        return CONTINUE, value, None, kont
    if type(value) is not Promise:
        raise expected("delay-force", "a promise", value)
    other = value.state
    state.done, state.value, state.thunk, state.chained = other.done, other.value, other.thunk, other.chained
    value.state = state
    return _force(promise, kont)


@control("force", minimum=1, maximum=1)
def force(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(force p) — the value of a promise, computed once; any other value is itself.

    (force (delay (+ 1 2))) => 3
    """
    promise = args[0]
    return (CONTINUE, promise, None, kont) if type(promise) is not Promise else _force(promise, kont)


def _force(promise: Promise, kont: Kont) -> Transition:
    state = promise.state
    if state.done:
        return CONTINUE, state.value, None, kont
    return APPLY, state.thunk, [], (FORCING, promise, kont)


# -- delimited continuations -----------------------------------------------------------------------


@native("reset", dynamic=True)
def PROMPT(machine: Any, value: Any, frame: Any) -> Transition:
    """(PROMPT, dynamic, kont): the body of a reset runs."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


BOUND.run = PROMPT.run = pop_dynamic


@control("%reset", minimum=1, maximum=1)
def reset(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%reset thunk) — what `reset` becomes."""
    machine.dynamic = frame = (PROMPT, machine.dynamic, kont)
    return APPLY, args[0], [], frame


@control("%shift", minimum=1, maximum=1)
def shift(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%shift taker) — the taker, in place of the nearest reset's body, of the continuation up to it."""
    prompt = machine.dynamic
    while prompt is not None and prompt[0] is not PROMPT:
        prompt = prompt[-2]
    if prompt is None:
        raise EvalError("shift: there is no reset around it")
    taken = continuation_of(delimited_segment(kont, prompt), machine.dynamic, delimited=True)
    return travel(machine, (APPLY, args[0], [taken], prompt), prompt)


def delimited_segment(kont: Kont, mark: Any) -> tuple[Any, ...]:
    """The frames of `kont` above the frame `mark`, innermost first."""
    segment = []
    frame: Any = kont
    while frame is not mark:
        segment.append(frame)
        frame = frame[-1]
    return tuple(segment)


def enter_segment(machine: Any, segment: tuple[Any, ...], value: Any, mark: Any) -> Transition:
    """Put captured frames, their links renewed, on top of the dynamic frame `mark`, and give them `value`.

    `mark` stands on the present dynamic frame.
    """
    top: Any = mark
    dynamic: Any = mark
    renewed: dict[int, Any] = {}
    winds = False
    for frame in reversed(segment):
        kind = frame[0]
        if type(kind) is Native and kind.dynamic:
            winds = winds or kind is WIND
            parts = frame[:-2]
            if kind is HANDLING:
                outer = frame[1]
                parts = (kind, renewed.get(id(outer), mark), *frame[2:-2])
            top = (*parts, dynamic, top)
            dynamic = renewed[id(frame)] = top
        else:
            top = (*frame[:-1], top)
    if not winds:
        machine.dynamic = dynamic
        return CONTINUE, value, None, top
    return travel(machine, (CONTINUE, value, None, top), dynamic)
