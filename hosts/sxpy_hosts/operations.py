"""The operations at the boundary: names, arguments, meaning and answers, the same for every store.

Owns the contract of `persist/*` and `blob/*` as far as it does not depend on where things are kept. An
operation is checked and its values are serialized before the store is asked (`prepare`), so whatever
cannot be stored is refused with nothing written; then it runs as part of a transaction on a `Writing`
(or, when it only looks, on a `Reading`); then its raw answer becomes an SX value (`finish`). A conflict
is a value to programs, `{:conflict true …}`, and inside an exception: it ends the transaction, of one
operation or of many, with nothing done, and cannot be confused with a stored value that looks like one.

Invariant: everything above this file that differs between the memory and the disk store is a bug.
Next: `hosts/sxpy_hosts/memory.py`, `hosts/sxpy_hosts/disk.py`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sxpy.cid import cid_of
from sxpy.data import Bytevector, Dict, equal, from_list, is_list, type_of
from sxpy.errors import ArityError, SxTypeError, SxValueError, UnknownOperationError
from sxpy.host import operation_of
from sxpy.printer import serialize
from sxpy.reader import read_datum, read_lines
from sxpy_hosts.blobs import bytes_of, kind_to_remember, value_of
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.names import to_bytes, to_text

LAST_SEQ = 2**63 - 1
"""The highest sequence number that an event may have."""

AT_ONCE = 64
"""How many events are read in one go: enough to be fast, and few to read again when one is not plain."""


class Reading(Protocol):
    """What an operation can ask a store at one instant."""

    def last_seq(self, stream: str) -> int:
        """The high-water mark, 0 when none."""

    def count(self, stream: str) -> int:
        """How many events the stream holds now."""

    def rows(self, stream: str, low: int = ..., high: int = ...) -> list[bytes]:
        """The texts of the events with low ≤ seq ≤ high, oldest first."""

    def streams(self) -> list[str]:
        """Every stream ever appended to, sorted."""

    def get(self, key: str) -> bytes | None:
        """The text of a key's value, or None when it has none."""

    def keys(self) -> list[str]:
        """Every key that has a value, sorted."""

    def kind(self, cid: str) -> bytes | None:
        """The kind remembered for a blob."""


class Writing(Reading, Protocol):
    """What an operation can ask and change within a transaction."""

    def append(self, stream: str, seq: int, text: bytes) -> None:
        """Store an event. Raises SequenceError when `seq` is used up."""

    def truncate(self, stream: str, through: int) -> None:
        """Drop the events with seq ≤ `through`."""

    def put(self, key: str, text: bytes) -> None:
        """Give a key a value."""

    def delete(self, key: str) -> None:
        """Take a key's value away."""

    def set_kind(self, cid: str, kind: bytes | None) -> None:
        """Remember or forget the kind of a blob."""


class BlobFiles(Protocol):
    """Where the bytes of blobs are."""

    def put(self, cid: str, data: bytes) -> None:
        """Keep `data` under its name."""

    def get(self, cid: str) -> bytes | None:
        """The bytes, or None."""

    def has(self, cid: str) -> bool:
        """Whether there are any."""


class Backend(Protocol):
    """A store, as a servicer uses it."""

    @property
    def blobs(self) -> BlobFiles:
        """Where the bytes of blobs are."""

    def read(self, work: Callable[[Reading], Any], /) -> Any:
        """The value of `work` on what is durable now."""

    def commit(self, work: Callable[[Writing], Any], /) -> Any:
        """The value of `work`, all of whose changes are durable then, or none."""

    def erase(self, wanted: Erasure, /) -> Dict:
        """Erase for good; what went. Raises SxValueError for a seq that was never used."""


def _same(answer: Any) -> Any:
    return answer


class Task:
    """An operation whose arguments were found good: what to do, and how to show what came of it."""

    __slots__ = ("finish", "run", "writes")

    def __init__(
        self, run: Callable[[Any], Any], *, writes: bool = False, finish: Callable[[Any], Any] = _same
    ) -> None:
        self.run = run
        self.writes = writes
        self.finish = finish


# -- arguments -----------------------------------------------------------------------------------------


