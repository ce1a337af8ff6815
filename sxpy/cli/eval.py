"""`sx eval`: evaluate one expression and print its value."""

from __future__ import annotations

import click

from sxpy.cli.options import Settings, program_options
from sxpy.cli.session import Session
from sxpy.printer import inspect


@click.command("eval")
@click.argument("expr")
@program_options
@click.pass_context
def eval_(ctx: click.Context, expr: str, settings: Settings) -> None:
    """Evaluate EXPR and print its value as SX text, nil too.

    Of several forms the last one's value is printed. An EXPR that begins with a dash needs `--` before it:
    sx eval -- -5
    """
    session = Session(settings, ["sx"])
    ctx.exit(session.run(lambda: session.console.line(inspect(session.interpreter.eval(expr, "<eval>")))))
