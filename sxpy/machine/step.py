"""The machine: one loop over the intermediate form. This is the definition of what a program means.

`Machine.run(state, fuel)` makes at most `fuel` steps and returns the state it came to; `step` is `run` with
fuel 1. A step is pure: it reads the state, and what it changes — cells, boxes, mutable values — is what the
program changes. The loop holds the parts of the state in local variables and makes a `State` only when it
stops. Python's stack holds no SX work: calls push frames, and primitives never call back.

Next: `sxpy/machine/control.py` for call/cc and its kin, `sxpy/machine/conditions.py` for errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sxpy.core.ir import BIND, BRANCH, DO, FIX, JUMP, PUSH, Block, Template
from sxpy.core.sites import Site, name_as_called
from sxpy.data import (
    UNBOUND,
    Closure,
    Condition,
    Continuation,
    Control,
    Environment,
    Keyword,
    Library,
    MachineState,
    Macro,
    Parameter,
    Primitive,
    Reraise,
    closure_of,
    from_list,
    type_matches,
)
from sxpy.errors import ArityError, EvalError, InternalError, NotCallableError, SxError, SxTypeError
from sxpy.machine.forms import Forms
from sxpy.machine.limits import Governor
from sxpy.machine.state import APPLY, CONTINUE, EVAL, FAILED, Kont, State, Transition, new_state
from sxpy.printer import inspect
from sxpy.runtime import Runtime


class Context(Protocol):
    """What a machine needs of the interpreter around it."""

    runtime: Runtime
    env: Environment
    operations: dict[str, Any]
    libraries: dict[str, Library]

    def nested(self, state: State) -> Any:
        """Run a state to its end now, for a macro: the value. Performs must be answered at once."""

    def read_program(self, path: str) -> Forms:
        """The forms, with their spots, of the file that `load` means by `path`."""

    def read_text(self, text: str, file: str) -> Forms:
        """The forms, with their spots, of a text."""

    def read_library(self, name: Sequence[str]) -> Forms | None:
        """The forms of the file that should define the library of this name; None when there is none."""

    upcasters: dict[str, tuple[str, Any]]

    def freeze_state(self, held: MachineState) -> str:
        """A state as text. Raises NotFreezable."""

    def thaw_state(self, text: str) -> MachineState:
        """The state that a text holds. Raises ThawError."""


PATIENCE = 0.02
"""Seconds after which a run comes back for its limits to be looked at."""


class Machine:
    """Runs states.

    `dynamic` is the innermost dynamic frame of the continuation at hand, `site` the call being made, `fuel`
    the steps that the last run left over. `answer` is the driver's, for a `perform` that need not suspend;
    `asked` says that a suspended state's request has been put to it, and is pending. `counts` has the calls
    of each function by its entry, as a list of one number, or is None when nobody counts. `patience` is after
    how many seconds a run comes back, on machines that look at the clock; `governor` knows whether there is
    reason to stop a run that goes on longer; None: it is to come back in any case.
    """

    __slots__ = ("answer", "asked", "context", "counts", "dynamic", "fuel", "governor", "patience", "site")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.counts: dict[Block, list[int]] | None = None
        self.patience = PATIENCE
        self.dynamic: Kont = None
        self.fuel = 0
        self.site: Site | None = None
        self.answer: Callable[[Any], Any] | None = None
        self.asked = False
        self.governor: Governor | None = None

    def run(self, state: State, fuel: int) -> State:
        """At most `fuel` steps from `state`. Raises EvalError when nothing in the program handles an error.

        Every step's place in the source is kept in the state: where a run was sliced never shows.
        """
        self.dynamic, self.site = state.dynamic, state.site
        at = state.phase, state.control, state.env, state.kont
        phase, control, env, kont = self.go(at, fuel)
        return new_state(phase, control, env, kont, self.dynamic, self.site)

    def go(self, at: Transition, fuel: int) -> Transition:
        """As `run`, from and to a transition; what else belongs to a state is the machine's own."""
        phase, control, env, kont = at
        counts, site = self.counts, self.site
        env = list(env)
        while True:
            try:
                while fuel > 0:
                    fuel -= 1
                    if phase is EVAL:
                        op = control.op
                        if op == BIND:
                            env.append(control.expr.value(env))
                            control = control.next
                        elif op == BRANCH:
                            test = control.test.value(env)
                            control = (
                                control.then if test is not None and test is not False else control.other
                            )
                        elif op == PUSH:
                            kont = (control.block, *[env[slot.index] for slot in control.live], kont)
                            control = control.next
                        elif op == JUMP:
                            site = control.site
                            args = [argument.value(env) for argument in control.arguments]
                            head = control.head.value(env)
                            if type(head) is Closure:
                                template = head.template
                                if counts is not None:
                                    counts[template.entry][0] += 1
                                if len(args) != template.exact:
                                    args = self.bind(template, args)
                                env = [*args, *head.free]
                                control = template.entry.body
                            else:
                                phase, control, env = APPLY, head, args
                        elif op == DO:
                            control.expr.value(env)
                            control = control.next
                        elif op == FIX:
                            make_closures(control, env)
                            control = control.next
                        else:
                            control = control.expr.value(env)
                            phase = CONTINUE
                    elif phase is CONTINUE:
                        if kont is None:
                            fuel += 1  # that was no step
                            break
                        kind = kont[0]
                        if type(kind) is Block:
                            env = [control, *kont[1:-1]]
                            control = kind.body
                            kont = kont[-1]
                            phase = EVAL
                        else:
                            phase, control, env, kont = kind.resume(self, control, kont)
                    elif phase is APPLY:
                        self.site = site
                        phase, control, env, kont = self.apply(control, env, kont)
                    else:
                        fuel += 1
                        break
                break
            except EvalError as error:
                calling = phase is APPLY or (phase is EVAL and control.op == JUMP)
                phase, control, env, kont = self.raised(error, site, kont, calling=calling)
            except SxError:
                raise
            except Exception as error:
                standing = control.site if phase is EVAL else site
                place = None if standing is None else standing.place
                raise InternalError(f"{type(error).__name__}: {error}", place=place) from error
        if phase is FAILED:
            raise control
        self.fuel, self.site = fuel, site
        return phase, control, tuple(env) if phase in (EVAL, APPLY) else (), kont

    def is_hasty(self) -> bool:
        """Whether a step may be left out that nobody sees: not here, where steps are what is defined."""
        return False

    def step(self, state: State) -> State:
        """The next state."""
        return self.run(state, 1)

    # -- calls -------------------------------------------------------------------------------------

    def apply(self, head: Any, args: list[Any], kont: Kont) -> Transition:
        """One call. Raises NotCallableError, ArityError, and what a primitive raises."""
        kind = type(head)
        if kind is Closure:
            template = head.template
            if self.counts is not None:
                self.counts[template.entry][0] += 1
            if len(args) != template.exact:
                args = self.bind(template, args)
            return EVAL, template.entry.body, [*args, *head.free], kont
        if kind is Primitive:
            check_arity(head, len(args))
            try:
                return CONTINUE, head.function(*args), None, kont
            except SxError:
                raise
            except Exception as error:
                raise EvalError(f"{head.name}: {type(error).__name__}: {error}") from error
        if kind is Control:
            check_arity(head, len(args))
            transition: Transition = head.enter(self, args, kont)
            return transition
        if kind in (Continuation, Parameter, Reraise):
            from sxpy.machine.control import apply_special  # noqa: PLC0415  control builds on this file

            return apply_special(self, head, args, kont)
        hint = "; a macro must be defined before the form that uses it" if kind is Macro else ""
        raise NotCallableError(f"Not callable: {inspect(head)}{hint}", head)

    def bind(self, template: Template, args: list[Any]) -> list[Any]:
        """The inputs of a function for these arguments: missing ones are nil, keywords are sorted out."""
        given, arity = len(args), template.arity
        strict = self.context.runtime.strict
        if given < arity:
            if strict:
                raise ArityError(f"{template.name} takes {_takes(template)}, got {given}")
            args = [*args, *[None] * (arity - given)]
        if strict and any(template.types):
            _check_types(template, args)
        if template.rest is None and not template.keys:
            if given > arity:
                raise ArityError(f"{template.name} takes {_takes(template)}, got {given}")
            return args
        bound, extra = args[:arity], args[arity:]
        if template.keys:
            named, extra = _keywords(template, extra)
            rest = [from_list(extra)] if template.rest is not None else []
            return [*bound, *rest, *named]
        return [*bound, from_list(extra)]

    # -- errors ------------------------------------------------------------------------------------

    def raised(self, error: EvalError, site: Site | None, kont: Kont, *, calling: bool) -> Transition:
        """Turn an error into a condition and raise it in the program.

        `site` is the last call, which is being made right now if `calling`.
        """
        from sxpy.machine.conditions import condition_of, signal  # noqa: PLC0415  they build on this file

        if isinstance(error.payload, Condition):
            return signal(self, error.payload, kont, self.dynamic, continuable=False, error=error)
        if calling and site is not None and error.site is None:
            name_as_called(error, site, own=True)
        made = error.payload = condition_of(error, site, kont, self.dynamic, calling=calling)
        transition = signal(self, made, kont, self.dynamic, continuable=False, error=error)
        if transition[0] is FAILED:
            error.place, error.backtrace, error.cause = made.circumstances
        return transition


