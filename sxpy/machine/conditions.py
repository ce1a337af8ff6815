"""Errors and handlers: `raise raise-continuable error guard with-exception-handler try-catch try-call`.

A raised value looks for the nearest handler on the chain of dynamic frames. `with-exception-handler` runs
its handler on top of the raise, with the outer handlers in force; `guard`, `try-catch` and `try-call` leave
the body first, so the after-thunks of `dynamic-wind` run before the handler does. A `guard` without a
matching clause goes back into the body and raises from there, past itself (R7RS §4.2.7).
"""

from __future__ import annotations

from typing import Any

from sxpy import errors
from sxpy.core.direct import Leave, Waiting
from sxpy.core.sites import Site
from sxpy.data import UNBOUND, Circumstances, Condition, Control, Dict, Reraise, truthy
from sxpy.errors import EvalError, Frame, Place
from sxpy.machine.procedures import control, offer
from sxpy.machine.state import APPLY, CONTINUE, FAILED, RAISE, Kont, Transition, backtrace, native
from sxpy.machine.winding import WINDING, travel
from sxpy.printer import inspect, show


@native("handler", dynamic=True)
def HANDLER(machine: Any, value: Any, frame: Any) -> Transition:
    """(HANDLER, handler, dynamic, kont): the body of with-exception-handler runs."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


@native("guard", dynamic=True)
def GUARD(machine: Any, value: Any, frame: Any) -> Transition:
    """(GUARD, handler, dynamic, kont): the body of a guard runs."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


