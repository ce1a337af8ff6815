"""Completion: the names that are bound, the commands of the REPL, and files after `:load`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from sxpy import Interpreter
from sxpy.cli.repl.commands import COMMANDS
from sxpy.cli.repl.tokens import tokens

_WORD = re.compile(r"""[^\s()\[\]{}"';,`]*\Z""")
_LOADED = re.compile(r"\s*:load\s+(.*)\Z")


class SxCompleter(Completer):
    """Completes the word before the cursor."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._files = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        loaded = _LOADED.match(before)
        if loaded is not None:
            yield from self._files.get_completions(Document(loaded.group(1)), complete_event)
            return
        word = _WORD.search(before)
        if word is None or not word.group() or _in_text(before):
            return
        start = word.group()
        if start.startswith(":"):
            if not before[: word.start()].strip():
                for name, command in COMMANDS.items():
                    if name.startswith(start):
                        yield Completion(name, -len(start), display_meta=command.summary)
            return
        for name in self._interpreter.names():
            if name.startswith(start):
                yield Completion(name, -len(start), display_meta=self._summary(name))

    def _summary(self, name: str) -> str:
        return (self._interpreter.doc(name) or "").partition("\n")[0]


def _in_text(before: str) -> bool:
    """Whether the text before the cursor ends in a comment or in a string, where names mean nothing."""
    pieces = tokens(before)
    return bool(pieces) and pieces[-1].kind in ("comment", "string", "char")
