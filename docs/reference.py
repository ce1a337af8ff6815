"""Writes `docs/reference.md`: every procedure of the language, from its docstring.

    python docs/reference.py

A test fails when the file is out of date. What a docstring looks like is said in
`sxpy/primitives/registry.py`: the call and a summary, prose, and examples `expression => value`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sxpy import prelude
from sxpy.core.controls import CONTROLS
from sxpy.data import Control, Primitive
from sxpy.primitives import REGISTRY

TARGET = Path(__file__).with_name("reference.md")

SECTIONS = {
    "Numbers": "numbers rounding real_functions number_predicates number_text",
    "Bits": "bits",
    "Comparison": "comparison",
    "Kinds of values": "predicates",
    "Collections of any kind": "access",
    "Lists": "lists list_search",
    "Functions over collections": "collections sorting",
    "Dicts": "dicts",
    "Strings": "strings formatting",
    "Symbols and keywords": "symbols",
    "Characters, and comparing strings": "chars",
    "Regular expressions": "regex",
    "Vectors": "vectors",
    "Bytevectors": "bytevectors",
    "Sets": "sets",
    "Hash tables": "hashtables",
    "String buffers": "buffers",
    "Ports": "ports output",
    "Data as text": "reading json_data hashing",
    "Control": "control performing winding",
    "Errors": "conditions",
    "Coroutines": "coroutines",
    "Dynamic scopes and operations": "scopes",
    "Programs and environments": "program",
    "The machine": "reflect",
}
"""The sections, and the modules whose procedures each holds."""

WRITTEN_IN_SX = "Written in SX"

HEAD = """\
# Reference

Every procedure of the language. This file is written by `docs/reference.py` from the docstrings, and every
example in it is run by a test. The special forms, and how all this hangs together, are in
[language.md](language.md). In a signature `x?` may be left out, and `x …` may be repeated. `:doc NAME` in the
REPL shows the same text.
"""

Entry = tuple[str, list[str], str]
"""A procedure: its name, its other names, its documentation."""


def entries() -> dict[str, list[Entry]]:
    """Every section with its procedures. Raises LookupError for a procedure that has no section."""
    modules: dict[str, list[Entry]] = {module: [] for module in " ".join(SECTIONS.values()).split()}
    for procedure, names in _procedures().items():
        code = procedure.function if isinstance(procedure, Primitive) else procedure.enter
        module = code.__module__.rpartition(".")[2]
        if module not in modules:
            raise LookupError(f"no section of docs/reference.py holds {module}, where {names[0]} is")
        modules[module].append((names[0], names[1:], procedure.doc))
    found = {
        title: [entry for module in listed.split() for entry in modules[module]]
        for title, listed in SECTIONS.items()
    }
    found[WRITTEN_IN_SX] = [(name, [], prelude.documentation(name)) for name in prelude.names()]
    return found


def _procedures() -> dict[Primitive | Control, list[str]]:
    names: dict[Primitive | Control, list[str]] = {}
    listed: list[tuple[str, Primitive | Control]] = [*REGISTRY.items(), *CONTROLS.items()]
    for name, procedure in listed:
        if not name.startswith("%"):
            names.setdefault(procedure, []).append(name)
    return names


def render() -> str:
    """The text of the reference."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield HEAD
    sections = entries()
    for title, listed in sections.items():
        names = sorted(name for first, others, _ in listed for name in (first, *others))
        yield f"**[{title}](#{_anchor(title)})** " + " ".join(f"`{name}`" for name in names)
        yield ""
    for title, listed in sections.items():
        yield f"## {title}\n"
        for _, others, doc in listed:
            yield from _entry(others, doc)


def _anchor(title: str) -> str:
    return title.lower().replace(",", "").replace(" ", "-")


def _entry(others: list[str], doc: str) -> Iterator[str]:
    first, *rest = doc.splitlines()
    call, _, summary = first.partition(" — ")
    examples = [line for line in rest if " => " in line]
    prose = "\n".join(line for line in rest if line not in examples).strip()
    also = f" Also {', '.join(f'`{name}`' for name in others)}." if others else ""
    yield f"**`{call}`** — {_plain(summary)}{also}\n"
    if prose:
        yield f"{_plain(prose)}\n"
    yield "```sx"
    for example in examples:
        expression, _, value = example.rpartition(" => ")
        yield f"{expression}  ; => {value}"
    yield "```\n"


def _plain(text: str) -> str:
    """`text` with what Markdown would take for markup escaped, outside of code."""
    parts = re.split(r"(`+[^`]*`+)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*_<\[])", r"\\\1", part) for part in parts)


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
