"""`sx test`: find the `.sx` tests, run them, say what failed."""

from __future__ import annotations

from pathlib import Path

import click

from sxpy import Limits, SxError
from sxpy.cli.options import cache_option, limit_options
from sxpy.cli.session import INTERRUPTED
from sxpy.testing.discovery import find_tests
from sxpy.testing.junit import write_junit
from sxpy.testing.report import failure, summary
from sxpy.testing.results import Result
from sxpy.testing.runner import Options, run_file
from sxpy.testing.stores import NONE, store_opener


def _parse_settings(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    settings = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE.", ctx, param)
        settings[name] = value
    return settings


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "pick", metavar="TEXT", default="", help="Only tests with TEXT in `suite > name`.")
@click.option(
    "--store",
    metavar="DIR|temp|none",
    default=NONE,
    show_default=True,
    help="What answers performs: the store in DIR, a new one for each file, or nothing.",
)
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_parse_settings,
    help='What (test-setting "NAME") answers. The lib/persist suites take store=durable and others.',
)
@click.option("--strict", is_flag=True, help="Check argument counts, annotated types and arithmetic.")
@limit_options
@cache_option
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that pass, too.")
@click.option(
    "--junit",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write JUnit XML to FILE.",
)
@click.pass_context
def test(
    ctx: click.Context,
    *,
    paths: tuple[Path, ...],
    pick: str,
    store: str,
    settings: dict[str, str],
    strict: bool,
    limits: Limits,
    verbose: bool,
    junit: Path | None,
) -> None:
    """Run the tests in the PATHs, by default in the working directory and below.

    Tests are the files test-*.sx and *-test.sx, and every .sx file below a directory tests, if there is
    a test in them; a file that is named is run whatever its name. Each runs in a fresh interpreter. A test
    is a (deftest "name" body ...), or a comment behind or under a form: `; expect: VALUE`,
    `; expect error: TEXT`, `; expect output: TEXT`.

    Exit status: 0 when every test passed, 1 when one failed or there was none, 2 for wrong usage.
    """
    options = Options(store_opener(store), settings, strict, limits)
    results: dict[str, list[Result]] = {}
    try:
        for path in find_tests(paths or (Path(),)):
            results[str(path)] = _run(path, options, pick, verbose)
        if junit is not None:
            write_junit(junit, results)
    except (SxError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        ctx.exit(INTERRUPTED)
    ran = [result for file in results.values() for result in file]
    if not ran:
        raise click.ClickException("no tests found" + (f" with {pick!r} in their name" if pick else ""))
    failed = sum(not result.passed for result in ran)
    click.echo(summary(len(ran) - failed, failed))
    ctx.exit(1 if failed else 0)


def _run(path: Path, options: Options, pick: str, verbose: bool) -> list[Result]:
    results = run_file(path, options, lambda name: pick in name)
    for result in results:
        if not result.passed:
            click.echo(failure(str(path), result))
        elif verbose:
            click.echo(f"ok   {path}: {result.full_name}")
    return results
