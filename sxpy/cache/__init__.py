"""The code cache: what reading and analysing a text came to is kept for the next time.

Owns when there is a cache, and which. `$SX_NO_CACHE` switches it off; nothing that goes wrong with it is an
error of the program. Read `program.py` first, then `records.py`, `entry.py` and `files.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sxpy.cache.entry import Entries
from sxpy.cache.files import CacheFiles, cache_directory
from sxpy.cache.program import Program
from sxpy.cache.records import code_record, usable_term
from sxpy.core.ir import Code, Term
from sxpy.data import Environment
from sxpy.reader.forms import Source

TIDY_EVERY = 32
"""One write in so many looks whether there is too much."""


class CodeCache:
    """The programs that are kept under a directory."""

    def __init__(self, directory: str) -> None:
        self._files = CacheFiles(directory)
        self._entries = Entries()
        self.unsaved: list[Program] = []
        """The programs that may have something new to write."""
        self._writes = os.getpid()

    @property
    def directory(self) -> str:
        """Where the entries are."""
        return self._files.directory

    def program(self, source: Source) -> Program:
        """The forms of a source. Raises ReadError, when the text has to be read."""
        data = self._files.read(self._entries.name(source.text))
        known = None if data is None else self._entries.unpack(data, source.text)
        return Program(source, known, self._note, self._write)

    def term(self, text: str, env: Environment, analyse: Callable[[], Code]) -> Term:
        """The term that evaluates a text of one form, without places, in `env`; `analyse` makes its code."""
        name, source = self._entries.name(text), Source(text, "text")
        data = self._files.read(name)
        for record in (data and self._entries.unpack(data, text)) or ():
            found = usable_term(record, source, env)
            if found is not None:
                return found
        code = analyse()
        self._files.write(name, self._entries.pack(text, [code_record(code, None)]))
        return code.entry.body

    def flush(self) -> None:
        """Write what is new, also in programs that have not come to their end."""
        opened = self.unsaved[:]
        self.unsaved.clear()
        for program in opened:
            program.save()

    def _note(self, program: Program) -> None:
        self.unsaved.append(program)

    def _write(self, program: Program) -> None:
        text = program.source.text
        self._files.write(self._entries.name(text), self._entries.pack(text, program.records))
        self._writes += 1
        if self._writes % TIDY_EVERY == 0:
            self._files.tidy()


_caches: dict[str, CodeCache] = {}


def default_cache() -> CodeCache | None:
    """The cache that the environment asks for; None: there is to be none."""
    directory = None if os.environ.get("SX_NO_CACHE") else cache_directory()
    if directory is None:
        return None
    cache = _caches.get(directory)
    if cache is None:
        cache = _caches[directory] = CodeCache(directory)
    return cache


def read_kept(source: Source) -> tuple[list[Any], list[int]]:
    """As `read_source`, the top-level forms of a source and their offsets, but once for all processes.

    Raises ReadError, IncompleteRead.
    """
    cache = default_cache()
    if cache is None:
        from sxpy.reader.source import read_source  # noqa: PLC0415  it brings the grammar

        return read_source(source)
    pairs = list(cache.program(source))
    cache.flush()
    return [form for form, _ in pairs], [spot.offset for _, spot in pairs]
