"""`sx fmt`: lay out source files in the one style."""

from __future__ import annotations

import os
import sys
import tempfile
from difflib import unified_diff
from pathlib import Path

import click

from sxpy.cli.report import format_error
from sxpy.errors import SxError
from sxpy.formatter import format_source
from sxpy.reader import read_file


@click.command("fmt")
@click.argument("paths", nargs=-1, metavar="[PATH …]")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file is not in the layout.")
@click.option("--diff", "show_diff", is_flag=True, help="Change nothing; print what would change.")
@click.pass_context
def fmt(ctx: click.Context, paths: tuple[str, ...], check: bool, show_diff: bool) -> None:
    """Lay out .sx files in place; directories are searched. Without a PATH: standard input to output.

    Comments, blank lines and line breaks stay; indentation, spacing and lines over 100 columns change.
    """
    if not paths:
        click.echo(format_source(sys.stdin.read(), "<stdin>"), nl=False)
        return
    changed, failed = 0, False
    for path in source_files(paths):
        try:
            text = read_file(path).text
            laid_out = format_source(text, str(path))
        except SxError as error:
            click.echo(format_error(error), err=True)
            failed = True
            continue
        if laid_out == text:
            continue
        changed += 1
        if show_diff:
            lines = unified_diff(text.splitlines(True), laid_out.splitlines(True), str(path), str(path))
            click.echo("".join(lines), nl=False)
        elif check:
            click.echo(f"{path} is not in the layout", err=True)
        else:
            _replace(path, laid_out)
            click.echo(f"{path}: laid out", err=True)
    ctx.exit(1 if failed or (changed and (check or show_diff)) else 0)


def source_files(paths: tuple[str, ...]) -> list[Path]:
    """The files that are meant; a directory means the .sx and .sld files below it."""
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found.extend(sorted(p for p in path.rglob("*") if p.suffix in (".sx", ".sld") and p.is_file()))
        else:
            found.append(path)
    return found


def _replace(path: Path, text: str) -> None:
    """Replace a file in one step, with its mode: a crash leaves the old text or the new."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
