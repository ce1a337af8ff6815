"""Orphans: files that no part of a store names, left by a process that was stopped in the middle.

A checkpoint that did not come to its manifest leaves buckets and logs of generations that do not count; a
put that did not come to its rename leaves a `.new` file. They mean nothing and are overwritten or ignored,
but they may hold the text of what is to be erased. Invariants: only files are removed whose names this
project gives, in its own directories; `aside/` and the files of the older layout are not touched. With the
write lock nobody is about to name them. Next: `hosts/sxpy_hosts/checkpoint.py`.
"""

from __future__ import annotations

import re

from sxpy.port import Port, read_all, read_exactly
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.journal import DIRECTORY as JOURNAL
from sxpy_hosts.journal import segment_of
from sxpy_hosts.log import DIRECTORY as STREAMS
from sxpy_hosts.log import log_path
from sxpy_hosts.names import is_digest, name_of, unquoted
from sxpy_hosts.resting import Resting
from sxpy_hosts.root import Root

LOG = re.compile(r"(sha256-[0-9a-f]{64}|(?:[0-9a-f]{2})*?)(?:\.([1-9]\d*))?\.log")
BUCKET = re.compile(r"([0-9a-f]+|-)\.(\d+)\.sx")
_PREAMBLE = re.compile(rb'; stream ("(?:[^"\\]++|\\.)*+")\n')


def orphans(port: Port, root: Root) -> list[str]:
    """The paths of all orphans, whatever the manifest has already given up. Raises OSError."""
    manifest, resting = root.resting.manifest, root.resting
    found = []
    for file in _files(port, JOURNAL):
        segment = segment_of(file)
        if segment is not None and not manifest.journal <= segment <= root.journal.segment:
            found.append(f"{JOURNAL}/{file}")
    for name, table in resting.tables.items():
        counting = {table.path(p, e.generation) for p, e in table.extents().items() if e.end}
        found += [
            path
            for file in _files(port, name)
            if BUCKET.fullmatch(file) and (path := f"{name}/{file}") not in counting
        ]
    for file in _files(port, STREAMS):
        match = LOG.fullmatch(file)
        if match is not None and (match[2] is not None or not resting.adopted):
            path = f"{STREAMS}/{file}"
            if _counting_log(port, resting, path, match[1]) != path:
                found.append(path)
    return found + [f"{BLOBS}/{file}" for file in _files(port, BLOBS) if file.endswith(".new")]


def _counting_log(port: Port, resting: Resting, path: str, stem: str) -> str | None:
    """The log that counts of the stream whose log `path` is or was."""
    stream = stream_in(port, path) if is_digest(stem) else name_of(stem)
    head = resting.head(stream) if stream is not None else None
    return log_path(stream, head.generation) if stream is not None and head is not None and head.end else None


def stream_in(port: Port, path: str) -> str | None:
    """The stream that a log with a digest for a name says it is of; None when it was never written whole."""
    file = port.open(path)
    try:
        size = file.size()
        line = read_exactly(file, min(size, 1 << 16), 0)
        if b"\n" not in line:
            line = read_all(file)
    finally:
        file.close()
    found = _PREAMBLE.match(line)
    return unquoted(found[1]) if found is not None else None


def remove_orphans(port: Port, root: Root) -> list[str]:
    """Remove the orphans, durably; their paths. Raises OSError, SyncError."""
    found = orphans(port, root)
    for path in found:
        port.unlink(path)
    for directory in {path.rpartition("/")[0] for path in found}:
        port.sync_dir(directory)
    return found


def _files(port: Port, directory: str) -> list[str]:
    try:
        return port.list(directory)
    except FileNotFoundError:
        return []
