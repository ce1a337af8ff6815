"""A contender that lives in Python: `python -m bench.worker KIND FILE`.

Every contender is a process of its own, so that no one's heap or caches are another's. It reads lines
`SIZE TIMES`, calls the program's `run` with the size so many times, and answers `SECONDS ANSWER`: seconds of
processor a call, and what the last one returned. `drivers/` do the same for the Schemes.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

Run = Callable[[int], Any]


def python(path: Path) -> Run:
    """A program for CPython."""
    spec = importlib.util.spec_from_file_location("program", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run: Run = module.run
    return run


def sx(path: Path) -> Run:
    """A program for SX, in a process as `sx run` has it; `SX_TIER=0` in the environment chooses the tier."""
    from sxpy import Interpreter  # noqa: PLC0415  each kind imports what it measures, and nothing else
    from sxpy.cli.collector import settle_collector  # noqa: PLC0415

    settle_collector()
    interpreter = Interpreter()
    interpreter.eval_file(path)
    return lambda size: interpreter.call("run", size)


def hy(path: Path) -> Run:
    """A program for Hy, which becomes Python."""
    import hy as hy_package  # noqa: PLC0415

    space: dict[str, Any] = {}
    for form in hy_package.read_many(path.read_text(encoding="utf-8")):
        hy_package.eval(form, space)
    run: Run = space["run"]
    return run


def calysto(path: Path) -> Run:
    """A program for Calysto Scheme, which interprets in continuation-passing style."""
    from calysto_scheme import scheme  # noqa: PLC0415

    result = scheme.execute_string_rm(path.read_text(encoding="utf-8"))
    if scheme.exception_q(result):
        raise RuntimeError(str(result))
    return lambda size: scheme.execute_string_rm(f"(run {size})")


def lis(path: Path) -> Run:
    """A program for the baseline: an interpreter as one writes it in an afternoon."""
    from bench.lis import Lis  # noqa: PLC0415

    interpreter = Lis()
    interpreter.eval_text(path.read_text(encoding="utf-8"))
    return lambda size: interpreter.eval_text(f"(run {size})")


KINDS: dict[str, Callable[[Path], Run]] = {
    "python": python,
    "sx": sx,
    "hy": hy,
    "calysto": calysto,
    "lis": lis,
}


def main() -> None:
    """Load, and answer until there are no more lines."""
    run = KINDS[sys.argv[1]](Path(sys.argv[2]))
    for line in sys.stdin:
        size, times = map(int, line.split())
        start = process_time()
        for _ in range(times):
            answer = run(size)
        taken = process_time() - start
        print(taken / times, answer, flush=True)


if __name__ == "__main__":
    main()
