"""The rooms of the code, from the bottom up: a module imports from its own layer or from those below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS = [
    "errors walk cid",
    "data regex",
    "reader runtime host",
    "printer",
    "primitives",
    "core",
    "syntax",
    "prelude",
    "machine",
    "convert library",
    "interpreter",
    "stores server testing linter formatter",
    "cli highlight",
]
"""The rooms of `sxpy`. `sxpy/__init__.py` is the face to the outside and stands above them all."""

FOR_HOSTS = {"cid", "data", "errors", "host", "printer", "reader"}
"""What a host may use: values, their text, the protocol."""

HEIGHT = {room: height for height, layer in enumerate(LAYERS) for room in layer.split()}

MODULES = sorted([*(ROOT / "sxpy").rglob("*.py"), *(ROOT / "hosts").rglob("*.py")])


def _room(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "sxpy" else parts[1].removesuffix(".py")


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    """Each import of the project's own modules: its line, and the module's full name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            module = node.module or ""
            names = [f"sxpy.{alias.name}" for alias in node.names] if module == "sxpy" else [module]
        for name in names:
            if name.split(".")[0] in ("sxpy", "sxpy_hosts"):
                yield node.lineno, name


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_arrow_runs_backwards(file: Path) -> None:
    room = _room(file)
    for line, name in _imports(file):
        where = f"{file.relative_to(ROOT)}:{line} imports {name}"
        package, _, rest = name.partition(".")
        target = rest.split(".")[0]
        if room == "sxpy_hosts":
            assert package == "sxpy_hosts" or target in FOR_HOSTS, where
            continue
        assert package == "sxpy", where
        # What the package itself exports, such as `Interpreter`, is as high as its highest room.
        height = HEIGHT.get(target, HEIGHT["interpreter"])
        assert room == "__init__" or height <= HEIGHT[room], where


def test_every_room_has_its_place() -> None:
    rooms = {_room(file) for file in MODULES} - {"__init__", "sxpy_hosts"}
    assert rooms == set(HEIGHT)
