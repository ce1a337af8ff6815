"""Between Python and SX values: the conversion rules of the embedding API.

| Python | SX | | SX | Python |
|---|---|---|---|---|
| None, bool, int, float, str, Fraction | the same | | nil, boolean, number, string | the same |
| list, tuple, other sequences | list | | list, mutable list | list |
| dict (string keys) | dict | | dict | dict |
| set, frozenset | set | | set | list |
| bytes, bytearray | bytevector | | bytevector | bytes |
| a callable | native function | | vector | list |
| an SX value | itself | | symbol, keyword | `Symbol`, `Keyword` |
| anything else | TypeError | | anything else | itself |

Conversion is deep and iterative; SX values inside Python containers stay what they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence, Set
from fractions import Fraction
from typing import Any

from sxpy import data
from sxpy.data import Bytevector, Dict, List, MutableList, Primitive, SxSet, Vector, from_list, hash_key
from sxpy.errors import EvalError, SxError
from sxpy.primitives.registry import arity_of
from sxpy.walk import Walk, walk

_SAME = (type(None), bool, int, float, str, Fraction)
_SX_KINDS = tuple(kind for kind in vars(data).values() if isinstance(kind, type))


def to_sx(value: Any) -> Any:
    """The SX value for a Python value. Raises TypeError for what has none."""
    return walk(_to_sx(value))


def _to_sx(value: Any) -> Walk:
    if type(value) is Fraction and value.denominator == 1:
        return int(value)
    if isinstance(value, (*_SAME, *_SX_KINDS)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Bytevector(bytes(value))
    if isinstance(value, Mapping):
        made = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a dict for SX needs strings as keys, got {key!r}")
            made[key] = yield _to_sx(item)
        return Dict(made)
    if isinstance(value, (Sequence, Set)):
        items = []
        for item in value:
            items.append((yield _to_sx(item)))
        return from_list(items) if isinstance(value, Sequence) else SxSet({hash_key(x): x for x in items})
    if callable(value):
        return native_function(value)
    raise TypeError(f"no SX value stands for a Python {type(value).__name__}: {value!r}")


def to_python(value: Any) -> Any:
    """The Python value for an SX value; kinds without a counterpart stay SX values."""
    return walk(_to_python(value))


def _to_python(value: Any) -> Walk:
    if isinstance(value, (List, MutableList, Vector, SxSet)):
        made = []
        for item in value.table.values() if isinstance(value, SxSet) else iter(_items(value)):
            made.append((yield _to_python(item)))
        return made
    if isinstance(value, Dict):
        entries = {}
        for key, item in value.items():
            entries[key] = yield _to_python(item)
        return entries
    return bytes(value.data) if isinstance(value, Bytevector) else value


def _items(value: Any) -> Any:
    return value.items if isinstance(value, Vector) else value


def native_function(function: Callable[..., Any], name: str | None = None) -> Primitive:
    """A Python function as a procedure of SX: arguments and result are converted.

    An exception it raises is an error that the program can catch; its message names the exception.
    """
    shown = name or str(getattr(function, "__name__", "native"))

    def call(*args: Any) -> Any:
        try:
            return to_sx(function(*[to_python(arg) for arg in args]))
        except SxError:
            raise
        except Exception as error:
            raise EvalError(f"{shown}: {type(error).__name__}: {error}") from error

    try:
        minimum, maximum = arity_of(function)
    except (TypeError, ValueError):  # built-in functions may have no signature
        minimum, maximum = 0, None
    return Primitive(shown, call, minimum, maximum, inspect.getdoc(function) or "")
