"""`sx run`: run a program from a file or from standard input."""

from __future__ import annotations

import click

from sxpy.cli.options import program_options
from sxpy.cli.programs import run_program
from sxpy.cli.settings import Settings


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.argument("args", metavar="[ARG]...", nargs=-1, type=click.UNPROCESSED)
@program_options
@click.pass_context
def run(ctx: click.Context, file: str, args: tuple[str, ...], settings: Settings) -> None:
    """Run the program in FILE; `-` is standard input.

    The program finds each ARG in *args*, and FILE too in (command-line). It ends with (exit N), or with its
    last form. `load` looks for a file in the working directory, next to FILE, in $SX_PATH, and among the
    shipped libraries.

    A file that begins with `#!/usr/bin/env -S sx run` and is executable runs by its name.
    """
    ctx.exit(run_program(file, args, settings))
