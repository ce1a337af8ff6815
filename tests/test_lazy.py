"""What is put off: names of packages and catalogues, and what a start must not import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sxpy
from sxpy.core.controls import CONTROLS
from sxpy.lazy import Catalogue, lazy_names, lazy_pattern
from sxpy.machine.state import NATIVES
from sxpy.primitives import REGISTRY

HEAVY = {
    "click",
    "dataclasses",
    "hashlib",
    "html",
    "inspect",
    "json",
    "lark",
    "pathlib",
    "random",
    "threading",
}
"""Modules that take long to import, and that no program needs to start."""


def _imported(code: str, **environment: str) -> set[str]:
    """The modules that a new process has imported when it has done `code`."""
    script = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    env = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    return set(done.stdout.split())


def test_an_interpreter_starts_without_what_it_may_never_need() -> None:
    imported = _imported("from sxpy import Interpreter\nInterpreter().call('+', 1, 2)")
    assert "sxpy.primitives.numbers" in imported
    assert imported & HEAVY == set()
    assert imported & {"sxpy.syntax", "sxpy.reader.source", "sxpy.primitives.regex"} == set()


def test_a_warm_start_reads_and_analyses_nothing(tmp_path: Path) -> None:
    """Not even when lib/persist is loaded, and functions of it and of the prelude are called."""
    program = """(load "lib/persist/all.sx") (define b (persist/open))
        (persist/append b "s" "t" 1 (update {:a 1} :a inc))
        (persist/project-fold b "s" (fn (n e) (inc n)) 0)"""
    code = f"""
from sxpy.cli.entry import main
sys.argv = ["sx", "eval", {program!r}]
try:
    main()
except SystemExit as end:
    assert end.code == 0
"""
    environment = {"SX_NO_CACHE": "", "SX_CACHE_DIR": str(tmp_path)}
    assert {"lark", "sxpy.syntax"} <= _imported(code, **environment)
    imported = _imported(code, **environment)
    assert imported & HEAVY == set()
    assert imported & {"sxpy.syntax", "sxpy.reader.source", "sxpy.reader.scanner"} == set()


def test_the_package_itself_imports_nothing_of_it() -> None:
    assert _imported("import sxpy") & {"sxpy.interpreter", "sxpy.errors", "sxpy.data"} == set()


def test_the_package_has_its_names() -> None:
    for name in sxpy.__all__:
        assert getattr(sxpy, name) is not None
    with pytest.raises(AttributeError, match="module 'sxpy' has no attribute 'nonsense'"):
        sxpy.nonsense  # noqa: B018


def test_a_lazy_name_is_found_once() -> None:
    find = lazy_names("sxpy", {"sxpy.errors": "SxError"})
    assert find("SxError") is sxpy.SxError
    assert "SxError" in vars(sxpy)


@pytest.mark.parametrize(
    "catalogue", [REGISTRY, CONTROLS, NATIVES], ids=["primitives", "controls", "natives"]
)
def test_a_catalogue_makes_all_that_it_lists(catalogue: Catalogue[object]) -> None:
    assert len(catalogue) == len({name for name, _ in catalogue.items()}) > 10
    assert "no such thing" not in catalogue
    assert catalogue.get("no such thing") is None


def test_a_lazy_pattern_is_a_pattern() -> None:
    pattern = lazy_pattern("(a+)(b*)", re.IGNORECASE)
    assert pattern.sub(r"\2\1", "xaab Ab") == "xbaa bA"
    assert [found.group() for found in pattern.finditer("aab ab a")] == ["aab", "ab", "a"]
    assert pattern.fullmatch("aac") is None
    assert pattern.match("zab", 1) is not None
    with pytest.raises(AttributeError):
        pattern.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_a_catalogue_refuses_what_it_does_not_list() -> None:
    catalogue: Catalogue[int] = Catalogue("here", {"low": "one two", "high": ("many parts",)})
    catalogue.add("one", 1, "here.low")
    catalogue.add("many parts", 2, "here.high")
    assert list(catalogue) == ["one", "two", "many parts"]
    assert catalogue.get("one") == catalogue["one"] == 1
    for name, module in (("three", "here.low"), ("two", "here.high"), ("one", "here.low")):
        with pytest.raises(ImportError, match=f"{module} makes {name}"):
            catalogue.add(name, 3, module)
