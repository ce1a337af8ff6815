"""Which files are tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sxpy.testing.discovery import find_tests, holds_tests, is_test_path

TEST = '(deftest "t" (assert true))'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test-a.sx", True),
        ("a-test.sx", True),
        ("tests/a.sx", True),
        ("lib/tests/deep/er/a.sx", True),
        ("a.sx", False),
        ("atest.sx", False),
        ("test.sx", False),
        ("tests.sx", False),
        ("tests/a.py", False),
        ("test-a.txt", False),
        ("test/a.sx", False),
    ],
)
def test_names_of_test_files(path: str, expected: bool) -> None:
    assert is_test_path(Path(path)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEST, True),
        ("(defsuite \"s\"\n  (deftest\n\"t\" 1))", True),
        ('(persist-test "t" 1 1)', True),
        ("(+ 1 2) ; expect: 3", True),
        ("(+ 1 x) ;; expect error: Undefined", True),
        ("(display 1)\n; expect output: 1", True),
        ('(report-fail "t" "m")', True),
        ("(define (helper x) x) ; what to expect: little", False),
        ("(define deftest-like 1)", False),
        ("", False),
    ],
)  # fmt: skip
def test_whether_a_file_holds_tests(tmp_path: Path, text: str, expected: bool) -> None:
    file = tmp_path / "a.sx"
    file.write_text(text, encoding="utf-8")
    assert holds_tests(file) is expected


def test_a_file_that_is_no_text_holds_none(tmp_path: Path) -> None:
    file = tmp_path / "test-a.sx"
    file.write_bytes(b"\xff\xfe(deftest)")
    assert holds_tests(file) is False


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "test-b.sx",
        "a-test.sx",
        "main.sx",
        "tests/z.sx",
        "tests/sub/y.sx",
        ".hidden/test-x.sx",
        "env/pyvenv.cfg",
        "env/lib/test-x.sx",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEST, encoding="utf-8")
    (tmp_path / "tests" / "helper.sx").write_text("(define x 1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*paths: str) -> list[str]:
    return [str(path) for path in find_tests(Path(path) for path in paths)]


def test_search_from_here_in_order(tree: Path) -> None:
    assert found(".") == ["a-test.sx", "test-b.sx", "tests/z.sx", "tests/sub/y.sx"]


def test_search_below_a_directory_of_tests(tree: Path) -> None:
    assert found("tests") == ["tests/z.sx", "tests/sub/y.sx"]
    assert found("tests/sub") == ["tests/sub/y.sx"]


def test_a_named_file_is_taken_whatever_its_name(tree: Path) -> None:
    assert found("main.sx") == ["main.sx"]


def test_each_file_once(tree: Path) -> None:
    assert found("tests/z.sx", "tests", str(tree / "tests")) == ["tests/z.sx", "tests/sub/y.sx"]


def test_a_directory_called_tests_above_here_makes_no_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "tests" / "project"
    project.mkdir(parents=True)
    (project / "main.sx").write_text(TEST, encoding="utf-8")
    monkeypatch.chdir(project)
    assert found(".") == []
    assert found(os.fspath(project)) == []
