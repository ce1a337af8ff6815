"""Where the `sx` command begins.

`sx eval EXPR` and `sx run FILE [ARG …]` without options leave nothing to parse, and are what scripts start
again and again: they go straight to work. Everything else is the affair of the command line in `main.py`,
whose library takes longer to import than a small program to run.
"""

from __future__ import annotations

import os
import sys

from sxpy.cli.collector import settle_collector
from sxpy.cli.output import prepare_streams


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    words = sys.argv[1:]
    if not is_plain(words):
        from sxpy.cli.main import main as command_line  # noqa: PLC0415  see above

        settle_collector()
        command_line(prog_name="sx")
    prepare_streams()
    from sxpy.cli.programs import evaluate, run_program  # noqa: PLC0415  not for `sx --help`
    from sxpy.cli.settings import default_settings  # noqa: PLC0415

    settle_collector()
    if words[0] == "eval":
        sys.exit(evaluate(words[1], default_settings()))
    sys.exit(run_program(words[1], words[2:], default_settings()))


def is_plain(words: list[str]) -> bool:
    """Whether these words after `sx` are `eval EXPR` or `run FILE [ARG …]`, with no option and no mistake."""
    if "_SX_COMPLETE" in os.environ or len(words) < 2 or words[1].startswith("-"):
        return False
    if words[0] == "eval":
        return len(words) == 2
    return words[0] == "run" and os.path.isfile(words[1])
