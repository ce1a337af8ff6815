"""The profiler: what it counts is exact in both tiers, and what it samples is put where it belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from sxpy import Interpreter, SxError
from sxpy.cli.main import main
from sxpy.errors import TOP_LEVEL
from sxpy.profiler import Profile, flame_graph, text_report
from sxpy.profiler.profile import DEEPER, DEEPEST, INTERVAL, STEPS, Function, stack_of

TIERS = [{"SX_TIER": "0"}, {"SX_TIER": "1", "SX_HOT": "1"}, {"SX_TIER": "1"}]


@pytest.fixture(params=TIERS, ids=["tier 0", "compiled at once", "compiled when hot"])
def tier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)


class Answers:
    """A host that answers with its arguments, and refuses `no`."""

    def owns(self, operation: str) -> bool:
        return operation != "no"

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        return args[0]

    def close(self) -> None: ...


def _profiled(text: str, patience: float = INTERVAL, fuel: int = STEPS) -> Profile:
    interpreter = Interpreter(host=Answers())
    profile = Profile()
    profile.patience, profile.fuel = patience, fuel
    interpreter.observe(profile)
    interpreter.eval(text, "p.sx")
    return profile


def _calls(profile: Profile) -> dict[str, int]:
    return {function.name: count for function, count in profile.calls().items()}


@pytest.mark.usefixtures("tier")
@pytest.mark.parametrize("patience", [INTERVAL, 0.00001])
@pytest.mark.parametrize("fuel", [STEPS, 40])
def test_calls_are_counted(patience: float, fuel: int) -> None:
    """However often and wherever the machine stops.

    fib(n) makes 2·fib(n+1) - 1 calls, fib(0) and fib(1) being n; fib(16) is 987.
    """
    calls = _calls(
        _profiled(
            """
            (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
            (define (square x) (* x x))
            (define (sum &rest xs) (reduce + 0 xs))
            (define (named &key (a 1)) a)
            (define (even n) (if (= n 0) true (odd (- n 1))))
            (define (odd n) (if (= n 0) false (even (- n 1))))
            (define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))
            (define (never) 1)
            (define (down n) (if (= n 0) 0 (down (- n 1))))
            (define (looped n) (let loop ((i 0) (acc 0)) (if (= i n) acc (loop (+ i 1) (+ acc (mod i 7))))))
            (fib 15) (map square (range 40)) (sum 1 2 3) (sum) (named :a 2) (even 101) (deep 900) (down 800)
            (map looped (range 60)) (looped 900)
            """,
            patience,
            fuel,
        )
    )
    loops = {"down": 801, "looped": 61, "loop": sum(n + 1 for n in (*range(60), 900))}
    assert calls.pop("fib") == 2 * 987 - 1
    assert calls == {"square": 40, "sum": 2, "named": 1, "even": 51, "odd": 51, "deep": 901} | loops


@pytest.mark.usefixtures("tier")
def test_performs_are_counted_with_who_made_them() -> None:
    profile = _profiled(
        """
        (define (ask op) (list (perform {:op op :args (list 5)}) op))
        (define (all) (map ask (list "a" "b" "a")))
        (list (all) (guard (e (true nil)) (ask "no")) (perform {:op "b" :args (list 1)}))
        """
    )
    assert {name: each.count for name, each in profile.performs().items()} == {"a": 2, "b": 2, "no": 1}
    made: dict[str, int] = {}
    for stack, by_operation in profile.asked.items():
        made[stack[-1].name] = made.get(stack[-1].name, 0) + sum(each.count for each in by_operation.values())
    assert made == {"ask": 4, TOP_LEVEL: 1}


def test_a_profile_changes_no_value() -> None:
    text = "(define (f n) (if (= n 0) (list) (cons (* n n) (f (- n 1))))) (str (f 500))"
    interpreter = Interpreter()
    interpreter.observe(Profile())
    assert interpreter.eval(text) == Interpreter().eval(text)


def test_the_stack_of_a_state() -> None:
    run = Interpreter().start(
        """
        (define (inner x) (list (perform x)))
        (define (rec n) (if (= n 0) (list (inner 1)) (list (rec (- n 1)))))
        (list (map (fn (x) (list (rec x))) (list 3)))
        """,
        "p.sx",
    )
    names = [str(function) for function in stack_of(run.state)]
    assert names == [f"{TOP_LEVEL} p.sx", "lambda p.sx", "rec p.sx", "inner p.sx"]


def test_a_stack_that_is_very_deep_is_cut() -> None:
    run = Interpreter().start(
        """
        (define (even n) (if (= n 0) (list (perform 1)) (list (odd (- n 1)))))
        (define (odd n) (list (even (- n 1))))
        (list (even 100000))
        """
    )
    stack = stack_of(run.state)
    assert stack[0] == Function(DEEPER, "")
    assert len(stack) == DEEPEST + 1


def test_time_goes_to_whom_it_belongs() -> None:
    """With clocks that advance by one whenever they are looked at, each slice takes one second."""

    def clock() -> Iterator[int]:
        yield from range(10**6)

    work, passed = clock(), clock()
    profile = Profile(lambda: next(work), lambda: next(passed))
    interpreter = Interpreter(host=Answers())
    interpreter.observe(profile)
    interpreter.eval('(define (ask) (list (perform {:op "a" :args (list 1)}))) (list (ask) (ask))', "p.sx")
    top, ask = Function(TOP_LEVEL, "p.sx"), Function("ask", "p.sx")
    assert profile.samples == 3  # two performs, and the end
    assert profile.stacks[top, ask] == 2
    assert sum(profile.stacks.values()) == 3
    assert profile.asked[top, ask]["a"].seconds == 2


def _sample() -> Profile:
    """A profile with round figures, made by hand."""
    profile = Profile()
    main, left, right = Function("main", "a.sx"), Function("<left>&", "a.sx"), Function("right", "b.sx")
    profile.stacks |= {(main,): 1.0, (main, left): 2.0, (main, left, right): 4.0, (main, right): 1.0}
    asked = profile.asked[main, right]["store"]
    asked.count, asked.seconds = 4, 2.0
    profile.samples = 5
    return profile


def test_the_report() -> None:
    lines = text_report(_sample()).splitlines()
    assert lines[0] == "profile: 8.000 s of the processor, 2.000 s in performs, 5 samples, 0 calls"
    rows = [re.split(r"  +", line.strip()) for line in lines[1:5]]
    assert rows == [
        ["total s", "own s", "own", "calls", "performs", "function"],
        ["7.000", "5.000", "62%", "4", "right b.sx"],
        ["6.000", "2.000", "25%", "<left>& a.sx"],
        ["10.000", "1.000", "12%", "main a.sx"],
    ]
    assert re.split(r"  +", lines[7].strip()) == ["2.000", "500.000", "4", "store"]


def test_the_flame_graph() -> None:
    svg = ElementTree.fromstring(flame_graph(_sample(), "a & b"))
    space = {"s": "http://www.w3.org/2000/svg"}
    boxes = {
        str(box.findtext("s:title", namespaces=space)).split(": ")[0]: box.find("s:rect", space)
        for box in svg.iterfind("s:g", space)
    }
    assert set(boxes) == {"main a.sx", "<left>& a.sx", "right b.sx", "perform store"}
    widths = {name: float(box.get("width", "")) for name, box in boxes.items() if box is not None}
    assert widths["main a.sx"] == 1180  # the width of the picture without its margins
    assert widths["<left>& a.sx"] == pytest.approx(1180 * 6 / 10, abs=0.1)
    assert widths["perform store"] == pytest.approx(1180 * 2 / 10, abs=0.1)
    titles = [box.findtext("s:title", namespaces=space) for box in svg.iterfind("s:g", space)]
    assert "perform store: 2.000 s, 20.0%; 2.000 s of its own, 4 times" in titles
    assert svg.findtext("s:text", namespaces=space) == "a & b: 10.000 s"


def test_a_profile_of_nothing() -> None:
    assert text_report(Profile()).startswith("profile: 0.000 s")
    ElementTree.fromstring(flame_graph(Profile(), "nothing"))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "p.sx"
    path.write_text(
        "(define (f x) (* x 2)) (display (map f *args*)) (display (len *args*))", encoding="utf-8"
    )
    return path


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    "words", [["--profile", "p.sx"], ["--max-seconds", "9", "--profile", "--strict", "p.sx"]], ids=" ".join
)
def test_run_with_a_profile(words: list[str]) -> None:
    done = CliRunner().invoke(main, ["run", *words])
    assert (done.exit_code, done.stdout) == (0, "()0")
    assert done.stderr.startswith("profile: ")
    assert "flame graph" not in done.stderr


@pytest.mark.usefixtures("program")
def test_run_with_a_flame_graph() -> None:
    done = CliRunner().invoke(main, ["run", "--profile=out.svg", "p.sx", "--profile", "--profile=x"])
    assert done.exit_code == 1  # a string is no number; the profile is shown nevertheless
    assert "Expected number" in done.stderr
    assert re.search(r"1 +f p\.sx$", done.stderr, re.MULTILINE)
    assert done.stderr.endswith("flame graph: out.svg\n")
    ElementTree.parse("out.svg")


@pytest.mark.usefixtures("program")
def test_a_flame_graph_that_cannot_be_written() -> None:
    done = CliRunner().invoke(main, ["run", "--profile=no/such/dir.svg", "p.sx"])
    assert done.exit_code == 1
    assert "error: cannot write no/such/dir.svg: No such file or directory" in done.stderr


def test_an_error_ends_the_profile_in_order() -> None:
    interpreter = Interpreter()
    profile = Profile()
    interpreter.observe(profile)
    with pytest.raises(SxError):
        interpreter.eval("(define (f) (car 5)) (list (f))")
    assert _calls(profile) == {"f": 1}
    assert interpreter.eval("(+ 1 2)") == 3
