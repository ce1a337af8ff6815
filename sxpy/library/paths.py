"""Where `load` looks: the working directory, then the library path.

The library path is what the embedder gives, then `$SX_PATH` (directories separated as in `$PATH`), then the
directory that holds the shipped `lib/`: the wheel's own, or the checkout's when sxpy runs from one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sxpy.errors import SxIOError


def shipped_library() -> Path:
    """The directory that holds the shipped `lib/`."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "shipped"
    return installed if (installed / "lib").is_dir() else package.parent


def library_path(extra: Sequence[str | os.PathLike[str]] = ()) -> list[Path]:
    """The directories to look in after the working directory, in order."""
    named = [part for part in os.environ.get("SX_PATH", "").split(os.pathsep) if part]
    return [*(Path(part) for part in (*extra, *named)), shipped_library()]


def look_for(path: str, directories: Sequence[Path]) -> Path | None:
    """The file that `path` names, in the working directory or the first directory that has it."""
    if "\0" in path:
        raise SxIOError(f"load: a path cannot hold a NUL character: {path!r}")
    for candidate in _candidates(path, directories):
        try:
            if candidate.exists():
                return candidate
        except OSError as error:
            raise SxIOError(f"load: {candidate}: {error.strerror}") from error
    return None


def _candidates(path: str, directories: Sequence[Path]) -> list[Path]:
    return [Path(path)] if Path(path).is_absolute() else [Path(path), *(base / path for base in directories)]


def find_file(path: str, directories: Sequence[Path]) -> Path:
    """The file that `path` names. Raises SxIOError, naming every place that was tried."""
    found = look_for(path, directories)
    if found is None:
        places = ", ".join(str(candidate) for candidate in _candidates(path, directories))
        raise SxIOError(f"load: no file {path}; looked for {places}", path)
    return found
