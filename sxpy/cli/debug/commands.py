"""The commands of the debugger. To add one, add a function and a line to `COMMANDS`.

What begins with a bracket is no command but an expression, and is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sxpy.cli.debug import show
from sxpy.data import UNBOUND, Primitive
from sxpy.debugger import Breakpoint, FunctionBreakpoint, Reason, Stop
from sxpy.errors import EvalError, SxValueError
from sxpy.host import operation_of
from sxpy.printer import inspect

if TYPE_CHECKING:
    from sxpy.cli.debug.conversation import Conversation

Action = Callable[["Conversation", str], None]
"""What a command does with its argument. Raises SxError."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the form of its argument ("": none), what it does, and how.

    `takes_sx`: the argument is SX text, which may go on for lines. `looks`: it only shows something, so it
    can be watched.
    """

    argument: str
    summary: str
    run: Action
    takes_sx: bool = False
    looks: bool = False


def find_command(text: str) -> tuple[Command, str]:
    """The command that `text` begins with, and its argument. Raises SxValueError."""
    if text.startswith(("(", "[", "{")):
        return COMMANDS["print"], text
    word, _, argument = text.partition(" ")
    name = ALIASES.get(word, word)
    if name not in COMMANDS:
        close = get_close_matches(word, [*COMMANDS, *ALIASES], 3)
        hint = f"; did you mean {' or '.join(close)}?" if close else "; `help` lists them"
        raise SxValueError(f"there is no command {word}{hint}")
    command = COMMANDS[name]
    argument = argument.strip()
    if argument and not command.argument:
        raise SxValueError(f"{name} takes no argument")
    if not argument and command.argument and not command.argument.startswith("["):
        raise SxValueError(f"usage: {name} {command.argument}")
    return command, argument


def _count(argument: str, default: int = 1) -> int:
    if not argument:
        return default
    if not (argument.isascii() and argument.isdigit()) or int(argument) == 0:
        raise SxValueError(f"a number from 1 on is wanted here, not {argument}")
    return int(argument)


def _number(argument: str) -> int:
    if not (argument.isascii() and argument.isdigit()):
        raise SxValueError(f"a number is wanted here, not {argument}")
    return int(argument)


# -- going on and back -----------------------------------------------------------------------------


def _step(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.step(_count(argument)))


def _into(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.into())


def _next(talk: Conversation, argument: str) -> None:
    count = _count(argument)
    for left in range(count, 0, -1):
        stop = talk.debugger.next()
        if left == 1 or stop.reason is not Reason.STEP:
            talk.tell(stop)
            return


def _out(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.out())


def _continue(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.go())


def _until(talk: Conversation, argument: str) -> None:
    made = _set_breakpoint(talk, argument, once=True)
    stop = talk.debugger.go()
    talk.debugger.breakpoints.remove(made.number)
    talk.tell(stop)


def _back(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.back(_count(argument)))


def _previous(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.previous())


def _rewind(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.rewind())


def _forward(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.forward(_count(argument)))


def _restart(talk: Conversation, argument: str) -> None:
    talk.tell(talk.debugger.restart())


def _quit(talk: Conversation, argument: str) -> None:
    talk.done = True


# -- breakpoints -----------------------------------------------------------------------------------


def _break(talk: Conversation, argument: str) -> None:
    made = _set_breakpoint(talk, argument)
    talk.say(_described(made))
    if isinstance(made, FunctionBreakpoint):
        cell = talk.debugger.interpreter.env.find(made.name)
        if cell is None or cell.value is UNBOUND:
            talk.say("  no function is called so yet")
        elif type(cell.value) is Primitive:
            talk.say("  a primitive now: it runs within a step of its caller, so a line is better")


def _set_breakpoint(talk: Conversation, argument: str, *, once: bool = False) -> Breakpoint:
    where, _, condition = argument.partition(" if ")
    where = where.strip()
    asked = condition.strip() or None
    file, colon, line = where.rpartition(":")
    if line.isascii() and line.isdigit() and (colon or not file):
        return talk.debugger.break_at_line(int(line), file or None, condition=asked, once=once)
    return talk.debugger.break_at(where, condition=asked, once=once)


def _described(item: Breakpoint) -> str:
    text = f"breakpoint {item.number}: {item.where}"
    if item.condition is not None:
        text += f" if {item.condition}"
    if item.hits:
        text += f"   (stopped {item.hits} time{'' if item.hits == 1 else 's'})"
    return text


def _catch(talk: Conversation, argument: str) -> None:
    what, _, name = argument.partition(" ")
    if what == "perform":
        operation, _, condition = name.partition(" if ")
        made = talk.debugger.break_at_perform(
            operation.strip().strip('"') or None, condition=condition.strip() or None
        )
    elif what == "error" and not name:
        made = talk.debugger.break_at_errors()
    else:
        raise SxValueError(f"usage: catch {COMMANDS['catch'].argument}")
    talk.say(_described(made))


def _breaks(talk: Conversation, argument: str) -> None:
    lines = [_described(item) for item in talk.debugger.breakpoints]
    talk.say("\n".join(lines) or "no breakpoints")


def _delete(talk: Conversation, argument: str) -> None:
    if argument == "all":
        for item in talk.debugger.breakpoints:
            talk.debugger.breakpoints.remove(item.number)
    elif not talk.debugger.breakpoints.remove(_number(argument)):
        raise SxValueError(f"there is no breakpoint {argument}")


# -- looking ---------------------------------------------------------------------------------------


def _where(talk: Conversation, argument: str) -> None:
    talk.say(show.stop(Stop(Reason.STEP, talk.debugger.state), talk.debugger))
    history = talk.debugger.history
    talk.say(f"  {len(history):,} states back and {history.ahead:,} forward are kept")


def _backtrace(talk: Conversation, argument: str) -> None:
    most = _count(argument, show.MOST_CALLS)
    talk.say(
        "\n".join(show.backtrace(talk.debugger, talk.calls(), talk.selected, most)) or "no calls in progress"
    )


def _frame(talk: Conversation, argument: str) -> None:
    if argument:
        talk.select(_number(argument))
    call = talk.call()
    if call is None:
        talk.say("no function is running")
    else:
        talk.say("\n".join(show.call_details(talk.debugger, call, talk.selected)))


def _up(talk: Conversation, argument: str) -> None:
    _frame(talk, str(talk.selected + _count(argument)))


def _down(talk: Conversation, argument: str) -> None:
    _frame(talk, str(max(0, talk.selected - _count(argument))))


def _env(talk: Conversation, argument: str) -> None:
    call = talk.call()
    if call is None:
        talk.say("  no variables: no function is running")
    else:
        talk.say("\n".join(show.environment(talk.debugger, call)))


def _globals(talk: Conversation, argument: str) -> None:
    env = talk.debugger.interpreter.env
    lines = []
    for name, cell in sorted(env.cells.items()):
        built_in = env.builtin(name) if env.builtin is not None else UNBOUND
        if cell.value is not UNBOUND and cell.value is not built_in and argument in name:
            lines.append(f"  {name} = {show.brief(cell.value)}")
    talk.say("\n".join(lines) or "  no globals")


def _kont(talk: Conversation, argument: str) -> None:
    talk.say("\n".join(show.frames(talk.debugger.state)))


def _request(talk: Conversation, argument: str) -> None:
    state = talk.debugger.state
    if not state.suspended:
        talk.say("no perform waits for an answer")
        return
    operation, args = operation_of(state.request)
    talk.say(inspect(state.request))
    if operation is not None:
        talk.say(f"  operation {operation}, arguments {show.brief_list(args)}")


def _list(talk: Conversation, argument: str) -> None:
    call = talk.call()
    spot = show.standing(talk.debugger.state) if talk.selected == 0 else None
    if spot is None and call is not None:
        spot = call.spot
    source = talk.debugger.source if spot is None else spot.source
    here = None if spot is None else spot.place().line
    middle = _count(argument, here or 1)
    talk.say("\n".join(show.listing(talk.debugger, source, here, middle)) or f"no line {middle}")


def _print(talk: Conversation, argument: str) -> None:
    talk.print(argument)


def _watch(talk: Conversation, argument: str) -> None:
    argument = ALIASES.get(argument, argument)
    if argument in COMMANDS and not COMMANDS[argument].looks:
        raise SxValueError(f"{argument} does more than look, so it cannot be watched")
    talk.watch(argument)


def _unwatch(talk: Conversation, argument: str) -> None:
    if talk.watched.pop(_number(argument), None) is None:
        raise SxValueError(f"there is no watch {argument}")


# -- answering -------------------------------------------------------------------------------------


def _answer(talk: Conversation, argument: str) -> None:
    value = talk.value(argument)
    talk.tell(talk.debugger.answer(value))


def _fail(talk: Conversation, argument: str) -> None:
    value = talk.value(argument)
    if isinstance(value, str):
        talk.tell(talk.debugger.fail(EvalError(value)))
    else:
        talk.tell(talk.debugger.raise_value(value))


def _return(talk: Conversation, argument: str) -> None:
    value = talk.value(argument)
    talk.tell(talk.debugger.finish_with(value))


# -- help ------------------------------------------------------------------------------------------


def _help(talk: Conversation, argument: str) -> None:
    if argument:
        command, _ = find_command(argument) if argument in ALIASES else (COMMANDS.get(argument), "")
        if command is None:
            raise SxValueError(f"there is no command {argument}")
        talk.say(f"{argument} {command.argument}".rstrip() + f" — {command.summary}")
        return
    short = {name: alias for alias, name in ALIASES.items()}
    rows = [
        (f"{name} {command.argument}".rstrip(), short.get(name, ""), command.summary)
        for name, command in COMMANDS.items()
    ]
    width = max(len(left) for left, _, _ in rows)
    talk.say("\n".join(f"{left:{width}}  {alias:3} {summary}" for left, alias, summary in rows))
    talk.say("An expression in brackets is evaluated where the program stands, and printed.")


COMMANDS = {
    "step": Command("[N]", "make a step of the machine, or N; a perform goes to the host", _step),
    "into": Command("", "go to the next place in the source, into calls", _into),
    "next": Command("[N]", "go to the next place of this function, over calls", _next),
    "out": Command("", "go on until this function returns", _out),
    "continue": Command("", "go on until something stops the program", _continue),
    "until": Command("WHERE", "go on until a function is called or a line is come to", _until),
    "back": Command("[N]", "go back a step of the machine, or N", _back),
    "previous": Command("", "go back to the place before in this function, over calls", _previous),
    "rewind": Command("", "go back to the last breakpoint, or as far as states are kept", _rewind),
    "forward": Command("[N]", "go forward where one has gone back, without running anything", _forward),
    "break": Command("WHERE [if EXPR]", "stop at a function, a LINE or a FILE:LINE", _break),
    "catch": Command("perform [NAME] | error", "stop at performs, or before any error is raised", _catch),
    "breaks": Command("", "list the breakpoints", _breaks),
    "delete": Command("N | all", "delete breakpoints", _delete),
    "where": Command("", "say again where the program stands", _where, looks=True),
    "list": Command("[LINE]", "show the source around this place, or around a line", _list, looks=True),
    "backtrace": Command("[N]", "show the calls in progress", _backtrace, looks=True),
    "frame": Command("[N]", "look at a call: its place, its variables, the values it keeps", _frame),
    "up": Command("[N]", "look at the caller", _up),
    "down": Command("[N]", "look at the called one again", _down),
    "env": Command("", "show the variables of the call that is looked at", _env, looks=True),
    "globals": Command("[TEXT]", "show the globals of the program whose names contain TEXT", _globals),
    "kont": Command("", "show the continuation, frame by frame", _kont, looks=True),
    "request": Command("", "show the request of the perform that waits", _request, looks=True),
    "print": Command("EXPR", "evaluate in the call that is looked at", _print, takes_sx=True),
    "watch": Command("EXPR | COMMAND", "show this at every stop", _watch, takes_sx=True),
    "unwatch": Command("N", "show it no more", _unwatch),
    "answer": Command("EXPR", "answer the perform that waits", _answer, takes_sx=True),
    "fail": Command("EXPR", "answer it with an error: a message, or a value to raise", _fail, takes_sx=True),
    "return": Command("EXPR", "leave this function with a value", _return, takes_sx=True),
    "restart": Command("", "start the program anew; breakpoints stay", _restart),
    "help": Command("[COMMAND]", "this list", _help),
    "quit": Command("", "leave (so does Ctrl-D)", _quit),
}

ALIASES = {
    "s": "step",
    "i": "into",
    "n": "next",
    "o": "out",
    "c": "continue",
    "u": "until",
    "b": "break",
    "d": "delete",
    "w": "where",
    "l": "list",
    "bt": "backtrace",
    "f": "frame",
    "e": "env",
    "p": "print",
    "h": "help",
    "q": "quit",
}
"""Short names of commands."""
