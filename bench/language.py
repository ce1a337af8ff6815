"""The language against CPython and against other Lisps: twelve small programs, the same in each language.

The programs are in `programs/`, written as one writes in each language; `run` of a size is what is measured.
Slow contenders get a small size. Every contender's time is divided by CPython's at the same size, round by
round, and every answer is compared with CPython's.
"""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import dataclass
from functools import partial

from bench.measure import in_turns, mean, ratio
from bench.peers import CALYSTO, CSI, LIS, PEERS, PYTHON, SX, TIER0, Peer, Session, Silent
from bench.table import Bar, Table


@dataclass(frozen=True)
class Program:
    """A program: its name in tables, its files, the size for most and the size for slow contenders.

    `counts`: whether it is one of the twelve that the mean is of.
    """

    name: str
    stem: str
    size: int
    small: int
    counts: bool = True


PROGRAMS = [
    Program("fib", "fib", 25, 18),
    Program("tak", "tak", 7, 5),
    Program("queens", "queens", 7, 5),
    Program("Ackermann", "ack", 6, 4),
    Program("tail loop", "loop", 1_000_000, 20_000),
    Program("mutual tail calls", "mutual", 5_000, 100),
    Program("lists", "lists", 100_000, 2_000),
    Program("strings", "strings", 50_000, 1_000),
    Program("dicts", "dicts", 100_000, 5_000),
    Program("closures", "closures", 100_000, 3_000),
    Program("guard and raise", "guards", 100_000, 3_000),
    Program("call/cc generator", "generators", 50_000, 1_000),
]

CALLS = ("fib", "tak", "Ackermann")
"""The programs that are nothing but calls."""

BOTH = "tier 0 / tier 1"

LEAST = 0.04
"""Seconds that a measurement takes at least: a short program is run so often."""


class WrongAnswer(Exception):
    """A contender answered something else than CPython."""


Key = tuple[Peer, bool]
"""A contender, and whether the small size is meant."""


def language(options: Namespace) -> list[Table]:
    """The tables of the group."""
    peers = [peer for peer in PEERS if not peer.missing() and (options.peers or not peer.hint)]
    columns = [peer.name for peer in peers if peer is not PYTHON]
    times = Table("Language", "Seconds of processor over CPython's for the same work", columns, chart=True)
    tiers = Table("Tiers", "Seconds of tier 0 over those of tier 1, the same work", [BOTH])
    times.notes = [reason for peer in PEERS if (reason := peer.missing())]
    for program in PROGRAMS:
        if options.only and program.stem not in options.only:
            continue
        found = measure(program, peers, options, times.notes)
        against = [key for key in found if key[0] is not PYTHON and key[1] == key[0].slow]
        times.rows[program.name] = {key[0].name: ratio(found[key], found[PYTHON, key[1]]) for key in against}
        if (TIER0, True) in found:
            tiers.rows[program.name] = {BOTH: ratio(found[TIER0, True], found[SX, True])}
    summarize(times, tiers)
    return [times, tiers]


def measure(
    program: Program, peers: list[Peer], options: Namespace, notes: list[str]
) -> dict[Key, list[float]]:
    """Seconds of each round. Who does not answer is left out, and noted. Raises WrongAnswer."""
    sizes = {True: program.small, False: program.small if options.tiny else program.size}
    both = (PYTHON, SX)
    sessions = {peer: Session(peer, path) for peer in peers if (path := peer.program(program.stem))}
    plan: dict[Key, int] = {}
    expected: dict[bool, str] = {}
    try:
        # CPython is asked first: it is the one the others have to agree with.
        for peer in sorted(sessions, key=lambda peer: peer is not PYTHON):
            try:
                for is_small in (True, False) if peer in both else (peer.slow,):
                    taken, answer = warm(sessions[peer], sizes[is_small])
                    if expected.setdefault(is_small, answer) != answer:
                        told = f"{answer}, CPython says {expected[is_small]}"
                        raise WrongAnswer(f"{peer.name}: {program.name} of {sizes[is_small]} is {told}")
                    often = math.ceil(LEAST / max(taken, LEAST / 1000))
                    plan[peer, is_small] = 1 if options.tiny else often
            except Silent as silence:
                notes.append(f"{program.name}: {silence}")
        works = {key: partial(one_round, sessions[key[0]], sizes[key[1]], plan[key], notes) for key in plan}
        found = in_turns(works, options.rounds)
        return {key: taken for key, taken in found.items() if math.inf not in taken}
    finally:
        for session in sessions.values():
            session.close()


def one_round(session: Session, size: int, times: int, notes: list[str]) -> float:
    """Seconds a call; endless when there is no answer, which is noted once."""
    try:
        return session.run(size, times)[0]
    except Silent as silence:
        if str(silence) not in notes:
            notes.append(str(silence))
        return math.inf


def warm(session: Session, size: int) -> tuple[float, str]:
    """Run twice unmeasured, so that whatever compiles or specializes has done so."""
    session.run(size)
    return session.run(size)


def summarize(times: Table, tiers: Table) -> None:
    """Add the means and the bars."""
    wanted = [program.name for program in PROGRAMS if program.counts]
    counted = [name for name in wanted if times.rows.get(name, {}).get(SX.name)]
    rows = [times.rows[name] for name in counted]
    together: dict[str, float | None] = {}
    for column in times.columns:
        figures = [row[column] for row in rows if row.get(column)]
        if figures:
            together[column] = mean(figures)
    mine = together[SX.name]
    worst = max(counted, key=lambda name: times.rows[name][SX.name])
    times.bars += [
        Bar(f"SX / CPython, geometric mean of {len(counted)}", mine, "<=", 2.0),
        Bar(f"SX / CPython at worst, which is {worst}", times.rows[worst][SX.name], "<=", 5.0),
    ]
    for peer, limit, sense in ((CSI, 1.0, "<="), (CALYSTO, 20.0, ">="), (LIS, 20.0, ">=")):
        shared = [row[SX.name] / row[peer.name] for row in rows if row.get(peer.name)]
        if shared:
            own = mean(shared)
            value = own if sense == "<=" else 1 / own
            name = f"SX / {peer.name}" if sense == "<=" else f"{peer.name} / SX"
            times.bars.append(Bar(f"{name}, geometric mean of {len(shared)}", value, sense, limit))
    times.rows["geometric mean"] = together
    calls = [tiers.rows[name][BOTH] for name in CALLS if name in tiers.rows]
    if calls:
        tiers.bars.append(Bar("tier 0 / tier 1 on calls, geometric mean", mean(calls), ">=", 8.0))
