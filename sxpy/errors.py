"""Every error of the project, grouped by when it happens. Each says what, where and what to do.

All derive from `SxError`. Programs can catch (`guard`, `try-catch`) only `EvalError` and its kinds; limits,
interrupts and internal errors pass through every handler of the program and reach the host.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from sxpy.record import Record


class Expansion(Record):
    """A form that no text has: the macros that made it, innermost first; none when the program did."""

    __slots__ = ("form", "macros")
    form: Any
    macros: tuple[str, ...]

    def __init__(self, form: Any, macros: tuple[str, ...]) -> None:
        put = object.__setattr__
        put(self, "form", form)
        put(self, "macros", macros)


class Place(Record):
    """Where a form stands: file name (or a name such as `<repl>`), line and column, both from 1.

    `text` is the source line, without its newline, when it is known. `expansion` is the form that is meant
    when no text has it: the place is that of the call that made it.
    """

    __slots__ = ("column", "expansion", "file", "line", "text")
    uncompared = frozenset({"expansion"})
    file: str
    line: int
    column: int
    text: str | None
    expansion: Expansion | None

    def __init__(
        self, file: str, line: int, column: int, text: str | None = None, expansion: Expansion | None = None
    ) -> None:
        put = object.__setattr__
        put(self, "file", file)
        put(self, "line", line)
        put(self, "column", column)
        put(self, "text", text)
        put(self, "expansion", expansion)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def caret(self) -> str:
        """The source line and a caret under the column, or "" when the line is not known.

        Of a long line the surroundings of the column are shown, and control characters as their pictures.
        """
        if self.text is None:
            return ""
        at = self.column - 1
        start = max(0, at - _CARET_BEFORE) if len(self.text) > _CARET_BEFORE + _CARET_AFTER else 0
        end = start + _CARET_BEFORE + _CARET_AFTER
        before = ("…" if start else "") + self.text[start:at].translate(_PICTURES)
        after = self.text[at:end].translate(_PICTURES) + ("…" if end < len(self.text) else "")
        pad = "".join("\t" if char == "\t" else " " * _columns(char) for char in before)
        return f"{before}{after}\n{pad}^"


_CARET_BEFORE, _CARET_AFTER = 60, 40

_PICTURES = {code: 0x2400 + code for code in range(32) if code != 9} | dict.fromkeys(range(127, 160), 0x2421)
"""A visible character (U+2400 …) for each control character but the tab: those would act on a terminal."""


def _columns(char: str) -> int:
    """How many columns a terminal gives a character."""
    import unicodedata  # noqa: PLC0415  only for errors

    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


class Frame(Record):
    """One SX call of a backtrace: the function that was running, and where it made the call.

    `within` are the functions around it in the source, innermost first. `elided`: the call one further in
    was not made here: tail calls lie between, which leave no frame. `omitted`: how many calls between this
    one and the next one further out are left out; None: some.
    """

    __slots__ = ("elided", "function", "omitted", "place", "within")
    function: str
    place: Place | None
    within: tuple[str, ...]
    elided: bool
    omitted: int | None

    def __init__(
        self,
        function: str,
        place: Place | None,
        within: tuple[str, ...] = (),
        elided: bool = False,
        omitted: int | None = 0,
    ) -> None:
        put = object.__setattr__
        put(self, "function", function)
        put(self, "place", place)
        put(self, "within", within)
        put(self, "elided", elided)
        put(self, "omitted", omitted)


TOP_LEVEL = "(top level)"
"""The function of a frame that runs no function but a program's forms."""


class SxError(Exception):
    """The base of all errors. `place` and `backtrace` (innermost first) are set when known."""

    place: Place | None = None
    backtrace: tuple[Frame, ...] = ()

    def __init__(self, message: str, *, place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        if place is not None:
            self.place = place


# -- while text is read ----------------------------------------------------------------------------


class ReadError(SxError):
    """The text is no SX. `expected` says what was; `opened` is where an unclosed bracket was opened."""

    def __init__(
        self,
        message: str,
        *,
        place: Place | None = None,
        expected: tuple[str, ...] = (),
        opened: Place | None = None,
    ) -> None:
        super().__init__(message, place=place)
        self.expected = expected
        self.opened = opened


class IncompleteRead(ReadError):
    """The text ends inside a form: more text may complete it."""


# -- while a program is analysed or runs (a program can catch these) --------------------------------


class Sight(Protocol):
    """What can be seen from some place in a program."""

    def names(self) -> Iterable[str]:
        """The names that mean something there, in any order; those built in may be missing."""


class EvalError(SxError):
    """An error a program can catch. `payload` is the raised value, a `Condition` for errors proper."""

    site: Any = None
    """Where in lowered code the first frame of `backtrace` stands; None when no such code was running."""
    sight: Sight | None = None
    """What could be seen where a name has no value, when that is what the error is about."""
    cause: Any = None
    """What it came of: the SX value that was being handled, or a Python exception; None: nothing known."""

    def __init__(
        self,
        message: str,
        *irritants: Any,
        place: Place | None = None,
        payload: Any = None,
    ) -> None:
        super().__init__(message, place=place)
        self.irritants = irritants
        self.payload = payload


class SxSyntaxError(EvalError):
    """A special form or macro call of the wrong shape."""


class UnboundError(EvalError):
    """A name, the first irritant, without a value."""


class SxTypeError(EvalError):
    """A value of the wrong kind; the message names who wanted what, and what it got."""


class ArityError(EvalError):
    """Too many arguments, or too few where that matters."""


class NotCallableError(EvalError):
    """The head of a call is no procedure."""


class SxValueError(EvalError):
    """A value of the right kind that is out of range or otherwise unusable."""


class SxIOError(EvalError):
    """The outside refused: a file, a port, a host."""


class SxParseError(EvalError):
    """Text that a program wanted read as data (`sx-parse`, `read`, `json-decode`) is none; says where."""


class UnknownOperationError(SxIOError):
    """No host knows the operation of a `perform`."""


class NoHostError(SxIOError):
    """A `perform` where no host answers at all."""


# -- while a state of the machine becomes text, or text a state ---------------------------------------


class NotFreezable(EvalError):
    """A value that no text stands for. `path` leads to it from the state, the value last."""

    def __init__(self, message: str, *irritants: Any, path: tuple[str, ...] = ()) -> None:
        super().__init__(message, *irritants)
        self.path = path


class ThawError(EvalError):
    """Frozen text that is damaged, unsigned, of an unknown version, or no frozen text at all."""


class CodeMissingError(ThawError):
    """Code that a frozen state needs is not at hand; `cids` names it."""

    def __init__(self, message: str, cids: tuple[str, ...]) -> None:
        super().__init__(message, *cids)
        self.cids = cids


# -- what stops a program from outside (no program can catch these) ---------------------------------


class LimitError(SxError):
    """The program used more than it was given; the interpreter stays usable."""


class StepLimitError(LimitError):
    """More steps than `Limits.steps`."""


class DepthLimitError(LimitError):
    """A continuation deeper than `Limits.depth` frames."""


class MemoryLimitError(LimitError):
    """More memory than `Limits.memory` bytes, by estimate."""


class TimeLimitError(LimitError):
    """Longer than `Limits.seconds`."""


class ProgramInterrupted(LimitError):
    """Somebody asked the program to stop (Ctrl-C)."""


class SxWarning(UserWarning):
    """Something in a program that is legal and probably not meant; shown by Python's `warnings`."""


class InternalError(SxError):
    """A bug of sxpy itself: please report it."""
