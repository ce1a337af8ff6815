"""The store: transactions, one commit for all that wait, and the order of locks.

A transaction is a function of a `Draft`. The leader of the queue runs all that wait, each on the result
of the one before, writes their lines as one journal record, syncs once, and only then lets anybody know:
N waiting threads share one sync. A transaction that raises leaves no trace and does not hinder the others.

Lock order: leadership (one thread), then the write lock of the root (one process), then `_state` (whoever
looks at the layer and the resting files). The sync happens without `_state`, so reading threads do not
wait for it, and do not see the commit before it. Other processes are noticed by following the journal
before every read and commit; a reader takes no lock of the root at all.

Invariants: `_layer` holds exactly what the journal holds from the manifest on, but for the group that is
being written (`_writing`); whenever that may not be so, after an error or an interruption in the middle
(`_doubtful`), the root is read anew before anything else; `_root` is replaced with `_state` held and not
while `_writing`; after a failed sync every operation raises StorePoisoned.
Next: `hosts/sxpy_hosts/operations.py`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from sxpy.baton import waiting
from sxpy.port import Port, SyncError
from sxpy_hosts.checkpoint import Anew, checkpoint, make_directories, remove_obsolete
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
from sxpy_hosts.format import Format, write_format
from sxpy_hosts.journal import DIRECTORY as JOURNAL
from sxpy_hosts.layer import Layer
from sxpy_hosts.legacy import is_populated
from sxpy_hosts.lock import WriteLock
from sxpy_hosts.orphans import remove_orphans
from sxpy_hosts.progress import Progress, silent
from sxpy_hosts.queue import Queue, Ticket
from sxpy_hosts.recovery import Cut
from sxpy_hosts.resting import Resting
from sxpy_hosts.root import Root, read_root
from sxpy_hosts.view import Draft, View

log = logging.getLogger("sxpy_hosts")

T = TypeVar("T")

SEGMENT = 1 << 22
"""A checkpoint is due when the journal has grown by this many bytes …"""
TOUCHED = 512
"""… or this many streams with a log of their own were written to, each of which costs a sync."""
ATTEMPTS = 5
"""How often at least a read is tried that meets other processes in the middle of their work."""


class Store:
    """An open root. Safe for many threads, and beside other processes."""

    def __init__(
        self, port: Port, *, read_only: bool = False, wait: float = 5.0, exclusive: bool = False
    ) -> None:
        """Open what is there; nothing is created before the first commit.

        `wait` is how many seconds a commit waits for another process's, and a read for one that keeps
        rewriting what it reads. `exclusive` holds the write lock
        until `close`. Raises StoreDamage, StoreFormatError, StoreIOError, StoreLocked.
        """
        self.port = port
        self.cuts: list[Cut] = []
        """The torn writes that were cut since this store was opened."""
        self._read_only = read_only
        self._exclusive = exclusive and not read_only
        self._lock = WriteLock(port, wait)
        self._wait = wait
        self._locking, self._reading = _Translating(self, "lock"), _Translating(self, "read")
        self._committing = _Translating(self, "commit to")
        self._queue = Queue(self._serve, self._checkpoint_if_due)
        self._state = threading.RLock()
        self._writing = False
        self._doubtful = False
        self._closed = False
        self._wrote = False
        """Whether this store committed anything: if not, closing it is not the time to checkpoint."""
        self._tidy = False
        """Whether the names that were found are durable, and what the manifest gave up is removed."""
        self._poison: StorePoisoned | None = None
        self._logs = 0
        """Streams with a log of their own among those this process has added to the layer."""
        self._failed_at = (0, 0)
        """Bytes of the segment and `_logs` when a checkpoint failed last."""
        self._root: Root
        try:
            with _Translating(self, "open"):
                if read_only:
                    port.list()  # a root that is not there is a slip of whoever only wants to read it
                self._root = read_root(port, patient=True)
                if self._exclusive:
                    self._take_lock()
                if (exclusive or self._root.journal.torn) and not read_only:
                    with _Locked(self):
                        self._catch_up()
        except BaseException:
            self._lock.release()
            port.close()
            raise

    # -- for everybody ---------------------------------------------------------------------------------

    def read(self, work: Callable[[View], T]) -> T:
        """The value of `work` on all that is durable now. Raises what `work` raises, and StoreError."""
        deadline = time.monotonic() + self._wait
        for attempt in count(1):
            with self._state, self._reading:
                self._check_usable()
                if not self._writing:
                    self._refresh()
                root = self._root
                try:
                    value = work(View(root.resting, (root.layer,)))
                    if not root.resting.adopted or self._writing or not root.journal.is_passed():
                        return value
                    # Files of the older layout may have gone while they were looked for.
                except FileNotFoundError as error:
                    if not self._root.resting.is_stale():
                        raise StoreDamage(str(error.filename), 0, "the file is missing") from error
            if attempt >= ATTEMPTS and time.monotonic() > deadline:
                break
            self._queue.do(Ticket(self._reload, alone=True))
        raise StoreError(f"{self.port.root}: other processes rewrite the store faster than it can be read")

    def commit(self, work: Callable[[Draft], T]) -> T:
        """Run a transaction: its value, once all it changed is on the disk.

        `work` may be run more than once, each time on a new draft. Raises what `work` raises (then nothing
        is changed), and StoreError.
        """
        self._check_writable()
        value: T = self._queue.do(Ticket(work))
        return value

    def checkpoint(self) -> None:
        """Move all that the journal holds to the resting files, now. Raises StoreError."""
        self._check_writable()
        self._queue.do(Ticket(self._checkpoint, alone=True))

    def is_given_up(self, path: str) -> bool:
        """Whether a file counts no more, though it may still be there; to be asked within `read`."""
        return path in self._root.resting.manifest.remove

    def rewrite(
        self, plan: Callable[[Resting], tuple[Layer, Anew] | None], progress: Progress = silent
    ) -> None:
        """Make what `plan` answers one checkpoint, and return when what it replaces is gone from the disk.

        Before `plan` is asked the journal is settled and files that no part of the store names are
        removed; other writers wait until all is done. A crash in the middle leaves the store as it was, or
        changed with the removals left to whoever writes next. Raises what `plan` raises, and StoreError.
        """
        self._check_writable()
        self._queue.do(Ticket(lambda: self._rewrite(plan, progress), alone=True))

    def close(self) -> None:
        """Let everything go, once what waits is committed. What was committed stays, whatever happens."""
        if not self._closed:
            self._queue.do(Ticket(self._close, alone=True))

    def _check_writable(self) -> None:
        self._check_usable()
        if self._read_only:
            raise StoreReadOnly(f"{self.port.root}: the store is open for reading only")

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self.port.root}: the store is closed")
        if self._poison is not None:
            raise another(self._poison)

    # -- what a leader does -------------------------------------------------------------------------------

    def _serve(self, batch: list[Ticket]) -> None:
        """Do everything in the batch: the transactions as one commit, then the rest."""
        transactions = [ticket for ticket in batch if not ticket.alone]
        if transactions:
            try:
                self._check_usable()
                with _Locked(self):
                    self._commit_group(transactions)
            except Exception as error:
                for ticket in transactions:
                    ticket.error = ticket.error or another(error)
        for ticket in batch:
            if ticket.alone:
                try:
                    ticket.work()
                except Exception as error:
                    ticket.error = error

    def _commit_group(self, tickets: list[Ticket]) -> None:
        with self._state, self._committing:
            self._get_ready()
            group, lines = self._run(tickets)
            if not lines:
                return
            self._writing = self._doubtful = True
        try:
            with waiting():
                self._root.journal.append(lines[0] if len(lines) == 1 else b"\n".join(lines))
            with self._state:
                self._take_over(group)
                self._doubtful = False
            self._wrote = True
        except StorePoisoned as error:
            self._poison = error
            raise
        except StoreIOError:
            # Nothing was written. But a segment that was not begun cannot be followed: others may begin it.
            self._doubtful = self._root.journal.end == 0
            raise
        finally:
            self._writing = False

    def _take_over(self, group: Layer) -> None:
        """The group is durable: everybody may see it."""
        layer, resting = self._root.layer, self._root.resting
        for stream in group.streams:
            if stream not in layer.streams:
                head = resting.head(stream)
                self._logs += head is not None and head.end > 0
        layer.merge(group)

    def _run(self, tickets: list[Ticket]) -> tuple[Layer, list[bytes]]:
        """Run the transactions one after the other; what they change together, and the lines that say so."""
        while True:
            group = Layer()
            lines: list[bytes] = []
            try:
                for ticket in tickets:
                    draft = self._run_one(ticket, group)
                    if draft is not None and draft.lines:
                        if lines:
                            group.merge(draft.layer)
                        else:
                            group = draft.layer
                        lines += draft.lines
            except _Stale:
                self._reload()
                continue
            return group, lines

    def _run_one(self, ticket: Ticket, group: Layer) -> Draft | None:
        """Run a transaction on what those before it have changed; what it changed, None when it raised."""
        root = self._root
        draft = Draft(root.resting, (group, root.layer) if group else (root.layer,))
        ticket.value = ticket.error = None
        try:
            ticket.value = ticket.work(draft)
            return draft
        except SyncError:
            raise
        except FileNotFoundError as error:
            if self._root.resting.is_stale():
                raise _Stale from error
            ticket.error = StoreDamage(str(error.filename), 0, "the file is missing")
        except OSError as error:
            ticket.error = self._refused("commit to", error)
        except Exception as error:
            ticket.error = error
        return None

    def _get_ready(self) -> None:
        """With the write lock: see that there is a store, and that it is as a writer needs it."""
        self._catch_up()
        if self._root.format is None:
            self._create()
            self._catch_up()

    def _catch_up(self) -> None:
        """With the write lock: know all commits, and leave no torn write behind them."""
        if not self._exclusive or self._doubtful or not self._tidy:
            self._refresh()
        if not self._tidy and self._root.resting.is_stale():
            self._reload()
        journal = self._root.journal
        if journal.torn:
            done = journal.mend()
            if done is not None:
                self._report(done)
        if not self._tidy and self._root.format is not None:
            # Whoever wrote last may have been killed between a rename and its sync: nothing may be built
            # on a name, nor removed in favour of it, before the name is durable.
            self.port.sync_dir()
            self.port.sync_dir(JOURNAL)
            resting = self._root.resting
            resting.manifest = remove_obsolete(self.port, resting.manifest)
            self._tidy = True

    def _report(self, done: Cut) -> None:
        self.cuts.append(done)
        log.warning(
            "%s: cut a torn write of %d bytes at byte %d, never acknowledged; it is kept in %s",
            done.file,
            done.length,
            done.offset,
            done.aside,
        )

    def _create(self) -> None:
        """With the write lock: make the root a store, unless it has become one."""
        self._reload()
        if self._root.format is None:
            self.port.make_root()
            adopted = is_populated(self.port)
            make_directories(self.port)
            self._root.journal.start()
            # All of it may be there already, from somebody who was stopped before the syncs.
            self.port.sync_dir(JOURNAL)
            self.port.sync_dir()
            write_format(self.port, Format(adopted))
            self._reload()

    def _checkpoint_if_due(self) -> None:
        """After each batch: checkpoint when it is time. The commits are safe in the journal anyway."""
        if self._closed or self._poison is not None or self._read_only:
            return
        bytes_, logs = self._failed_at
        end = self._root.journal.end
        if end - (bytes_ if bytes_ <= end else 0) < SEGMENT and self._logs - logs < TOUCHED:
            return
        try:
            self._checkpoint()
        except Exception as error:
            self._failed_at = (self._root.journal.end, self._logs)
            log.warning("%s: the checkpoint failed, the journal goes on: %s", self.port.root, error)

    def _checkpoint(self) -> None:
        with _Locked(self), self._state, _Translating(self, "checkpoint"):
            self._catch_up()
            if self._root.layer:
                if self._root.resting.is_stale():
                    self._reload()
                self._settle(self._root.layer)

    def _settle(self, layer: Layer, anew: Anew | None = None, progress: Progress = silent) -> None:
        self._doubtful = True  # until all of it is done
        root = self._root
        for done in checkpoint(self.port, root.journal, root.resting, layer, anew, progress):
            self._report(done)
        root.layer, self._logs, self._failed_at = Layer(), 0, (0, 0)
        self._doubtful = False
        root.resting.manifest = remove_obsolete(self.port, root.resting.manifest)

    def _rewrite(self, plan: Callable[[Resting], tuple[Layer, Anew] | None], progress: Progress) -> None:
        with _Locked(self), self._state, _Translating(self, "rewrite"):
            self._get_ready()
            if self._root.resting.is_stale():
                self._reload()
            remove_orphans(self.port, self._root)
            if self._root.layer:
                self._settle(self._root.layer, progress=progress)
            wanted = plan(self._root.resting)
            if wanted is None:
                return
            self._settle(*wanted, progress)
            self._root.journal.trim()
            left = self._root.resting.manifest.remove
            for directory in {path.rpartition("/")[0] for path in left}:
                self.port.sync_dir(directory)
            kept = [path for path in left if self.port.exists(path)]
            if kept:
                raise StoreError(
                    f"{self.port.root}/{kept[0]}: what this file holds counts no more, but it cannot be "
                    "removed; see to it that it can, and do the same again"
                )

    def _close(self) -> None:
        if self._closed:
            return
        try:
            if self._wrote and self._poison is None and self._lock.try_acquire():
                self._checkpoint()
                with self._state:
                    self._root.journal.trim()
        except (StoreError, OSError) as error:
            log.warning(
                "%s: could not checkpoint on closing, the journal keeps all: %s", self.port.root, error
            )
        finally:
            with self._state:
                self._closed = True
                self._root.close()
                self._lock.release()
                self.port.close()

    # -- knowing what others did ------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Follow the journal; another process may have written to it. With `_state`, and not `_writing`."""
        if self._doubtful:
            self._reload()
            return
        journal = self._root.journal
        segment = journal.segment
        try:
            journal.follow(self._root.layer)
        except StoreDamage:
            if self._lock.held:
                raise
            self._reload()  # what looked damaged may only have been half written
            return
        if journal.segment != segment or journal.sealed:
            self._reload()  # a checkpoint elsewhere: the resting files changed

    def _reload(self) -> None:
        """Read the root anew."""
        with self._state, _Translating(self, "read"):
            fresh = read_root(self.port, patient=not self._lock.held)
            self._root.close()
            self._root = fresh
            self._doubtful, self._tidy, self._logs = False, False, 0

    # -- the write lock, and errors ---------------------------------------------------------------------

    def _take_lock(self) -> None:
        with self._locking:
            try:
                self._lock.acquire()
            except FileNotFoundError:
                self.port.make_root()
                self._lock.acquire()

    def _refused(self, doing: str, error: OSError) -> StoreError:
        """What an error of the operating system means to a program."""
        if isinstance(error, SyncError):
            self._poison = poisoned(error)
            return self._poison
        return StoreIOError(doing, str(error.filename or self.port.root), error)


class _Locked:
    """Within: the write lock of the root is held. Objects, because each commit comes through here."""

    __slots__ = ("_nested", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._nested = self._store._lock.held
        if not self._nested:
            self._store._take_lock()

    def __exit__(self, *_: object) -> None:
        store = self._store
        # Others must not build on a write that could not be taken back: then it is held to the end.
        if not (self._nested or store._exclusive or store._root.journal.uncertain):
            store._lock.release()


class _Translating:
    """Within: what the operating system says comes out as a StoreError, and poison is remembered."""

    __slots__ = ("_doing", "_store")

    def __init__(self, store: Store, doing: str) -> None:
        self._store = store
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OSError):
            raise self._store._refused(self._doing, error) from error
        if isinstance(error, StorePoisoned):
            self._store._poison = self._store._poison or error


class _Stale(Exception):
    """Another process's checkpoint took away a file that a transaction was about to read."""
