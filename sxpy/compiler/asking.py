"""Asking: `perform` in compiled blocks. The host that the machine has at hand is asked at once.

Owns what a block does when it need not suspend; direct code does the same in lines of its own
(`sxpy/compiler/direct.py`). What the host says instead of an answer is in `sxpy/machine/performing.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.compiler.runners import Next, Trampoline, halted
from sxpy.core.direct import Leave
from sxpy.core.sites import Site
from sxpy.host import PENDING
from sxpy.machine.performing import PERFORMED, refusal
from sxpy.machine.state import APPLY, CONTINUE, Kont


def perform(machine: Trampoline, request: Any, site: Site, kont: Kont) -> Next:
    """What calling `perform` does where the machine has a host at hand."""
    try:
        answer = machine.answer(request)
        if answer is PENDING:
            raise Leave
    except Exception as error:
        machine.site = None  # the frame says where it is
        return machine.next(APPLY, *refusal(error, request), (PERFORMED, site, kont))
    if kont is None:
        return halted, (CONTINUE, answer, (), None), None
    return kont[0].run, answer, kont