def check_arity(head: Primitive | Control, given: int) -> None:
    """Raise ArityError unless the procedure takes `given` arguments."""
    if given >= head.minimum and (head.maximum is None or given <= head.maximum):
        return
    least, most = head.minimum, head.maximum
    if most is None:
        takes = f"at least {_arguments(least)}"
    elif least == most:
        takes = _arguments(least)
    else:
        takes = f"{least} to {most} arguments"
    raise ArityError(f"{head.name} takes {takes}, got {given}")


def _arguments(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def _takes(template: Template) -> str:
    names = " ".join([*template.params, *(["&key", *template.keys] if template.keys else [])])
    if template.rest is not None:
        return f"at least {_arguments(template.arity)} ({names} &rest {template.rest})"
    return f"{_arguments(template.arity)} ({names})" if names else "no arguments"


def _keywords(template: Template, extra: list[Any]) -> tuple[list[Any], list[Any]]:
    """Sort keyword arguments out of `extra`; what is left are the rest arguments."""
    named: dict[str, Any] = dict.fromkeys(template.keys, UNBOUND)
    left: list[Any] = []
    index = 0
    while index < len(extra):
        item = extra[index]
        # A macro gets the form, which is the keyword itself and not its name.
        key = item.name if isinstance(item, Keyword) else item
        if isinstance(key, str) and named.get(key) is UNBOUND and index + 1 < len(extra):
            named[key] = extra[index + 1]
            index += 2
        else:
            left.append(item)
            index += 1
    if left and template.rest is None:
        known = ", ".join(f":{name}" for name in template.keys)
        raise ArityError(f"{template.name} has no place for {inspect(left[0])}; its keywords are {known}")
    return list(named.values()), left


def _check_types(template: Template, args: list[Any]) -> None:
    for name, wanted, value in zip(template.params, template.types, args, strict=False):
        if wanted is not None and not type_matches(value, wanted):
            raise SxTypeError(f"{template.name}: {name} must be {wanted}, got {inspect(value)}", value)


def make_closures(term: Any, env: list[Any]) -> None:
    """Add the mutually recursive closures of a `Fix` to an environment."""
    closures = [closure_of(made.template, ()) for made in term.closures]
    env.extend(closures)
    for closure, made in zip(closures, term.closures, strict=True):
        closure.free = tuple([env[slot.index] for slot in made.captures])
