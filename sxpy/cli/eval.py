"""`sx eval`: evaluate one expression and print its value."""

from __future__ import annotations

import click

from sxpy.cli.options import program_options
from sxpy.cli.programs import evaluate
from sxpy.cli.settings import Settings


@click.command("eval")
@click.argument("expr")
@program_options
@click.pass_context
def eval_(ctx: click.Context, expr: str, settings: Settings) -> None:
    """Evaluate EXPR and print its value as SX text, nil too.

    Of several forms the last one's value is printed. An EXPR that begins with a dash needs `--` before it:
    sx eval -- -5
    """
    ctx.exit(evaluate(expr, settings))
