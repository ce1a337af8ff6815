"""The layout: where the author broke a line it stays broken, and everything stands where it belongs.

Owns the style of SX source. What was written on one line stays on one line if it fits in `WIDTH` columns;
if not, special forms keep their distinguished parts on the first line, and all other parts get lines of
their own. Parts of a call are indented by two; the items of data, bindings and clauses are aligned; pairs
of a dict or a flat `cond` stay together. Single blank lines are kept. Nesting costs no Python stack.
"""

from __future__ import annotations

from sxpy.formatter.tree import Branch, Leaf, Node, Text, parse
from sxpy.walk import Walk, walk

WIDTH = 100
"""Columns of a line, where the forms allow it."""

BODY = {
    **dict.fromkeys(("begin", "do", "cond", "reset", "case-lambda", "delay", "and", "or"), 0),
    **dict.fromkeys(
        [
            "define",
            "def",
            "fn",
            "lambda",
            "let",
            "let*",
            "letrec",
            "letrec*",
            "let-values",
            "let*-values",
            "when",
            "unless",
            "while",
            "case",
            "match",
            "guard",
            "parameterize",
            "define-syntax",
            "let-syntax",
            "letrec-syntax",
            "defsuite",
            "deftest",
            "if",
            "shift",
            "scope",
            "define-type",
            "define-values",
            "handler-bind",
            "define-library",
            "dynamic-wind",
            "reduce",
            "map",
            "filter",
            "for-each",
            "assert-equal",
            "call/cc",
        ],
        1,
    ),
    **dict.fromkeys(
        [
            "defmacro",
            "defcomp",
            "provide",
            "receive",
            "let-match",
            "define-record-type",
            "syntax-rules",
            "as->",
        ],
        2,
    ),
}
"""How many parts after the head stay on the first line, where the other parts are a body."""

ALIGNED = frozenset(
    [
        "and",
        "or",
        "+",
        "-",
        "*",
        "/",
        "=",
        "<",
        ">",
        "<=",
        ">=",
        "str",
        "list",
        "concat",
        "append",
        "string-append",
        "->",
        "->>",
        "max",
        "min",
    ]
)
"""Heads whose arguments stand under the first one, when that is on the head's line."""

CLAUSED = frozenset(["cond", "case", "match", "guard", "case-lambda", "syntax-rules", "cond-expand"])
"""Forms whose parts behind the first row are clauses."""

PAIRED = frozenset(("cond", "case"))
"""Forms whose parts may be flat pairs of a test and a value."""


def format_source(text: str, file: str = "<string>") -> str:
    """The text in the one layout. Raises ReadError when it is no SX."""
    tree = parse(text, file)
    return _whole(tree)


def _whole(tree: Text) -> str:
    out: list[str] = [tree.header.rstrip()] if tree.header.strip("\ufeff \n") else []
    for index, node in enumerate(tree.children):
        if node.blank_before and (index or out):
            out.append("")
        lines: list[str] = walk(_block(node, 0))
        out.extend(lines)
    if tree.below:
        if tree.children:
            out.append("")
        for comment in tree.below:
            out.extend(comment.split("\n"))
    return "\n".join(line.rstrip() for line in out) + "\n" if out else ""


def _block(node: Node, indent: int) -> Walk:
    """The lines of a node with its comments; the first is not indented, the others are."""
    pad = " " * indent
    lines: list[str] = []
    for comment in node.above:
        parts = comment.split("\n")
        lines.extend(part and (pad + part if lines else part) for part in parts)
    if node.blank_after_comments:
        lines.append("")
    body = yield _lay(node, indent)
    if lines:
        body[0] = pad + body[0]
    lines.extend(body)
    if node.behind is not None:
        lines[-1] += "  " + node.behind
    return lines


def _commented(node: Node) -> bool:
    """Whether a comment stands inside of the node, so that it cannot be one line."""
    pending: list[Node] = [node]
    while pending:
        item = pending.pop()
        if item is not node and (item.above or item.behind):
            return True
        if isinstance(item, Branch):
            if item.below:
                return True
            pending.extend(item.children)
    return False


def _several_lines(node: Node) -> bool:
    """Whether the node was written on several lines, or has to be."""
    pending: list[Node] = [node]
    while pending:
        item = pending.pop()
        if item.above or (isinstance(item, Leaf) and "\n" in item.text):
            return True
        if isinstance(item, Branch):
            if item.below or any(child.fresh or child.behind for child in item.children):
                return True
            pending.extend(item.children)
    return False


def _flat(node: Node, room: int) -> str | None:
    """The node on one line of at most `room` columns; None when it does not fit or was written on several."""
    out: list[str] = []
    pending: list[Node | str] = [node]
    length = 0
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            text = item
        elif isinstance(item, Leaf):
            text = item.prefix + item.text
        else:
            assert isinstance(item, Branch)
            if any(child.fresh for child in item.children):
                return None
            text = item.prefix + item.opening
            pending.append(item.closing)
            for index, child in enumerate(reversed(item.children)):
                if index:
                    pending.append(" ")
                pending.append(child)
        length += len(text)
        if length > room or "\n" in text:
            return None
        out.append(text)
    return "".join(out)


def _lay(node: Node, indent: int) -> Walk:
    """The lines of a node without its own comments."""
    if not _commented(node):
        flat = _flat(node, WIDTH - indent)
        if flat is not None:
            return [flat]
    if isinstance(node, Leaf):
        return [node.prefix + node.text]
    assert isinstance(node, Branch)
    opening = node.prefix + node.opening
    lines = yield _broken(node, indent + len(opening))
    if not lines:
        lines = [""]
    lines[0] = opening + lines[0]
    for comment in node.below:
        lines.extend(part and " " * (indent + 2) + part for part in comment.split("\n"))
    if node.below or _ends_in_comment(node):
        lines.append(" " * indent + node.closing)
    else:
        lines[-1] += node.closing
    return lines


