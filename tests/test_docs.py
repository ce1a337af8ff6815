"""The documentation is true: every snippet is run, and every name of the language is written about."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from snippets import ROOT, Snippet, run_console, run_python, run_sx, run_tests, snippets

from sxpy import Interpreter
from sxpy.cli.main import COMMANDS
from sxpy.syntax import SPECIAL
from sxpy_hosts.disk import open_host

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _all(language: str) -> list[Snippet]:
    return [snippet for document in DOCUMENTS for snippet in snippets(document, language)]


def _reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("snippet", _all("sx"), ids=str)
def test_sx(snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if "(deftest" in snippet.text or "; expect" in snippet.text:
        run_tests(snippet, tmp_path)
        return
    host = open_host(tmp_path / "store")
    interpreter = Interpreter(host=host)
    if snippet.file.name == "persist.md":
        interpreter.eval('(load "lib/persist/all.sx")')
    run_sx(snippet, interpreter)
    host.close()


@pytest.mark.parametrize("snippet", _all("python"), ids=str)
def test_python(snippet: Snippet, tmp_path: Path) -> None:
    run_python(snippet, tmp_path)


TOURS = {"jobs.md"}
"""Documents whose commands go on from one block to the next."""


@pytest.mark.parametrize("name", sorted(TOURS))
def test_tour(name: str, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for snippet in snippets(ROOT / "docs" / name, "console"):
        run_console(snippet, tmp_path)


@pytest.mark.parametrize(
    "snippet", [each for each in _all("console") if each.file.name not in TOURS], ids=str
)
def test_console(snippet: Snippet, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    run_console(snippet, tmp_path)


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == _reference().render(), (
        "run python docs/reference.py"
    )


def test_every_procedure_has_an_example() -> None:
    listed = [entry for section in _reference().entries().values() for entry in section]
    assert [name for name, _, doc in listed if " => " not in doc] == []


def test_every_special_form_is_described() -> None:
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`\(?([^\s`()]+)", text))
    assert sorted(set(SPECIAL) - described) == []


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`sx {name}" not in text] == []


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
