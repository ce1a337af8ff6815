"""`sx run`: run a program from a file or from standard input."""

from __future__ import annotations

import click

from sxpy.cli.options import program_options
from sxpy.cli.programs import run_program
from sxpy.cli.settings import Settings


class _Run(click.Command):
    """A command with an option whose value may be left out, and stands behind `=` when it is there."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give `--profile` an empty value where it has none: what follows it is the program."""
        takes_value = {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        at = 0
        while at < len(args) and args[at].startswith("-") and args[at] not in ("-", "--"):
            if args[at] == "--profile":
                args = [*args[:at], "--profile=", *args[at + 1 :]]
            elif args[at] in takes_value:
                at += 1
            at += 1
        return super().parse_args(ctx, args)


@click.command(cls=_Run, context_settings={"allow_interspersed_args": False})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.argument("args", metavar="[ARG]...", nargs=-1, type=click.UNPROCESSED)
@program_options
@click.option(
    "--profile",
    metavar="[=FILE.svg]",
    help="Say on standard error where the time went; with FILE.svg, write a flame graph, too.",
)
@click.pass_context
def run(
    ctx: click.Context, file: str, args: tuple[str, ...], settings: Settings, profile: str | None
) -> None:
    """Run the program in FILE; `-` is standard input.

    The program finds each ARG in *args*, and FILE too in (command-line). It ends with (exit N), or with its
    last form. `load` looks for a file in the working directory, next to FILE, in $SX_PATH, and among the
    shipped libraries.

    A file that begins with `#!/usr/bin/env -S sx run` and is executable runs by its name.
    """
    ctx.exit(run_program(file, args, settings, profile))
