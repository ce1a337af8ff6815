"""`perform`: the machine suspends with a request, and whoever drives it answers.

Compiled code does not suspend when the host can answer at once: it asks on the spot, in a line of its own.
The host is the driver's (`sxpy/machine/driver.py`), which lends its `Answer` to the machine, so there is
still one door. What the host says instead of an answer is a `refusal`: an error is raised at the `perform`,
PENDING suspends the machine there, with the request put already, and a failure of the host itself ends the
run. See `sxpy/core/direct.py` for how direct code waits.
"""

from __future__ import annotations

from typing import Any

from sxpy.core.direct import WAITING, Leave, Waiting
from sxpy.data import UNBOUND
from sxpy.errors import EvalError
from sxpy.host import PENDING
from sxpy.machine.conditions import raise_error
from sxpy.machine.procedures import control
from sxpy.machine.state import CONTINUE, FAILED, PERFORM, SUSPENDED, Kont, Transition, native, pass_on

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


@control("%pending", minimum=1, maximum=1)
def PENDING_ANSWER(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%pending request) — wait for the answer to a request that has been put to the host."""
    machine.asked = True
    return SUSPENDED, args[0], None, kont


@control("%host-failed", minimum=1, maximum=1)
def HOST_FAILED(machine: Any, args: list[Any], kont: Kont) -> Transition:
    """(%host-failed exception) — what a host lets through that is no error of the program ends the run."""
    return FAILED, args[0], None, kont


def refusal(error: Exception, request: Any) -> tuple[Any, list[Any]]:
    """The procedure and the arguments to go on with, on top of the frame PERFORMED, when a host that was
    asked has raised `error` instead of answering; `Leave` stands for PENDING.
    """
    if isinstance(error, Leave):
        return PENDING_ANSWER, [request]
    return raise_error if isinstance(error, EvalError) else HOST_FAILED, [error]


def perform_now(d: Any, _: Any, request: Any) -> Any:
    """`perform` as a direct function. Raises Leave when the host cannot be asked here, or does not answer."""
    ask = d[2].answer
    if ask is None or d[3] < ROOM:
        raise Leave
    # What the machine needs if this does not return: read by name, as `Waiting` says.
    result = UNBOUND  # noqa: F841
    try:
        answer = ask(request)
        if answer is PENDING:
            raise Leave
    except Exception as error:
        following = refusal(error, request)  # noqa: F841
        raise Leave from None
    return answer


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