def _wrong(operation: str, argument: str, wanted: str, got: Any) -> SxTypeError:
    return SxTypeError(f"{operation}: {argument} must be {wanted}, got {type_of(got)}", got)


def _name(operation: str, argument: str, value: Any) -> str:
    if type(value) is not str:
        raise _wrong(operation, argument, "a string", value)
    return value


def _integer(operation: str, argument: str, value: Any) -> int:
    if type(value) is not int:
        raise _wrong(operation, argument, "an integer", value)
    return value


def _text(value: Any) -> bytes:
    """The value as one line of SX. Raises the serializer's error for a value without a syntax."""
    text = to_bytes(serialize(value))
    if b"\n" in text:
        raise SxValueError("a value whose syntax has a raw newline cannot be stored", value)
    return text


def _event(operation: str, event: Any) -> tuple[int, bytes]:
    """Seq and text of an event."""
    if not isinstance(event, Dict):
        raise _wrong(operation, "event", "a dict", event)
    seq = event.get("seq")
    if type(seq) is not int:
        raise _wrong(operation, "the event's :seq", "an integer", seq)
    if not 1 <= seq <= LAST_SEQ:
        raise SxValueError(f"{operation}: the event's :seq must be 1 to {LAST_SEQ}, got {seq}", event)
    return seq, _text(event)


