"""From a line to a command: one form of plain ASCII text, checked before anything of it is done.

| line | command |
|---|---|
| `(epoch N)` | `Epoch`: the tag of the replies from here on |
| `(load "path")` `(load-source "text")` `(eval "text")` | `Load`, `LoadSource`, `Eval` |
| `(reset)` `(ping)` | `Reset`, `Ping` |
| `(io-response VALUE)` `(io-error "message")` | `IoResponse`, `IoError`: the answer to an `io-request` |
| `(auth "token")` | `Auth`: the first line to a server that demands a token |

A line of blanks and comments holds no command and gets no reply. Next: `sxpy/server/session.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sxpy.data import Symbol, is_list, type_of
from sxpy.errors import ReadError, SxError
from sxpy.reader import atoms, read_data

LARGEST_EPOCH = 2**63 - 1


class CommandError(SxError):
    """The line is no command. Nothing was done."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """`(epoch N)`, 0 ≤ N ≤ 2⁶³ - 1."""

    number: int


@dataclass(frozen=True, slots=True)
class Load:
    """`(load "path")`."""

    path: str


@dataclass(frozen=True, slots=True)
class LoadSource:
    """`(load-source "text")`."""

    text: str


@dataclass(frozen=True, slots=True)
class Eval:
    """`(eval "text")`."""

    text: str


@dataclass(frozen=True, slots=True)
class Reset:
    """`(reset)`."""


@dataclass(frozen=True, slots=True)
class Ping:
    """`(ping)`."""


@dataclass(frozen=True, slots=True)
class IoResponse:
    """`(io-response VALUE)`; the value is data, it is not evaluated."""

    value: Any


@dataclass(frozen=True, slots=True)
class IoError:
    """`(io-error "message")`."""

    message: str


@dataclass(frozen=True, slots=True)
class Auth:
    """`(auth "token")`."""

    token: str = field(repr=False)


Command = Epoch | Load | LoadSource | Eval | Reset | Ping | IoResponse | IoError | Auth


_WITH_TEXT = re.compile(rb'\(([a-z-]+) ("(?:[ !#-\[\]-~]|\\[ -~])*+")\)')
"""The commands that most lines are, spelled as most clients spell them: a name, a blank, a string."""


def parse_command(line: bytes) -> Command | None:
    """The command of a line; None when the line is blank. Raises CommandError."""
    plain = _WITH_TEXT.fullmatch(line)
    if plain is not None:
        make = _TEXTS.get(plain[1])
        if make is not None:
            try:
                return make(atoms.string(plain[2].decode("ascii")))
            except atoms.Problem:
                pass  # the reader says where
    forms = _read(line)
    if not forms:
        return None
    if len(forms) > 1:
        raise CommandError(f"one command a line, got {len(forms)}")
    head, *args = list(forms[0]) if is_list(forms[0]) and len(forms[0]) else [None]
    if not isinstance(head, Symbol):
        raise CommandError("a command is a list that starts with its name, such as (ping)")
    if head.name not in _COMMANDS:
        raise CommandError(f"unknown command: {head.name}; there are {', '.join(_COMMANDS)}")
    takes, make = _COMMANDS[head.name]
    if len(args) != takes:
        raise CommandError(f"{head.name} takes {_counted(takes)}, got {len(args)}")
    return make(*args)


def _read(line: bytes) -> list[Any]:
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError as error:
        raise CommandError(
            f"byte {error.start + 1} of the line is no ASCII; write other characters as \\uXXXX in strings"
        ) from None
    try:
        return list(read_data(text))
    except ReadError as error:
        column = f" at column {error.place.column}" if error.place is not None else ""
        raise CommandError(f"malformed line{column}: {error.message}") from None


def _counted(count: int) -> str:
    return {0: "no argument", 1: "one argument"}[count]


def _text(name: str, make: Callable[[str], Command]) -> Callable[[Any], Command]:
    def checked(value: Any) -> Command:
        if not isinstance(value, str):
            raise CommandError(f"{name} takes a string, got {type_of(value)}")
        return make(value)

    return checked


def _epoch(value: Any) -> Command:
    if type(value) is not int or not 0 <= value <= LARGEST_EPOCH:
        raise CommandError(f"epoch takes an integer from 0 to {LARGEST_EPOCH}; the old epoch stays")
    return Epoch(value)


_COMMANDS: dict[str, tuple[int, Callable[..., Command]]] = {
    "epoch": (1, _epoch),
    "load": (1, _text("load", Load)),
    "load-source": (1, _text("load-source", LoadSource)),
    "eval": (1, _text("eval", Eval)),
    "reset": (0, Reset),
    "ping": (0, Ping),
    "io-response": (1, IoResponse),
    "io-error": (1, _text("io-error", IoError)),
    "auth": (1, _text("auth", Auth)),
}

_TEXTS: dict[bytes, Callable[[str], Command]] = {
    b"eval": Eval,
    b"load": Load,
    b"load-source": LoadSource,
    b"io-error": IoError,
}
