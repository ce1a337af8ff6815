"""The commands of the REPL: what begins with a colon and is no keyword of the language.

To add one, add a function and a line to `COMMANDS`. A colon and any other name is a keyword, as everywhere.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from sxpy.errors import SxValueError, UnboundError
from sxpy.printer import inspect

if TYPE_CHECKING:
    from sxpy.cli.repl.repl import Repl

Action = Callable[["Repl", str], None]
"""What a command does with the whole input, of which it is the first word. Raises EvalError."""


@dataclass(frozen=True, slots=True)
class ReplCommand:
    """A command: the name of its argument ("": none), what it does, and how."""

    argument: str
    summary: str
    run: Action
    takes_forms: bool = False
    """Whether the argument is SX text, which may go on for lines."""


def find_command(text: str) -> ReplCommand | None:
    """The command that a piece of input begins with; None for forms."""
    return COMMANDS.get(_first_word(text))


def _first_word(text: str) -> str:
    words = text.split(maxsplit=1)
    return words[0] if words else ""


def _argument(text: str) -> str:
    """What follows the command. Raises SxValueError when it does not take that."""
    word, argument = _first_word(text), text.strip().partition(_first_word(text))[2].strip()
    wanted = COMMANDS[word].argument
    if bool(argument) != bool(wanted):
        raise SxValueError(f"usage: {word} {wanted}".rstrip())
    return argument


def _help(repl: Repl, text: str) -> None:
    _argument(text)
    rows = [(f"{word} {command.argument}", command.summary) for word, command in COMMANDS.items()]
    rows += [("*1 *2 *3", "the last three values"), ("*e", "the last error")]
    width = max(len(left) for left, _ in rows)
    repl.say("\n".join(f"{left:{width}}   {right}" for left, right in rows))


def _doc(repl: Repl, text: str) -> None:
    name = _argument(text)
    documentation = repl.interpreter.doc(name)
    if documentation is not None:
        repl.say(documentation)
        return
    try:
        value = repl.interpreter.lookup(name)
    except UnboundError as error:
        close = get_close_matches(name, repl.interpreter.names(), 3)
        hint = f"; names like it: {' '.join(close)}" if close else ""
        raise SxValueError(f"nothing is called {name}{hint}") from error
    repl.say(f"{name} is {inspect(value)}; it has no documentation")


def _load(repl: Repl, text: str) -> None:
    repl.keep(repl.interpreter.call("load", str(Path(_argument(text)).expanduser())))


def _time(repl: Repl, text: str) -> None:
    _argument(text)
    # With spaces for the command, columns in reports are those of what was typed.
    forms = text.replace(":time", "     ", 1)
    blocks, peak = sys.getallocatedblocks(), _peak_memory()
    started, worked = time.perf_counter(), time.process_time()
    repl.evaluate(forms)
    elapsed, worked = time.perf_counter() - started, time.process_time() - worked
    grown = (_peak_memory() - peak) / (1 << 20)
    blocks = sys.getallocatedblocks() - blocks
    repl.say(
        f"; {elapsed:.6f} s, {worked:.6f} s of the processor; "
        f"{blocks:+,} objects in memory, {grown:.1f} MB more at the peak"
    )


def _peak_memory() -> int:
    """The most memory that the process had so far, in bytes."""
    import resource  # noqa: PLC0415  not on every system

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _quit(repl: Repl, text: str) -> None:
    _argument(text)
    repl.done = True


COMMANDS = {
    ":help": ReplCommand("", "this list", _help),
    ":doc": ReplCommand("NAME", "what NAME is for", _doc),
    ":load": ReplCommand("FILE", "evaluate a file", _load),
    ":time": ReplCommand("EXPR", "evaluate, and say what it took: time and memory", _time, takes_forms=True),
    ":quit": ReplCommand("", "leave (so does Ctrl-D)", _quit),
}
