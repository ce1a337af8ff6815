"""The state of the machine: control, environment, continuation, phase — and frames as data.

A **frame** is a tuple. Its first item says what to do with the value that comes back: a `Block` (SX code
waits for it) or a `Native` (an operation of the machine does). Its last item is the frame below; the
bottom is None. Between stand the live values. Frames are never changed, so any number of states and
continuations share them.

A **dynamic frame** (handlers, parameters, winders, prompts) also has, as its last item but one, the next
dynamic frame below it. The register `dynamic` is the nearest dynamic frame of the continuation; it is kept
only so that nobody has to look for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sxpy.core.direct import Direct
from sxpy.core.ir import Block
from sxpy.core.sites import Site
from sxpy.errors import Frame
from sxpy.lazy import Catalogue
from sxpy.record import Record

EVAL, CONTINUE, APPLY, SUSPENDED = "eval", "continue", "apply", "io-suspended"
"""The phases. `apply` is the moment between the evaluation of a call's parts and the call."""

FAILED = "failed"
"""The phase of a transition to the end of a run: its control is the error that no handler took."""

PERFORM, RAISE = "perform", "raise"
"""The names of the native frames that wait for a host or a handler: (kind, site of the call, kont)."""

Kont = tuple[Any, ...] | None
Transition = tuple[str, Any, Any, Kont]
"""What an operation of the machine returns: phase, control, environment or arguments, continuation."""


def run_native(machine: Any, value: Any, frame: Any) -> tuple[Any, Any, Any]:
    """Give a value to a native frame: what comes next."""
    following: tuple[Any, Any, Any] = machine.resume_native(value, frame)
    return following


def pass_on(machine: Any, value: Any, frame: Any) -> tuple[Any, Any, Any]:
    """As `run_native`, for a frame that is there to be seen, and has nothing to do with the value."""
    kont = frame[-1]
    if kont is None:
        return run_native(machine, value, frame)
    return kont[0].run, value, kont


def pop_dynamic(machine: Any, value: Any, frame: Any) -> tuple[Any, Any, Any]:
    """As `run_native`, for a dynamic frame that only marks a place: its body has returned."""
    kont = frame[-1]
    if kont is None:
        return run_native(machine, value, frame)
    machine.dynamic = frame[-2]
    return kont[0].run, value, kont


class Native:
    """A kind of frame that an operation of the machine waits in. `run` is as `Block.run`.

    `direct(d, value, frame)` goes on from a frame in direct code to the operation's value; None: it cannot.
    """

    __slots__ = ("direct", "dynamic", "name", "resume", "run")

    def __init__(self, name: str, resume: Callable[..., Transition], *, dynamic: bool) -> None:
        self.name = name
        self.resume = resume
        self.dynamic = dynamic
        self.run = run_native
        self.direct: Direct | None = None

    def __repr__(self) -> str:
        return f"<Native {self.name}>"


NATIVES: Catalogue[Native] = Catalogue(
    "sxpy.machine",
    {
        "collections": (
            *("map", "filter", "remove", "for-each", "some", "every?", "none?", "find", "find-index"),
            *("flat-map", "vector-map", "vector-for-each", "map-indexed", "reduce", "fold-right"),
            *("map of several", "for-each of several", "some of several", "every? of several"),
            *("vector-map of several", "vector-for-each of several"),
        ),
        "sorting": "sort",
        "winding": ("dynamic-wind", "dynamic-wind entry", "dynamic-wind exit", "winding"),
        "conditions": (
            *("handler", "guard", "try-catch", "try-call", "handling"),
            *("handler-bind", "handler-bind search", "raise"),
        ),
        "control": (
            *("call-with-values", "parameterize", "make-parameter"),
            *("parameter conversion", "force", "reset"),
        ),
        "performing": "perform",
        "coroutines": "coroutine",
        "program": "program",
        "libraries": "import define-library",
        "reflect": "cek-step-loop",
        "scopes": "scope",
    },
)
"""Every native kind of frame by name; the module that makes one is imported when it is first asked for."""


def native(
    name: str, *, dynamic: bool = False, module: str = ""
) -> Callable[[Callable[..., Transition]], Native]:
    """Make a kind of frame of the function `resume(machine, value, frame)`, in its module or in `module`."""

    def make(resume: Callable[..., Transition]) -> Native:
        kind = Native(name, resume, dynamic=dynamic)
        NATIVES.add(name, kind, module or resume.__module__)
        return kind

    return make


