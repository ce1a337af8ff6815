"""The store under test, as a check sees it: asked, restarted, and remembered step by step.

Owns how a failure reads: what was asked, what was answered, what should have been, and every step before.
Values are compared by their canonical text, which tells 1 from 1.0 and a list from a vector, and which a
Python list or dict that is no SX value has not. Next: `sxpy/testing/servicer/streams.py`, the first checks.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never

from sxpy.data import Dict, from_list, list_of
from sxpy.errors import EvalError, SxError
from sxpy.host import Host
from sxpy.printer import canonical, inspect

MakeStore = Callable[[Path], Host]
"""Opens the store at a path, which does not exist before the first call."""

FIRST_STEPS, LAST_STEPS = 30, 50
"""How many steps a failure shows when there are more than both."""

SHOWN_TEXT = 200
"""How many characters of a request or an answer a failure shows."""


@dataclass(slots=True)
class Step:
    """Something that was done, and what came of it. `at`: when it began, by the clock of the machine."""

    text: str
    at: float = field(default_factory=time.monotonic)


class Failure(AssertionError):
    """A store did not do what a servicer must; the message tells the steps that led there."""

    def __init__(self, problem: str, steps: Sequence[Step] = ()) -> None:
        super().__init__(f"{problem}\n{numbered(steps)}" if steps else problem)
        self.problem = problem


class Subject:
    """A store under test, opened by `make_store` on `path`."""

    def __init__(self, make_store: MakeStore, path: Path, *, durable: bool = True) -> None:
        self.make_store = make_store
        self.path = path
        self.durable = durable
        self.steps: list[Step] = []
        """What was done so far, for the message of a failure."""
        self.host: Host
        self.open()

    def note(self, text: str) -> Step:
        """Remember a step."""
        self.steps.append(Step(text))
        return self.steps[-1]

    # -- asking ----------------------------------------------------------------------------------------

    def ask(self, operation: str, *args: Any) -> Any:
        """The answer to an operation; `persist/` is understood. Raises EvalError, Failure for any other."""
        asked = request(operation, *args)
        name: str = asked.get("op")
        step = self.note(shown(f"({' '.join([name, *map(inspect, args)])})"))
        try:
            answer = self.host.answer(name, list(args), asked)
        except EvalError as error:
            step.text += f" refused: {error.message}"
            raise
        except Exception as error:
            step.text += f" raised {type(error).__name__}: {error}"
            what = "an EvalError, which a program can catch" if isinstance(error, SxError) else "an EvalError"
            self.fail(f"{name} raised {type(error).__name__}, not {what}: {error}", error)
        step.text += f" => {shown(inspect(answer))}"
        return answer

    def gives(self, expected: Any, operation: str, *args: Any) -> None:
        """Check that the answer to an operation is a value."""
        answer = self.ask(operation, *args)
        if text_of(answer) != text_of(expected):
            self.fail(f"the answer is {text_of(answer)}, not {text_of(expected)}")

    def gives_names(self, expected: list[str], operation: str) -> None:
        """Check that the answer to an operation is a list of these strings, in any order."""
        answer = self.ask(operation)
        if sorted(self.items(answer)) != sorted(expected):
            self.fail(f"the answer is {shown(inspect(answer))}, not, in any order, {expected}")

    def refuses(self, operation: str, *args: Any) -> None:
        """Check that an operation is refused with an error that a program can catch."""
        try:
            answer = self.ask(operation, *args)
        except EvalError:
            return
        self.fail(f"the answer is {shown(inspect(answer))}; this must be an error")

    def conflicts(self, expected: dict[str, Any], operation: str, *args: Any) -> None:
        """Check that the answer to an operation is the conflict with these keys."""
        self.gives(Dict({"conflict": True, **expected}), operation, *args)

    # -- streams ---------------------------------------------------------------------------------------

    def append(self, stream: str, *seqs: int) -> None:
        """Append an event for each seq."""
        for seq in seqs:
            self.ask("append", stream, event(stream, seq))

    def holds(self, stream: str, *seqs: int) -> None:
        """Check which events a stream holds."""
        self.has_seqs(seqs, self.ask("read", stream))

    def has_seqs(self, expected: Any, events: Any) -> None:
        """Check the seqs of a list of events that the last step answered."""
        found = [one.get("seq") if isinstance(one, Dict) else one for one in self.items(events)]
        if found != list(expected):
            self.fail(f"the events have the seqs {found}, not {list(expected)}")

    def items(self, answer: Any) -> list[Any]:
        """The items of a list that the last step answered."""
        if not text_of(answer).startswith("("):
            self.fail(f"the answer is {shown(inspect(answer))}; this must be a list")
        return list(answer)

    def is_empty(self) -> None:
        """Check that nothing was written."""
        self.gives(list_of(), "streams")
        self.gives(list_of(), "kv-keys")

    # -- the host ----------------------------------------------------------------------------------------

    def reopen(self) -> None:
        """Close the store and open it again; nothing for a store that keeps nothing."""
        if self.durable:
            self.close()
            self.note("restart")
            self.open()

    def close(self) -> None:
        """Close the store."""
        try:
            self.host.close()
        except Exception as error:
            self.fail(f"close raised {type(error).__name__}: {error}", error)

    def open(self) -> None:
        """Open the store; the earlier host, if there was one, is closed or left to itself."""
        try:
            host = self.make_store(self.path)
        except Exception as error:
            self.fail(f"make_store raised {type(error).__name__}: {error}", error)
        if not isinstance(host, Host):
            self.fail(f"make_store returned {host!r}, which is no Host: it needs owns, answer and close")
        self.host = host

    def sharing(self) -> Subject:
        """The same host, with steps of its own: for a thread."""
        other = copy.copy(self)
        other.steps = []
        return other

    def fail(self, problem: str, cause: Exception | None = None) -> Never:
        """Raises Failure with the steps so far."""
        raise Failure(problem, self.steps) from cause


def event(stream: str, seq: int, data: Any = None) -> Dict:
    """An event as lib/persist makes them."""
    return Dict({"stream": stream, "seq": seq, "type": "t", "at": 10 * seq, "data": data})


def request(operation: str, *args: Any) -> Dict:
    """A request as `perform` hands it over; `persist/` is understood."""
    name = operation if "/" in operation else f"persist/{operation}"
    return Dict({"op": name, "args": from_list(list(args))})


def text_of(value: Any) -> str:
    """The canonical text of a value, or a note that it has none."""
    try:
        return canonical(value)
    except EvalError:
        return f"{shown(inspect(value))} (a Python {type(value).__name__}, which is no SX data)"


def numbered(steps: Sequence[Step]) -> str:
    """The steps, a line each; of very many, the first and the last."""
    width = len(str(len(steps)))
    lines = [f"  {number:{width}}  {step.text}" for number, step in enumerate(steps, 1)]
    if len(lines) > FIRST_STEPS + LAST_STEPS:
        left_out = len(lines) - FIRST_STEPS - LAST_STEPS
        lines[FIRST_STEPS:-LAST_STEPS] = [f"  … {left_out} steps …"]
    return "\n".join(["steps:", *lines])


def shown(text: str) -> str:
    """A text, cut when it is long."""
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}…"