@native("try-catch", dynamic=True)
def TRY(machine: Any, value: Any, frame: Any) -> Transition:
    """(TRY, handler, dynamic, kont): the thunk of try-catch runs."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


@native("try-call", dynamic=True)
def TRY_CALL(machine: Any, value: Any, frame: Any) -> Transition:
    """(TRY_CALL, dynamic, kont): the thunk of try-call runs."""
    machine.dynamic = frame[-2]
    return CONTINUE, Dict({"ok": True}), None, frame[-1]


@native("handling", dynamic=True)
def HANDLING(machine: Any, value: Any, frame: Any) -> Transition:
    """(HANDLING, handlers in force, payload, continuable, dynamic, kont): a handler is running."""
    _, outer, payload, continuable, dynamic, kont = frame
    machine.dynamic = dynamic
    if continuable:
        return CONTINUE, value, None, kont
    message = f"the handler of a raise returned; it must not: {describe(payload)}"

    def circumstances() -> Circumstances:
        frames = backtrace(kont, whole=not is_handled(outer))
        place = payload.place if isinstance(payload, Condition) else place_in(frames)
        return Circumstances(place, frames, payload)

    condition = Condition(message, (payload,), circumstances)
    return signal(machine, condition, kont, outer, continuable=False)


@native("handler-bind", dynamic=True)
def BINDING(machine: Any, value: Any, frame: Any) -> Transition:
    """(BINDING, ((predicate, handler) …), dynamic, kont): the body of a handler-bind runs."""
    machine.dynamic = frame[-2]
    return CONTINUE, value, None, frame[-1]


@native("handler-bind search")
def DECLINING(machine: Any, value: Any, frame: Any) -> Transition:
    """(DECLINING, clauses left, whether the first one's predicate was asked, HANDLING frame).

    A predicate has answered, or a handler has returned, which declines.
    """
    _, clauses, asked, handling = frame
    if asked and truthy(value):
        below = (DECLINING, clauses[1:], False, handling)
        return APPLY, clauses[0][1], [handling[2]], below
    return _ask(machine, clauses[1:] if asked else clauses, handling)


def _ask(machine: Any, clauses: tuple[Any, ...], handling: Any) -> Transition:
    """Ask the next clause of a handler-bind; when all have declined, the outer handlers get the value."""
    _, outer, payload, continuable, dynamic, kont = handling
    if not clauses:
        machine.dynamic = dynamic
        return signal(machine, payload, kont, outer, continuable=continuable)
    return APPLY, clauses[0][0], [payload], (DECLINING, clauses, True, handling)


def handlers_below(frame: Any) -> Kont:
    """The next dynamic frame in which to look for a handler."""
    below: Kont = frame[1] if frame[0] is HANDLING else frame[-2]
    return below


def is_handled(start: Kont) -> bool:
    """Whether a handler would get what is raised where `start` is the nearest dynamic frame."""
    frame = start
    while frame is not None:
        if frame[0] in (HANDLER, BINDING, GUARD, TRY, TRY_CALL):
            return True
        frame = handlers_below(frame)
    return False


def signal(
    machine: Any,
    payload: Any,
    kont: Kont,
    start: Kont,
    *,
    continuable: bool,
    error: EvalError | None = None,
) -> Transition:
    """Raise `payload`: the first handler from the dynamic frame `start` on gets it.

    Without one the run fails with an EvalError: `error`, when the value came as one.
    """
    frame = start
    while frame is not None:
        kind = frame[0]
        if kind is HANDLER:
            outer = handlers_below(frame)
            handling = (HANDLING, outer, payload, continuable, machine.dynamic, kont)
            machine.dynamic = handling
            return APPLY, frame[1], [payload], handling
        if kind is BINDING:
            handling = (HANDLING, handlers_below(frame), payload, continuable, machine.dynamic, kont)
            machine.dynamic = handling
            return _ask(machine, frame[1], handling)
        if kind is GUARD:
            again = Reraise(payload, kont, machine.dynamic, frame[-2], continuable=continuable)
            return travel(machine, (APPLY, frame[1], [payload, again], frame[-1]), frame[-2], payload)
        if kind is TRY:
            handed = payload.message if isinstance(payload, Condition) else payload
            return travel(machine, (APPLY, frame[1], [handed], frame[-1]), frame[-2], payload)
        if kind is TRY_CALL:
            answer = Dict({"ok": False, "error": describe(payload)})
            return travel(machine, (CONTINUE, answer, None, frame[-1]), frame[-2], payload)
        frame = handlers_below(frame)
    return FAILED, error if error is not None else uncaught(machine, payload, kont), None, kont


WIDE = 64
"""Frames in which to look for what a thunk of `dynamic-wind` was run for."""


def being_handled(dynamic: Kont, kont: Kont) -> Any:
    """The raised value for whose sake the code that runs now runs; None when there is none.

    That code is a handler's, or a thunk of `dynamic-wind` on the way to one. What a clause of `guard` does is
    done after the handling, in the place of the `guard`.
    """
    frame = kont
    for _ in range(WIDE):
        if frame is None:
            break
        if frame[0] is WINDING and frame[-2] is not None:
            return frame[-2]
        frame = frame[-1]
    while dynamic is not None:
        if dynamic[0] is HANDLING:
            return dynamic[2]
        dynamic = dynamic[-2]
    return None


def uncaught(machine: Any, payload: Any, kont: Kont) -> EvalError:
    """The Python error for a raised value that nothing in the program handles."""
    if isinstance(payload, Condition):
        return error_for(payload)
    error = EvalError(f"Unhandled raise: {inspect(payload)}", payload=payload)
    error.backtrace = backtrace(kont, whole=True)
    error.place = place_in(error.backtrace)
    error.cause = being_handled(machine.dynamic, kont)
    return error


def error_for(condition: Condition) -> EvalError:
    """The Python error for a condition."""
    kind = getattr(errors, condition.kind, EvalError)
    error: EvalError = kind(condition.message, *condition.irritants, place=condition.place, payload=condition)
    error.backtrace = condition.backtrace
    error.cause, error.sight = condition.cause, condition.sight
    return error


def place_in(frames: tuple[Frame, ...]) -> Place | None:
    """The innermost place that is known."""
    return next((frame.place for frame in frames if frame.place is not None), None)


def describe(payload: Any) -> str:
    """A raised value as a message."""
    return payload.message if isinstance(payload, Condition) else show(payload)


@native(RAISE)
def RAISED(machine: Any, value: Any, frame: Any) -> Transition:
    """(RAISED, site, kont): a handler has returned to the raise. The frame tells where that stands."""
    return CONTINUE, value, None, frame[-1]


@control("raise", minimum=1, maximum=1)
def raise_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(raise v) — raise any value; a handler must not return.

    (guard (e (true (* 2 e))) (+ 1 (raise 21))) => 42
    """
    return signal(machine, args[0], (RAISED, machine.site, kont), machine.dynamic, continuable=False)


@control("raise-continuable", minimum=1, maximum=1)
def raise_continuable(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(raise-continuable v) — raise any value; what the handler returns is the value of this call.

    (with-exception-handler (fn (e) (* 2 e)) (fn () (+ 1 (raise-continuable 21)))) => 43
    """
    return signal(machine, args[0], (RAISED, machine.site, kont), machine.dynamic, continuable=True)


@control("error", minimum=1)
def error_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(error message irritant …) — raise a condition. The first irritant that is one itself is its cause.

    (guard (e (true (error-irritants e))) (error "no such guest:" "Ada")) => ("Ada")
    """
    site, dynamic = machine.site, machine.dynamic

    def circumstances() -> Circumstances:
        frames = backtrace(kont, site=site, whole=not is_handled(dynamic))
        given = next((item for item in args[1:] if isinstance(item, Condition)), None)
        cause = given if given is not None else being_handled(dynamic, kont)
        return Circumstances(place_in(frames), frames, cause)

    condition = Condition(show(args[0]), tuple(args[1:]), circumstances)
    return signal(machine, condition, kont, dynamic, continuable=False)


def _led_to(call: Site, site: Site) -> bool:
    """Whether a call is one of the function that `site` stands in, as far as names tell.

    The last call need not be: compiled code does not note each one.
    """
    return call.called in (site.function, *site.within)


def condition_of(
    error: EvalError, site: Site | None, kont: Kont, dynamic: Kont, *, calling: bool
) -> Condition:
    """The condition that an error of a primitive or of the machine is to the program.

    `site` is the last call, which is being made right now if `calling`.
    """

    def circumstances() -> Circumstances:
        whole = not is_handled(dynamic)
        frames = backtrace(kont, site=site if calling else None, inner=error.site, whole=whole)
        if error.backtrace:  # what failed was a part of the call, or no call at all
            frames = (*error.backtrace, *(frames[1:] if calling and site is not None else frames))
        place = error.place or place_in(frames)
        if place is None and site is not None and (error.site is None or _led_to(site, error.site)):
            place = site.place
        return Circumstances(place, frames, error.__cause__ or being_handled(dynamic, kont))

    kind = type(error).__name__
    return Condition(error.message, tuple(error.irritants), circumstances, kind=kind, sight=error.sight)


@control("%guard", minimum=2, maximum=2)
def guard(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%guard handler thunk) — what `guard` becomes; the handler also gets a thunk that raises again."""
    machine.dynamic = frame = (GUARD, args[0], machine.dynamic, kont)
    return APPLY, args[1], [], frame


@control("%handler-bind", minimum=2, maximum=2)
def handler_bind(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%handler-bind clauses thunk) — what `handler-bind` becomes."""
    clauses = tuple([tuple(pair) for pair in args[0]])
    machine.dynamic = frame = (BINDING, clauses, machine.dynamic, kont)
    return APPLY, args[1], [], frame


@control("with-exception-handler", minimum=2, maximum=2)
def with_exception_handler(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(with-exception-handler handler thunk) — the thunk's value; the handler gets what it raises.

    (with-exception-handler (fn (e) 10) (fn () (+ 1 (raise-continuable "low")))) => 11
    """
    machine.dynamic = frame = (HANDLER, args[0], machine.dynamic, kont)
    return APPLY, args[1], [], frame


@control("try-catch", minimum=2, maximum=2)
def try_catch(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(try-catch thunk handler) — the thunk's value, or the handler's of what it raised.

    An error is handed over as its message.

    (try-catch (fn () (error "full")) (fn (message) message)) => "full"
    (try-catch (fn () (raise 7)) inc) => 8
    """
    machine.dynamic = frame = (TRY, args[1], machine.dynamic, kont)
    return APPLY, args[0], [], frame


@control("try-call", minimum=1, maximum=1)
def try_call(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(try-call thunk) — {:ok true}, or {:ok false :error message} when the thunk raised.

    (try-call (fn () (error "full"))) => {:ok false :error "full"}
    """
    machine.dynamic = frame = (TRY_CALL, machine.dynamic, kont)
    return APPLY, args[0], [], frame


@control("%raise-error", minimum=1, maximum=1)
def raise_error(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%raise-error error) — what a host's error becomes at the `perform`: an error of the program."""
    error: EvalError = args[0]
    raise error


# -- direct code -----------------------------------------------------------------------------------


class Raised(Leave):
    """What `raise` raises in direct code: a `guard` that is direct code too takes it.

    Between the two there is nothing but direct code, so no other handler and no winder. Whoever else gets it
    leaves direct code, and the machine does the `raise` again.
    """

    def kont(self, site: Site | None, below: Kont) -> Kont:
        """The continuation of the `raise` at `site`."""
        return RAISED, site, below


class Erred(Raised):
    """What `error` raises in direct code."""

    def kont(self, site: Site | None, below: Kont) -> Kont:
        return below


def _direct_raise(d: Any, operation: Control, payload: Any) -> Any:
    raise Raised(payload)


raise_.direct = _direct_raise


def _direct_error(d: Any, operation: Control, message: Any, *irritants: Any) -> Any:
    machine = d[2]
    dynamic, calls = machine.dynamic, machine.calls()

    def circumstances() -> Circumstances:
        site, kont = machine.waiting_in(calls)
        frames = backtrace(kont, site=site)
        return Circumstances(place_in(frames), frames, being_handled(dynamic, kont))

    raise Erred(Condition(show(message), irritants, circumstances))


error_.direct = _direct_error


def _direct_guard(d: Any, operation: Control, handler: Any, thunk: Any) -> Any:
    call, inner = thunk.template.direct, d[0]
    result = UNBOUND  # noqa: F841  it is looked at from outside
    try:
        return call(inner, thunk)
    except Raised as error:
        raised = error
    payload = raised.args[0]
    again = Reraise(payload, None, None, None, continuable=False)
    value = handler.template.direct(inner, handler, payload, again)
    del raised  # it holds this very frame
    return value


def _guarding(machine: Any, local: dict[str, Any], kont: Kont) -> Kont:
    """The frame of a direct guard whose body runs; what its handler returns is the guard's value.

    When the handler runs, it may need to raise again where it was raised: there are frames for that now.
    """
    inside = (GUARD, local["handler"], machine.dynamic, kont)
    raised = local.get("raised")
    if raised is None:
        machine.dynamic = inside
        return inside
    again, outside = local["again"], machine.dynamic
    machine.dynamic = inside
    site, below = machine.raised_at(raised.__traceback__.tb_next, inside)
    again.kont, again.dynamic, again.start = raised.kont(site, below), machine.dynamic, outside
    machine.dynamic = outside
    return kont


def _guarded(local: dict[str, Any]) -> tuple[Any, list[Any]]:
    if local.get("raised") is None:
        return local["thunk"], []
    return local["handler"], [local["payload"], local["again"]]


offer(guard, _direct_guard, _direct_guard, Waiting(_guarding, _guarded))
