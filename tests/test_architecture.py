"""The rooms of the code, from the bottom up: a module imports from its own layer or from those below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS = [
    "lazy record version",
    "baton errors walk cid port",
    "data regex",
    "reader runtime host",
    "printer",
    "primitives",
    "core",
    "syntax",
    "cache",
    "prelude",
    "machine",
    "compiler image",
    "convert library",
    "interpreter runs",
    "stores server testing linter formatter debugger jobs profiler",
    "cli highlight",
]
"""The rooms of `sxpy`. `sxpy/__init__.py` is the face to the outside and stands above them all."""

FOR_HOSTS = {"baton", "cid", "data", "errors", "host", "port", "printer", "reader"}
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


def test_what_tests_share_has_names_of_its_own() -> None:
    """The rooms of the tests are all on one path, so two modules of one name would be one."""
    shared = [
        file.name
        for file in (ROOT / "tests").rglob("*.py")
        if not file.name.startswith(("test_", "conftest"))
    ]
    assert sorted(shared) == sorted(set(shared))


KIT = ROOT / "sxpy" / "testing" / "servicer"
"""Conformance cases: the name of each says what it demands."""


def _undocumented(file: Path, documented: set[str]) -> Iterator[str]:
    """What is public and has no docstring. A method may be documented where its protocol is."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if tree.body and ast.get_docstring(tree) is None:
        yield "the module"
    for node in [] if file.is_relative_to(KIT) else tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None and not _has_help(node):
            yield node.name
        for method in node.body if isinstance(node, ast.ClassDef) and not node.bases else []:
            named = isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
            if named and ast.get_docstring(method) is None and method.name not in documented:
                yield f"{node.name}.{method.name}"


def _has_help(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether it is a command, which has its help in the decorator."""
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    return any("command" in ast.unparse(call.func) for call in calls)


def _documented_methods(files: list[Path]) -> set[str]:
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
                found |= {method.name for method in methods if ast.get_docstring(method) is not None}
    return found


def test_everything_public_has_a_docstring() -> None:
    documented = _documented_methods(MODULES)
    missing = [
        f"{file.relative_to(ROOT)}: {what}" for file in MODULES for what in _undocumented(file, documented)
    ]
    assert missing == []


def test_a_file_holds_one_idea() -> None:
    """Over 600 lines needs a reason, and there is none yet."""
    long = [str(file) for file in MODULES if file.read_text(encoding="utf-8").count("\n") >= 600]
    assert long == []
