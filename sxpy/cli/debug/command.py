"""`sx debug`: the command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sxpy.cli.debug.conversation import Conversation
from sxpy.cli.debug.pipe import read_pipe
from sxpy.cli.options import program_options
from sxpy.cli.session import Session
from sxpy.cli.settings import Settings
from sxpy.debugger.history import DEFAULT


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.argument("args", metavar="[ARG]...", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--history",
    type=click.IntRange(min=0),
    default=DEFAULT,
    show_default=True,
    metavar="N",
    help="Keep the last N states to go back to.",
)
@program_options
@click.pass_context
def debug(ctx: click.Context, file: str, args: tuple[str, ...], history: int, settings: Settings) -> None:
    """Run the program in FILE step by step: `help` there says how.

    Steps are those of the machine; one can also go over calls, out of them, to breakpoints, and back. On a
    terminal there is completion and a history; on a pipe each command is a line of standard input, and its
    answer follows the prompt. The program gets ARGs, its store and its limits as with `sx run`.
    """
    session = Session(settings, [file, *args], search_path=[str(Path(file).parent)])
    ctx.exit(session.run(lambda: _talk(Conversation(session, file, history=history))))


def _talk(conversation: Conversation) -> None:
    if sys.stdin.isatty() and sys.stdout.isatty():
        from sxpy.cli.debug.terminal import read_terminal  # noqa: PLC0415  a pipe needs no line editor

        read_terminal(conversation)
    else:
        read_pipe(conversation, sys.stdin.buffer)
