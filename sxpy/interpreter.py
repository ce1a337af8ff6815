"""The embedding API: an interpreter, its limits, and states driven by hand.

    interpreter = Interpreter()
    interpreter.eval("(+ 1 2)")                       # 3
    interpreter.define("twice", lambda x: 2 * x)
    interpreter.call("map", interpreter.lookup("twice"), [1, 2])

A program that performs is answered by the interpreter's host, or driven by hand:

    run = interpreter.start('(+ 1 (perform {:op "ask" :args ()}))')
    run.request                                       # the SX value of the request
    run.resume(41).value                              # 42

Interpreters share no state; each is used by one thread at a time, except `interrupt`. SX values cross the
border by the rules of `sxpy/convert.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from sxpy import prelude
from sxpy.cache import CodeCache, default_cache
from sxpy.compiler.choose import machine_for
from sxpy.convert import native_function, to_python, to_sx
from sxpy.core.controls import CONTROLS
from sxpy.core.ir import store
from sxpy.data import UNBOUND, Cell, Condition, Control, Environment, Library, MachineState, Macro, Primitive
from sxpy.errors import EvalError, UnboundError
from sxpy.host import Answer, Host
from sxpy.library.paths import find_file, library_file, library_path
from sxpy.machine import Limits, State
from sxpy.machine.driver import Driver, Observer, answer_from
from sxpy.machine.forms import Forms
from sxpy.machine.limits import Governor
from sxpy.machine.program import program_state
from sxpy.machine.state import APPLY
from sxpy.primitives import REGISTRY
from sxpy.reader.files import read_file
from sxpy.reader.forms import Source, Spot
from sxpy.runs import Run, run_at, run_of
from sxpy.runtime import Runtime, Writer

if TYPE_CHECKING:
    from sxpy.image.freeze import Frozen
    from sxpy.image.migrate import Migration
    from sxpy.image.thaw import ThawLimits
    from sxpy.image.world import World

MAX_NESTED = 40
"""How deep macro expanders may expand macros that run expanders."""


class Interpreter(Driver):
    """One SX program's world: global environment, host, output, limits.

    `host` answers `perform`, a `Host` or a function from requests to answers; None: every `perform` is an
    error. `output` is where `display` writes, standard output by default. `limits` bound each run.
    `search_path` are directories for `load`, before the shipped library. `seed` makes `random-int`
    repeatable. `cache`: what reading and analysing a file came to is kept for the next time, in the user's
    cache directory or in this cache; see `sxpy/cache`.
    """

    def __init__(
        self,
        *,
        host: Host | Answer | None = None,
        output: Writer | None = None,
        limits: Limits | None = None,
        strict: bool = False,
        search_path: Sequence[str | PathLike[str]] = (),
        seed: int | None = None,
        cache: CodeCache | bool = True,
    ) -> None:
        self.host = host
        self.runtime = Runtime(output, strict=strict, seed=seed)
        self.env = Environment("global", builtin=prelude.builtin)
        self.operations: dict[str, Any] = {}
        """The operations that `defio` made known to `io`, with their descriptions."""
        self.libraries: dict[str, Library] = {}
        """The libraries that are defined, by name: `(a b)` is `a b`."""
        self.procedures: dict[str, Any] = {}
        """The procedures that `define` gave to programs, by name: what frozen programs find again."""
        self.upcasters: dict[str, tuple[str, Any]] = {}
        """What `register-frame-upcaster` was told: from an old waiting point to a new one, and how."""
        self._search_path = library_path(search_path)
        self._cache = cache if isinstance(cache, CodeCache) else default_cache() if cache else None
        self._nested = 0
        limits = limits or Limits()
        super().__init__(machine_for(self, limits), limits)
        if self._cache is not None:
            self._unsaved = self._cache.unsaved

    # -- evaluating --------------------------------------------------------------------------------

    def eval(
        self, text: str, file: str = "<string>", env: Environment | None = None, *, keep: bool = False
    ) -> Any:
        """Evaluate every form of `text`; the last one's SX value, nil for none.

        `env` is the environment in which the forms stand, by default the global one. `keep`: the text may
        come again in another process, so it goes to the cache as files do.

        Raises ReadError, EvalError for what the program raises, LimitError, and EvalError at the `perform`
        that no host answers.
        """
        source = Source(text, file)
        forms = self._kept(source) if keep else self._forms(source)
        return self._finish(program_state(forms, env or self.env))

    def eval_each(self, text: str, file: str = "<string>", line: int = 1) -> Iterator[Any]:
        """Evaluate the forms of `text` one by one: the SX value of each, as soon as it is known.

        `line` is the number that the first line of `text` has in `file`. The whole text is read first, and
        the limits are for all of it. Raises as `eval`, when the iterator comes to the form.
        """
        # One governor: an interrupt that a form is too short to notice stops the next one.
        governor = Governor(self.limits)
        for form in self._forms(Source(text, file, line)):
            yield self._finish(program_state((form,), self.env), governor)

    def eval_file(self, path: str | PathLike[str]) -> Any:
        """Evaluate the file at `path`; the last form's SX value. Raises as `eval`, and SxIOError."""
        return self._finish(program_state(self._kept(read_file(path)), self.env))

    def call(self, procedure: Any, *args: Any) -> Any:
        """Call a procedure, given as such or by its global name, with Python or SX values; its SX value."""
        return self._finish(self._call(procedure, args))

    def start(self, text: str, file: str = "<string>", *, hosted: bool = False, scanned: bool = False) -> Run:
        """Run `text` until it ends or performs; the host is not asked.

        `hosted`: the host is asked, here and when the run is resumed; only what it answers PENDING suspends.
        `scanned`: it is a payload of a protocol, and is read by the scanner, which gives the same forms as
        the grammar in an eighth of the time.
        """
        forms = self._forms(Source(text, file), scanned=scanned)
        return self.go_on(program_state(forms, self.env), hosted)

    def start_call(self, procedure: Any, *args: Any, hosted: bool = False) -> Run:
        """Call a procedure until it ends or performs; `hosted` as for `start`."""
        return self.go_on(self._call(procedure, args), hosted)

    def converse(self, text: str, file: str = "<string>") -> Generator[Any, Any, Any]:
        """Run `text` as a Python generator: it yields each request and returns the last form's SX value.

        What is sent to it, Python or SX, is the answer; an EvalError that is thrown into it is raised at the
        `perform`. The host is not asked. It takes less time than a run for each request, and can be gone on
        with only once. Raises as `eval`.
        """
        return self.conversation(self._parse(text, file), to_sx)

    def converse_call(self, procedure: Any, *args: Any) -> Generator[Any, Any, Any]:
        """Call a procedure, as a generator; see `converse`."""
        return self.conversation(self._call(procedure, args), to_sx)

    def start_state(self, state: State) -> Run:
        """Go on from a state that this interpreter or another one came to; the host is not asked.

        A state that has ended or waits is a run at once. Raises as `eval`.
        """
        return run_of(self, state, False) if state.done or state.suspended else self.go_on(state, False)

    async def eval_async(
        self, text: str, answer: Callable[[Any], Awaitable[Any]], file: str = "<string>"
    ) -> Any:
        """Evaluate `text`; `answer(request)` is awaited for every `perform`. The last form's SX value.

        An EvalError that `answer` raises is raised at the `perform`.
        """
        run = self.start(text, file)
        while not run.done:
            try:
                value = await answer(run.request)
            except EvalError as error:
                run = run.resume_error(error)
            else:
                run = run.resume(value)
        return run.value

    # -- freezing ----------------------------------------------------------------------------------

    def freeze(self, state: State, *, key: bytes | None = None, whole: bool = False) -> Frozen:
        """A state, with all that is reachable from it, as text; see `sxpy/image`.

        With `key` the text is signed; `whole` keeps all globals, also those that the state cannot reach.
        Raises NotFreezable, which names the value and the path to it.
        """
        from sxpy.image.freeze import freeze  # noqa: PLC0415  see `sxpy/lazy.py`

        return freeze(state, self, key=key, whole=whole)

    def thaw(
        self,
        text: str,
        *,
        code: Mapping[str, str] | Callable[[str], str | None] | None = None,
        key: bytes | None = None,
        limits: ThawLimits | None = None,
        hosted: bool = False,
    ) -> Run:
        """The run that a frozen text holds, in an interpreter of its own like this one.

        `code` finds the code that the text does not hold, by CID. With `key`, only text signed with it is
        taken. `hosted` is as for `start`. Raises ThawError, CodeMissingError.
        """
        from sxpy.image.thaw import DEFAULT, thaw  # noqa: PLC0415

        program = thaw(
            text,
            code=code,
            procedures=self.procedures,
            settle=self._settled,
            key=key,
            limits=limits or DEFAULT,
        )
        return run_of(self._settled(program.world), program.state, hosted)

    def migrate(
        self,
        text: str,
        *,
        code: Mapping[str, str] | Callable[[str], str | None] | None = None,
        key: bytes | None = None,
    ) -> Migration:
        """What becomes of a frozen run now that this interpreter has loaded a newer program.

        It migrates, stays on its own code, or fails, with reasons; see `sxpy/image/migrate.py`. Nothing but
        upcasters runs, and nothing changes: whoever wants the migrated run takes `Migration.frozen`.
        """
        from sxpy.image.migrate import migrate  # noqa: PLC0415

        return migrate(self, text, code=code, key=key)

    def _settled(self, world: World) -> Interpreter:
        """An interpreter like this one around a world that was thawed."""
        made = Interpreter(
            host=self.host, output=self.runtime.writer, limits=self.limits, strict=world.strict
        )
        made._search_path = self._search_path
        made.procedures = self.procedures
        for name, value in self.procedures.items():
            if name not in world.env.cells:
                world.env.cells[name] = Cell(name, value)
        made.env, made.operations, made.libraries = world.env, world.operations, world.libraries
        return made

    def freeze_state(self, held: MachineState) -> str:
        """A state of the machine as one text, with its code."""
        return (held.context or self).freeze(held.state).bundled()

    def thaw_state(self, text: str) -> MachineState:
        """The state that such a text holds, in a world of its own."""
        run = self.thaw(text)
        return MachineState(run.state, run.interpreter)

    # -- names -------------------------------------------------------------------------------------

    def define(self, name: str, value: Any) -> None:
        """Give the global `name` a Python or SX value; a Python function becomes a procedure."""
        made = native_function(value, name) if _is_python_function(value) else to_sx(value)
        if isinstance(made, Primitive):
            self.procedures[made.name] = made
        store(self.env.own(name), made)

    def lookup(self, name: str) -> Any:
        """The value of the global `name`. Raises UnboundError."""
        cell = self.env.find(name)
        if cell is None or cell.value is UNBOUND:
            raise UnboundError(f"Undefined symbol: {name}", name)
        return cell.value

    def names(self) -> list[str]:
        """Every name that means something at top level, sorted."""
        from sxpy.syntax import SPECIAL  # noqa: PLC0415  see `sxpy/lazy.py`

        bound = {name for name, cell in self.env.cells.items() if cell.value is not UNBOUND}
        known = bound | set(REGISTRY) | set(CONTROLS) | set(SPECIAL) | set(prelude.names())
        return sorted(name for name in known if not name.startswith("%"))

    def similar_names(self, problem: EvalError | Condition) -> list[str]:
        """What may have been meant when `problem` is that a name has no value, the likeliest first."""
        if problem.sight is None or not problem.irritants or not isinstance(problem.irritants[0], str):
            return []
        from difflib import get_close_matches  # noqa: PLC0415  only for errors

        name = problem.irritants[0]
        known = {*problem.sight.names(), *self.names()} - {name}
        swapped = [name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(len(name) - 1)]
        close = get_close_matches(name, sorted(known), 3, cutoff=0.75)
        return list(dict.fromkeys([*(other for other in swapped if other in known), *close]))[:3]

    def doc(self, name: str) -> str | None:
        """The documentation of a special form, primitive or library function; None when there is none."""
        from sxpy.syntax import SPECIAL  # noqa: PLC0415

        if name in SPECIAL:
            return SPECIAL[name].doc
        cell = self.env.find(name)
        value = None if cell is None else cell.value
        if isinstance(value, (Primitive, Control)):
            return value.doc or None
        return prelude.documentation(name) or None

    def observe(self, observer: Observer) -> None:
        """Have `observer` look on from now on, such as a `Profile` of `sxpy.profiler`."""
        self._observer = observer
        self._machine.counts = observer.counts
        self._machine.patience = observer.patience

    # -- what the machine asks of its context --------------------------------------------------------

    def nested(self, state: State) -> Any:
        """Run a macro expander to its end."""
        if self._nested >= MAX_NESTED:
            raise EvalError(f"macro expanders nest deeper than {MAX_NESTED}")
        self._nested += 1
        try:
            governor = self._governor or Governor(self.limits)
            driver = Driver(machine_for(self, self.limits), self.limits)
            final = driver.drive(state, answer_from(self.host), governor)
            if not final.done:
                raise EvalError("a perform in a macro expander must be answered at once; the host did not")
            return final.value
        finally:
            self._nested -= 1

    def read_program(self, path: str) -> Forms:
        """The forms of the file that `load` means by `path`."""
        return self._kept(read_file(find_file(path, self._search_path)))

    def read_text(self, text: str, file: str) -> Forms:
        """The forms of a program that a host supplied."""
        return self._forms(Source(text, file))

    def read_library(self, name: Sequence[str]) -> Forms | None:
        """The forms of the file on the library path that should define a library; None: there is no file."""
        found = library_file(name, self._search_path)
        return None if found is None else self._kept(read_file(found))

    # -- inside ------------------------------------------------------------------------------------

    def _parse(self, text: str, file: str) -> State:
        return program_state(self._forms(Source(text, file)), self.env)

    def _call(self, procedure: Any, args: Sequence[Any]) -> State:
        head = self.lookup(procedure) if isinstance(procedure, str) else procedure
        return State(APPLY, head, tuple([to_sx(arg) for arg in args]), None, None)

    def _forms(self, source: Source, *, scanned: bool = False) -> Forms:
        if scanned:
            from sxpy.reader.scanner import scan_forms as read  # noqa: PLC0415  see `sxpy/lazy.py`
        else:
            from sxpy.reader.source import read_source as read  # noqa: PLC0415  it brings the grammar
        forms, starts = read(source)
        return tuple([(form, Spot(source, start)) for form, start in zip(forms, starts, strict=True)])

    def _kept(self, source: Source) -> Forms:
        """The forms of a source that may come again."""
        if self._cache is None or self.runtime.debugged:
            return self._forms(source)
        return self._cache.program(source)

    def _save(self) -> None:
        assert self._cache is not None
        self._cache.flush()

    def go_on(self, state: State, hosted: bool, governor: Governor | None = None) -> Run:
        """The run that comes of a state; `hosted` as for `start`."""
        start = state.phase, state.control, state.env, state.kont
        answer = answer_from(self.host) if hosted else None
        at = self.advance(start, state.dynamic, state.site, answer, governor)
        return run_at(self, at, self._machine.dynamic, self._machine.site, hosted)

    def _finish(self, state: State, governor: Governor | None = None) -> Any:
        run = self.go_on(state, True, governor)
        if run.done:
            return run.value
        raise EvalError("the host answers later; use `start` and resume the run by hand", run.request)


def _is_python_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, (type, Macro, Primitive, Control))


__all__ = ["Interpreter", "Limits", "Run", "to_python", "to_sx"]
