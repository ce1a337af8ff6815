"""The key of the operator: where it is read from. What it is used for: `sxpy/jobs/images.py`."""

from __future__ import annotations

from pathlib import Path

from sxpy.jobs.errors import JobKeyError

SHORTEST = 16
"""Bytes."""


def read_key(file: Path) -> bytes:
    """The key in a file, without white space around it. Raises JobKeyError."""
    try:
        key = file.read_bytes().strip()
    except OSError as error:
        raise JobKeyError(f"cannot read the key {file}: {error.strerror}") from error
    if len(key) < SHORTEST:
        raise JobKeyError(
            f"the key in {file} has {len(key)} bytes; it needs {SHORTEST} or more, "
            "such as openssl rand -hex 32 makes"
        )
    return key
