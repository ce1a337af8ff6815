"""Every store of the project against the conformance kit, and what these stores promise beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from store_support import ask, event, host_on, request, seqs, small_limits

from sxpy.data import EMPTY, Bytevector, Dict, equal, from_list, keyword, list_of, symbol
from sxpy.errors import ArityError, SxIOError, SxTypeError, SxValueError, UnknownOperationError
from sxpy.host import Host
from sxpy.testing import ServicerCheck, SimulatedDisk, servicer_checks
from sxpy.testing.servicer import BLOBS, EXTRAS, PLAIN
from sxpy_hosts.disk import open_host
from sxpy_hosts.errors import StoreClosed
from sxpy_hosts.memory import MemoryHost
from sxpy_hosts.verify import verify

# -- the kit -------------------------------------------------------------------------------------------


class Unplugged:
    """A host on a simulated disk, whose machine loses power instead of closing it."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk
        self._host = host_on(disk.port())
        self._closed = False

    def owns(self, operation: str) -> bool:
        return self._host.owns(operation)

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        if self._closed:
            raise StoreClosed("the machine is off")
        return self._host.answer(operation, args, request)

    def close(self) -> None:
        self._closed = True
        self._disk.lose_power()


class SimulatedDisks:
    """A simulated disk for each path, and a check of all that were used."""

    def __init__(self) -> None:
        self._disks: dict[Path, SimulatedDisk] = {}

    def __call__(self, path: Path) -> Host:
        return Unplugged(self._disks.setdefault(path, SimulatedDisk()))

    def check(self, path: Path) -> None:
        """The store that was left at `path` must be sound."""
        assert verify(self._disks[path].port()).problems == []


def is_sound(root: Path, *, clean: bool) -> None:
    """The store's own check must find nothing wrong; `clean`: and nothing worth a word."""
    if (root / "format.sx").exists():  # something was stored
        report = verify(root)
        assert report.problems == []
        assert report.notes == [] or not clean


def memory(path: Path) -> Host:
    """A new store in memory."""
    return MemoryHost()


POWER_LOSSES = SimulatedDisks()


@pytest.mark.parametrize("check", servicer_checks(memory, durable=False), ids=str)
def test_memory(check: ServicerCheck, tmp_path: Path) -> None:
    check.run(tmp_path / "store")


@pytest.mark.parametrize("check", servicer_checks(open_host, examples=15), ids=str)
def test_disk(check: ServicerCheck, tmp_path: Path) -> None:
    check.run(tmp_path / "store")
    is_sound(tmp_path / "store", clean="killed" not in check.name)


@pytest.mark.parametrize(
    "check", servicer_checks(POWER_LOSSES, threads=False, processes=False, examples=0), ids=str
)
def test_disk_that_loses_power(check: ServicerCheck, tmp_path: Path) -> None:
    check.run(tmp_path / "store")
    POWER_LOSSES.check(tmp_path / "store")


@pytest.fixture(scope="module")
def checkpoints_all_the_time() -> Iterator[None]:
    """Limits so small that almost every operation is a checkpoint."""
    with small_limits(segment=1, touched=1, split=200, fewest=2, slack=10):
        yield


@pytest.mark.usefixtures("checkpoints_all_the_time")
@pytest.mark.parametrize(
    "check", servicer_checks(open_host, threads=False, processes=False, examples=0), ids=str
)
def test_disk_that_checkpoints_all_the_time(check: ServicerCheck, tmp_path: Path) -> None:
    check.run(tmp_path / "store")
    is_sound(tmp_path / "store", clean="killed" not in check.name)


# -- beyond the kit --------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "disk"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """A new store of each kind."""
    makes: dict[str, Callable[[Path], Host]] = {"memory": memory, "disk": open_host}
    made = makes[request.param](tmp_path / "root")
    yield made
    made.close()


def test_streams_and_keys_are_listed_in_the_order_of_code_points(host: Host) -> None:
    for name in ("b", "a", "C", "é", ""):
        ask(host, "append", name, event(name, 1))
        ask(host, "kv-put", name, 1)
    assert list(ask(host, "streams")) == ["", "C", "a", "b", "é"]
    assert list(ask(host, "kv-keys")) == ["", "C", "a", "b", "é"]


def test_append_many_answers_the_events(host: Host) -> None:
    events = list_of(event("s", 1), event("s", 2))
    assert equal(ask(host, "append-many", "s", events), events)
    assert ask(host, "append-many", "s", EMPTY) is EMPTY


