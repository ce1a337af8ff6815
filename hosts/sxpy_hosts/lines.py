"""The journal's vocabulary: one line of SX per change, written and read in this file only.

    (append "orders" 3 {:stream "orders" :seq 3 …})   store this event
    (truncate "orders" 2 2)                            drop the events with seq ≤ 2, of which there are 2
    (put "k" VALUE)   (delete "k")                     the key-value facet
    (kind "bafk…" "bytevector")   (kind "bafk…")       remember, forget the kind of a blob
    (journal 7)   (next 8)                             first record of segment 7; last record before segment 8

Invariants: a line has no newline in it; `apply` of the line that a change wrote makes the same change.
Texts of events and values are kept as they are, so replaying never parses them.
Next: `hosts/sxpy_hosts/journal.py`.
"""

from __future__ import annotations

import re

from sxpy_hosts.layer import Layer
from sxpy_hosts.names import quoted, to_text, unquoted

_LINE = re.compile(rb'\((\w+) (?:("(?:[^"\\]++|\\.)*+")(?: (.*))?|(\d+))\)', re.DOTALL)


def append(stream: str, seq: int, text: bytes) -> bytes:
    """The line that stores an event."""
    return b"(append %b %d %b)" % (quoted(stream), seq, text)


def truncate(stream: str, floor: int, dropped: int) -> bytes:
    """The line that drops events."""
    return b"(truncate %b %d %d)" % (quoted(stream), floor, dropped)


def put(key: str, text: bytes) -> bytes:
    """The line that gives a key a value."""
    return b"(put %b %b)" % (quoted(key), text)


def delete(key: str) -> bytes:
    """The line that takes a key's value away."""
    return b"(delete %b)" % quoted(key)


def kind(cid: str, text: bytes | None) -> bytes:
    """The line that remembers or forgets the kind of a blob."""
    return b"(kind %b)" % quoted(cid) if text is None else b"(kind %b %b)" % (quoted(cid), text)


def journal(segment: int) -> bytes:
    """The line a segment begins with."""
    return b"(journal %d)" % segment


def next_segment(segment: int) -> bytes:
    """The line a segment ends with."""
    return b"(next %d)" % segment


def shown(name: str) -> str:
    """A name as messages show it, cut when it is long."""
    text = to_text(quoted(name)).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= 80 else text[:76] + '…"'


def apply(body: bytes, layer: Layer) -> int | None:
    """Make the changes of a record's body in `layer`.

    Answers the segment a `next` line names, else None. Raises ValueError for a line that is none.
    """
    following = None
    for line in body.split(b"\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError("a line that is no journal line")
        verb, literal, rest, number = found.groups()
        if literal is None:
            if verb == b"next":
                following = int(number)
            elif verb != b"journal":
                raise ValueError(f"an unknown journal line ({verb.decode()} …)")
        else:
            _change(layer, verb, unquoted(literal), rest)
    return following


def _change(layer: Layer, verb: bytes, name: str, rest: bytes | None) -> None:
    if verb == b"append" and rest is not None:
        seq, _, text = rest.partition(b" ")
        layer.append(name, int(seq), text)
    elif verb == b"put" and rest is not None:
        layer.keys[name] = rest
    elif verb == b"delete":
        layer.keys[name] = None
    elif verb == b"truncate" and rest is not None:
        floor, _, dropped = rest.partition(b" ")
        layer.truncate(name, int(floor), int(dropped))
    elif verb == b"kind":
        layer.kinds[name] = rest
    else:
        raise ValueError(f"an unknown journal line ({verb.decode()} …)")
