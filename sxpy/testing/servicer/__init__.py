"""The conformance kit of servicers: every check that a store behind `persist/…` and `blob/…` must pass.

    from sxpy.testing import check_servicer

    def test_my_store(tmp_path):
        check_servicer(open_my_store)

`open_my_store(path)` opens the store at a path that nobody has used; called again with the same path it is
a restart. `check_servicer` runs everything and tells all that is wrong; `servicer_checks` gives the checks
one by one, for a test framework to list. The checks themselves: `streams.py`, `keys.py`, `values.py`,
`blobs.py` (what is answered), `histories.py` against `model.py` (any sequence of operations), `races.py`
(threads and processes), `kills.py` (a process that is killed). `docs/servicers.md` tells it with examples.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sxpy.errors import EvalError
from sxpy.testing.servicer import blobs, keys, kills, races, streams, values
from sxpy.testing.servicer.registry import BLOBS, DEMANDS, EXTRAS, PLAIN, Demand
from sxpy.testing.servicer.subject import Failure, MakeStore, Subject

EXAMPLES = 50
"""How many random histories are tried, when nobody says otherwise."""

_FILES = (streams, keys, values, blobs, kills, races)  # importing them made the list of demands


@dataclass(frozen=True, slots=True)
class ServicerCheck:
    """One check of one store. `str` gives what must hold, in words."""

    name: str
    body: Callable[[Path], None]

    def __str__(self) -> str:
        return self.name

    def run(self, path: Path) -> None:
        """Run it on a store at `path`, which must not exist. Raises Failure, an AssertionError."""
        try:
            self.body(path)
        except Failure as failure:
            raise Failure(f"{self.name}: {failure}") from failure.__cause__


def servicer_checks(
    make_store: MakeStore,
    *,
    durable: bool = True,
    threads: bool = True,
    processes: bool = True,
    without: Collection[str] = (),
    examples: int = EXAMPLES,
) -> list[ServicerCheck]:
    """All checks of the stores that `make_store` opens.

    `durable`: what was stored is there when the store is closed and opened again. `threads`: many threads
    may ask one host. `processes`: many processes may each open a host on one path (only when `durable`).
    `without`: the operations of `EXTRAS` and `BLOBS` that the store does not offer; plain ones cannot be
    left out. `examples`: how many random histories are tried; 0 for none, else `hypothesis` must be
    installed. Raises ValueError.
    """
    wrong = sorted(set(without) - set(EXTRAS) - set(BLOBS))
    if wrong:
        raise ValueError(f"every servicer offers {', '.join(wrong)}, or nobody does; it cannot be left out")
    offered = frozenset([*PLAIN, *EXTRAS, *BLOBS]) - frozenset(without)
    promises = {"durable": durable, "threads": threads, "processes": processes}
    kept = {promise for promise, given in promises.items() if given}
    checks = [ServicerCheck("it owns what it offers and nothing else", _owning(make_store, offered, without))]
    checks += [
        ServicerCheck(demand.name, _meeting(demand, make_store, durable=durable))
        for demand in DEMANDS
        if demand.needs <= offered and demand.promises <= kept
    ]
    if examples:
        body = _histories(make_store, offered, durable=durable, examples=examples)
        checks.append(ServicerCheck("any history is as that of the model", body))
    return checks


def check_servicer(
    make_store: MakeStore,
    *,
    durable: bool = True,
    threads: bool = True,
    processes: bool = True,
    without: Collection[str] = (),
    examples: int = EXAMPLES,
) -> None:
    """Run all checks, each on a store of its own in a temporary directory. Parameters: `servicer_checks`.

    Raises Failure, an AssertionError that tells each check that failed, and its steps.
    """
    checks = servicer_checks(
        make_store, durable=durable, threads=threads, processes=processes, without=without, examples=examples
    )
    failures: list[Failure] = []
    with TemporaryDirectory(prefix="sx-servicer-") as directory:
        for number, check in enumerate(checks):
            try:
                check.run(Path(directory) / f"{number}" / "store")
            except Failure as failure:
                failures.append(failure)
    if failures:
        told = "\n\n".join(map(str, failures))
        raise Failure(f"{len(failures)} of {len(checks)} checks failed\n\n{told}") from failures[0]


def _owning(
    make_store: MakeStore, offered: Collection[str], without: Collection[str]
) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        with _opened(make_store, path, durable=False) as store:
            for name in sorted(offered):
                if not store.host.owns(name):
                    store.fail(f"owns says false of {name}; offer it, or name it in `without`")
            for name in sorted(without):
                if store.host.owns(name):
                    store.fail(f"owns says true of {name}, which is named in `without`")
                store.refuses(name)

    return run


def _meeting(demand: Demand, make_store: MakeStore, *, durable: bool) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        with _opened(make_store, path, durable=durable) as store:
            demand.body(store)

    return run


def _histories(
    make_store: MakeStore, offered: frozenset[str], *, durable: bool, examples: int
) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        try:
            from sxpy.testing.servicer.histories import check_histories  # noqa: PLC0415  hypothesis is optional
        except ModuleNotFoundError as error:
            if error.name != "hypothesis":
                raise
            raise ModuleNotFoundError(
                "random histories need hypothesis: pip install hypothesis, or say examples=0", name=error.name
            ) from error
        check_histories(make_store, path, offered, durable=durable, examples=examples)

    return run


@contextmanager
def _opened(make_store: MakeStore, path: Path, *, durable: bool) -> Iterator[Subject]:
    """A store for one check. Whatever goes wrong within is a Failure with the steps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Subject(make_store, path, durable=durable)
    try:
        try:
            yield store
        except EvalError as error:
            store.fail(f"this must not be refused: {error.message}", error)
        except Failure:
            raise
        except Exception as error:
            store.fail(f"the answer cannot be used: {type(error).__name__}: {error}", error)
    except Failure:
        with suppress(Exception):  # there is nothing more to learn
            store.host.close()
        raise
    store.close()


__all__ = ["BLOBS", "EXTRAS", "PLAIN", "Failure", "ServicerCheck", "check_servicer", "servicer_checks"]
