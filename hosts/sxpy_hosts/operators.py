"""What the command line asks of the disk store: the object behind the entry point `disk` of `sxpy.stores`.

Owns the shape of the answers, plain Python that can be written as JSON, and nothing else: each function
opens what it needs, asks the module that knows, and closes. `sxpy/cli/store/tools.py` says what a store of
another kind has to offer to be operated the same way. Next: `docs/operations.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from sxpy.data import Dict
from sxpy.host import Host
from sxpy.printer import serialize
from sxpy.reader import read_datum
from sxpy_hosts import backup, doctor, rewriting, transfer
from sxpy_hosts import repair as repairing
from sxpy_hosts.blobs import DIRECTORY as BLOBS
from sxpy_hosts.blobs import is_cid
from sxpy_hosts.disk import DiskHost, open_host
from sxpy_hosts.erasure import Erasure
from sxpy_hosts.errors import StoreError, StoreIOError
from sxpy_hosts.format import VERSION, read_format
from sxpy_hosts.journal import segment_path
from sxpy_hosts.manifest import TABLES
from sxpy_hosts.names import to_bytes, to_text
from sxpy_hosts.port import RealPort
from sxpy_hosts.progress import Progress
from sxpy_hosts.rewriting import files
from sxpy_hosts.root import read_root
from sxpy_hosts.verify import verify as check

Answer = dict[str, Any]


@contextmanager
def _open(root: Path, *, read_only: bool = True) -> Iterator[DiskHost]:
    if not root.is_dir():
        raise StoreError(f"{root}: there is no store")
    with closing(open_host(root, read_only=read_only)) as host:
        yield host


class DiskTools:
    """The operators' functions. `root` is always the directory of a store; all raise StoreError."""

    # -- looking -------------------------------------------------------------------------------------

    def streams(self, root: Path) -> list[Answer]:
        """Name, high-water mark, number of events and bytes of their text, of every stream."""

        def work(view: Any) -> list[Answer]:
            return [
                {
                    "stream": name,
                    "last": view.last_seq(name),
                    "count": view.count(name),
                    "bytes": sum(len(row) + 1 for row in view.rows(name)),
                }
                for name in view.streams()
            ]

        with _open(root) as host:
            found: list[Answer] = host.read(work)
            return found

    def keys(self, root: Path) -> list[Answer]:
        """Every key, and the bytes of its value's text."""
        with _open(root) as host:
            found: list[Answer] = host.read(
                lambda view: [{"key": key, "bytes": len(view.get(key) or b"")} for key in view.keys()]  # noqa: SIM118
            )
            return found

    def blobs(self, root: Path) -> list[Answer]:
        """Every blob, and its bytes."""
        with _open(root) as host:
            port = host.store.port
            found: list[Answer] = host.read(
                lambda view: [
                    {"cid": cid, "bytes": _size(port, f"{BLOBS}/{cid}")}
                    for cid in files(port, BLOBS)
                    if is_cid(cid) and host.blobs.has(cid)
                ]
            )
            return found

    def events(self, root: Path, stream: str, low: int, high: int) -> list[Any]:
        """The events with low ≤ seq ≤ high, as SX values."""
        with _open(root) as host:
            if stream not in host.read(lambda view: view.streams()):
                raise StoreError(f"{root}: there is no stream {serialize(stream)}")
            texts: list[bytes] = host.read(lambda view: view.rows(stream, low, high))
            return [read_datum(to_text(text)) for text in texts]

    def reader(self, root: Path) -> Host:
        """A host that only reads, for whoever asks again and again."""
        if not root.is_dir():
            raise StoreError(f"{root}: there is no store")
        return open_host(root, read_only=True)

    def get(self, root: Path, key: str) -> tuple[bool, Any]:
        """Whether the key has a value, and the value."""
        with _open(root) as host:
            text: bytes | None = host.read(lambda view: view.get(key))
            return text is not None, None if text is None else read_datum(to_text(text))

    def put(self, root: Path, key: str, value: Any) -> None:
        """Give a key a value; the store must be there."""
        text = to_bytes(serialize(value))
        with _open(root, read_only=False) as host:
            host.commit(lambda draft: draft.put(key, text))

    def stat(self, root: Path) -> Answer:
        """Format, counts, sizes, and where the journal stands."""
        with _open(root) as host:
            port = host.store.port
            counts: Answer = host.read(
                lambda view: {
                    "streams": len(view.streams()),
                    "events": sum(view.count(name) for name in view.streams()),
                    "keys": len(view.keys()),
                }
            )
            found = read_format(port)
            opened = read_root(port, patient=True)
            try:
                journal, manifest = opened.journal, opened.resting.manifest
                state = {
                    "commit": journal.commit,
                    "segment": segment_path(journal.segment),
                    "bytes": journal.end,
                    "torn": journal.torn,
                    "checkpoint": manifest.number,
                    "to-remove": sum(port.exists(path) for path in manifest.remove),
                }
            finally:
                opened.close()
            sizes = {
                name: sum(_size(port, f"{name}/{file}") for file in files(port, name))
                for name in ("journal", "streams", *TABLES, "kv", "blobs", "aside")
            }
        counts["blobs"] = len(self.blobs(root))
        return {
            "root": str(root),
            "format": None if found is None else VERSION,
            "older-layout": found is None or found.adopted,
            **counts,
            "bytes": {**sizes, "all": sum(sizes.values())},
            "journal": state,
        }

    # -- checking and mending -------------------------------------------------------------------------

    def verify(self, root: Path, *, progress: Progress) -> Answer:
        """Read everything; `problems` are damage, `notes` are not."""
        try:
            with closing(RealPort(root)) as port:
                report = check(port, progress)
        except OSError as error:
            raise StoreIOError("check", str(error.filename or root), error) from error
        answer = asdict(report)
        answer["problems"] = [str(problem) for problem in report.problems]
        return answer

    def repair(self, root: Path, *, give_up: bool, progress: Progress) -> Answer:
        """Make a damaged store sound; without `give_up` only when nothing acknowledged is lost."""
        with closing(RealPort(root)) as port:
            try:
                done = repairing.repair(port, give_up=give_up, progress=progress)
                return {"done": True, **asdict(done)}
            except repairing.WouldLose as error:
                return {"done": False, "needed": True, "losses": error.losses, "aside": []}

    def doctor(self, root: Path) -> list[Answer]:
        """What is good or bad about the place of a store: `name`, `ok`, `says`."""
        return doctor.examine(root)

    # -- copies ----------------------------------------------------------------------------------------

    def backup(
        self, root: Path, target: Path, *, earlier: Path | None, check: bool, progress: Progress
    ) -> Answer:
        """Copy the store to `target`, sharing with the backup `earlier` what is the same."""
        return asdict(backup.back_up(root, target, earlier=earlier, check=check, progress=progress))

    def restore(self, source: Path, target: Path, *, check: bool, progress: Progress) -> Answer:
        """Make a store from a backup."""
        return asdict(backup.restore(source, target, check=check, progress=progress))

    def export(
        self, root: Path, out: BinaryIO, streams: Collection[str] | None, *, progress: Progress
    ) -> Answer:
        """Write the content as SX text to a seekable file."""
        with _open(root) as host:
            return asdict(transfer.export(host.store, out, streams, progress))

    def import_(
        self,
        root: Path,
        lines: Iterable[bytes],
        name: str,
        *,
        replace_keys: bool,
        size: int,
        progress: Progress,
    ) -> Answer:
        """Take over an export; the store may be new."""
        with closing(open_host(root)) as host:
            done = transfer.import_(
                host.store, lines, name, replace_keys=replace_keys, size=size, progress=progress
            )
            return asdict(done)

    # -- rewriting -------------------------------------------------------------------------------------

    def compact(self, root: Path, *, progress: Progress) -> Answer:
        """Settle the journal and drop what is dead; the bytes before and after."""
        before = self.stat(root)["bytes"]["all"]
        with _open(root, read_only=False) as host:
            rewriting.compact(host.store, progress)
        return {"before": before, "after": self.stat(root)["bytes"]["all"]}

    def gc(self, root: Path, *, least_age: float, remove: bool, progress: Progress) -> list[str]:
        """The blobs that nothing mentions and nobody put lately; with `remove` they are gone then."""
        with _open(root, read_only=not remove) as host:
            if remove:
                return rewriting.collect_blobs(host.store, least_age, progress)
            return rewriting.unmentioned_blobs(host.store, least_age, progress)

    def erase(
        self,
        root: Path,
        *,
        events: Mapping[str, Collection[int]],
        streams: Sequence[str],
        keys: Sequence[str],
        progress: Progress,
    ) -> Answer:
        """Erase for good, at one instant."""
        with _open(root, read_only=False) as host:
            found: Dict = rewriting.erase(host.store, Erasure(events, streams, keys), progress)
            return dict(found.items())


def _size(port: RealPort | Any, path: str) -> int:
    file = port.open(path)
    try:
        size: int = file.size()
        return size
    finally:
        file.close()


tools = DiskTools()
"""What the entry point names."""
