"""The `sx` command group. A command's module is imported when the command is used, not before.

So `sx eval` pays for no line editor and no test framework. To add a command, add a line to `COMMANDS`.
Next: `sxpy/cli/run.py`, the shortest of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sxpy import __version__
from sxpy.cli.output import prepare_streams

COMMANDS = {
    "run": ("sxpy.cli.run:run", "Run a program."),
    "eval": ("sxpy.cli.eval:eval_", "Evaluate an expression and print its value."),
    "repl": ("sxpy.cli.repl.command:repl", "Talk to the interpreter."),
    "test": ("sxpy.cli.test:test", "Run .sx test files."),
    "debug": ("sxpy.cli.debug.command:debug", "Run a program step by step, forwards and backwards."),
    "fmt": ("sxpy.cli.fmt:fmt", "Lay out source files in the one style."),
    "lint": ("sxpy.cli.lint:lint_", "Check source files for what is probably not meant."),
    "serve": ("sxpy.cli.serve:serve", "Serve a parent process over standard input and output."),
    "jobs": ("sxpy.cli.jobs.group:jobs", "Run programs that wait for days and outlive their processes."),
    "store": ("sxpy.cli.store.group:store", "Look at a store, check it, copy it, clean it."),
}
"""Each command: where it is, and what it does in one line."""


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports the one that is asked for."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]] = COMMANDS, **kwargs: Any) -> None:
        """`table`: each command, where it is, and what it does in one line."""
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            advice = _advice(name, self.table)
            raise click.UsageError(f"No such command {name!r}.{advice}", ctx)
        return super().resolve_command(ctx, args)


def _advice(name: str, commands: Mapping[str, Any]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only for this error

    if commands is COMMANDS and Path(name).exists():
        return f" To run a file: sx run {name}"
    if commands is COMMANDS and name.startswith(("(", "[", "{")):
        return " To evaluate an expression: sx eval EXPR"
    close = get_close_matches(name, commands, 1)
    return f" Did you mean {close[0]!r}?" if close else ""


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="sx %(version)s")
@click.pass_context
def main(ctx: click.Context) -> Any:
    """SX: a Lisp whose programs can wait, be resumed, and keep what they know.

    Without a command, on a terminal: the REPL. `sx COMMAND --help` says more about a command.

    Exit status: 0 for success, 1 for an error of the program, 2 for wrong usage, 130 when interrupted; a
    program can choose its own with (exit N).
    """
    prepare_streams()
    if ctx.invoked_subcommand is not None:
        return None
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError(
            "Missing command. To run a program from standard input: sx run - ; for a REPL on it: sx repl", ctx
        )
    repl = main.get_command(ctx, "repl")
    assert repl is not None
    with repl.make_context("repl", [], parent=ctx) as inner:
        return repl.invoke(inner)
