"""The code cache in use: what is kept, when it holds, and what happens when it is damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sxpy import Interpreter, SxError, prelude
from sxpy.cache import CodeCache, default_cache, entry
from sxpy.cache.pending import PendingCode
from sxpy.cache.program import Program
from sxpy.data import Closure
from sxpy.reader import read_file, source
from sxpy.testing.runner import Options, run_file

LIBRARY = """
(define (double x) (* 2 x))
(define (greet &key (name "you") &rest more) (str "hello " name (len more)))
(define limit 10)
(define (fact n) (if (< n 2) 1 (* n (fact (- n 1)))))
(define (broken x) (+ x missing))
(list (double limit) (fact 5))
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, in a working directory of its own."""
    monkeypatch.delenv("SX_NO_CACHE")
    monkeypatch.setenv("SX_CACHE_DIR", os.fspath(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read by the grammar since the test began."""
    seen: list[str] = []
    really = source.read_source

    def counted(given: Any) -> Any:
        seen.append(given.file)
        return really(given)

    monkeypatch.setattr(source, "read_source", counted)
    return seen


def _write(name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8")


def _value(text: str, **options: Any) -> Any:
    return Interpreter(**options).eval(text)


def test_a_file_is_read_once(cache: Path, reads: list[str]) -> None:
    _write("lib.sx", LIBRARY)
    for _ in range(3):
        interpreter = Interpreter()
        interpreter.eval_file("lib.sx")
        assert interpreter.eval('(list (greet :name "Ada" 1 2) (fact 20))').to_list() == [
            "hello Ada2",
            2432902008176640000,
        ]
    assert reads.count("lib.sx") == 1
    assert len(list(cache.iterdir())) == 1


def test_a_text_is_kept_when_that_is_wanted(cache: Path, reads: list[str]) -> None:
    for _ in range(2):
        assert Interpreter().eval("(+ 1 2)", "<eval>", keep=True) == 3
        assert Interpreter().eval("(+ 3 4)", "<other>") == 7
    assert reads == ["<eval>", "<other>", "<other>"]


def test_a_file_that_changed_is_read_again(cache: Path, reads: list[str]) -> None:
    for text in ("(define x 1) x", "(define x 2) x"):
        _write("lib.sx", text)
        assert Interpreter().eval_file("lib.sx") == int(text[10])
    assert reads == ["lib.sx", "lib.sx"]


@pytest.mark.parametrize("change", ["version", "python", "source"])
def test_another_sxpy_keeps_its_own(
    cache: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    _write("lib.sx", LIBRARY)
    for version in range(2):
        if version and change == "version":
            monkeypatch.setattr(entry, "__version__", "9.9.9")
        elif version and change == "python":
            monkeypatch.setattr(sys, "version", "4.0")
        elif version:
            monkeypatch.setattr(entry, "_ROOMS", (*entry._ROOMS, "machine"))
        Interpreter(cache=CodeCache(os.fspath(cache))).eval_file("lib.sx")
    assert reads == ["lib.sx", "lib.sx"]


def test_an_entry_stands_for_its_own_text_only(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry.Entries, "name", lambda self, text: "the-same-for-all")
    for text in ("(define x 1) x", "(define x 2) x", "(define x 1) x"):
        _write("lib.sx", text)
        assert Interpreter().eval_file("lib.sx") == int(text[10])


# -- what a record takes for granted -----------------------------------------------------------------


USER = "(define (use x) (frob x 3)) (use 4)"

BEFORE = {
    "a function": "(define (frob a b) (list a b))",
    "another function": "(define frob (fn (a b) (* a b)))",
    "a macro": "(defmacro frob (a b) `(quote (,a ,b)))",
    "a hygienic macro": "(define-syntax frob (syntax-rules () ((_ a b) (- a b))))",
    "a primitive": "(define frob +)",
    "nothing": "",
}


def test_a_name_that_became_a_macro_is_noticed(cache: Path) -> None:
    """Whatever a name means when a file is loaded, what was kept of another meaning makes no difference."""
    _write("use.sx", USER)
    expected = {}
    for _ in range(2):
        for what, before in BEFORE.items():
            for kept in (True, False):
                interpreter = Interpreter(cache=kept)
                interpreter.eval(before)
                try:
                    came = repr(interpreter.eval('(str (load "use.sx"))'))
                except SxError as error:
                    came = f"{error.message} at {error.place}"
                assert expected.setdefault(what, came) == came
    assert len(set(expected.values())) == len(BEFORE)


def test_a_primitive_that_was_redefined_is_noticed(cache: Path) -> None:
    _write("sum.sx", "(define (sum a b) (+ a b)) (sum 3 4)")
    for _ in range(2):
        assert Interpreter().eval('(load "sum.sx")') == 7
        assert Interpreter().eval('(define (+ a b) (* a b)) (load "sum.sx")') == 12
        interpreter = Interpreter()
        interpreter.eval('(load "sum.sx")')
        assert interpreter.eval("(define (+ a b) (list a b)) (len (sum 3 4))") == 2


def test_a_primitive_redefined_before_the_first_call_is_noticed(cache: Path) -> None:
    _write("sum.sx", "(define (sum a b) (+ a b))")
    for _ in range(2):
        interpreter = Interpreter()
        interpreter.eval('(load "sum.sx") (define old +) (define (+ a b) (old a b 100))')
        assert interpreter.eval("(sum 3 4)") == 107


def test_an_import_after_the_load_changes_nothing(cache: Path) -> None:
    """A name in a function means what it meant where the function stands, however late the first call is."""
    _write("use.sx", "(define (use x) (upper x)) (define (late x) (shout x))")
    library = """(define-library (loud) (export upper shout)
                   (begin (define (upper x) "loud") (define (shout x) "LOUD")))"""
    for _ in range(2):
        for kept in (True, False):
            interpreter = Interpreter(cache=kept)
            interpreter.eval(f'(load "use.sx") {library} (import (loud))')
            assert interpreter.eval('(list (use "x") (upper "x"))').to_list() == ["X", "loud"]
            with pytest.raises(SxError, match="Undefined symbol: shout"):
                interpreter.eval('(late "x")')


def test_constructors_in_patterns_are_noticed(cache: Path) -> None:
    _write("use.sx", "(define (use v) (match v ((pair a b) (+ a b)) (else 0))) (use (list 1 2))")
    for _ in range(2):
        for before, expected in (("", 0), ("(define-type P (pair x y))", 0)):
            for kept in (True, False):
                interpreter = Interpreter(cache=kept)
                assert interpreter.eval(f'{before} (load "use.sx")') == expected
        for kept in (True, False):
            interpreter = Interpreter(cache=kept)
            assert interpreter.eval('(define-type P (pair x y)) (load "use.sx") (use (pair 3 4))') == 7


def test_macros_of_the_program_are_expanded_each_time(cache: Path, reads: list[str]) -> None:
    _write("m.sx", '(defmacro twice (x) (display "!") `(+ ,x ,x)) (define (f y) (twice y)) (f 4)')

    class Heard:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

    for _ in range(3):
        heard = Heard()
        assert Interpreter(output=heard).eval_file("m.sx") == 8
        assert heard.text == "!"
    assert reads == ["m.sx"]


# -- functions that are not made yet -----------------------------------------------------------------


def test_a_function_is_made_at_its_first_call(cache: Path) -> None:
    _write("lib.sx", LIBRARY)
    Interpreter().eval_file("lib.sx")
    interpreter = Interpreter()
    interpreter.eval_file("lib.sx")
    codes = {}
    for name in ("double", "greet", "broken"):
        closure = interpreter.lookup(name)
        assert isinstance(closure, Closure)
        codes[name] = closure.template.entry.code
    assert type(codes["double"]) is not PendingCode  # the file called it
    assert type(codes["greet"]) is type(codes["broken"]) is PendingCode
    assert interpreter.eval("(list (inspect greet) (procedure? greet))").to_list() == [
        Interpreter(cache=False).eval(LIBRARY + "(inspect greet)"),
        True,
    ]
    assert type(codes["greet"]) is PendingCode  # looking at it from outside makes nothing
    assert interpreter.eval("(greet)") == "hello you0"
    assert type(codes["greet"]) is not PendingCode
    assert codes["greet"].tree is not None


def test_errors_of_a_kept_function_tell_the_same(cache: Path) -> None:
    _write("lib.sx", LIBRARY)
    told = []
    for kept in (False, True, True):
        interpreter = Interpreter(cache=kept)
        interpreter.eval_file("lib.sx")
        for call in ("(broken 1)", "(double 1 2)", "(fact (list))"):
            with pytest.raises(SxError) as raised:
                interpreter.eval(call)
            error = raised.value
            told.append((error.message, repr(error.place), error.place and error.place.text, error.backtrace))
    assert told[0:3] == told[3:6] == told[6:9]
    assert told[0][2] == "(define (broken x) (+ x missing))"


def test_a_program_that_ends_early_is_kept_as_far_as_it_came(cache: Path, reads: list[str]) -> None:
    _write("early.sx", '(define (f) 1) (if stop (error "early") nil) (define (g) (f)) (g)')
    for stop in ("true", "true", "false", "false"):
        interpreter = Interpreter()
        interpreter.eval(f"(define stop {stop})")
        if stop == "true":
            with pytest.raises(SxError, match="early"):
                interpreter.eval_file("early.sx")
        else:
            assert interpreter.eval_file("early.sx") == 1
    assert reads.count("early.sx") == 1


# -- damage ------------------------------------------------------------------------------------------


def test_damage_never_changes_an_answer(cache: Path) -> None:
    _write("lib.sx", LIBRARY)
    expected = Interpreter().eval_file("lib.sx").to_list()
    (kept,) = cache.iterdir()
    data = kept.read_bytes()
    cuts = [data[:length] for length in (0, 5, 12, 19, 20, 100, len(data) - 1)]
    step = max(1, len(data) // 60)
    flips = [data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :] for at in range(0, len(data), step)]
    for damaged in (*cuts, *flips, data + b"x", b"", b"\0" * len(data)):
        kept.write_bytes(damaged)
        kept.chmod(0o600)
        interpreter = Interpreter()
        assert interpreter.eval_file("lib.sx").to_list() == expected
        assert interpreter.eval("(greet)") == "hello you0"
        assert kept.read_bytes() == data  # and it was made anew


@pytest.mark.parametrize("field", range(8))
def test_a_record_that_makes_no_sense_is_none(cache: Path, field: int) -> None:
    """The sum of an entry may be right, and its content wrong: a bug, or somebody played with it."""
    _write("lib.sx", LIBRARY)
    interpreter = Interpreter()
    expected = interpreter.eval_file("lib.sx").to_list()
    (kept,) = cache.iterdir()
    entries = entry.Entries()
    records: list[Any] = entries.unpack(kept.read_bytes(), LIBRARY) or []
    spoiled = [
        record if record is None or record[0] != "code" else (*record[:field], nonsense, *record[field + 1 :])
        for record, nonsense in zip(records, [None, "x", 7, (), b"", (1, (2,))], strict=True)
    ]
    kept.write_bytes(entries.pack(LIBRARY, spoiled))
    again = Interpreter()
    assert again.eval_file("lib.sx").to_list() == expected
    assert again.eval("(greet)") == "hello you0"


def test_damage_found_at_the_first_call_is_mended(cache: Path, reads: list[str]) -> None:
    _write("lib.sx", LIBRARY)
    Interpreter().eval_file("lib.sx")
    (kept,) = cache.iterdir()
    entries = entry.Entries()
    records: list[Any] = entries.unpack(kept.read_bytes(), LIBRARY) or []
    records[1] = (*records[1][:-1], b"no such body")
    kept.write_bytes(entries.pack(LIBRARY, records))
    interpreter = Interpreter()
    interpreter.eval_file("lib.sx")
    assert reads == ["lib.sx"]
    assert interpreter.eval("(greet 5)") == "hello you1"
    assert reads == ["lib.sx", "<string>", "lib.sx"]


# -- whether there is a cache ------------------------------------------------------------------------


def test_no_cache_where_none_is_wanted(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write("lib.sx", LIBRARY)
    Interpreter(cache=False).eval_file("lib.sx")
    assert not cache.exists()
    monkeypatch.setenv("SX_NO_CACHE", "1")
    assert default_cache() is None
    Interpreter().eval_file("lib.sx")
    assert not cache.exists()


@pytest.mark.parametrize("place", ["/proc/no/such/place", "/dev/null", "file/below"])
def test_a_place_that_cannot_be_used_is_no_error(tmp_path: Path, place: str) -> None:
    _write(os.fspath(tmp_path / "lib.sx"), LIBRARY)
    (tmp_path / "file").touch()
    environment = {**os.environ, "HOME": place, "SX_NO_CACHE": ""}
    environment.pop("SX_CACHE_DIR", None)
    environment.pop("XDG_CACHE_HOME", None)
    command = [sys.executable, "-m", "sxpy.cli", "eval", '(load "lib.sx")']
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("(20 120)\n", "", 0)


def test_commands_have_the_option(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner  # noqa: PLC0415

    from sxpy.cli.main import main  # noqa: PLC0415

    _write("lib.sx", LIBRARY)
    monkeypatch.setenv("SX_NO_CACHE", "")
    for words in (["run", "--no-cache", "lib.sx"], ["eval", "--no-cache", '(load "lib.sx")']):
        monkeypatch.setenv("SX_NO_CACHE", "")
        assert CliRunner().invoke(main, words).exit_code == 0
        assert not cache.exists()
    monkeypatch.setenv("SX_NO_CACHE", "")
    assert CliRunner().invoke(main, ["run", "lib.sx"]).exit_code == 0
    assert len(list(cache.iterdir())) == 1


def test_programs_are_forms(cache: Path) -> None:
    _write("lib.sx", LIBRARY)
    Interpreter().eval_file("lib.sx")
    kept = default_cache()
    assert kept is not None
    forms = kept.program(read_file("lib.sx"))
    assert isinstance(forms, Program)
    assert len(forms) == len(list(forms)) == 6
    starts = ("(define (d", "(define (g", "(define l", "(define (fa", "(define (b", "(list")
    assert [spot.offset for _, spot in forms] == [LIBRARY.index(each) for each in starts]


def test_functions_of_the_prelude_are_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by its own text, in an environment of its own."""
    analysed: list[str] = []
    really = prelude._Prelude.analyse

    def counted(given: Any, name: str) -> Any:
        analysed.append(name)
        return really(given, name)

    monkeypatch.setattr(prelude._Prelude, "analyse", counted)
    for _ in range(2):
        monkeypatch.setattr(prelude, "_loaded", [])
        interpreter = Interpreter()
        assert interpreter.eval("(str (update {:a 1} :a inc) (group-by odd? (list 1 2 3)))") == Interpreter(
            cache=False
        ).eval("(str {:a 2} (group-by odd? (list 1 2 3)))")
        assert interpreter.doc("update") is not None
    assert sorted(analysed) == sorted(set(analysed))
    assert {"update", "group-by"} <= set(analysed)


def test_a_frozen_program_does_not_tell_where_its_code_came_from(cache: Path) -> None:
    _write(
        "p.sx",
        '(define (f x) (+ x (perform "ask"))) (define (g y) (* y 2)) (define r (f 1)) (list r (g (f 10)))',
    )
    texts = []
    for kept in (False, True, True):
        interpreter = Interpreter(cache=kept)
        run = interpreter.start('(load "p.sx")')
        texts.append(interpreter.freeze(run.state).bundled())
        again = Interpreter(cache=kept).thaw(texts[-1]).resume(5).resume(7)
        assert again.value.to_list() == run.resume(5).resume(7).value.to_list() == [6, 34]
    assert texts[0] == texts[1] == texts[2]


def test_tests_are_read_once(cache: Path, reads: list[str]) -> None:
    text = """(deftest "adds" (assert-equal 3 (+ 1 2)))
(deftest "fails" (assert-equal {:a (1 #\\b)} 4))
(vector 1 "two" :three 1/2)  ; expect: #(1 "two" "three" 1/2)
"""
    _write("test-it.sx", text)
    told = []
    for _ in range(3):
        results = run_file(Path("test-it.sx"), Options())
        told.append([(each.name, each.passed, each.message, repr(each.place)) for each in results])
    assert told[0] == told[1] == told[2]
    assert [passed for _, passed, *_ in told[0]] == [True, False, True]
    assert reads.count("test-it.sx") == 1


def test_a_global_that_an_import_renamed_is_itself(cache: Path) -> None:
    """A cell keeps the name that it has in its own library."""
    _write("r.sx", "(define-library (l) (export (rename count how-many)) (begin (define (count) 7)))")
    _write("u.sx", "(import (l)) (define (f) (how-many)) (list (how-many) (f) (count (list 1)))")
    for _ in range(3):
        assert Interpreter().eval('(load "r.sx") (load "u.sx")').to_list() == [7, 7, 1]
