"""The store: transactions, one commit for all that wait, and the order of locks.

A transaction is a function of a `Draft`. Threads that commit at the same time queue up; the first becomes
the leader, runs every transaction that waits, each on the result of the one before, writes their lines as
one journal record, syncs once, and only then lets anybody know: N waiting threads share one sync. A
transaction that raises leaves no trace and does not hinder the others.

Lock order: leadership (one thread), then the write lock of the root (one process), then `_state` (whoever
looks at the layer and the resting files). The sync happens without `_state`, so reading threads do not
wait for it, and do not see the commit before it. Other processes are noticed by following the journal
before every read and commit; a reader takes no lock of the root at all.

Invariants: `_layer` holds exactly what the journal holds from the manifest on, but for the group that is
being written (`_writing`); after a failed sync every operation raises StorePoisoned.
Next: `hosts/sxpy_hosts/operations.py`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sxpy_hosts.checkpoint import checkpoint, make_directories, remove_obsolete
from sxpy_hosts.errors import (
    StoreClosed,
    StoreDamage,
    StoreError,
    StoreIOError,
    StorePoisoned,
    StoreReadOnly,
    another,
    poisoned,
)
from sxpy_hosts.format import FILE as FORMAT_FILE
from sxpy_hosts.format import Format, read_format, write_format
from sxpy_hosts.journal import DIRECTORY as JOURNAL
from sxpy_hosts.journal import Journal, segment_path
from sxpy_hosts.layer import Layer
from sxpy_hosts.legacy import is_populated
from sxpy_hosts.lock import WriteLock
from sxpy_hosts.manifest import read_manifest
from sxpy_hosts.port import Port, SyncError
from sxpy_hosts.recovery import Cut
from sxpy_hosts.resting import Resting
from sxpy_hosts.view import Draft, View

log = logging.getLogger("sxpy_hosts")

T = TypeVar("T")

SEGMENT = 1 << 22
"""A checkpoint is due when the journal has grown by this many bytes …"""
TOUCHED = 512
"""… or this many streams with a log of their own were written to, each of which costs a sync."""
ATTEMPTS = 5
"""How often a read is tried again that met another process in the middle of its work."""


class _Ticket:
    """One transaction (or, with `task`, something to do alone) in the queue, and what became of it."""

    __slots__ = ("done", "error", "promoted", "task", "value", "wake", "work")

    def __init__(self, work: Callable[[Draft], Any] | None, task: Callable[[], None] | None = None) -> None:
        self.work = work
        self.task = task
        self.value: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.promoted = False
        self.wake = threading.Lock()
        self.wake.acquire()


class Store:
    """An open root. Safe for many threads, and beside other processes."""

    def __init__(
        self, port: Port, *, read_only: bool = False, wait: float = 5.0, exclusive: bool = False
    ) -> None:
        """Open what is there; nothing is created before the first commit.

        `wait` is how many seconds a commit waits for another process's. `exclusive` holds the write lock
        until `close`. Raises StoreDamage, StoreFormatError, StoreIOError, StoreLocked.
        """
        self.port = port
        self.cuts: list[Cut] = []
        """The torn writes that were cut since this store was opened."""
        self._read_only = read_only
        self._exclusive = exclusive
        self._lock = WriteLock(port, wait)
        self._gate = threading.Lock()
        self._queue: list[_Ticket] = []
        self._leading = False
        self._state = threading.RLock()
        self._writing = False
        self._closed = False
        self._wrote = False
        self._tidy = False
        """Whether the names that were found are durable, and what the manifest gave up is removed."""
        self._poison: StorePoisoned | None = None
        self._logs = 0
        """Streams with a log of their own among those this process has added to the layer."""
        self._failed_at = (0, 0)
        """Bytes and `_logs` when a checkpoint failed last."""
        self._format: Format | None
        self._journal: Journal
        self._resting: Resting
        self._layer: Layer
        try:
            with self._translated("open"):
                if read_only:
                    port.list()  # a root that is not there is a slip of whoever only wants to read it
                self._load()
            if exclusive and not read_only:
                self._take_lock()
                self._lock.sign()
            if (exclusive or self._journal.torn) and not read_only:
                with self._locked():
                    self._catch_up()
        except BaseException:
            self._lock.close()
            port.close()
            raise

    # -- for everybody ---------------------------------------------------------------------------------

    def read(self, work: Callable[[View], T]) -> T:
        """The value of `work` on all that is durable now. Raises what `work` raises, and StoreError."""
        for _ in range(ATTEMPTS):
            with self._state:
                self._check_usable()
                try:
                    if not self._writing:
                        self._refresh()
                    value = work(View(self._resting, (self._layer,)))
                    if not self._resting.adopted or self._writing or not self._journal.is_passed():
                        return value
                    self._load()  # files of the older layout may have gone while they were looked for
                except FileNotFoundError as error:
                    self._reload_after(error)
                except OSError as error:
                    raise self._refused("read", error) from error
        raise StoreError(f"{self.port.root}: other processes rewrite the store faster than it can be read")

    def commit(self, work: Callable[[Draft], T]) -> T:
        """Run a transaction: its value, once all it changed is on the disk.

        `work` may be run more than once, each time on a new draft. Raises what `work` raises (then nothing
        is changed), and StoreError.
        """
        if self._read_only:
            raise StoreReadOnly(f"{self.port.root}: the store is open for reading only")
        value: T = self._enqueue(_Ticket(work))
        return value

    def checkpoint(self) -> None:
        """Move all that the journal holds to the resting files, now. Raises StoreError."""
        if self._read_only:
            raise StoreReadOnly(f"{self.port.root}: the store is open for reading only")
        self._enqueue(_Ticket(None, self._checkpoint_now))

    def close(self) -> None:
        """Let everything go, once what waits is committed. What was committed stays, whatever happens."""
        if not self._closed:
            self._enqueue(_Ticket(None, self._close))

    # -- the queue -------------------------------------------------------------------------------------

    def _enqueue(self, ticket: _Ticket) -> Any:
        with self._gate:
            self._check_usable(closing=ticket.work is None)
            self._queue.append(ticket)
            leads = not self._leading
            self._leading = True
        if not leads:
            try:
                ticket.wake.acquire()
            except BaseException:
                self._abandon(ticket)
                raise
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.value

    def _abandon(self, ticket: _Ticket) -> None:
        """Nobody waits for the ticket any more; if it should have led, another one must."""
        with self._gate:
            if ticket in self._queue:
                self._queue.remove(ticket)
                if ticket.promoted:
                    self._promote()

    def _lead(self) -> None:
        """Commit all that waits as one group, then hand leadership on."""
        with self._gate:
            batch, self._queue = self._queue, []
        try:
            self._serve(batch)
        except BaseException as error:
            if self._writing:
                self._writing = False
                self._poison = StorePoisoned(
                    f"{self.port.root}: a commit was interrupted; open the store again"
                )
            for ticket in batch:
                if ticket.error is None:
                    ticket.error = another(error)
            if not isinstance(error, Exception):
                raise
        finally:
            for ticket in batch:
                ticket.done = True
                ticket.wake.release()
            try:
                self._checkpoint_if_due()
            finally:
                with self._gate:
                    self._promote()

    def _promote(self) -> None:
        if self._queue:
            self._queue[0].promoted = True
            self._queue[0].wake.release()
        else:
            self._leading = False

    def _serve(self, batch: list[_Ticket]) -> None:
        plain = [ticket for ticket in batch if ticket.work is not None]
        if plain:
            with self._locked():
                self._commit_group(plain)
        for ticket in batch:
            if ticket.task is not None:
                try:
                    ticket.task()
                except Exception as error:
                    ticket.error = error

    # -- what a leader does -------------------------------------------------------------------------------

    def _commit_group(self, tickets: list[_Ticket]) -> None:
        with self._state:
            try:
                self._catch_up()
                if self._format is None:
                    self._create()
                group, lines = self._run(tickets)
            except OSError as error:
                raise self._refused("commit to", error) from error
            self._writing = bool(lines)
        if not lines:
            return
        try:
            self._journal.append(b"\n".join(lines))
        except StorePoisoned as error:
            self._poison = error
            self._writing = False
            raise
        except StoreError:
            self._writing = False
            raise
        with self._state:
            for stream in group.streams:
                if stream not in self._layer.streams:
                    head = self._resting.head(stream)
                    self._logs += head is not None and head.end > 0
            self._layer.merge(group)
            self._writing = False
        self._wrote = True

    def _run(self, tickets: list[_Ticket]) -> tuple[Layer, list[bytes]]:
        """Run the transactions one after the other; what they change together, and the lines that say so."""
        for attempt in range(2):
            group = Layer()
            lines: list[bytes] = []
            try:
                for ticket in tickets:
                    assert ticket.work is not None
                    draft = Draft(self._resting, (group, self._layer) if group else (self._layer,))
                    ticket.error = None
                    try:
                        ticket.value = ticket.work(draft)
                    except OSError:
                        raise
                    except Exception as error:
                        ticket.error = error
                        continue
                    group.merge(draft.layer)
                    lines += draft.lines
            except FileNotFoundError as error:
                if attempt:
                    raise
                self._reload_after(error)
                continue
            break
        return group, lines

    def _catch_up(self) -> None:
        """With the write lock: know all commits, and leave no torn write behind them."""
        if not self._exclusive or self._journal.torn:
            self._refresh()
        if self._journal.torn:
            done = self._journal.mend()
            if done is not None:
                self.cuts.append(done)
                log.warning(
                    "%s: cut a torn write of %d bytes at byte %d, never acknowledged; it is kept in %s",
                    done.file,
                    done.length,
                    done.offset,
                    done.aside,
                )
        if not self._tidy and self._format is not None:
            # Whoever wrote last may have been killed between a rename and its sync: nothing may be built
            # on a name, nor removed in favour of it, before the name is durable.
            self.port.sync_dir()
            self.port.sync_dir(JOURNAL)
            remove_obsolete(self.port, self._resting.manifest)
            self._tidy = True

    def _create(self) -> None:
        """With the write lock: make the root a store, unless it has become one."""
        self._load()
        if self._format is None:
            self.port.make_root()
            adopted = is_populated(self.port)
            make_directories(self.port)
            self._journal.start()
            write_format(self.port, Format(adopted))
            self._load()

    def _checkpoint_if_due(self) -> None:
        bytes_, logs = self._failed_at
        if self._journal.end - bytes_ < SEGMENT and self._logs - logs < TOUCHED:
            return
        if self._closed or self._poison is not None:
            return
        try:
            self._checkpoint_now()
        except Exception as error:  # the commit is safe in the journal, which simply goes on
            self._failed_at = (self._journal.end, self._logs)
            log.warning("%s: the checkpoint failed, the journal goes on: %s", self.port.root, error)

    def _checkpoint_now(self) -> None:
        with self._locked(), self._state:
            try:
                self._catch_up()
                if self._layer:
                    if read_manifest(self.port).number != self._resting.manifest.number:
                        self._load()
                    checkpoint(self.port, self._journal, self._resting, self._layer)
                    self._layer, self._logs, self._failed_at = Layer(), 0, (0, 0)
                    remove_obsolete(self.port, self._resting.manifest)
            except StorePoisoned as error:
                self._poison = error
                raise
            except OSError as error:
                raise self._refused("checkpoint", error) from error

    def _close(self) -> None:
        try:
            if self._wrote and self._poison is None and self._lock.try_acquire():
                self._checkpoint_now()
                with self._state:
                    self._journal.trim()
        except (StoreError, OSError) as error:
            log.warning(
                "%s: could not checkpoint on closing, the journal keeps all: %s", self.port.root, error
            )
        finally:
            with self._state:
                self._closed = True
                self._journal.close()
                self._resting.close()
                self._lock.close()
                self.port.close()

    # -- the state -------------------------------------------------------------------------------------

    def _check_usable(self, *, closing: bool = False) -> None:
        if self._closed:
            raise StoreClosed(f"{self.port.root}: the store is closed")
        if self._poison is not None and not closing:
            raise another(self._poison)

    def _load(self) -> None:
        """Read the root anew."""
        for attempt in range(ATTEMPTS):
            try:
                loaded = self._read_root()
                break
            except (StoreDamage, FileNotFoundError):
                # A checkpoint elsewhere may have taken away what was about to be read.
                if self._lock.held or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.0005 * attempt)
        if hasattr(self, "_journal"):
            self._journal.close()
            self._resting.close()
        self._format, self._journal, self._resting, self._layer = loaded
        self._tidy, self._logs, self._failed_at = False, 0, (0, 0)

    def _read_root(self) -> tuple[Format | None, Journal, Resting, Layer]:
        format_ = read_format(self.port)
        manifest = read_manifest(self.port)
        layer = Layer()
        journal = Journal(self.port, manifest.journal, manifest.commit)
        journal.follow(layer)
        if format_ is None and (layer or manifest.number):
            raise StoreDamage(f"{self.port.root}/{FORMAT_FILE}", 0, "the file is missing")
        if format_ is not None and journal.end == 0 and not self.port.exists(segment_path(manifest.journal)):
            raise StoreDamage(f"{self.port.root}/{segment_path(manifest.journal)}", 0, "the file is missing")
        resting = Resting(self.port, manifest, adopted=format_ is None or format_.adopted)
        return format_, journal, resting, layer

    def _refresh(self) -> None:
        """Follow the journal; another process may have written to it."""
        journal = self._journal
        segment = journal.segment
        try:
            journal.follow(self._layer)
        except StoreDamage:
            if self._lock.held:
                raise
            self._load()  # what looked damaged may only have been half written
            return
        if journal.segment != segment or journal.sealed:
            self._load()  # a checkpoint elsewhere: the resting files changed

    def _reload_after(self, error: FileNotFoundError) -> None:
        """A file was missing: another process's checkpoint took it away, or it is damage."""
        if read_manifest(self.port).number == self._resting.manifest.number:
            raise StoreDamage(str(error.filename), 0, "the file is missing") from error
        self._load()

    # -- the write lock, and errors ---------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the write lock of the root."""
        nested = self._lock.held
        if not nested:
            self._take_lock()
        try:
            yield
        finally:
            # Others must not build on a write that could not be taken back: then it is held to the end.
            if not (nested or self._exclusive or self._journal.uncertain):
                self._lock.release()

    def _take_lock(self) -> None:
        with self._translated("lock"):
            try:
                self._lock.acquire()
            except FileNotFoundError:
                self.port.make_root()
                self._lock.acquire()

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._refused(doing, error) from error

    def _refused(self, doing: str, error: OSError) -> StoreError:
        """What an error of the operating system means to a program."""
        if isinstance(error, SyncError):
            self._poison = poisoned(error)
            return self._poison
        return StoreIOError(doing, str(error.filename or self.port.root), error)
