"""`perform`: the machine suspends with a request, and whoever drives it answers.

Direct code does not suspend when the host can answer at once: it asks on the spot. The host is the driver's
(`sxpy/machine/driver.py`), which lends its `Answer` to the machine, so there is still one door. An answer
that is an error is raised at the `perform`; one that is PENDING suspends the machine there, with the request
put already. See `sxpy/core/direct.py` for how direct code waits.
"""

from __future__ import annotations

from typing import Any

from sxpy.core.direct import WAITING, Leave, Waiting
from sxpy.data import UNBOUND
from sxpy.errors import EvalError
from sxpy.host import PENDING
from sxpy.machine.conditions import raise_error
from sxpy.machine.procedures import control
from sxpy.machine.state import CONTINUE, PERFORM, SUSPENDED, Kont, Transition, native, pass_on

ROOM = 200
"""Calls that must still have room on Python's stack: who knows how deep a host nests them."""


@native(PERFORM)
def PERFORMED(machine: Any, value: Any, frame: Any) -> Transition:
    """(PERFORMED, site, kont): the host has answered. The frame is there to tell where it was asked."""
    return CONTINUE, value, None, frame[-1]


@control("perform", minimum=1, maximum=1)
def perform(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(perform request) — suspend with the request; the value is the host's answer.

    (cek-io-request (cek-step-loop (make-cek-state '(+ 1 (perform "ask"))))) => "ask"
    """
    return SUSPENDED, args[0], None, (PERFORMED, machine.site, kont)


def perform_now(d: Any, _: Any, request: Any) -> Any:
    """`perform` as a direct function. Raises Leave when the host cannot be asked here, or not yet answers."""
    machine = d[2]
    ask = machine.answer
    if ask is None or d[3] < ROOM:
        raise Leave
    # What the machine needs if this does not return: read by name, as `Waiting` says.
    result, following = UNBOUND, (PENDING_ANSWER, [request])  # noqa: F841
    try:
        answer = ask(request)
    except EvalError as error:
        following = (raise_error, [error])  # noqa: F841
        raise Leave from None
    if answer is PENDING:
        raise Leave
    return answer


@control("%pending", minimum=1, maximum=1)
def PENDING_ANSWER(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%pending request) — wait for the answer to a request that has been put to the host."""
    machine.asked = True
    return SUSPENDED, args[0], None, kont


def _frame(machine: Any, local: dict[str, Any], kont: Kont) -> Kont:
    frame = (PERFORMED, machine.site, kont)
    machine.site = None  # the frame says where it is
    return frame


def _call(local: dict[str, Any]) -> tuple[Any, list[Any]]:
    following: tuple[Any, list[Any]] = local["following"]
    return following


PERFORMED.run = pass_on
perform.direct = perform_now
WAITING[perform_now.__code__] = Waiting(_frame, _call)
