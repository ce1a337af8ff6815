"""What kind of value: `nil? string? symbol? list? procedure? …`, `type-of`, and declared types.

Owns the questions about kind, but those of numbers (`sxpy/primitives/number_predicates.py`) and of the
kinds whose primitives have a file of their own. None of them fails, whatever the value.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import (
    Adt,
    Char,
    Closure,
    Continuation,
    Control,
    Dict,
    Environment,
    Keyword,
    Macro,
    Parameter,
    Primitive,
    Promise,
    Record,
    Symbol,
    Vector,
    is_list,
    is_procedure,
    type_matches,
    type_of,
)
from sxpy.primitives.registry import expected, primitive


@primitive("type-of")
def type_name(value: Any) -> str:
    """(type-of x) — the name of the kind of x; of an ADT value, the name of its type.

    (type-of "a") => "string"
    (type-of nil) => "nil"
    (type-of '(1 2)) => "list"
    """
    return type_of(value)


@primitive("nil?")
def nil_p(value: Any) -> bool:
    """(nil? x) — whether x is nil; the empty list is not.

    (nil? nil) => true
    (nil? (list)) => false
    """
    return value is None


@primitive("not-nil?")
def not_nil_p(value: Any) -> bool:
    """(not-nil? x) — whether x is anything but nil.

    (not-nil? false) => true
    """
    return value is not None


@primitive("boolean?")
def boolean_p(value: Any) -> bool:
    """(boolean? x) — whether x is true or false.

    (boolean? false) => true
    (boolean? 1) => false
    """
    return value is True or value is False


@primitive("true?")
def true_p(value: Any) -> bool:
    """(true? x) — whether x is true itself, not merely not false.

    (true? true) => true
    (true? 1) => false
    """
    return value is True


@primitive("false?")
def false_p(value: Any) -> bool:
    """(false? x) — whether x is false itself; nil is not.

    (false? false) => true
    (false? nil) => false
    """
    return value is False


@primitive("string?")
def string_p(value: Any) -> bool:
    """(string? x) — whether x is a string.

    (string? "a") => true
    (string? #\\a) => false
    """
    return type(value) is str


@primitive("symbol?")
def symbol_p(value: Any) -> bool:
    """(symbol? x) — whether x is a symbol.

    (symbol? 'a) => true
    (symbol? "a") => false
    """
    return type(value) is Symbol


@primitive("keyword?")
def keyword_p(value: Any) -> bool:
    """(keyword? x) — whether x is a keyword. A keyword that is evaluated becomes a string.

    (keyword? ':a) => true
    (keyword? :a) => false
    """
    return type(value) is Keyword


@primitive("char?")
def char_p(value: Any) -> bool:
    """(char? x) — whether x is a character.

    (char? #\\a) => true
    (char? "a") => false
    """
    return type(value) is Char


@primitive("list?")
def list_p(value: Any) -> bool:
    """(list? x) — whether x is a list, mutable or not; nil is none.

    (list? (list)) => true
    (list? nil) => false
    """
    return is_list(value)


@primitive("dict?", "map?")
def dict_p(value: Any) -> bool:
    """(dict? x) — whether x is a dict, or an ADT value, which older programs take for one.

    (dict? {:a 1}) => true
    (dict? (list)) => false
    """
    return isinstance(value, Dict) or type(value) is Adt


@primitive("vector?")
def vector_p(value: Any) -> bool:
    """(vector? x) — whether x is a vector.

    (vector? (vector 1 2)) => true
    (vector? (list 1 2)) => false
    """
    return type(value) is Vector


@primitive("atom?")
def atom_p(value: Any) -> bool:
    """(atom? x) — whether x is no list and no dict.

    (atom? 1) => true
    (atom? (list 1)) => false
    """
    return not is_list(value) and not isinstance(value, Dict)


@primitive("procedure?", "callable?", "fn?", "function?")
def procedure_p(value: Any) -> bool:
    """(procedure? x) — whether x can be called: a lambda, native function, continuation or parameter.

    (procedure? car) => true
    (procedure? 'car) => false
    """
    return is_procedure(value)


@primitive("lambda?")
def lambda_p(value: Any) -> bool:
    """(lambda? x) — whether x is a function, written in SX or native: what `type-of` calls a lambda.

    (lambda? (fn (x) x)) => true
    (lambda? 5) => false
    """
    return type(value) in (Closure, Primitive, Control) and type_of(value) == "lambda"


@primitive("component?")
def component_p(value: Any) -> bool:
    """(component? x) — whether x is what `defcomp` makes.

    (component? (fn (x) x)) => false
    """
    return type_of(value) == "component"


@primitive("macro?")
def macro_p(value: Any) -> bool:
    """(macro? x) — whether x is a macro.

    (macro? car) => false
    """
    return type(value) is Macro


@primitive("continuation?")
def continuation_p(value: Any) -> bool:
    """(continuation? x) — whether x is a continuation, delimited or not.

    (call/cc (fn (k) (continuation? k))) => true
    """
    return type(value) is Continuation


@primitive("parameter?")
def parameter_p(value: Any) -> bool:
    """(parameter? x) — whether `make-parameter` made x.

    (parameter? (make-parameter 1)) => true
    """
    return type(value) is Parameter


@primitive("promise?")
def promise_p(value: Any) -> bool:
    """(promise? x) — whether x is a promise.

    (promise? (delay 1)) => true
    """
    return type(value) is Promise


@primitive("record?")
def record_p(value: Any) -> bool:
    """(record? x) — whether x is a value of a record type.

    (record? {:a 1}) => false
    """
    return type(value) is Record


@primitive("adt?")
def adt_p(value: Any) -> bool:
    """(adt? x) — whether a constructor of `define-type` made x.

    (adt? (list 1)) => false
    """
    return type(value) is Adt


@primitive("environment?")
def environment_p(value: Any) -> bool:
    """(environment? x) — whether x is a first-class environment.

    (environment? {:a 1}) => false
    """
    return isinstance(value, Environment)


@primitive("boolean=?")
def booleans_equal(first: Any, *others: Any) -> bool:
    """(boolean=? a b …) — whether all are the same boolean; anything else is an error.

    (boolean=? true true) => true
    """
    for value in (first, *others):
        if not boolean_p(value):
            raise expected("boolean=?", "boolean", value)
    return all(value is first for value in others)


@primitive("symbol=?")
def symbols_equal(first: Any, *others: Any) -> bool:
    """(symbol=? a b …) — whether all are the same symbol; anything else is an error.

    (symbol=? 'a 'a) => true
    """
    for value in (first, *others):
        if not symbol_p(value):
            raise expected("symbol=?", "symbol", value)
    return all(value is first for value in others)


@primitive("void")
def void(*_values: Any) -> None:
    """(void x …) — nil, whatever is given.

    (void 1 2) => nil
    """
    return


# -- declared types --------------------------------------------------------------------------------


@primitive("value-matches-type?")
def value_matches_type_p(value: Any, type_: Any) -> bool:
    """(value-matches-type? x type) — whether x is of the declared type, as `(x :as type)` checks it.

    The type is "any", a name that `type-of` answers, "integer", or "callable"; with "?" at its end nil is
    allowed too.

    (value-matches-type? 5 "number") => true
    (value-matches-type? nil "string?") => true
    (value-matches-type? nil "string") => false
    """
    if type(type_) in (Symbol, Keyword):
        type_ = type_.name
    if type(type_) is not str:
        raise expected("value-matches-type?", "type name", type_)
    return type_matches(value, type_)
