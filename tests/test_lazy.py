"""What is put off: names of packages and catalogues, and what a start must not import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sxpy
from sxpy.core.controls import CONTROLS
from sxpy.lazy import Catalogue, lazy_names
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


def _imported(code: str) -> set[str]:
    """The modules that a new process has imported when it has done `code`."""
    script = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_an_interpreter_starts_without_what_it_may_never_need() -> None:
    imported = _imported("from sxpy import Interpreter\nInterpreter().call('+', 1, 2)")
    assert "sxpy.primitives.numbers" in imported
    assert imported & HEAVY == set()
    assert imported & {"sxpy.syntax", "sxpy.reader.source", "sxpy.primitives.regex"} == set()


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


def test_a_catalogue_refuses_what_it_does_not_list() -> None:
    catalogue: Catalogue[int] = Catalogue("here", {"low": "one two", "high": ("many parts",)})
    catalogue.add("one", 1, "here.low")
    catalogue.add("many parts", 2, "here.high")
    assert list(catalogue) == ["one", "two", "many parts"]
    assert catalogue.get("one") == catalogue["one"] == 1
    for name, module in (("three", "here.low"), ("two", "here.high"), ("one", "here.low")):
        with pytest.raises(ImportError, match=f"{module} makes {name}"):
            catalogue.add(name, 3, module)