def _ends_in_comment(node: Branch) -> bool:
    """Whether the last line of a bracket's content is a comment, which would swallow the closing bracket."""
    last: Node = node
    while isinstance(last, Branch) and last.children:
        last = last.children[-1]
        if last.behind is not None:
            return True
        if isinstance(last, Branch) and last.below:
            return False
    return False


def _broken(node: Branch, indent: int) -> Walk:
    """The content of a bracket over several lines; `indent` is the column behind the bracket."""
    children = node.children
    if not children:
        return []
    if node.opening == "{":
        return (yield _pairs(children, indent))
    one_line = not _several_lines(node)
    if node.clause:
        return (yield _rows(children, indent, indent + 1, 0, one_line=one_line))
    head = children[0]
    name = head.text if isinstance(head, Leaf) and not head.prefix and not head.above else None
    data = node.prefix.endswith("'") or node.opening != "("
    if name is None or data or not _is_name(name):
        return (yield _rows(children, indent, indent, 0, one_line=one_line))
    inner = indent + 1
    kept = 2 if name == "let" and len(children) > 2 and isinstance(children[1], Leaf) else BODY.get(name, 0)
    if name in PAIRED and not _has_clauses(children[1 + kept :]) and any(c.fresh for c in children):
        first = yield _rows(children[: 1 + kept], indent, inner, kept, one_line=False)
        rest = yield _pairs(children[1 + kept :], inner)
        return [*first, *_indented(rest, inner)]
    if name in CLAUSED:
        for child in children[1:]:
            if isinstance(child, Branch):
                child.clause = child.fresh and not child.prefix
    if name in ALIGNED and len(children) > 1 and not (children[1].fresh or children[1].above):
        inner = indent + len(name) + 1
        kept = 1
    return (yield _rows(children, indent, inner, kept, one_line=one_line))


def _indented(lines: list[str], indent: int) -> list[str]:
    """Lines whose first one lacks its indentation."""
    return [" " * indent + lines[0], *lines[1:]] if lines else []


def _is_name(text: str) -> bool:
    return not (text[0] in '"#:' or text[0].isdigit() or (text[0] in "+-" and text[1:2].isdigit()))


def _has_clauses(children: list[Node]) -> bool:
    return bool(children) and all(isinstance(child, Branch) and child.opening in "([" for child in children)


def _rows(children: list[Node], indent: int, inner: int, kept: int, *, one_line: bool) -> Walk:
    """Nodes in the rows they were written in; the first row at `indent`, the others at `inner`.

    With `one_line` they were written on one line, which is too long: the first and `kept` more stay on it.
    """
    lines: list[str] = yield _block(children[0], indent)
    column = (indent + len(lines[0])) if len(lines) == 1 else len(lines[-1])
    before = children[0]
    for index, child in enumerate(children[1:], 1):
        breaks = index > kept if one_line else child.fresh
        joined: list[str] | None = None
        if not breaks and not child.above and before.behind is None:
            joined = yield _joined(child, column + 1, firm=index <= kept or not one_line)
        if joined is not None:
            lines[-1] += " " + joined[0]
            lines.extend(joined[1:])
            column = column + 1 + len(joined[0]) if len(joined) == 1 else len(lines[-1])
        else:
            if child.blank_before:
                lines.append("")
            placed = _indented((yield _block(child, inner)), inner)
            lines.extend(placed)
            column = len(placed[-1])
        before = child
    return lines


def _joined(child: Node, column: int, *, firm: bool) -> Walk:
    """The lines of a node that goes on in a row at `column`; None when it should begin a row."""
    fits = not _commented(child) and _flat(child, WIDTH - column) is not None
    if not fits and not (firm and (not isinstance(child, Leaf) or "\n" in child.text)):
        return None
    return (yield _block(child, column))


def _pairs(children: list[Node], indent: int) -> Walk:
    """Pairs of a key and a value, each pair in a row unless several were written in one that fits."""
    lines: list[str] = []
    in_rows = any(key.fresh for key in children[2::2])
    for index in range(0, len(children), 2):
        key = children[index]
        pair = children[index : index + 2]
        if index and in_rows and not key.fresh and not key.above and children[index - 1].behind is None:
            flat = [None if _commented(part) else _flat(part, WIDTH) for part in pair]
            row = " ".join(part or "" for part in flat)
            start = len(lines[-1]) + (indent if len(lines) == 1 else 0)
            if None not in flat and start + 1 + len(row) <= WIDTH and not any(part.behind for part in pair):
                lines[-1] += " " + row
                continue
        placed = yield _block(key, indent)
        if index and key.blank_before:
            lines.append("")
        lines.extend(_indented(placed, indent) if index else placed)
        if index + 1 == len(children):
            break
        value = children[index + 1]
        first_row = index == 0 and len(placed) == 1
        column = (indent + len(placed[0])) if first_row else len(lines[-1])
        joined: list[str] | None = None
        if not value.fresh and not value.above and key.behind is None:
            joined = yield _joined(value, column + 1, firm=True)
        if joined is not None:
            lines[-1] += " " + joined[0]
            lines.extend(joined[1:])
        else:
            lines.extend(_indented((yield _block(value, indent + 2)), indent + 2))
    return lines
