"""Programs: sequences of top-level forms, `load`, `eval`, environments.

A program is a frame that holds the forms still to come, so a `perform` in a file that is being loaded
suspends like any other. Each form is analysed when its turn comes: it sees the macros defined before it.
"""

from __future__ import annotations

from typing import Any

from sxpy.core.ir import Code
from sxpy.data import Environment
from sxpy.errors import SxValueError
from sxpy.machine.forms import Forms
from sxpy.machine.plain_calls import plain_call
from sxpy.machine.procedures import control
from sxpy.machine.state import APPLY, CONTINUE, EVAL, Kont, State, Transition, native
from sxpy.primitives.registry import expected
from sxpy.printer import show
from sxpy.reader.forms import Spot, expanded_spot, item_spot, spot_of


class NestedEvaluator:
    """Runs macros for the analyser, each to its end."""

    __slots__ = ("env", "machine")

    def __init__(self, machine: Any, env: Environment) -> None:
        self.machine = machine
        self.env = env

    def apply(self, procedure: Any, args: list[Any]) -> Any:
        return self.machine.context.nested(State(APPLY, procedure, tuple(args), None, None))

    def evaluate(self, form: Any) -> Any:
        from sxpy.syntax import compile_form  # noqa: PLC0415  see `sxpy/lazy.py`

        code = compile_form(form, self.env, self)
        return self.machine.context.nested(State(EVAL, code.entry.body, (), None, None))


@native("program")
def PROGRAM(machine: Any, value: Any, frame: Any) -> Transition:
    """(PROGRAM, environment, forms, index of the next form, kont): a form's value has come."""
    _, env, forms, index, kont = frame
    if index >= len(forms):
        return CONTINUE, value, None, kont
    # The last form stands in tail position.
    below = kont if index + 1 == len(forms) else (PROGRAM, env, forms, index + 1, kont)
    kept = None if type(forms) is tuple else forms
    term = None if kept is None else kept.term(index, env)
    if term is not None:
        return EVAL, term, [], below
    form, spot = forms[index]
    if kept is None and machine.is_hasty():
        call = plain_call(form, env)
        if call is not None:
            function, args, machine.site = call
            return APPLY, function, args, below
    spliced = splice(form, spot)
    code = None if spliced is not None else analyse(machine, form, spot, env)
    if kept is not None:
        kept.keep(index, code)
    if code is None:
        return CONTINUE, value, None, (PROGRAM, env, spliced, 0, below)
    return EVAL, code.entry.body, [], below


def splice(form: Any, spot: Spot | None) -> Forms | None:
    """The forms of a `begin` or sequence `do` at top level: each is a top-level form of its own."""
    from sxpy.syntax import SPECIAL  # noqa: PLC0415  see `sxpy/lazy.py`
    from sxpy.syntax.analyser import head_name  # noqa: PLC0415
    from sxpy.syntax.bodies import is_do_loop  # noqa: PLC0415

    head = head_name(form)
    if head not in ("begin", "do") or len(form) < 2 or is_do_loop(form, head) or head not in SPECIAL:
        return None
    return tuple([(item, item_spot(form, i + 1, spot)) for i, item in enumerate(list(form)[1:])])


def analyse(machine: Any, form: Any, spot: Spot | None, env: Environment) -> Code:
    """The code of a form whose turn has come."""
    from sxpy.syntax import compile_form  # noqa: PLC0415  see `sxpy/lazy.py`

    keep = machine.context.runtime.debugged
    return compile_form(form, env, NestedEvaluator(machine, env), spot_of(form, spot), keep=keep)


def program_state(forms: Forms, env: Environment) -> State:
    """The state in which a program is about to start. Its value is the last form's, nil for none."""
    return State(CONTINUE, None, (), (PROGRAM, env, forms, 0, None), None)


@control("eval", minimum=1, maximum=2)
def eval_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(eval form environment?) — the value of a form in an environment, the global one by default.

    (eval (list + 1 2)) => 3
    """
    env = args[1] if len(args) == 2 and args[1] is not None else machine.context.env
    return _eval_in(machine, "eval", env, args[0], kont)


@control("eval-in-env", minimum=2, maximum=2)
def eval_in_env(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(eval-in-env environment form) — the value of a form in an environment.

    (eval-in-env (make-environment) 5) => 5
    """
    return _eval_in(machine, "eval-in-env", args[0], args[1], kont)


def _eval_in(machine: Any, who: str, env: Any, form: Any, kont: Kont) -> Transition:
    if not isinstance(env, Environment):
        raise expected(who, "an environment", env)
    spot = spot_of(form, None if machine.site is None else expanded_spot(machine.site.spot, form))
    return CONTINUE, None, None, (PROGRAM, env, ((form, spot),), 0, kont)


@control("make-environment", minimum=0, maximum=1)
def make_environment(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(make-environment parent?) — a new environment inside another, the global one by default.

    (let ((env (make-environment))) (eval '(define x 1) env) (eval '(+ x 1) env)) => 2
    """
    parent = args[0] if args and args[0] is not None else machine.context.env
    if not isinstance(parent, Environment):
        raise expected("make-environment", "an environment", parent)
    return CONTINUE, Environment("environment", parent), None, kont


@control("load", minimum=1, maximum=1)
def load(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(load path) — evaluate a file in the global environment; the value of its last form.

    The path is relative to the working directory, then to each directory of the library path.

    (do (load "lib/persist/event.sx") (persist/event-seq (persist/event "s" 1 "t" 0 nil))) => 1
    """
    path = args[0]
    if not isinstance(path, str):
        raise expected("load", "a string as the path", path)
    forms = machine.context.read_program(path)
    return CONTINUE, None, None, (PROGRAM, machine.context.env, forms, 0, kont)


@control("set-strict!", minimum=1, maximum=1)
def set_strict(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(set-strict! flag) — check arity, annotated types and arithmetic strictly from now on, or no more.

    (list (+ 1 "2") (do (set-strict! true) (get (try-call (fn () (+ 1 "2"))) :ok))) => (3 false)
    """
    machine.context.runtime.strict = args[0] is not None and args[0] is not False
    return CONTINUE, args[0], None, kont


@control("assert", minimum=1, maximum=2)
def assert_(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(assert c message?) — an error unless c holds; c otherwise.

    (assert true) => true
    """
    if args[0] is None or args[0] is False:
        raise SxValueError("Assertion failed" if len(args) == 1 else f"Assertion failed: {show(args[1])}")
    return CONTINUE, args[0], None, kont
