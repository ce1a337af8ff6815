"""Hash tables: from keys of any kind to values, changed in place (names of SRFI 69; `=` compares keys).

Owns the primitives of hash tables; `get`, `len`, `contains?` take them too. A key that is changed after it
was added is not found any more. Where SRFI 69 takes a thunk for what is missing, SX takes a default value.
What changes a table returns nil. `hash-table-update!` and `hash-table-walk` are operations of the machine.
"""

from __future__ import annotations

from typing import Any

from sxpy.data import HashTable, List, from_list, hash_key, is_list
from sxpy.errors import SxValueError
from sxpy.primitives.arguments import as_items
from sxpy.primitives.registry import expected, primitive


def as_table(who: str, value: Any) -> HashTable:
    """The argument, which must be a hash table. Raises SxTypeError."""
    if isinstance(value, HashTable):
        return value
    raise expected(who, "hash-table", value)


@primitive("hash-table?")
def is_hash_table(value: Any) -> bool:
    """(hash-table? x) — whether x is a hash table.

    (hash-table? (make-hash-table)) => true
    (hash-table? {:a 1}) => false
    """
    return isinstance(value, HashTable)


@primitive("make-hash-table")
def make_hash_table() -> HashTable:
    """(make-hash-table) — a new empty table.

    (hash-table-size (make-hash-table)) => 0
    """
    return HashTable({})


@primitive("alist->hash-table")
def alist_to_hash_table(entries: Any) -> HashTable:
    """(alist->hash-table entries) — a new table from lists of key and value; of equal keys the first counts.

    (hash-table-ref (alist->hash-table '((1 "one") (2 "two"))) 2) => "two"
    """
    table: dict[Any, tuple[Any, Any]] = {}
    for entry in as_items("alist->hash-table", entries):
        if not is_list(entry) or len(entry) != 2:
            raise expected("alist->hash-table", "lists of key and value", entry)
        key, value = entry
        table.setdefault(hash_key(key), (key, value))
    return HashTable(table)


_NO_DEFAULT: Any = object()


@primitive("hash-table-ref", "hash-table-ref/default")
def hash_table_ref(table: Any, key: Any, default: Any = _NO_DEFAULT) -> Any:
    """(hash-table-ref t k default?) — the value of a key; else the default; without one an error.

    (hash-table-ref (alist->hash-table '((1 "one"))) 1) => "one"
    (hash-table-ref (make-hash-table) 1 "none") => "none"
    """
    pair = as_table("hash-table-ref", table).table.get(hash_key(key))
    if pair is not None:
        return pair[1]
    if default is _NO_DEFAULT:
        raise SxValueError(
            "hash-table-ref: the key is not in the table; give a default as third argument", key
        )
    return default


@primitive("hash-table-set!", "hash-table-put!")
def hash_table_set(table: Any, key: Any, value: Any) -> None:
    """(hash-table-set! t k v) — give a key a value in this very table.

    (let ((t (make-hash-table))) (hash-table-set! t '(1 2) 3) (hash-table-ref t '(1 2))) => 3
    """
    entries = as_table("hash-table-set!", table).table
    name = hash_key(key)
    old = entries.get(name)
    entries[name] = (key if old is None else old[0], value)


@primitive("hash-table-delete!", "hash-table-remove!")
def hash_table_delete(table: Any, key: Any) -> None:
    """(hash-table-delete! t k) — take a key out of this very table if it is there.

    (let ((t (alist->hash-table '((1 2))))) (hash-table-delete! t 1) (hash-table-size t)) => 0
    """
    as_table("hash-table-delete!", table).table.pop(hash_key(key), None)


@primitive("hash-table-contains?", "hash-table-exists?")
def hash_table_contains(table: Any, key: Any) -> bool:
    """(hash-table-contains? t k) — whether the table has the key.

    (hash-table-contains? (alist->hash-table '((1 2))) 1) => true
    """
    return hash_key(key) in as_table("hash-table-contains?", table).table


@primitive("hash-table-size", "hash-table-count")
def hash_table_size(table: Any) -> int:
    """(hash-table-size t) — how many keys the table has.

    (hash-table-size (alist->hash-table '((1 2) (3 4)))) => 2
    """
    return len(as_table("hash-table-size", table).table)


@primitive("hash-table-keys")
def hash_table_keys(table: Any) -> List:
    """(hash-table-keys t) — a list of the keys in the order in which they came.

    (hash-table-keys (alist->hash-table '((1 2) (3 4)))) => (1 3)
    """
    return from_list([key for key, _ in as_table("hash-table-keys", table).table.values()])


@primitive("hash-table-values")
def hash_table_values(table: Any) -> List:
    """(hash-table-values t) — a list of the values in the order in which their keys came.

    (hash-table-values (alist->hash-table '((1 2) (3 4)))) => (2 4)
    """
    return from_list([value for _, value in as_table("hash-table-values", table).table.values()])


@primitive("hash-table->alist")
def hash_table_to_alist(table: Any) -> List:
    """(hash-table->alist t) — a list of lists of key and value.

    (hash-table->alist (alist->hash-table '((1 2) (3 4)))) => ((1 2) (3 4))
    """
    pairs = as_table("hash-table->alist", table).table.values()
    return from_list([from_list([key, value]) for key, value in pairs])


@primitive("hash-table-copy")
def hash_table_copy(table: Any) -> HashTable:
    """(hash-table-copy t) — a table of the same entries, of its own.

    (hash-table-ref (hash-table-copy (alist->hash-table '((1 2)))) 1) => 2
    """
    return HashTable(as_table("hash-table-copy", table).table.copy())


@primitive("hash-table-clear!")
def hash_table_clear(table: Any) -> None:
    """(hash-table-clear! t) — take all keys out of this very table.

    (let ((t (alist->hash-table '((1 2))))) (hash-table-clear! t) (hash-table-size t)) => 0
    """
    as_table("hash-table-clear!", table).table.clear()


@primitive("hash-table-merge!")
def hash_table_merge(table: Any, other: Any) -> None:
    """(hash-table-merge! t u) — add to the table t what u has and t has not (SRFI 69).

    (let ((t (make-hash-table))) (hash-table-merge! t (alist->hash-table '((1 2)))) (get t 1)) => 2
    """
    target = as_table("hash-table-merge!", table).table
    for key, pair in as_table("hash-table-merge!", other).table.items():
        target.setdefault(key, pair)
