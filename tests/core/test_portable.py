"""Portable code: a form's code survives becoming plain data, in every program of the language's tests."""

from __future__ import annotations

import marshal
import os
from pathlib import Path
from typing import Any

import pytest

from sxpy import Interpreter
from sxpy.core.constants import CONSTANTS
from sxpy.core.ir import Code
from sxpy.core.nodes import Call
from sxpy.core.pool import Decoder, Encoder
from sxpy.core.portable import Encoded, decode_code, encode_code
from sxpy.data import Environment, Symbol, list_of, symbol
from sxpy.errors import ThawError
from sxpy.machine import program
from sxpy.machine.state import EVAL, State
from sxpy.syntax import compile_form
from sxpy.syntax.scope import InSight
from sxpy.testing.runner import Options, run_file

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = sorted((ROOT / "tests" / "sx").rglob("*.sx"))
EVERY = int(os.environ.get("SX_PORTABLE_EVERY", "17"))
"""One program in so many is run; 1 runs them all."""


def _decoded(encoded: Encoded, code: Code, **options: Any) -> Code:
    function, root, parts = marshal.loads(marshal.dumps((encoded.function, encoded.root, encoded.parts)))
    given = {number: encoded.objects[number] for number in encoded.outside}
    sight = InSight(code.env, None)
    options = {"given": given, "sight": sight, "name": code.name, **options}
    return decode_code(parts, root, function, code.env, encoded.sources, **options)


def _layout(code: Code) -> Any:
    return {
        number: (block.entry, [(var.name, var.number) for var in block.captured], block.site.function)
        for number, block in code.blocks.items()
    }


def _through_data(form: Any, env: Environment, evaluator: Any, spot: Any = None, **options: Any) -> Code:
    code = compile_form(form, env, evaluator, spot, **options)
    encoded = encode_code(code)
    made = _decoded(encoded, code)
    assert _layout(made) == _layout(code)
    assert repr(encode_code(made).parts) == repr(encoded.parts)
    return made


@pytest.mark.parametrize("path", PROGRAMS[::EVERY], ids=lambda path: str(path.relative_to(ROOT / "tests/sx")))
def test_a_program_runs_from_its_plain_data(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sxpy.syntax.compile_form", _through_data)
    assert [result for result in run_file(path, Options()) if not result.passed] == []


def _code(text: str, interpreter: Interpreter) -> Code:
    (form, spot), *_ = interpreter.read_text(text, "f.sx")
    return compile_form(
        form, interpreter.env, program.NestedEvaluator(interpreter._machine, interpreter.env), spot
    )


def _run(code: Code, interpreter: Interpreter) -> Any:
    return interpreter._finish(State(EVAL, code.entry.body, (), None, None))


def test_the_plain_data_depends_on_the_form_alone() -> None:
    text = "(define (f x) (if (known? x) (inc x) (f (- x 1))))"
    first, second = Interpreter(), Interpreter()
    second.eval("(define (known? x) true) (define (f x) 5)")
    assert encode_code(_code(text, first)).parts == encode_code(_code(text, second)).parts


def test_macros_are_gone_from_it() -> None:
    here, there = Interpreter(), Interpreter()
    here.eval("(defmacro twice (x) `(* 2 ,x))")
    code = _code("(twice 21)", here)
    encoded = encode_code(code)
    made = decode_code(
        encoded.parts,
        encoded.root,
        encoded.function,
        there.env,
        encoded.sources,
        name="form",
    )
    assert _run(made, there) == 42


def test_a_form_nested_10000_deep_survives() -> None:
    interpreter = Interpreter()
    code = _code("(id " * 10_000 + "7" + ")" * 10_000, interpreter)
    interpreter.define("id", lambda x: x)
    made = _decoded(encode_code(code), code)
    assert _run(made, interpreter) == 7


def test_a_type_is_new_unless_it_is_given() -> None:
    interpreter = Interpreter()
    code = _code("(define-record-type point (make x) point? (x point-x))", interpreter)
    _run(code, interpreter)
    point = interpreter.eval("(make 1)")
    encoded = encode_code(code)
    types = {n: each for n, each in enumerate(encoded.objects) if encoded.parts[n][0] == "record-type"}
    _run(_decoded(encoded, code, given=types), interpreter)
    assert interpreter.call("point-x", point) == 1
    _run(_decoded(encoded, code), interpreter)
    assert interpreter.call("point?", point) is False


def test_an_object_that_no_text_has_must_be_given() -> None:
    interpreter = Interpreter()
    procedure = interpreter.eval("(fn (x) (* 2 x))")
    code = compile_form(
        interpreter.eval("list").function(procedure, 4),
        interpreter.env,
        None,
        None,  # type: ignore[arg-type]
    )
    encoded = encode_code(code)
    assert len(encoded.outside) == 1
    with pytest.raises(ThawError, match="needs a lambda that was not given"):
        _decoded(encoded, code, given={})
    assert _run(_decoded(encoded, code), interpreter) == 8


def test_a_call_that_was_open_stays_open() -> None:
    interpreter = Interpreter()
    code = _code("(list (size 1) 2)", interpreter)
    calls = [node.number for node in code.nodes if isinstance(node, Call) and node.open]
    encoded = encode_code(code)
    interpreter.eval("(define size len)")
    made = _decoded(encoded, code, opened=calls)
    assert set(made.blocks) == set(code.blocks)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (("call", 1, None, (1,)), "no one"),
        (("unheard-of", 1), "unknown kind"),
        (("const", 0, None, 5), "at least 1"),
        (("const", 1, 9999, 5), "an offset in the source"),
        (("const", 1, None), "must be there"),
        (("const", 1, None, 5, 6), "no more fields"),
        (("const", 1, None, (0,)), "a finished part"),
        (("control", "no-such-thing"), "the name of a control procedure"),
        (("seq", 1, None), "a node"),
        (("made", "eval", 1), "the maker of a type's procedure"),
        (("symbol", 5), "must be str"),
        (("char", 0x110000), "a code point"),
        (("ratio", 2, 4), "lowest terms"),
        (("bytevector", "f"), "hexadecimal"),
        (("dict", "a", 1, "a", 2), "stands once"),
    ],
)
def test_what_no_encoder_made_is_refused(part: Any, message: str) -> None:
    env = Interpreter().env
    if message == "no one":
        message = "a reference to a finished part"
    with pytest.raises(ThawError, match=message):
        decode_code((part,), (0,), "f", env, (), name="f")


def test_a_variable_that_nothing_binds_is_refused() -> None:
    parts = (("var", "x", 7, False, True), ("local", 1, None, (0,)))
    with pytest.raises(ThawError, match="x is bound nowhere"):
        decode_code(parts, (1,), "f", Interpreter().env, (), name="f")


def test_one_node_in_two_places_is_refused() -> None:
    parts = (("const", 1, None, 5), ("seq", 2, None, (0,), (0,)))
    with pytest.raises(ThawError, match="part of one other only"):
        decode_code(parts, (1,), "f", Interpreter().env, (), name="f")


def test_symbols_of_gensym_stay_apart() -> None:
    made, read = Symbol("x"), symbol("x")
    encoder = Encoder(CONSTANTS)
    field = encoder.add(list_of(made, read, made))
    decoder = Decoder({kind.name: kind for kind in CONSTANTS.values()}, encoder.parts)
    decoder.decode()
    first, second, third = decoder.value(field)
    assert first is third and first is not second and second is read and not first.interned
