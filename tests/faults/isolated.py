"""A function in a process of its own: for limits and identities that cannot be taken back."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable
from typing import Any

NOBODY = 65534
"""A user that owns nothing."""


def isolated(function: Callable[[], Any], *, user: int | None = None) -> Any:
    """What the function returns, run in a forked process, as another user if asked; its failure is ours."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            told = pickle.dumps((True, function()))
        except BaseException as error:
            told = pickle.dumps((False, "".join(traceback.format_exception(error))))
        with open(write, "wb") as pipe:
            pipe.write(told)
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    assert told, "the process ended without a word"
    well, value = pickle.loads(told)
    assert well, value
    return value
