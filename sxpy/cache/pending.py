"""Pending code: the definition of a function whose code is made when somebody first looks at it.

Most functions of a library are never called by the program that loads it. So `(define (f …) …)` may give `f`
a closure whose template is complete and whose entry block has no body yet. Whoever asks the block, or its
code, for something that is not there has it made first; from then on both are what they would have been,
and nothing is left that could tell. Making it is nothing but lowering it anew, `Code.relower`, for the first
time. All threads may share it.
"""

from __future__ import annotations

from _thread import RLock
from collections.abc import Callable
from typing import Any

from sxpy.core.ir import Block, Code, NewClosure, Return, SetCell, Template, Term
from sxpy.core.sites import Site
from sxpy.data import Cell
from sxpy.errors import TOP_LEVEL
from sxpy.reader.forms import Source, Spot

_lock = RLock()


class PendingCode(Code):
    """Code that is not made yet; `relower` makes it, and turns it into a `Code`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        make(self)
        return object.__getattribute__(self, name)


class PendingBlock(Block):
    """The entry of the function that pending code defines."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        make(self.code)
        return object.__getattribute__(self, name)


def make(code: Code) -> None:
    """Make pending code now; code that is made already stays as it is."""
    with _lock:
        if type(code) is PendingCode:
            code.relower()


def later(name_of: Callable[[], str], fill: Callable[[Code], None]) -> PendingCode:
    """Pending code, called as `name_of` says, into which `fill` lowers a form when somebody looks at it."""
    code = PendingCode.__new__(PendingCode)

    def first_time() -> None:
        Code.__init__(code, name_of())
        code.relower = _being_made
        try:
            fill(code)
        except BaseException:
            code.relower = first_time
            raise
        # Until now, who found something missing waited for the lock. The classes have the same slots.
        object.__setattr__(code, "__class__", Code)

    code.relower = first_time
    return code


def definition(
    name_of: Callable[[], str],
    cell: Cell,
    source: Source,
    signature: tuple[Any, ...],
    fill: Callable[[Code], None],
) -> tuple[Term, PendingCode]:
    """The term that gives the global `cell` the function that a form defines, and its pending code.

    `name_of` gives the code's name, `signature` is what must be known of the function
    (`sxpy/cache/records.py`); `fill` lowers the whole form into the code.
    """
    _, number, (at, lambda_at), name, params, rest, keys, types, component = signature
    entry = PendingBlock.__new__(PendingBlock)

    def fill_from_entry(code: Code) -> None:
        code.blocks, code.templates = {number: entry}, {number: template}
        fill(code)
        object.__setattr__(entry, "__class__", Block)

    code = later(name_of, fill_from_entry)
    entry.code, entry.number, entry.entry, entry.template = code, number, True, None
    entry.site = Site(name, Spot(source, lambda_at))
    entry.cool()
    template = Template(name, params, rest, keys, entry, types, component=component)
    site = Site(TOP_LEVEL, Spot(source, at))
    term = Return(SetCell(cell, NewClosure(template), site, None, define=True))
    term.site = site
    return term, code


def _being_made() -> None:
    """Whoever makes the code and finds something missing has to do without."""
