"""Where `load` looks: the working directory, then the library path.

The library path is what the embedder gives, then `$SX_PATH` (directories separated as in `$PATH`), then the
directory that holds the shipped `lib/`: the wheel's own, or the checkout's when sxpy runs from one.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

from sxpy.errors import SxIOError

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP})
"""The errors that say that there is no such file."""


def shipped_library() -> str:
    """The directory that holds the shipped `lib/`."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    installed = os.path.join(package, "shipped")
    return installed if os.path.isdir(os.path.join(installed, "lib")) else os.path.dirname(package)


def library_path(extra: Sequence[str | os.PathLike[str]] = ()) -> list[str]:
    """The directories to look in after the working directory, in order."""
    named = [part for part in os.environ.get("SX_PATH", "").split(os.pathsep) if part]
    return [*(os.fspath(part) for part in (*extra, *named)), shipped_library()]


def look_for(path: str, directories: Sequence[str]) -> str | None:
    """The file that `path` names, in the working directory or the first directory that has it."""
    if "\0" in path:
        raise SxIOError(f"load: a path cannot hold a NUL character: {path!r}")
    for candidate in _candidates(path, directories):
        try:
            os.stat(candidate)
        except ValueError:  # no name of a file: a lone surrogate
            continue
        except OSError as error:
            if error.errno in _ABSENT:
                continue
            raise SxIOError(f"load: {candidate}: {error.strerror}") from error
        return candidate
    return None


def _candidates(path: str, directories: Sequence[str]) -> list[str]:
    bases = [""] if os.path.isabs(path) else ["", *directories]
    return [_tidy(os.path.join(base, path)) for base in bases]


def _tidy(path: str) -> str:
    """The path without empty parts and those that are a dot; `..` stays, for the sake of links."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ("/" if path.startswith("/") else "") + "/".join(parts) or "."


def find_file(path: str, directories: Sequence[str]) -> str:
    """The file that `path` names. Raises SxIOError, naming every place that was tried."""
    found = look_for(path, directories)
    if found is None:
        places = ", ".join(_candidates(path, directories))
        raise SxIOError(f"load: no file {path}; looked for {places}", path)
    return found


def library_file(name: Sequence[str], directories: Sequence[str]) -> str | None:
    """The file that should define the library `(a b c)`, its name in parts; None when there is none."""
    path = "/".join(name)
    for candidate in (f"{path}.sld", f"lib/{path}.sld", f"lib/{path}/library.sld"):
        found = look_for(candidate, directories)
        if found is not None:
            return found
    return None
