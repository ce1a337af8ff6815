"""`sx lint`: say what is legal in source files and probably not meant."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from sxpy.cli.fmt import source_files
from sxpy.linter import RULES, lint

_RULES = "\n".join(f"  {name}: {what}" for name, what in RULES.items())


@click.command(
    "lint",
    help=f"""Check .sx files; directories are searched. Exit 1 when something is found.

\b
Rules:
{_RULES}

A comment `; lint-ignore: rule` at the end of a line takes a finding on that line back.
""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH …")
@click.option("--only", "only", multiple=True, type=click.Choice(list(RULES)), help="Check these rules only.")
@click.option("--without", multiple=True, type=click.Choice(list(RULES)), help="Do not check these rules.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding and line.")
@click.pass_context
def lint_(
    ctx: click.Context, paths: tuple[str, ...], only: tuple[str, ...], without: tuple[str, ...], as_json: bool
) -> None:
    rules = [rule for rule in (only or RULES) if rule not in without]
    found = lint(source_files(paths), rules)
    for finding in found:
        click.echo(json.dumps(asdict(finding), ensure_ascii=False) if as_json else str(finding))
    ctx.exit(1 if found else 0)