class State(Record):
    """One state of the machine, complete: it can be kept, resumed twice, or stepped backwards by keeping it.

    `control` is a term (phase eval), a value (continue), a procedure (apply) or a request (io-suspended);
    `env` the slots of the block that runs, or the arguments of the call; `site` where the last call
    was made.
    """

    __slots__ = ("control", "dynamic", "env", "kont", "phase", "site")
    phase: str
    control: Any
    env: tuple[Any, ...]
    kont: Kont
    dynamic: Kont
    site: Site | None

    def __init__(
        self,
        phase: str,
        control: Any,
        env: tuple[Any, ...],
        kont: Kont,
        dynamic: Kont,
        site: Site | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "phase", phase)
        put(self, "control", control)
        put(self, "env", env)
        put(self, "kont", kont)
        put(self, "dynamic", dynamic)
        put(self, "site", site)

    @property
    def done(self) -> bool:
        """Whether the program has ended; `value` is its value."""
        return self.phase == CONTINUE and self.kont is None

    @property
    def suspended(self) -> bool:
        """Whether the machine waits for the answer to `request`."""
        return self.phase == SUSPENDED

    @property
    def value(self) -> Any:
        """The value of a program that has ended."""
        if not self.done:
            raise ValueError(f"the machine is in phase {self.phase}; it has no value yet")
        return self.control

    @property
    def request(self) -> Any:
        """What a suspended machine asks for."""
        if not self.suspended:
            raise ValueError(f"the machine is in phase {self.phase}; it asks for nothing")
        return self.control

    def resume(self, value: Any) -> State:
        """The state in which the `perform` has returned `value`."""
        if not self.suspended:
            raise ValueError(f"the machine is in phase {self.phase}; only a suspended one can be resumed")
        return new_state(CONTINUE, value, self.env, self.kont, self.dynamic, self.site)

    @property
    def standing(self) -> Site | None:
        """Where in the source it is, and in which function; None between the forms of a program."""
        if self.phase == EVAL:
            site: Site | None = self.control.site
            return site
        if self.phase == APPLY:
            return self.site
        return next(_waiting(self.kont, None), None)

    def backtrace(self) -> tuple[Frame, ...]:
        """The SX calls in progress, innermost first, the one that is running included."""
        running = self.standing if self.phase in (EVAL, APPLY) else None
        return backtrace(self.kont, site=running, whole=True)

    def sites(self) -> Iterator[Site]:
        """Where the SX calls in progress stand, innermost first, the one that is running included."""
        return _waiting(self.kont, self.standing if self.phase in (EVAL, APPLY) else None)

    def frames(self) -> list[tuple[Any, ...]]:
        """The frames of the continuation, innermost first."""
        found = []
        frame = self.kont
        while frame is not None:
            found.append(frame)
            frame = frame[-1]
        return found


class _Draft(Record):
    """A state that is being made: its fields can be assigned to, as those of any object."""

    __slots__ = State.__slots__
    __setattr__ = object.__setattr__  # type: ignore[assignment]


def new_state(
    phase: str, control: Any, env: tuple[Any, ...], kont: Kont, dynamic: Kont, site: Site | None
) -> State:
    """As `State`, in a third of the time: for states that are made at every suspension."""
    made: Any = _Draft()
    made.phase, made.control, made.env = phase, control, env
    made.kont, made.dynamic, made.site = kont, dynamic, site
    made.__class__ = State
    state: State = made
    return state


NEAR, FAR, OUTERMOST = 32, 500, 8
"""Calls in a backtrace: in one that a program may catch, and in one that it cannot, with its other end."""


def backtrace(
    kont: Kont, *, site: Site | None = None, inner: Site | None = None, whole: bool = False
) -> tuple[Frame, ...]:
    """The SX calls that wait in a continuation, innermost first, at most `NEAR`.

    `site` is a call that is about to be made. Such a call has pushed the frame of the code after it already,
    unless it is a tail call; the two are shown as one. `inner` is the place that all of them led to.
    With `whole` the backtrace goes to the end, at most `FAR` calls and, if there are more, the `OUTERMOST`.
    """
    sites = _waiting(kont, site, inner)
    found = _frames(islice(sites, FAR if whole else NEAR), inner)
    if not whole:
        if next(sites, None) is not None:
            found[-1] = found[-1].replace(omitted=None)
        return tuple(found)
    last: deque[Site] = deque(maxlen=OUTERMOST)
    more = 0
    for here in sites:
        more += 1
        last.append(here)
    if more > OUTERMOST:
        found[-1] = found[-1].replace(omitted=more - OUTERMOST)
    return (*found, *_frames(last, None))


def _waiting(kont: Kont, site: Site | None, inner: Site | None = None) -> Iterator[Site]:
    """The sites of the calls that wait, innermost first. `inner` stands further in than `site`."""
    if site is not None:
        yield site
        inner = site
    calling = site
    while kont is not None:
        kind = kont[0]
        here: Site | None = None
        if type(kind) is Block:
            here = kind.site
            same = (calling is not None and here.spot is calling.spot) or (
                inner is not None and inner.join is kind
            )
            calling = None
        elif kind.name in (PERFORM, RAISE):
            here = calling = kont[1]
            same = False
        if here is not None:
            if not same:
                yield here
            inner = here
        kont = kont[-1]


def _frames(sites: Iterable[Site], inner: Site | None) -> list[Frame]:
    """The frames of consecutive sites; `inner` is the one before them."""
    found = []
    for site in sites:
        frame = site.frame()
        if inner is not None and site.called not in (None, inner.function, *inner.within):
            frame = frame.replace(elided=True)
        found.append(frame)
        inner = site
    return found