def test_a_read_only_operation_may_be_part_of_a_transaction(host: Host) -> None:
    ask(host, "append", "s", event("s", 1))
    found = ask(host, "transact", list_of(request("count", "s"), request("read-from", "s", 1)))
    assert next(iter(found)) == 1
    assert seqs(list(found)[1]) == [1]


def test_the_kind_of_the_last_put_of_a_blob_counts(host: Host) -> None:
    cid = ask(host, "blob/put", Bytevector(b"same"), None)
    ask(host, "blob/put", "same", None)
    assert ask(host, "blob/get", cid) == "same"
    ask(host, "blob/put", Bytevector(b"same"), None)
    assert isinstance(ask(host, "blob/get", cid), Bytevector)


def test_a_blob_of_text_may_have_a_lone_surrogate(host: Host) -> None:
    cid = ask(host, "blob/put", "\ud800 alone", "text/plain")
    assert ask(host, "blob/get", cid) == "\ud800 alone"


def test_a_closed_host_answers_with_an_error_and_closes_again(host: Host) -> None:
    host.close()
    host.close()
    for operation, *args in (("read", "s"), ("kv-put", "k", 1), ("blob/get", "x")):
        with pytest.raises(SxIOError, match="closed"):
            ask(host, operation, *args)


# -- what is refused, and how it is told -------------------------------------------------------------------


def test_an_unknown_operation_has_an_error_of_its_own(host: Host) -> None:
    with pytest.raises(UnknownOperationError, match="persist/nonsense"):
        ask(host, "nonsense")


@pytest.mark.parametrize("operation", [*PLAIN, *EXTRAS, *BLOBS])
def test_a_wrong_number_of_arguments_is_told_with_the_operation(host: Host, operation: str) -> None:
    with pytest.raises(ArityError, match=operation.replace("?", r"\?")):
        host.answer(operation, ["a"] * 5, None)


@pytest.mark.parametrize(
    "wrong", ["no dict", None, Dict({}), Dict({"seq": "1"}), Dict({"seq": True})], ids=repr
)
def test_what_is_no_event_is_told(host: Host, wrong: Any) -> None:
    with pytest.raises(SxTypeError, match=r"persist/append.*(event|:seq)"):
        ask(host, "append", "s", wrong)


def test_a_seq_under_one_is_told(host: Host) -> None:
    with pytest.raises(SxValueError, match=":seq must be 1 to"):
        ask(host, "append", "s", event("s", 0))


def test_a_used_seq_is_told_with_the_last_one(host: Host) -> None:
    ask(host, "append", "s", event("s", 7))
    with pytest.raises(SxIOError, match=r'stream "s" has used :seq 3 already \(its last is 7\)'):
        ask(host, "append", "s", event("s", 3))


def test_a_transaction_tells_which_request_is_wrong(host: Host) -> None:
    fine = request("kv-put", "k", 1)
    for inner in (Dict({"op": "blob/put", "args": from_list(["x", "m"])}), request("transact", EMPTY)):
        with pytest.raises(UnknownOperationError, match="request 2"):
            ask(host, "transact", list_of(fine, inner))


@pytest.mark.parametrize(
    ("operation", "args", "argument"),
    [
        ("append", [1, None], "stream"),
        ("read", [None], "stream"),
        ("last-seq", [symbol("s")], "stream"),
        ("count", [1], "stream"),
        ("truncate", ["s", "1"], "n"),
        ("truncate", ["s", 1.5], "n"),
        ("truncate", ["s", True], "n"),
        ("read-from", ["s", None], "seq"),
        ("read-range", ["s", 1, "2"], "hi"),
        ("append-if", ["s", "0", None], "expected"),
        ("append-many", ["s", 5], "events"),
        ("append-once", ["s", 5, None], "marker-key"),
        ("kv-get", [5], "key"),
        ("kv-put", [None, 1], "key"),
        ("kv-delete", [keyword("k")], "key"),
        ("kv-has?", [1], "key"),
        ("kv-cas", [1, 2, 3], "key"),
        ("kv-put-new", [1, 2], "key"),
        ("transact", [5], "requests"),
        ("transact", [list_of(5)], "request 1"),
        ("blob/put", [5, "text/plain"], "bytes"),
        ("blob/put", ["x", 5], "mime"),
        ("blob/get", [5], "cid"),
        ("blob/has?", [None], "cid"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(
    host: Host, operation: str, args: list[Any], argument: str
) -> None:
    name = operation if "/" in operation else f"persist/{operation}"
    with pytest.raises(SxTypeError) as caught:
        host.answer(name, args, None)
    assert name.rstrip("?") in str(caught.value)
    assert argument in str(caught.value)
