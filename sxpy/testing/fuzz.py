"""The fuzzer: programs that nobody would write, against the reader, the analyser and the machine.

    python -m sxpy.testing.fuzz --seconds 1800 --seed 1

Each case is made from one number, so a failure is repeated with `--case N`. A case is text (broken, mutated
from a corpus) or a program (generated from a grammar, or forms of the corpus crossed with each other). What
must hold: nothing but a typed error of sxpy comes out, an internal error never does, every run ends within
its limits, the two readers agree, and a program gives the same stepped one step at a time as in one go,
compiled, and as a debugger has it lowered.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sxpy import prelude
from sxpy.compiler.fast import FastMachine
from sxpy.core.controls import CONTROLS
from sxpy.data import Dict, from_list, is_list, symbol
from sxpy.errors import EvalError, InternalError, LimitError, ReadError, SxError
from sxpy.host import PENDING
from sxpy.interpreter import Interpreter
from sxpy.library.paths import shipped_library
from sxpy.machine.driver import Driver
from sxpy.machine.limits import Governor, Limits
from sxpy.machine.program import program_state
from sxpy.machine.state import State
from sxpy.machine.step import Machine
from sxpy.primitives import REGISTRY
from sxpy.printer import inspect, serialize
from sxpy.reader import read_all, read_data
from sxpy.syntax import SPECIAL

LIMITS = Limits(steps=20_000, seconds=5.0, depth=5_000, memory=1 << 29)
"""What one program may use."""

STEPS_ONE_BY_ONE = 2_000
"""A program with more steps is not run a second time one step at a time."""

NOT_TRIED = frozenset({"exit", "load", "random-int", "gensym", "eval-in-env"})
"""Names that leave the process or the program, or that give another value each time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that showed a bug."""

    case: int
    what: str
    text: str
    trace: str

    def __str__(self) -> str:
        return f"case {self.case}: {self.what}\n--- text\n{self.text}\n--- trace\n{self.trace}"


def corpus() -> list[str]:
    """Texts to mutate: the shipped library."""
    root = Path(shipped_library(), "lib")
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(root).rglob("*.sx"))]
    return texts or ["(define (f x) (+ x 1)) (f 2)"]


class Fuzzer:
    """Makes and tries cases. `texts` is the corpus."""

    def __init__(self, texts: list[str] | None = None) -> None:
        self.texts = texts if texts is not None else corpus()
        self.forms = [form for text in self.texts for form in read_data(text)]
        self.names = [
            name
            for name in (*REGISTRY, *CONTROLS, *prelude.names())
            if not name.startswith("%") and name not in NOT_TRIED
        ]
        self.special = [name for name in SPECIAL if name not in ("import", "define-library", "include")]

    def try_case(self, case: int) -> Failure | None:
        """Make case `case` and try it; what it showed, or None."""
        chance = random.Random(case)
        text = ""
        try:
            if chance.random() < 0.4:
                text = self.broken_text(chance)
                self.check_reading(text)
            else:
                text = self.program(chance)
                self.check_running(text)
        except (AssertionError, InternalError) as error:
            return Failure(case, str(error) or "an assertion failed", text, traceback.format_exc())
        except SxError as error:
            return Failure(case, f"{type(error).__name__} escaped: {error}", text, traceback.format_exc())
        except Exception as error:
            return Failure(case, f"{type(error).__name__}: {error}", text, traceback.format_exc())
        return None

    # -- cases -------------------------------------------------------------------------------------

    def broken_text(self, chance: random.Random) -> str:
        """A piece of the corpus with some characters changed."""
        source = chance.choice(self.texts)
        start = chance.randrange(max(1, len(source)))
        chars = list(source[start : start + chance.randrange(1, 400)])
        for _ in range(chance.randrange(0, 8)):
            at = chance.randrange(len(chars) + 1)
            action = chance.random()
            if action < 0.4 and at < len(chars):
                del chars[at]
            else:
                chars.insert(at, chance.choice("()[]{}\"\\#|;:'`,@ \n\x00\ud800é1/-.e" + "nut"))
        return "".join(chars)

    def program(self, chance: random.Random) -> str:
        """A few forms: generated, or taken from the corpus and crossed."""
        forms = []
        for _ in range(chance.randrange(1, 4)):
            if chance.random() < 0.3:
                forms.append(self.crossed(chance))
            else:
                forms.append(self.expression(chance, 5, ["x", "y"]))
        wrapped = from_list([symbol("let"), from_list([symbol("x"), 1, symbol("y"), "s"]), *forms])
        return inspect(wrapped if chance.random() < 0.5 else from_list([symbol("begin"), *forms]))

    def crossed(self, chance: random.Random) -> Any:
        """A form of the corpus with some parts replaced by parts of another one."""
        form = chance.choice(self.forms)
        other = chance.choice(self.forms)
        for _ in range(chance.randrange(1, 4)):
            form = _replaced(form, _part(other, chance), chance)
        return form

    def expression(self, chance: random.Random, depth: int, names: list[str]) -> Any:
        """A random expression; `names` are variables that may be in sight."""
        roll = chance.random()
        if depth == 0 or roll < 0.25:
            return self.atom(chance, names)
        if roll < 0.55:
            head = symbol(chance.choice(self.names))
            return from_list([head, *self.several(chance, depth, names, 4)])
        if roll < 0.85:
            return self.special_form(chance, depth, names)
        return from_list(self.several(chance, depth, names, 4))

    def several(self, chance: random.Random, depth: int, names: list[str], most: int) -> list[Any]:
        """Some expressions."""
        return [self.expression(chance, depth - 1, names) for _ in range(chance.randrange(most))]

    def atom(self, chance: random.Random, names: list[str]) -> Any:
        """An expression without parts."""
        choices: list[Any] = [
            0, 1, -1, 2**70, 0.5, float("nan"), True, False, None, "", "a\nb", "éλ", from_list([]),
            symbol(chance.choice(names)), symbol(chance.choice(self.names)), Dict({"a": 1}),
            from_list([symbol("quote"), from_list([1, "two", symbol("three")])]),
        ]  # fmt: skip
        return chance.choice(choices)

    def special_form(self, chance: random.Random, depth: int, names: list[str]) -> Any:
        """A special form, mostly of the right shape."""
        name = chance.choice(names)

        def inner(more: list[str] = names) -> Any:
            return self.expression(chance, depth - 1, more)

        def thunk() -> Any:
            return _list("fn", _list(), inner())

        # Made when chosen: every shape makes parts of its own.
        shapes: list[Callable[[], list[Any]]] = [
            lambda: ["if", inner(), inner(), inner()],
            lambda: ["let", _list(_list(name, inner())), inner([*names, name])],
            lambda: ["fn", _list(name), inner([*names, name])],
            lambda: ["let", "loop", _list(_list("n", 3)), _counted(inner())],
            lambda: ["guard", _list("e", _list(inner(), "e")), inner()],
            lambda: ["call/cc", _list("fn", _list("k"), inner([*names, "k"]))],
            lambda: ["reset", _list("+", 1, _list("shift", "k", inner([*names, "k"])))],
            lambda: ["define", _list("f", name), inner([*names, name])],
            lambda: ["dynamic-wind", thunk(), thunk(), thunk()],
            lambda: ["match", inner(), _list(_list(name, "&rest", "r"), inner()), _list("_", inner())],
            lambda: ["map", _list("fn", _list("a"), inner([*names, "a"])), inner()],
            lambda: ["perform", inner()],
            lambda: ["quasiquote", _list(1, _list("unquote", inner()), _list("splice-unquote", inner()))],
            lambda: ["set!", name, inner()],
            lambda: [chance.choice(self.special), *self.several(chance, depth, names, 4)],
            lambda: ["cond", _list(inner(), inner()), _list("else", inner())],
        ]
        return _list(*chance.choice(shapes)())

    # -- what must hold ------------------------------------------------------------------------------

    def check_reading(self, text: str) -> None:
        """Both readers read the same, or refuse with the same kind of error at the same place."""
        data, refusal = _outcome(lambda: read_data(text, "f"))
        forms, refused = _outcome(lambda: read_all(text, "f"))
        assert type(refusal) is type(refused), f"the readers disagree: {refusal!r}, {refused!r}"
        if refusal is not None and refused is not None:
            assert refusal.place == refused.place, f"{refusal.place} is not {refused.place}"
        else:
            assert inspect(from_list(data)) == inspect(from_list(forms)), "the readers read different values"
            written = serialize(from_list(data))
            assert serialize(read_data(written)[0]) == written, (
                "what was written reads back as something else"
            )

    def check_running(self, text: str) -> None:
        """The program ends in a value or a typed error, and in the same one however it is run."""
        once, steps = _run(text, None)
        if steps is None:
            return
        compiled, taken = _run(text, None, compiled=True)
        # Compiled calls are not noted, so an error in a function of the library may have no place.
        assert taken is None or once == compiled or _placeless(once) == compiled, (
            f"interpreted: {once}\ncompiled: {compiled}"
        )
        watched, taken = _run(text, None, debugged=True)
        assert taken is None or once == watched, f"as it is: {once}\ndebugged: {watched}"
        if steps <= STEPS_ONE_BY_ONE:
            again, taken = _run(text, 1)  # it may be stopped by the clock
            assert taken is None or once == again, f"in one go: {once}\nstep by step: {again}"


def _placeless(outcome: str) -> str:
    """How a program ended, without the place."""
    ended, newline, output = outcome.partition("\n")
    return f"{ended.rpartition(' at ')[0]} at None{newline}{output}"


def _outcome(read: Any) -> tuple[Any, ReadError | None]:
    try:
        return read(), None
    except ReadError as error:
        return None, error


def _run(
    text: str, fuel: int | None, *, compiled: bool = False, debugged: bool = False
) -> tuple[str, int | None]:
    """How a program ends, and after how many steps (None: it was stopped). Performs are answered in turn."""
    output = StringIO()
    interpreter = Interpreter(limits=LIMITS, output=output, seed=1)
    interpreter.runtime.debugged = debugged
    governor = _Counting(fuel)
    answers = iter(range(8))

    def answer(request: Any) -> Any:
        given = next(answers, None)
        return PENDING if given is None else given

    try:
        forms = tuple([(form, None) for form in read_all(text)])
        machine = FastMachine(interpreter, hot=1) if compiled else Machine(interpreter)
        driver = Driver(machine, LIMITS)
        state = driver.drive(program_state(forms, interpreter.env), answer, governor)
        ended = inspect(state.value) if state.done else "suspended"
    except LimitError:
        return "stopped", None
    except EvalError as error:
        ended = f"{type(error).__name__}: {error.message} at {error.place}"
    return f"{ended}\n{output.getvalue()}", governor.taken


class _Counting(Governor):
    """A governor that counts steps, and grants `fuel` of them at a time."""

    def __init__(self, fuel: int | None) -> None:
        super().__init__(LIMITS)
        self.watches = True
        self.fuel = fuel
        self.taken = 0

    def grant(self, state: State) -> int:
        granted = super().grant(state)
        return granted if self.fuel is None else min(granted, self.fuel)

    def spent(self, steps: int) -> None:
        super().spent(steps)
        self.taken += steps


def _counted(body: Any) -> Any:
    """The body of a named let that goes round three times."""
    return _list("if", _list("<=", "n", 0), body, _list("loop", _list("-", "n", 1)))


def _list(*items: Any) -> Any:
    """A list form; strings are symbols."""
    return from_list([symbol(item) if isinstance(item, str) else item for item in items])


def _part(form: Any, chance: random.Random) -> Any:
    """A random part of a form."""
    while is_list(form) and len(form) > 0 and chance.random() < 0.8:
        form = chance.choice(list(form))
    return form


def _replaced(form: Any, part: Any, chance: random.Random) -> Any:
    """The form with one of its parts replaced."""
    path: list[tuple[list[Any], int]] = []
    while is_list(form) and len(form) > 0:
        items = list(form)
        at = chance.randrange(len(items))
        path.append((items, at))
        if chance.random() < 0.3:
            break
        form = items[at]
    made = part
    for items, at in reversed(path):
        items[at] = made
        made = from_list(items)
    return made


def cases(start: int, seconds: float | None, count: int | None) -> Iterator[int]:
    """Case numbers from `start` on, for so long or so many."""
    ends = None if seconds is None else time.monotonic() + seconds
    case = start
    while (ends is None or time.monotonic() < ends) and (count is None or case < start + count):
        yield case
        case += 1


def main(arguments: list[str] | None = None) -> int:
    """Run the fuzzer from the command line; 1 when a case failed."""
    parser = argparse.ArgumentParser(prog="python -m sxpy.testing.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to try (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="where the case numbers begin")
    parser.add_argument("--case", type=int, help="try this case only")
    given = parser.parse_args(arguments)
    fuzzer = Fuzzer()
    tried = failed = 0
    one = given.case is not None
    for case in cases(
        given.case if one else given.seed * 10**9, None if one else given.seconds, 1 if one else None
    ):
        tried += 1
        failure = fuzzer.try_case(case)
        if failure is not None:
            failed += 1
            print(failure, file=sys.stderr)
    print(f"{tried} cases, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
