"""What rewrites a store as a whole: erasing, compacting, collecting blobs that nothing mentions.

Each is one checkpoint that writes things anew (`sxpy_hosts.checkpoint.Anew`): the manifest is the instant
at which all of it happens, and what it leaves behind is listed there and removed before the call returns,
or, after a crash, by whoever writes next. Writers wait as long as it takes, readers never.
Invariants: an erasure removes everything in `aside/` as well, since nobody can tell what a torn write
holds; a blob is removed only while the write lock is held and after everything was looked at.
Next: `hosts/sxpy_hosts/erasure.py` for what an erasure means.
"""

from __future__ import annotations

import time

from sxpy.data import Dict
from sxpy.port import Port
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.blobs import is_cid
from sxpy_hosts.checkpoint import Anew
from sxpy_hosts.erasure import Erasure, plan, unmentioned
from sxpy_hosts.layer import Layer
from sxpy_hosts.progress import Progress, counted, silent
from sxpy_hosts.recovery import DIRECTORY as ASIDE
from sxpy_hosts.resting import Resting
from sxpy_hosts.store import Store
from sxpy_hosts.view import View


def erase(store: Store, wanted: Erasure, progress: Progress = silent) -> Dict:
    """Erase; the answer of `persist/erase`. Raises SxValueError, StoreError."""
    answers: list[Dict] = []

    def make(resting: Resting) -> tuple[Layer, Anew]:
        view = View(resting, ())
        found = plan(view, wanted, progress)
        layer = Layer()
        for stream, count in found.streams.items():
            if view.last_seq(stream):
                layer.truncate(stream, view.last_seq(stream), count)
        layer.keys.update(found.puts)
        layer.keys.update(dict.fromkeys(wanted.keys))
        blobs = sorted(cid for cid in found.blobs if store.port.exists(f"{BLOBS}/{cid}"))
        layer.kinds.update(dict.fromkeys(blobs))
        answers.append(found.answer(len(blobs)))
        gone = [f"{BLOBS}/{cid}" for cid in blobs]
        gone += [f"{ASIDE}/{file}" for file in files(store.port, ASIDE)]
        streams = found.texts | {stream: {} for stream in found.streams if stream in layer.streams}
        return layer, Anew(streams, tuple(gone))

    store.rewrite(make, progress)
    return answers[-1]


def compact(store: Store, progress: Progress = silent) -> None:
    """Settle the journal, and write anew every log and table that holds anything dead. Raises StoreError."""

    def make(resting: Resting) -> tuple[Layer, Anew]:
        streams: dict[str, dict[int, bytes]] = {}
        names = resting.streams()
        for stream in counted(names, len(names), progress, "looking"):
            head = resting.head(stream)
            if head is not None and head.end and head.floor:
                log = resting.log(stream, head)
                if log.offset_of(head.floor + 1) > log.offset_of(0):
                    streams[stream] = {}
        return Layer(), Anew(streams)

    store.rewrite(make, progress)


def unmentioned_blobs(store: Store, least_age: float, progress: Progress = silent) -> list[str]:
    """The blobs that nothing mentions and that nobody put in the last `least_age` seconds, sorted.

    Raises StoreError.
    """
    return store.read(lambda view: _unmentioned_blobs(store.port, view, least_age, progress))


def _unmentioned_blobs(port: Port, view: View, least_age: float, progress: Progress) -> list[str]:
    newest = time.time() - least_age
    old = [file for file in files(port, BLOBS) if is_cid(file) and port.modified(f"{BLOBS}/{file}") <= newest]
    return sorted(unmentioned(view, old, progress=progress))


def collect_blobs(store: Store, least_age: float, progress: Progress = silent) -> list[str]:
    """Remove what `unmentioned_blobs` names, at one instant; the cids. Raises StoreError."""
    found: list[str] = []

    def make(resting: Resting) -> tuple[Layer, Anew] | None:
        found[:] = _unmentioned_blobs(store.port, View(resting, ()), least_age, progress)
        if not found:
            return None
        layer = Layer()
        layer.kinds.update(dict.fromkeys(found))
        return layer, Anew(remove=tuple(f"{BLOBS}/{cid}" for cid in found))

    store.rewrite(make, progress)
    return found


def files(port: Port, directory: str) -> list[str]:
    """The names in a directory of the root; none when it is not there."""
    try:
        return port.list(directory)
    except FileNotFoundError:
        return []
