"""`sx store tail`: print the last events of a stream, and with -f those that come."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from sxpy.cli.store.cat import say_event
from sxpy.cli.store.options import Answer, Tools, named, store_command, sx_option
from sxpy.host import Host

PAUSE = 0.1
"""Seconds between looks."""


@store_command("tail", "Print the last events of STREAM; with -f go on with those that come, until Ctrl-C.")
@click.argument("stream")
@sx_option
@click.option("-n", "count", type=click.IntRange(min=0), default=10, show_default=True, help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Go on; the stream need not be there yet.")
def tail(tools: Tools, root: Path, answer: Answer, stream: str, sx: bool, count: int, follow: bool) -> int:
    name = named(stream, sx)
    with closing(tools.reader(root)) as host:
        if not follow and name not in list(_ask(host, "persist/streams")):
            tools.events(root, name, 1, 1)  # says that there is no such stream
        last = _ask(host, "persist/last-seq", name)
        found = list(_ask(host, "persist/read", name))
        for event in found[len(found) - count if count < len(found) else 0 :]:
            say_event(answer, event)
        last = found[-1].get("seq") if found else last  # more may have come between the two questions
        try:
            while follow:
                time.sleep(PAUSE)
                for event in _ask(host, "persist/read-from", name, last + 1):
                    say_event(answer, event)
                    last = event.get("seq")
        except KeyboardInterrupt:
            return 130
    return 0


def _ask(host: Host, operation: str, *args: Any) -> Any:
    return host.answer(operation, list(args), None)
