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

Conversion is deep and iterative; SX values inside Python containers stay what they are. Instances of
subclasses of int, float and str (enumerations, NumPy's floats) become plain ones. What contains itself
has no counterpart: ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from fractions import Fraction
from typing import Any

from sxpy import data
from sxpy.data import Bytevector, Dict, List, MutableList, Primitive, SxSet, Vector, from_list, hash_key
from sxpy.errors import EvalError
from sxpy.primitives.registry import arity_of
from sxpy.walk import Walk, walk

PLAIN = frozenset({type(None), bool, int, float, str})
"""The kinds of values that are the same in Python and SX."""

_SX_KINDS = tuple(kind for kind in vars(data).values() if isinstance(kind, type))


def to_sx(value: Any) -> Any:
    """The SX value for a Python value. Raises TypeError for what has none, ValueError for a cycle."""
    return value if type(value) in PLAIN else walk(_to_sx(value, set()))


def _to_sx(value: Any, inside: set[int]) -> Walk:
    if type(value) in PLAIN or isinstance(value, _SX_KINDS):
        return value
    if isinstance(value, (int, float, str, Fraction)):
        return _plain(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Bytevector(bytes(value))
    if isinstance(value, Mapping):
        _enter(value, inside)
        made = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a dict for SX needs strings as keys, got {key!r}")
            made[_plain(key)] = yield _to_sx(item, inside)
        inside.discard(id(value))
        return Dict(made)
    if isinstance(value, (Sequence, Set)):
        _enter(value, inside)
        items = []
        for item in value:
            items.append((yield _to_sx(item, inside)))
        inside.discard(id(value))
        return from_list(items) if isinstance(value, Sequence) else SxSet({hash_key(x): x for x in items})
    if callable(value):
        return native_function(value)
    raise TypeError(f"no SX value stands for a Python {type(value).__name__}: {value!r}")


def _plain(value: Any) -> Any:
    """A number or string without the class that a library gave it."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int):
        return int.__int__(value)
    return int(value) if value.denominator == 1 else Fraction(value)


def _enter(container: Any, inside: set[int]) -> None:
    if id(container) in inside:
        raise ValueError("a value that contains itself cannot cross between Python and SX")
    inside.add(id(container))


def to_python(value: Any) -> Any:
    """The Python value for an SX value; kinds without a counterpart stay SX values.

    Raises ValueError for a cycle.
    """
    return walk(_to_python(value, set()))


def _to_python(value: Any, inside: set[int]) -> Walk:
    if isinstance(value, Bytevector):
        return bytes(value.data)
    if not isinstance(value, (List, MutableList, Vector, SxSet, Dict)):
        return value
    _enter(value, inside)
    made: Any = []
    if isinstance(value, Dict):
        made = {}
        for key, item in value.items():
            made[key] = yield _to_python(item, inside)
    else:
        for item in _items(value):
            made.append((yield _to_python(item, inside)))
    inside.discard(id(value))
    return made


def _items(value: Any) -> Any:
    if isinstance(value, SxSet):
        return value.table.values()
    return value.items if isinstance(value, Vector) else value


def native_function(function: Callable[..., Any], name: str | None = None) -> Primitive:
    """A Python function as a procedure of SX: arguments and result are converted.

    An exception it raises is an error that the program can catch; its message names the exception.
    """
    shown = name or str(getattr(function, "__name__", "native"))

    def call(*args: Any) -> Any:
        try:
            return to_sx(function(*[to_python(arg) for arg in args]))
        except EvalError:
            raise
        except Exception as error:
            raise EvalError(f"{shown}: {type(error).__name__}: {error}") from error

    try:
        minimum, maximum = arity_of(function)
    except (TypeError, ValueError):  # built-in functions may have no signature
        minimum, maximum = 0, None
    return Primitive(shown, call, minimum, maximum, getattr(function, "__doc__", None) or "")
