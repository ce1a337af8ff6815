"""The conformance kit: good stores pass it, and each way to be wrong is found and told."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from sxpy.cid import cid_of
from sxpy.data import Bytevector, Dict, Primitive, equal, list_of
from sxpy.errors import EvalError
from sxpy.host import Host, operation_of
from sxpy.printer import serialize
from sxpy.reader import read_datum
from sxpy.testing import check_servicer, servicer_checks
from sxpy.testing.servicer import EXTRAS, Failure, actors
from sxpy_hosts.disk import open_host
from sxpy_hosts.memory import MemoryHost

Answer = Callable[[MemoryHost, str, list[Any]], Any]


class Changed:
    """A store in memory with another way to answer."""

    def __init__(self, answer: Answer) -> None:
        self.inner = MemoryHost()
        self._answer = answer

    def owns(self, operation: str) -> bool:
        return self.inner.owns(operation)

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        return self._answer(self.inner, operation, args)

    def close(self) -> None:
        self.inner.close()


class Replaying:
    """A store that writes down what it is asked to change, and does it again when it is opened."""

    def __init__(self, path: Path, *, flushed: bool = True) -> None:
        self.inner = MemoryHost()
        self._flushed = flushed
        self._lock = threading.Lock()
        if path.exists():
            for line in path.read_text(encoding="utf-8", errors="surrogatepass").split("\n")[:-1]:
                operation, args = operation_of(read_datum(line))
                assert operation is not None
                self.inner.answer(operation, args)
        self._file = path.open("a", encoding="utf-8", errors="surrogatepass")

    def owns(self, operation: str) -> bool:
        return self.inner.owns(operation)

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        with self._lock:
            answer = self.inner.answer(operation, args)
            self._file.write(serialize(request) + "\n")
            if self._flushed:
                self._file.flush()
            return answer

    def close(self) -> None:
        self._file.close()


def run(name: str, make_store: Callable[[Path], Host], tmp_path: Path, **options: Any) -> None:
    """Run one check by its name."""
    (check,) = [check for check in servicer_checks(make_store, **options) if check.name == name]
    check.run(tmp_path / "store")


# -- good stores ----------------------------------------------------------------------------------------


def test_a_store_in_memory_passes() -> None:
    check_servicer(lambda path: MemoryHost(), durable=False, examples=10)


def test_a_store_on_disk_passes() -> None:
    check_servicer(open_host, examples=5)


def test_a_store_for_one_process_passes() -> None:
    check_servicer(Replaying, processes=False, examples=10)


def test_a_store_with_the_plain_operations_alone_passes() -> None:
    class Plain(Changed):
        def owns(self, operation: str) -> bool:
            return operation not in EXTRAS and not operation.startswith("blob/") and super().owns(operation)

        def answer(self, operation: str, args: list[Any], request: Any) -> Any:
            if not self.owns(operation):
                raise EvalError(f"{operation}: no such operation")
            return super().answer(operation, args, request)

    without = [*EXTRAS, "blob/put", "blob/get", "blob/has?"]
    check_servicer(lambda path: Plain(plainly), durable=False, without=without, examples=10)


def plainly(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    """Answer as the store in memory does."""
    return inner.answer(operation, args)


# -- wrong stores: a way to be wrong, the check that finds it, and what it says -----------------------------


def knows_everything(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    return plainly(inner, operation, args) if inner.owns(operation) else None


def renumbers(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/append":
        seq = inner.answer("persist/last-seq", args[:1]) + 1
        args = [args[0], Dict({**args[1].to_dict(), "seq": seq})]
    return plainly(inner, operation, args)


def forgets_the_mark(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/last-seq":
        return max([0, *(event.get("seq") for event in inner.answer("persist/read", args))])
    return plainly(inner, operation, args)


def takes_a_used_seq(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    try:
        return plainly(inner, operation, args)
    except EvalError:
        if operation == "persist/append":
            return None
        raise


def has_no_stored_nil(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/kv-has?":
        return inner.answer("persist/kv-get", args) is not None
    return plainly(inner, operation, args)


def ignores_case(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation.startswith("persist/kv-") and args and isinstance(args[0], str):
        args = [args[0].lower(), *args[1:]]
    return plainly(inner, operation, args)


def appends_one_by_one(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/append-many":
        for event in list(args[1]):
            inner.answer("persist/append", [args[0], event])
        return args[1]
    return plainly(inner, operation, args)


def transacts_one_by_one(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/transact":
        answers = []
        for request in list(args[0]):
            name, inner_args = operation_of(request)
            assert name is not None
            answers.append(inner.answer(name, inner_args))
        return list_of(*answers)
    return plainly(inner, operation, args)


def answers_python(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    answer = plainly(inner, operation, args)
    return list(answer) if operation == "persist/read" else answer


def raises_python(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/kv-get" and not inner.answer("persist/kv-has?", args):
        return {}[args[0]]
    return plainly(inner, operation, args)


def takes_functions(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/kv-put" and isinstance(args[1], Primitive):
        args = [args[0], repr(args[1])]
    return plainly(inner, operation, args)


def rounds(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    answer = plainly(inner, operation, args)
    return int(answer) if isinstance(answer, float) and answer == 2.0 else answer


def reads_exclusively(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/read-from" and isinstance(args[1], int):
        args = [args[0], args[1] + 1]
    return plainly(inner, operation, args)


def names_blobs_by_length(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "blob/put" and isinstance(args[0], str):
        inner.answer(operation, args)
        return cid_of(str(len(args[0])).encode())
    return plainly(inner, operation, args)


def keeps_blobs_as_bytes(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    answer = plainly(inner, operation, args)
    return Bytevector(answer.encode()) if operation == "blob/get" and isinstance(answer, str) else answer


def deletes_what_is_put_again(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/kv-put":
        before = inner.answer("persist/kv-get", args[:1])
        if before is not None and equal(before, args[1]):
            return inner.answer("persist/kv-delete", args[:1])
    return plainly(inner, operation, args)


def looks_before_it_appends(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
    if operation == "persist/append-if" and inner.answer("persist/last-seq", args[:1]) == args[1]:
        time.sleep(0.0005)
        takes_a_used_seq(inner, "persist/append", [args[0], args[2]])
        return args[2]
    return plainly(inner, operation, args)


WRONG: list[tuple[Answer, str, str]] = [
    (knows_everything, "an operation that nobody knows is refused", "this must be an error"),
    (renumbers, "append never renumbers", "the events have the seqs [1, 2, 3], not [5, 7, 100]"),
    (
        forgets_the_mark,
        "truncation beyond the end empties and the stream is listed",
        "the answer is 0, not 2",
    ),
    (takes_a_used_seq, "a used seq is refused", "the answer is nil; this must be an error"),
    (has_no_stored_nil, "a stored nil is present", "the answer is false, not true"),
    (ignores_case, "every string is a key of its own", "the answer is"),
    (appends_one_by_one, "append many stores all or none", "the events have the seqs [1, 2, 3], not [1]"),
    (transacts_one_by_one, "transact undoes all when one is refused", "the events have the seqs"),
    (answers_python, "an event comes back equal", "a Python list, which is no SX data"),
    (raises_python, "a key that never was is absent", "persist/kv-get raised KeyError, not an EvalError"),
    (takes_functions, "a function is refused and nothing is written", "this must be an error"),
    (rounds, "every value comes back equal", "the answer is 2, not 2.0"),
    (reads_exclusively, "read from is inclusive", "the events have the seqs [4, 8], not [2, 4, 8]"),
    (names_blobs_by_length, "a blob has the cid of its bytes", "the answer is"),
    (keeps_blobs_as_bytes, "text comes back as text", "the answer is #u8("),
    (
        looks_before_it_appends,
        "threads: of appends with one expectation one is stored",
        "must have one winner",
    ),
]


@pytest.mark.parametrize(("answer", "name", "said"), WRONG)
def test_a_wrong_store_is_found(answer: Answer, name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        run(name, lambda path: Changed(answer), tmp_path, durable=False, examples=200)
    message = str(failure.value)
    assert message.startswith(f"{name}: ")
    assert said in message
    assert "\nsteps:\n" in message


def test_a_failure_tells_what_was_asked_and_answered(tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        run(
            "append many stores all or none",
            lambda path: Changed(appends_one_by_one),
            tmp_path,
            durable=False,
        )
    assert str(failure.value).split("\n") == [
        "append many stores all or none: the events have the seqs [1, 2, 3], not [1]",
        "steps:",
        '  1  (persist/append "s" {:stream "s" :seq 1 :type "t" :at 10 :data nil}) => nil',
        '  2  (persist/append-many "s" ({:stream "s" :seq 2 :type "t" :at 20 :data nil} '
        '{:stream "s" :seq 3 :type "t" :at 30 :data nil} {:stream "s" :seq 3 :type "t" :at 30 :data nil})) '
        'refused: persist/append: stream "s" has used :seq 3 already (its last is 3); '
        "read persist/last-seq and append above it",
        '  3  (persist/read "s") => ({:stream "s" :seq 1 :type "t" :at 10 :data nil} '
        '{:stream "s" :seq 2 :type "t" :at 20 :data nil} {:stream "s" :seq 3 :type "t" :at 30 :data nil})',
    ]


def test_a_history_that_goes_wrong_is_told_as_short_as_can_be(tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        run(
            "any history is as that of the model",
            lambda path: Changed(deletes_what_is_put_again),
            tmp_path,
            durable=False,
            examples=500,
        )
    steps = str(failure.value).split("steps:\n")[1].split("\n")
    assert len(steps) <= 5  # two that change the key, and a look at all there is


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(AssertionError) as failure:
        check_servicer(lambda path: Changed(has_no_stored_nil), durable=False, threads=False, examples=0)
    message = str(failure.value)
    assert message.startswith("1 of ")
    assert "a stored nil is present: the answer is false, not true" in message


# -- restarts, processes, threads ------------------------------------------------------------------------


def test_a_store_that_forgets_is_found(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="an event comes back equal: the answer is ") as failure:
        run("an event comes back equal", lambda path: MemoryHost(), tmp_path, examples=0)
    assert "\n  2  restart\n" in str(failure.value)


def test_a_store_that_acknowledges_early_is_found(tmp_path: Path) -> None:
    def buffered(path: Path) -> Host:
        return Replaying(path, flushed=False)

    with pytest.raises(Failure, match="was acknowledged before the process was killed"):
        run("what was acknowledged outlives a killed process", buffered, tmp_path, examples=0)
    run("what was acknowledged outlives a killed process", Replaying, tmp_path / "other", examples=0)


def test_processes_that_do_not_see_each_other_are_found(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="make_store raised SequenceError"):  # both wrote the same events
        run("processes: of appends with one seq one is stored", Replaying, tmp_path, examples=0)


def test_a_process_that_dies_is_told(tmp_path: Path) -> None:
    parent = os.getpid()

    def dying(path: Path) -> Host:
        if os.getpid() != parent:
            os._exit(1)
        return Replaying(path)

    with pytest.raises(Failure, match="process 0 of 3: it died"):
        run("processes: each has a stream of its own", dying, tmp_path, examples=0)


def test_threads_that_wait_for_each_other_for_ever_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actors, "PATIENCE", 0.3)
    never = threading.Event()

    def waits(inner: MemoryHost, operation: str, args: list[Any]) -> Any:
        never.wait(20)
        raise EvalError("too late")

    with pytest.raises(Failure, match=r"threads that share the store still wait after 0\.3 s"):
        run("threads: each has a stream of its own", lambda path: Changed(waits), tmp_path, durable=False)
    never.set()


# -- how it is asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [["persist/append"], ["persist/nonsense"], ["append-if"]])
def test_what_cannot_be_left_out(without: Collection[str]) -> None:
    with pytest.raises(ValueError, match="cannot be left out"):
        servicer_checks(lambda path: MemoryHost(), without=without)


def test_what_is_left_out_must_not_be_owned(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="owns says true of persist/transact, which is named in `without`"):
        run(
            "it owns what it offers and nothing else",
            lambda path: MemoryHost(),
            tmp_path,
            without=["persist/transact"],
        )


def test_what_is_offered_must_be_owned(tmp_path: Path) -> None:
    class Poor(Changed):
        def owns(self, operation: str) -> bool:
            return operation != "persist/transact"

    with pytest.raises(Failure, match="owns says false of persist/transact"):
        run("it owns what it offers and nothing else", lambda path: Poor(plainly), tmp_path)


def test_what_is_no_host_is_told(tmp_path: Path) -> None:
    def nothing(path: Path) -> Any:
        return None

    with pytest.raises(Failure, match="make_store returned None, which is no Host"):
        run("a stored nil is present", nothing, tmp_path)


def test_a_store_that_cannot_be_opened_or_closed_is_told(tmp_path: Path) -> None:
    class Stuck(Changed):
        def close(self) -> None:
            raise OSError("stuck")

    def broken(path: Path) -> Host:
        raise OSError("no space")

    with pytest.raises(Failure, match="make_store raised OSError: no space"):
        run("a stored nil is present", broken, tmp_path)
    with pytest.raises(Failure, match="close raised OSError: stuck"):
        run("a stored nil is present", lambda path: Stuck(plainly), tmp_path, durable=False)


def test_without_hypothesis_the_histories_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sxpy.testing.servicer.histories", raising=False)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ModuleNotFoundError, match="pip install hypothesis, or say examples=0"):
        run("any history is as that of the model", lambda path: MemoryHost(), tmp_path, durable=False)


def test_the_kit_needs_neither_a_store_nor_a_test_framework() -> None:
    program = (
        "import sys, sxpy.testing.servicer\n"
        "print(sorted({'sxpy_hosts', 'hypothesis', 'pytest'} & {name.split('.')[0] for name in sys.modules}))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
