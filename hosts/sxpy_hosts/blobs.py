"""Blobs: bytes under the name of their content, `blobs/<cid>`, raw.

Invariants: a file has its name only once it is whole and synced; equal bytes are one file; bytes whose
hash is not their name are never handed out; what was seen here is on the disk.

SX bytes are strings or bytevectors and the bytes on the disk do not tell which, so the rule is: what
decodes as UTF-8 is a string, anything else a bytevector; where that would be wrong for what was put (a
bytevector that happens to be UTF-8, a string with a lone surrogate) the store remembers the kind beside
the blob. The kind of the last put counts.
Next: `hosts/sxpy_hosts/disk.py`.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from typing import Any

from sxpy.cid import cid_of
from sxpy.data import Bytevector
from sxpy.port import Port, read_all, replace_file
from sxpy_hosts.errors import StoreDamage
from sxpy_hosts.names import to_bytes, to_text

DIRECTORY = "blobs"

STRING, BYTEVECTOR = b'"string"', b'"bytevector"'
"""The kinds, as SX text."""

MOST_KNOWN = 1 << 16
"""Names that are remembered to be durable."""

_CID = re.compile(r"b[a-z2-7]{58}")


def bytes_of(value: str | Bytevector) -> tuple[bytes, bytes]:
    """The bytes of a blob value, and its kind."""
    if isinstance(value, str):
        return to_bytes(value), STRING
    return bytes(value.data), BYTEVECTOR


def kind_to_remember(data: bytes, kind: bytes) -> bytes | None:
    """The kind, unless it is the one that the bytes suggest."""
    return None if kind == _natural_kind(data) else kind


def _natural_kind(data: bytes) -> bytes:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return BYTEVECTOR
    return STRING


def value_of(data: bytes, remembered: bytes | None) -> Any:
    """The blob value that was put."""
    kind = remembered or _natural_kind(data)
    return to_text(data) if kind == STRING else Bytevector(data)


def is_cid(name: str) -> bool:
    """Whether a blob can have this name."""
    return _CID.fullmatch(name) is not None


class Blobs:
    """The blob files of a root. One thread at a time puts; any number reads."""

    def __init__(self, port: Port, is_given_up: Callable[[str], bool] = lambda path: False) -> None:
        """`is_given_up`: whether the file of a path counts no more, though it may still be there."""
        self._port = port
        self._is_given_up = is_given_up
        self._durable: set[str] = set()
        """Names that are known to be on the disk, and not only in the cache of the system."""

    def put(self, cid: str, data: bytes) -> None:
        """Keep `data`, durably, under its name. Raises OSError."""
        path = f"{DIRECTORY}/{cid}"
        if self._is_given_up(path):
            raise OSError(
                errno.EBUSY, "the file waits to be removed and could not be", f"{self._port.root}/{path}"
            )
        self._port.make_dir(DIRECTORY)
        if self._holds(path, data):
            self._port.touch(path)  # what was put just now is not collected, though nothing mentions it yet
        else:
            replace_file(self._port, path, data)
        self._settle(cid)

    def _holds(self, path: str, data: bytes) -> bool:
        """Whether the file is there and whole; a damaged one is replaced by a put."""
        try:
            file = self._port.open(path)
        except FileNotFoundError:
            return False
        try:
            return file.size() == len(data) and read_all(file) == data
        finally:
            file.close()

    def _settle(self, cid: str) -> None:
        """See that the name is durable: whoever gave it may have been stopped before the sync."""
        if cid in self._durable:
            return
        self._port.sync_dir(DIRECTORY)
        self._port.sync_dir()
        if len(self._durable) >= MOST_KNOWN:
            self._durable.clear()
        self._durable.add(cid)

    def get(self, cid: str) -> bytes | None:
        """The bytes, or None when there are none of this name. Raises StoreDamage, OSError."""
        path = f"{DIRECTORY}/{cid}"
        if not is_cid(cid) or self._is_given_up(path):
            return None
        try:
            file = self._port.open(path)
        except FileNotFoundError:
            return None
        try:
            data = read_all(file)
        finally:
            file.close()
        if cid_of(data) != cid:
            raise StoreDamage(
                f"{self._port.root}/{path}", 0, "the content does not have the hash of its name"
            )
        self._settle(cid)
        return data

    def has(self, cid: str) -> bool:
        """Whether there are bytes of this name."""
        path = f"{DIRECTORY}/{cid}"
        found = is_cid(cid) and not self._is_given_up(path) and self._port.exists(path)
        if found:
            self._settle(cid)
        return found
