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


def find_file(path: str, directories: Sequence[Path]) -> Path:
    """The file that `path` names. Raises SxIOError, naming every place that was tried."""
    if "\0" in path:
        raise SxIOError(f"load: a path cannot hold a NUL character: {path!r}")
    tried = [Path(path)] if Path(path).is_absolute() else [Path(path), *(base / path for base in directories)]
    for candidate in tried:
        try:
            if candidate.exists():
                return candidate
        except OSError as error:
            raise SxIOError(f"load: {candidate}: {error.strerror}") from error
    places = ", ".join(str(candidate) for candidate in tried)
    raise SxIOError(f"load: no file {path}; looked for {places}", path)
