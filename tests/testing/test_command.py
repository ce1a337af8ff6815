"""`sx test`: what it prints, writes and exits with."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from sxpy.cli.test import test as command


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test-good.sx").write_text('(deftest "fine" 1)\n(+ 1 2) ; expect: 3\n', encoding="utf-8")
    return tmp_path


def bad(project: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests" / "bad.sx").write_text(
        '(defsuite "s" (deftest "t \x01 <&>"\n  (display "noise")\n  (assert-equal 1 2)))\n', encoding="utf-8"
    )


def sx_test(*args: Any) -> Result:
    return CliRunner().invoke(command, [str(arg) for arg in args])


def test_all_passed(project: Path) -> None:
    result = sx_test()
    assert (result.output, result.exit_code) == ("2 passed, 0 failed\n", 0)


def test_failures_are_shown_and_counted(project: Path) -> None:
    bad(project)
    result = sx_test()
    assert result.exit_code == 1
    assert result.output == (
        "FAIL tests/bad.sx:3:3: s > t \x01 <&>\n"
        "    expected 1, got 2\n"
        "        (assert-equal 1 2)))\n"
        "        ^\n"
        "    output:\n"
        "      noise\n"
        "2 passed, 1 failed\n"
    )


def test_verbose_names_what_passed(project: Path) -> None:
    assert sx_test("-v").output == (
        "ok   test-good.sx: fine\nok   test-good.sx: line 2\n2 passed, 0 failed\n"
    )


def test_tests_are_picked_by_name(project: Path) -> None:
    bad(project)
    assert sx_test("-k", "fine").output == "1 passed, 0 failed\n"
    assert sx_test("-k", "s > t").output.endswith("0 passed, 1 failed\n")


def test_no_tests_is_a_failure(project: Path) -> None:
    (project / "empty.sx").write_text("(define x 1)", encoding="utf-8")
    for args, message in (
        (("-k", "nothing"), "no tests found with 'nothing' in their name"),
        ((project / "empty.sx",), "no tests found"),
    ):
        result = sx_test(*args)
        assert (result.exit_code, result.stderr.strip()) == (1, f"Error: {message}")


@pytest.mark.parametrize("args", [("no-such-path",), ("--set", "x"), ("--set", "=x"), ("--max-steps", "0")])
def test_wrong_usage(project: Path, args: tuple[str, ...]) -> None:
    assert sx_test(*args).exit_code == 2


def test_the_store_of_choice(project: Path) -> None:
    (project / "test-store.sx").write_text(
        '(perform {:op "persist/kv-has?" :args (list "k")}) ; expect: false\n'
        '(perform {:op "persist/kv-put" :args (list "k" 1)})\n',
        encoding="utf-8",
    )
    assert sx_test("test-store.sx").exit_code == 1
    for _ in range(2):
        assert sx_test("test-store.sx", "--store", "temp").exit_code == 0
    assert [sx_test("test-store.sx", "--store", project / "here").exit_code for _ in range(2)] == [0, 1]
    blocked = project / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    result = sx_test("test-store.sx", "--store", blocked)
    assert result.exit_code == 1
    assert str(blocked) in result.stderr


def test_settings(project: Path) -> None:
    (project / "test-set.sx").write_text('(test-setting "a" "b") ; expect: "c=d"', encoding="utf-8")
    assert sx_test("test-set.sx", "--set", "a=c=d").exit_code == 0


def test_limits_and_strictness(project: Path) -> None:
    (project / "test-loop.sx").write_text("(let loop () (loop)) ; expect error: steps", encoding="utf-8")
    assert sx_test("test-loop.sx", "--max-steps", "1000").exit_code == 0
    (project / "test-few.sx").write_text("((fn (a) a)) ; expect error: argument", encoding="utf-8")
    assert [sx_test("test-few.sx").exit_code, sx_test("test-few.sx", "--strict").exit_code] == [1, 0]


def test_junit_xml(project: Path) -> None:
    bad(project)
    assert sx_test("--junit", "out.xml").exit_code == 1
    suites = ElementTree.parse(project / "out.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["test-good.sx", "tests/bad.sx"]
    assert [suite.get("failures") for suite in suites] == ["0", "1"]
    case = suites[1][0]
    assert (case.get("classname"), case.get("name")) == ("s", "t \\x01 <&>")
    assert (case.get("file"), case.get("line")) == ("tests/bad.sx", "3")
    failure = case[0]
    assert failure.get("message") == "expected 1, got 2"
    assert failure.text is not None
    assert "noise" in failure.text


def test_the_suites_of_lib_persist_on_every_store(project: Path) -> None:
    suites = Path(__file__).parents[2] / "lib" / "persist" / "tests"
    for kind in ("memory", "extended", "mock", "extended-mock", "durable", "extended-durable"):
        result = sx_test(
            suites / "durable.sx", suites / "recovery.sx", "--store", "temp", "--set", f"store={kind}"
        )
        assert result.exit_code == 0, (kind, result.output)
