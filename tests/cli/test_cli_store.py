"""The store of a program: where it is, when it is opened, how it fails."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import sx

from sxpy import EvalError, Interpreter
from sxpy.errors import SxIOError, UnknownOperationError
from sxpy.stores import LazyHost, open_store, store_host

PUT = '(perform {:op "persist/kv-put" :args (list "k" {:n 1})})'
GET = '(perform {:op "persist/kv-get" :args (list "k")})'


class Recorder:
    """A host that owns one operation and notes what happens to it."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def owns(self, operation: str) -> bool:
        return operation == "persist/known"

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        self.events.append((operation, args))
        return 42

    def close(self) -> None:
        self.events.append("closed")


def test_the_store_is_opened_at_the_first_operation_only() -> None:
    opened: list[Recorder] = []

    def opener() -> Recorder:
        opened.append(Recorder())
        return opened[-1]

    interpreter = Interpreter(host=LazyHost(opener))
    assert interpreter.eval("(+ 1 2)") == 3
    assert opened == []
    assert interpreter.eval('(perform {:op "persist/known" :args (list 1)})') == 42
    assert interpreter.eval('(perform {:op "persist/known" :args (list 2)})') == 42
    assert [host.events for host in opened] == [[("persist/known", [1]), ("persist/known", [2])]]


def test_an_operation_that_the_store_does_not_know_is_unknown() -> None:
    host = LazyHost(Recorder)
    assert host.owns("persist/xyz") and host.owns("blob/xyz")
    assert not host.owns("persistent") and not host.owns("http/get")
    with pytest.raises(UnknownOperationError, match=r"^Unknown IO operation: persist/xyz$"):
        host.answer("persist/xyz", [], None)


def test_a_program_can_catch_an_unknown_operation() -> None:
    interpreter = Interpreter(host=LazyHost(Recorder))
    caught = '(guard (e (true (error-message e))) (perform {:op "blob/xyz" :args ()}))'
    assert interpreter.eval(caught) == "Unknown IO operation: blob/xyz"


def test_closing_closes_what_was_opened() -> None:
    inner = Recorder()
    host = LazyHost(lambda: inner)
    host.answer("persist/known", [], None)
    host.close()
    assert inner.events[-1] == "closed"


def test_a_closed_store_is_not_opened() -> None:
    inner = Recorder()
    host = LazyHost(lambda: inner)
    host.close()
    with pytest.raises(SxIOError, match="closed"):
        host.answer("persist/known", [], None)
    assert inner.events == []


def test_many_threads_open_the_store_once() -> None:
    opened: list[Recorder] = []
    begin = threading.Barrier(8)

    def opener() -> Recorder:
        time.sleep(0.01)  # long enough for every thread to find it unopened
        opened.append(Recorder())
        return opened[-1]

    host = LazyHost(opener)

    def ask() -> None:
        begin.wait()
        host.answer("persist/known", [], None)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(host.events) for host in opened] == [8]


def test_a_store_that_cannot_be_opened_is_tried_again() -> None:
    tries: list[int] = []

    def opener() -> Recorder:
        tries.append(1)
        if len(tries) == 1:
            raise SxIOError("cannot open the store x: busy")
        return Recorder()

    interpreter = Interpreter(host=LazyHost(opener))
    program = '(perform {:op "persist/known" :args ()})'
    with pytest.raises(EvalError, match="cannot open the store x: busy"):
        interpreter.eval(program)
    assert interpreter.eval(program) == 42


def test_no_store_is_no_host() -> None:
    assert store_host(None) is None


def test_a_kind_of_store_that_nobody_offers() -> None:
    with pytest.raises(SxIOError, match="cannot open the store d: no host 'cloud'"):
        open_store(Path("d"), "cloud")


def test_a_program_that_keeps_nothing_leaves_nothing_behind(fresh_directory: Path) -> None:
    assert sx("eval", "(+ 1 2)").exit_code == 0
    assert list(fresh_directory.iterdir()) == []


def test_what_a_program_keeps_is_there_for_the_next(fresh_directory: Path) -> None:
    assert sx("eval", PUT).exit_code == 0
    assert sx("eval", GET).stdout == "{:n 1}\n"
    assert [path.name for path in fresh_directory.iterdir()] == ["persist-data"]


def test_store_option_then_environment_then_default(
    fresh_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SX_PERSIST_DIR", "by-environment")
    assert sx("eval", PUT).exit_code == 0
    assert sx("eval", "--store", "by-option", PUT).exit_code == 0
    monkeypatch.setenv("SX_PERSIST_DIR", "")
    assert sx("eval", PUT).exit_code == 0
    names = sorted(path.name for path in fresh_directory.iterdir())
    assert names == ["by-environment", "by-option", "persist-data"]


def test_without_a_store_its_operations_are_errors(fresh_directory: Path) -> None:
    result = sx("eval", "--no-store", PUT)
    assert result.exit_code == 1
    assert "error: IO suspension in non-IO context: persist/kv-put" in result.stderr
    assert list(fresh_directory.iterdir()) == []


def test_an_unknown_operation_never_answers_nil() -> None:
    for operation in ("persist/xyz", "blob/xyz", "http/get"):
        result = sx("eval", f'(perform {{:op "{operation}" :args ()}})')
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"Unknown IO operation: {operation}" in result.stderr


def test_a_store_that_cannot_be_opened_is_an_error_with_its_path() -> None:
    Path("file").write_text("")
    result = sx("eval", "--store", "file/store", PUT)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("<eval>:1:1: error: ")
    assert "file" in result.stderr.splitlines()[0]
    assert "Traceback" not in result.stderr
