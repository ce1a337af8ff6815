"""Dicts: `dict assoc dissoc merge into get-in assoc-in keys vals dict-set! dict-delete! …`.

Owns the primitives of dicts alone; `get`, `len`, `contains?` are in `sxpy/primitives/access.py`. Keys are
strings; a keyword or a symbol stands for its name. A key of another kind is an error where it would be
written and is simply absent where it is looked up. Those that take a function (`update`, `map-vals` …)
are operations of the machine. Next: `sxpy/primitives/vectors.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import Dict, HashTable, List, SxSet, Vector, from_list, hash_key, is_list
from sxpy.errors import SxTypeError, SxValueError
from sxpy.primitives.access import fields_of, get, joined
from sxpy.primitives.arguments import as_items, as_key, as_list, name_of
from sxpy.primitives.registry import expected, primitive


def as_dict(who: str, value: Any) -> Dict:
    """The argument as a dict; nil is an empty one. Raises SxTypeError for other kinds."""
    if isinstance(value, Dict):
        return value
    if value is None:
        return Dict()
    raise expected(who, "dict", value)


def _pairs_of(who: str, flat: tuple[Any, ...]) -> list[tuple[str, Any]]:
    if len(flat) % 2:
        raise SxValueError(f"{who}: the last key has no value; keys and values come in pairs", flat[-1])
    return [(as_key(who, flat[at]), flat[at + 1]) for at in range(0, len(flat), 2)]


@primitive("dict")
def make(*keys_and_values: Any) -> Dict:
    """(dict k v …) — a dict of the pairs; of one key given twice the later value counts.

    (dict :a 1 "b" 2) => {:a 1 :b 2}
    """
    return Dict(dict(_pairs_of("dict", keys_and_values)))


@primitive("zip-dict")
def zip_dict(keys: Any, values: Any) -> Dict:
    """(zip-dict ks vs) — a dict from each key to the value at its index, as long as the shorter list.

    (zip-dict (list :a :b) (list 1 2)) => {:a 1 :b 2}
    """
    names = [as_key("zip-dict", key) for key in as_items("zip-dict", keys)]
    return Dict(dict(zip(names, as_items("zip-dict", values), strict=False)))


# -- reading -----------------------------------------------------------------------------------------


@primitive("dict-get")
def dict_get(coll: Any, key: Any, default: Any = None) -> Any:
    """(dict-get d k default?) — as `get`, for dicts (and nil) only.

    (dict-get {:a 1} :a) => 1
    """
    name = name_of(key)
    items = as_dict("dict-get", coll)
    return default if name is None else items.get(name, default)


_MISSING: Any = object()


@primitive("get-in")
def get_in(coll: Any, path: Any, default: Any = None) -> Any:
    """(get-in coll path default?) — what `get` gives for each key of the path in turn.

    The default, nil, answers for a key that is missing on the way.

    (get-in {:a {:b (list 5 6)}} (list :a :b 1)) => 6
    (get-in {:a 1} (list :x :y) 0) => 0
    """
    for key in as_items("get-in", path):
        coll = get(coll, key, _MISSING)
        if coll is _MISSING:
            return default
    return coll


@primitive("has-key?")
def has_key(coll: Any, key: Any) -> bool:
    """(has-key? d k) — whether the dict has the key, even with the value nil.

    (has-key? {:a nil} :a) => true
    """
    if isinstance(coll, Dict):
        return (key if type(key) is str else name_of(key)) in coll
    return name_of(key) in _fields("has-key?", coll)


@primitive("keys")
def keys(coll: Any) -> List:
    """(keys d) — the keys as strings, in insertion order.

    (keys {:a 1 :b 2}) => ("a" "b")
    """
    return from_list(coll.keys() if isinstance(coll, Dict) else list(_fields("keys", coll)))


@primitive("vals")
def vals(coll: Any) -> List:
    """(vals d) — the values, in insertion order of their keys.

    (vals {:a 1 :b 2}) => (1 2)
    """
    return from_list(coll.values() if isinstance(coll, Dict) else list(_fields("vals", coll).values()))


@primitive("entries")
def entries(coll: Any) -> List:
    """(entries d) — a list of key and value for each key, in insertion order.

    (entries {:a 1 :b 2}) => (("a" 1) ("b" 2))
    """
    pairs = coll.items() if isinstance(coll, Dict) else _fields("entries", coll).items()
    return from_list([from_list([key, value]) for key, value in pairs])


def _fields(who: str, coll: Any) -> dict[str, Any]:
    """Records and ADT values are read as dicts of their fields; nil as an empty one."""
    if coll is None:
        return {}
    fields = fields_of(coll)
    if fields is None:
        raise expected(who, "dict", coll)
    return fields


# -- new dicts ---------------------------------------------------------------------------------------


@primitive("assoc")
def assoc(coll: Any, *keys_and_values: Any) -> Dict:
    """(assoc d k v …) — d with the keys given these values; d itself stays as it is.

    (assoc {:a 1} :b 2) => {:a 1 :b 2}
    (assoc nil :a 1) => {:a 1}
    """
    if len(keys_and_values) == 1 and is_list(keys_and_values[0]):
        raise SxTypeError("assoc: expected dict, key and value; association lists are for assoc-list", coll)
    result = as_dict("assoc", coll)
    if len(keys_and_values) == 2:
        return result.assoc(as_key("assoc", keys_and_values[0]), keys_and_values[1])
    return result.merged(_pairs_of("assoc", keys_and_values))


@primitive("assoc-in")
def assoc_in(coll: Any, path: Any, value: Any) -> Dict:
    """(assoc-in d path v) — d with v at the end of a path of keys; dicts that are missing are made.

    (assoc-in {:a {:b 1}} (list :a :c) 2) => {:a {:b 1 :c 2}}
    """
    names = [as_key("assoc-in", key) for key in as_items("assoc-in", path)]
    if not names:
        raise SxValueError("assoc-in: the path must have at least one key", path)
    dicts = [as_dict("assoc-in", coll)]
    for name in names[:-1]:
        dicts.append(as_dict("assoc-in", dicts[-1].get(name)))
    result = value
    for name, outer in zip(reversed(names), reversed(dicts), strict=True):
        result = outer.assoc(name, result)
    return result  # type: ignore[no-any-return]


@primitive("dissoc")
def dissoc(coll: Any, *keys: Any) -> Dict:
    """(dissoc d k …) — d without the keys; d itself stays as it is.

    (dissoc {:a 1 :b 2} :a) => {:b 2}
    """
    result = as_dict("dissoc", coll).copy()
    for key in keys:
        result.delete_in_place(as_key("dissoc", key))
    return result


@primitive("merge")
def merge(*dicts: Any) -> Dict:
    """(merge a b …) — a dict of all entries, where the later dict wins; nil is an empty dict.

    (merge {:a 1 :b 1} nil {:b 2}) => {:a 1 :b 2}
    """
    result = as_dict("merge", dicts[0]).copy() if dicts else Dict()
    for coll in dicts[1:]:
        result = result.merged(as_dict("merge", coll).items())
    return result


@primitive("select-keys")
def select_keys(coll: Any, keys: Any) -> Dict:
    """(select-keys d ks) — a dict of those of the keys that d has, in the order of ks.

    (select-keys {:a 1 :b 2 :c 3} (list :c :a :x)) => {:c 3 :a 1}
    """
    source = as_dict("select-keys", coll)
    names = [as_key("select-keys", key) for key in as_items("select-keys", keys)]
    return Dict({name: source.get(name) for name in names if name in source})


@primitive("dict-copy")
def dict_copy(coll: Any) -> Dict:
    """(dict-copy d) — a dict of the same entries, of its own: changing one in place leaves the other.

    (dict-copy {:a 1}) => {:a 1}
    """
    return as_dict("dict-copy", coll).copy()


@primitive("into")
def into(target: Any, source: Any) -> Any:
    """(into target source) — a collection of the target's kind with the items of the source added.

    The target is a list (or nil), dict, set or vector and stays as it is; the source is any of these. A
    dict takes and gives lists of key and value.

    (into (list 1) (vector 2 3)) => (1 2 3)
    (into {:a 1} (list (list :b 2))) => {:a 1 :b 2}
    """
    if isinstance(target, Dict):
        if source is None or isinstance(source, Dict):
            return merge(target, source)
        return target.merged([_pair("into", item) for item in _items_of("into", source)])
    items = _items_of("into", source)
    if isinstance(target, SxSet):
        table = target.table.copy()
        for item in items:
            table.setdefault(hash_key(item), item)
        return SxSet(table)
    if isinstance(target, Vector):
        return Vector(target.items + items)
    if target is None or is_list(target):
        return joined(as_list("into", target), from_list(items))
    raise expected("into", "list, dict, set or vector", target)


def _items_of(who: str, source: Any) -> list[Any]:
    if isinstance(source, Dict):
        return list(entries(source))
    if isinstance(source, SxSet):
        return list(source.table.values())
    if isinstance(source, HashTable):
        return [from_list([key, value]) for key, value in source.table.values()]
    if isinstance(source, Vector):
        return source.items
    return as_items(who, source)


def _pair(who: str, item: Any) -> tuple[str, Any]:
    parts = item.items if isinstance(item, Vector) else list(item) if is_list(item) else ()
    if len(parts) != 2:
        raise expected(who, "list of key and value", item)
    return as_key(who, parts[0]), parts[1]


# -- changing in place -------------------------------------------------------------------------------


@primitive("dict-set!")
def dict_set(coll: Any, key: Any, value: Any) -> Dict:
    """(dict-set! d k v) — give the key a value in this very dict, and return the dict.

    (dict-set! (dict :a 1) :b 2) => {:a 1 :b 2}
    """
    if not isinstance(coll, Dict):
        raise expected("dict-set!", "dict", coll)
    coll.set_in_place(as_key("dict-set!", key), value)
    return coll


@primitive("dict-delete!")
def dict_delete(coll: Any, key: Any) -> Dict:
    """(dict-delete! d k) — remove the key from this very dict, and return the dict.

    (dict-delete! (dict :a 1 :b 2) :a) => {:b 2}
    """
    if not isinstance(coll, Dict):
        raise expected("dict-delete!", "dict", coll)
    coll.delete_in_place(as_key("dict-delete!", key))
    return coll
