"""Recursion without the Python stack: generators that yield the work they wait for.

A function that walks nested data is written as a generator; where it would call itself it yields the
call and gets its result: `result = yield self.expr(part)`. `walk` keeps the generators on a list, so
depth costs heap only.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

Walk = Generator["Walk", Any, Any]
"""A walk in progress: it yields the walks it waits for, and returns its result."""


def walk(root: Walk) -> Any:
    """Run `root` and everything it waits for; its result. Exceptions pass through the waiting walks."""
    stack = [root]
    result: Any = None
    failure: BaseException | None = None
    while stack:
        try:
            if failure is not None:
                error, failure = failure, None
                wanted = stack[-1].throw(error)
            else:
                wanted = stack[-1].send(result)
            stack.append(wanted)
            result = None
        except StopIteration as end:
            stack.pop()
            result = end.value
        except BaseException as error:
            stack.pop()
            failure = error
    if failure is not None:
        raise failure
    return result