def _items(operation: str, argument: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if not is_list(value):
        raise _wrong(operation, argument, "a list", value)
    return list(value)


# -- answers -------------------------------------------------------------------------------------------


def _value(text: bytes | None) -> Any:
    return None if text is None else read_datum(to_text(text))


def _events(texts: Sequence[bytes]) -> Any:
    events: list[Any] = []
    with _uncollected():
        for first in range(0, len(texts), AT_ONCE):
            events += read_lines(to_text(b"\n".join(texts[first : first + AT_ONCE])))
    return from_list(events)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cyclic garbage collector, which looks at everything again and again while much is made.

    Values that are read hold no cycles. (Measured: a third of the time of reading 100,000 events.)
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _names(names: list[str]) -> Any:
    return from_list(list(names))


class _Conflict(Exception):
    """An expectation did not hold: nothing of the transaction is done, and `answer` is its value."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.answer = Dict({"conflict": True, **fields})


# -- streams -------------------------------------------------------------------------------------------


def _append(stream: Any, event: Any) -> Task:
    name = _name("persist/append", "stream", stream)
    seq, text = _event("persist/append", event)
    return Task(lambda store: store.append(name, seq, text), writes=True)


def _append_if(stream: Any, expected: Any, event: Any) -> Task:
    name = _name("persist/append-if", "stream", stream)
    number = _integer("persist/append-if", "expected", expected)
    seq, text = _event("persist/append-if", event)

    def run(store: Writing) -> Any:
        actual = store.last_seq(name)
        if actual != number:
            raise _Conflict(expected=number, actual=actual)
        store.append(name, seq, text)
        return event

    return Task(run, writes=True)


def _append_many(stream: Any, events: Any) -> Task:
    name = _name("persist/append-many", "stream", stream)
    items = _items("persist/append-many", "events", events)
    rows = [_event("persist/append-many", item) for item in items]

    def run(store: Writing) -> Any:
        for seq, text in rows:
            store.append(name, seq, text)
        return from_list(items)

    return Task(run, writes=True)


def _append_once(stream: Any, marker: Any, event: Any) -> Task:
    name = _name("persist/append-once", "stream", stream)
    key = _name("persist/append-once", "marker-key", marker)
    seq, text = _event("persist/append-once", event)

    def run(store: Writing) -> bytes:
        earlier = store.get(key)
        if earlier is not None:
            return earlier
        store.append(name, seq, text)
        store.put(key, text)
        return text

    return Task(run, writes=True, finish=_value)


def _read(stream: Any) -> Task:
    name = _name("persist/read", "stream", stream)
    return Task(lambda store: store.rows(name), finish=_events)


def _read_from(stream: Any, seq: Any) -> Task:
    name = _name("persist/read-from", "stream", stream)
    low = _integer("persist/read-from", "seq", seq)
    return Task(lambda store: store.rows(name, low), finish=_events)


def _read_range(stream: Any, low: Any, high: Any) -> Task:
    name = _name("persist/read-range", "stream", stream)
    first = _integer("persist/read-range", "lo", low)
    last = _integer("persist/read-range", "hi", high)
    return Task(lambda store: store.rows(name, first, last), finish=_events)


def _last_seq(stream: Any) -> Task:
    name = _name("persist/last-seq", "stream", stream)
    return Task(lambda store: store.last_seq(name))


def _count(stream: Any) -> Task:
    name = _name("persist/count", "stream", stream)
    return Task(lambda store: store.count(name))


def _truncate(stream: Any, through: Any) -> Task:
    name = _name("persist/truncate-through", "stream", stream)
    number = _integer("persist/truncate-through", "n", through)
    return Task(lambda store: store.truncate(name, number), writes=True)


def _streams() -> Task:
    return Task(lambda store: store.streams(), finish=_names)


# -- keys ----------------------------------------------------------------------------------------------


def _kv_get(key: Any) -> Task:
    name = _name("persist/kv-get", "key", key)
    return Task(lambda store: store.get(name), finish=_value)


def _kv_put(key: Any, value: Any) -> Task:
    name = _name("persist/kv-put", "key", key)
    text = _text(value)
    return Task(lambda store: store.put(name, text), writes=True)


def _kv_delete(key: Any) -> Task:
    name = _name("persist/kv-delete", "key", key)
    return Task(lambda store: store.delete(name), writes=True)


def _kv_has(key: Any) -> Task:
    name = _name("persist/kv-has?", "key", key)
    return Task(lambda store: store.get(name) is not None)


def _kv_keys() -> Task:
    return Task(lambda store: store.keys(), finish=_names)


def _kv_cas(key: Any, expected: Any, new: Any) -> Task:
    name = _name("persist/kv-cas", "key", key)
    _text(expected)  # a value without a syntax equals no stored one: more likely a slip than a wish
    text = _text(new)

    def run(store: Writing) -> Any:
        actual = _value(store.get(name))
        if not equal(actual, expected):
            raise _Conflict(expected=expected, actual=actual)
        store.put(name, text)
        return new

    return Task(run, writes=True)


def _kv_put_new(key: Any, value: Any) -> Task:
    name = _name("persist/kv-put-new", "key", key)
    text = _text(value)

    def run(store: Writing) -> Any:
        present = store.get(name)
        if present is not None:
            raise _Conflict(actual=_value(present), reason="exists")
        store.put(name, text)
        return value

    return Task(run, writes=True)


# -- erasing -------------------------------------------------------------------------------------------


def _erase(stream: Any, seq: Any, keys: Any = None) -> Erasure:
    name = _name("persist/erase", "stream", stream)
    number = _integer("persist/erase", "seq", seq)
    return Erasure({name: (number,)}, keys=_keys("persist/erase", keys))


def _erase_stream(stream: Any, keys: Any = None) -> Erasure:
    name = _name("persist/erase-stream", "stream", stream)
    return Erasure(streams=(name,), keys=_keys("persist/erase-stream", keys))


def _erase_key(key: Any) -> Erasure:
    return Erasure(keys=(_name("persist/erase-key", "key", key),))


def _keys(operation: str, keys: Any) -> list[str]:
    return [_name(operation, "each of keys", key) for key in _items(operation, "keys", keys)]


# -- several at once -----------------------------------------------------------------------------------


def _transact(requests: Any) -> Task:
    tasks: list[Task] = []
    for number, request in enumerate(_items("persist/transact", "requests", requests), 1):
        operation, args = operation_of(request)
        if operation is None:
            raise _wrong("persist/transact", f"request {number}", "a dict with :op and :args", request)
        if operation not in TRANSACTIONAL:
            raise UnknownOperationError(
                f"persist/transact: request {number}, {operation}, is no operation of a transaction", request
            )
        tasks.append(prepare(operation, args))

    def run(store: Writing) -> list[Any]:
        return [task.run(store) for task in tasks]

    def finish(answers: list[Any]) -> Any:
        return from_list([task.finish(answer) for task, answer in zip(tasks, answers, strict=True)])

    return Task(run, writes=any(task.writes for task in tasks), finish=finish)


# -- the table -----------------------------------------------------------------------------------------

TRANSACTIONAL: dict[str, tuple[int, Callable[..., Task]]] = {
    "persist/append": (2, _append),
    "persist/append-if": (3, _append_if),
    "persist/append-many": (2, _append_many),
    "persist/append-once": (3, _append_once),
    "persist/read": (1, _read),
    "persist/read-from": (2, _read_from),
    "persist/read-range": (3, _read_range),
    "persist/last-seq": (1, _last_seq),
    "persist/count": (1, _count),
    "persist/truncate-through": (2, _truncate),
    "persist/truncate": (2, _truncate),
    "persist/streams": (0, _streams),
    "persist/kv-get": (1, _kv_get),
    "persist/kv-put": (2, _kv_put),
    "persist/kv-delete": (1, _kv_delete),
    "persist/kv-has?": (1, _kv_has),
    "persist/kv-keys": (0, _kv_keys),
    "persist/kv-cas": (3, _kv_cas),
    "persist/kv-put-new": (2, _kv_put_new),
}
"""Operations that can be part of a transaction: how many arguments each takes, and what prepares it."""

_TASKS = {**TRANSACTIONAL, "persist/transact": (1, _transact)}

BLOBS = {"blob/put": 2, "blob/get": 1, "blob/has?": 1}
"""The blob operations, and how many arguments each takes."""

ERASING: dict[str, tuple[tuple[int, ...], Callable[..., Erasure]]] = {
    "persist/erase": ((2, 3), _erase),
    "persist/erase-stream": ((1, 2), _erase_stream),
    "persist/erase-key": ((1,), _erase_key),
}
"""Operations that rewrite the store, each by itself: how many arguments each takes, and what it asks for."""

OPERATIONS = frozenset(_TASKS) | frozenset(BLOBS) | frozenset(ERASING)
"""Every operation a store answers."""


def _check_arity(operation: str, expected: int, args: list[Any]) -> None:
    if len(args) != expected:
        plural = "" if expected == 1 else "s"
        raise ArityError(f"{operation}: takes {expected} argument{plural}, got {len(args)}")


def prepare(operation: str, args: list[Any]) -> Task:
    """Check the arguments of a `persist/*` operation. Raises ArityError, SxTypeError, SxValueError."""
    expected, make = _TASKS[operation]
    if len(args) != expected:
        _check_arity(operation, expected, args)
    return make(*args)


def answer(backend: Backend, operation: str, args: list[Any]) -> Any:
    """Answer a request. Raises an `EvalError` when it cannot be, and then nothing has changed."""
    if operation in _TASKS:
        task = prepare(operation, args)
        try:
            raw = backend.commit(task.run) if task.writes else backend.read(task.run)
        except _Conflict as conflict:
            return conflict.answer
        return task.finish(raw)
    if operation in ERASING:
        counts, wanted = ERASING[operation]
        if len(args) not in counts:
            raise ArityError(f"{operation}: takes {' or '.join(map(str, counts))} arguments, got {len(args)}")
        return backend.erase(wanted(*args))
    if operation not in BLOBS:
        raise UnknownOperationError(f"Unknown IO operation: {operation}")
    _check_arity(operation, BLOBS[operation], args)
    if operation == "blob/put":
        return _blob_put(backend, *args)
    cid = _name(operation, "cid", args[0])
    if operation == "blob/has?":
        return backend.read(lambda _: backend.blobs.has(cid))
    data, kind = backend.read(lambda store: (backend.blobs.get(cid), store.kind(cid)))
    return None if data is None else value_of(data, kind)


def _blob_put(backend: Backend, value: Any, mime: Any) -> str:
    if not isinstance(value, (str, Bytevector)):
        raise _wrong("blob/put", "bytes", "a string or a bytevector", value)
    if mime is not None:
        _name("blob/put", "mime", mime)
    data, kind = bytes_of(value)
    cid = cid_of(data)
    remembered = kind_to_remember(data, kind)

    def run(store: Writing) -> None:
        backend.blobs.put(cid, data)
        store.set_kind(cid, remembered)

    backend.commit(run)
    return cid
