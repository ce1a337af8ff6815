"""Symbols and keywords: their names, and how names become them.

A keyword that is evaluated becomes its name, so functions on keywords take strings as well.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Keyword, Symbol, keyword, symbol
from sxpy.primitives.registry import expected, primitive
from sxpy.primitives.text import as_name, as_string
from sxpy.runtime import current


@primitive("symbol-name", "symbol->string")
def symbol_name(value: Any) -> str:
    """(symbol-name x) — the name of the symbol.

    (symbol-name 'abc) => "abc"
    """
    if type(value) is Symbol:
        return value.name
    raise expected("symbol-name", "symbol", value)


@primitive("keyword-name", "keyword->string")
def keyword_name(value: Any) -> str:
    """(keyword-name k) — the name of the keyword, without its colon; a string is its own.

    (keyword-name ':abc) => "abc"
    (keyword-name :abc) => "abc"
    """
    if type(value) is Keyword:
        return value.name
    return as_string("keyword-name", value, "keyword")


@primitive("make-symbol", "string->symbol", "intern")
def make_symbol(name: Any) -> Symbol:
    """(make-symbol name) — the symbol of the name: the one that reading the name gives.

    (eq? (make-symbol "abc") 'abc) => true
    """
    return name if type(name) is Symbol else symbol(as_name("make-symbol", name))


@primitive("make-keyword", "string->keyword")
def make_keyword(name: Any) -> Keyword:
    """(make-keyword name) — the keyword of the name.

    (inspect (make-keyword "abc")) => ":abc"
    """
    return keyword(as_name("make-keyword", name))


@primitive("gensym")
def gensym(prefix: Any = "g") -> Symbol:
    """(gensym prefix?) — a fresh symbol, equal to no other, whatever its name; for macros.

    (eq? (gensym) (gensym)) => false
    """
    return current().fresh_symbol(as_name("gensym", prefix))


@primitive("string->uninterned-symbol")
def uninterned_symbol(name: Any) -> Symbol:
    """(string->uninterned-symbol name) — a fresh symbol of that very name, equal to no other.

    (symbol-interned? (string->uninterned-symbol "a")) => false
    """
    return Symbol(as_string("string->uninterned-symbol", name))


@primitive("symbol-interned?")
def symbol_interned_p(value: Any) -> bool:
    """(symbol-interned? x) — whether reading the symbol's name gives this very symbol.

    (symbol-interned? 'a) => true
    (symbol-interned? (gensym)) => false
    """
    if type(value) is Symbol:
        return value.interned
    raise expected("symbol-interned?", "symbol", value)
