"""Sites: the places of lowered code in the source, and the errors that are noted there.

Owns what an error or a backtrace shows of a term or expression. `sxpy/core/ir.py` has the terms themselves.
"""

from __future__ import annotations

import re

from sxpy.data import Cell, Closure, Control, Primitive
from sxpy.errors import EvalError, Frame, Place, Sight, SxError, UnboundError
from sxpy.primitives import REGISTRY
from sxpy.reader.forms import Spot


class Site:
    """A place in the source, and the function it stands in: what an error or a backtrace shows.

    `within` are the functions around that function, innermost first; `callee` is what a call there calls,
    when its head names a global or a local function that is never assigned; `join` is the block after
    the innermost `if` or the like that it stands in, whose frame is one of the same call of the function;
    `code` and `number` tell the form and its node there.
    """

    __slots__ = ("callee", "code", "function", "join", "number", "spot", "within")

    def __init__(
        self,
        function: str,
        spot: Spot | None,
        callee: Cell | str | None = None,
        within: tuple[str, ...] = (),
        join: object = None,
        code: object = None,
        number: int = 0,
    ) -> None:
        self.function = function
        self.spot = spot
        self.callee = callee
        self.within = within
        self.join = join
        self.code = code
        self.number = number

    @property
    def place(self) -> Place | None:
        """The place, computed when it is asked for."""
        return None if self.spot is None else self.spot.place()

    def frame(self) -> Frame:
        """The backtrace entry for this site."""
        return Frame(self.function, self.place, self.within)

    @property
    def called(self) -> str | None:
        """The name of the SX function that a call here calls now; None when that cannot be told."""
        callee = self.callee
        if isinstance(callee, Cell):
            return callee.value.template.name if type(callee.value) is Closure else None
        return callee


def noted(error: Exception, site: Site) -> SxError:
    """`error` as an EvalError that knows its site. Only the innermost site is kept.

    An SxError of another kind is none of the program's business: it is left as it is.
    """
    if isinstance(error, EvalError):
        if not error.backtrace:
            name_as_called(error, site)
            error.place = error.place or site.place
            error.backtrace = (site.frame(),)
            error.site = site
        return error
    return error if isinstance(error, SxError) else wrapped(error, site)


_SPEAKER = re.compile(r"([^\s:]+)(?=: | takes )")
"""Who speaks in the message of an error: the name of a procedure, before a colon or what it takes."""


def name_as_called(error: EvalError, site: Site, *, own: bool = False) -> None:
    """Let the message speak of a procedure by the name it has in the call at `site`: many have several.

    `own`: only if the message is the procedure's own, and not that of another one that it is made of.
    """
    callee = site.callee
    if not isinstance(callee, Cell) or type(callee.value) not in (Primitive, Control):
        return
    speaker = _SPEAKER.match(error.message)
    if speaker is None or speaker[1] == callee.name:
        return
    if speaker[1] == callee.value.name or (not own and speaker[1] in REGISTRY):
        error.message = callee.name + error.message[speaker.end() :]
        error.args = (error.message,)


def unbound(message: str, cell: Cell, site: Site, sight: Sight | None) -> SxError:
    """The error for a global without a value."""
    error = UnboundError(message, cell.name)
    error.sight = sight
    return noted(error, site)


def wrapped(error: Exception, site: Site) -> EvalError:
    """A Python exception that a primitive let through, as an error of the program."""
    made = EvalError(f"{type(error).__name__}: {error}", place=site.place)
    made.backtrace = (site.frame(),)
    made.site = site
    made.__cause__ = error
    return made
