"""The tree of a source text as it is written: tokens, brackets, comments, blank lines.

Owns what the formatter must not lose. A `Leaf` keeps the spelling of one token; a `Branch` its brackets
and children; both know the comment lines above them, the comment behind them, and whether a blank line
stood before them. Reading is iterative.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sxpy.reader.scanner import CLOSERS, TOKEN, read_data, start_of


@dataclass(slots=True)
class Node:
    """A part of a source text. `above` are comment lines before it, `behind` the comment on its last line."""

    above: list[str] = field(default_factory=list)
    behind: str | None = None
    fresh: bool = False
    """Whether it stands on another line than what comes before it."""
    blank_before: bool = False
    blank_after_comments: bool = False
    prefix: str = ""
    """Quotes and datum comments in front of it, as written: `'`, `#;`, `,@`."""


@dataclass(slots=True)
class Leaf(Node):
    """One token."""

    text: str = ""


@dataclass(slots=True)
class Branch(Node):
    """A bracket with what stands in it. `below` are comment lines before the closing bracket."""

    opening: str = "("
    clause: bool = False
    """Whether it is a clause of the form around it, so that its tail is a body; set by the layout."""
    children: list[Node] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    @property
    def closing(self) -> str:
        """The bracket that closes it."""
        return CLOSERS[self.opening]


@dataclass(slots=True)
class Text:
    """A whole text: what stands before the first form, the forms, and the comments after the last."""

    header: str
    children: list[Node]
    below: list[str]


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.top = Branch()
        self.stack: list[Branch] = [self.top]
        self.above: list[str] = []
        self.blank = False
        self.blank_above = False
        self.fresh = False
        self.prefix = ""
        self.last: Node | None = None
        """The node that ended on the present line, which a comment may follow."""

    def build(self) -> Text:
        start = start_of(self.text)
        at = start
        while at < len(self.text):
            found = TOKEN.match(self.text, at)
            assert found is not None and found.lastgroup is not None  # the text was read before
            self.trivia(self.text[at : found.start(found.lastgroup)])
            self.token(found.lastgroup, found.group(found.lastgroup))
            at = found.end()
        self.top.below = self.above
        return Text(self.text[:start], self.top.children, self.top.below)

    def trivia(self, text: str) -> None:
        """Blanks and comments between two tokens."""
        if "\n" not in text and ";" not in text:
            return
        first, *lines = text.split("\n")
        if first.strip() and self.last is not None:
            self.last.behind = first.strip()
        elif first.strip():
            self.above.append(first.strip())
        self.last = None
        self.fresh = True
        for index, line in enumerate(lines):
            comment = line.strip()
            if comment:
                self.above.append(("\n" if self.blank and self.above else "") + comment)
                if len(self.above) == 1:
                    self.blank_above = self.blank
                self.blank = False
            elif index < len(lines) - 1:
                self.blank = True

    def token(self, kind: str, text: str) -> None:
        if kind == "open":
            branch = Branch(opening=text)
            self.add(branch)
            self.stack.append(branch)
            self.last = None
        elif kind == "close":
            branch = self.stack.pop()
            branch.below, self.above = self.above, []
            self.blank = self.blank_above = self.fresh = False
            self.last = branch
        elif kind == "prefix":
            self.prefix += text
        elif kind != "end":
            leaf = Leaf(text=text)
            self.add(leaf)
            self.last = leaf

    def add(self, node: Node) -> None:
        node.above, self.above = self.above, []
        # A blank line counts where it stood: above the comments, or between them and the form.
        node.blank_before = self.blank_above if node.above else self.blank
        node.blank_after_comments = self.blank and bool(node.above)
        self.blank = self.blank_above = False
        node.prefix, self.prefix = self.prefix, ""
        node.fresh, self.fresh = self.fresh, False
        self.stack[-1].children.append(node)


def parse(text: str, file: str = "<string>") -> Text:
    """The tree of a text. Raises ReadError when it is no SX."""
    read_data(text, file)
    return _Builder(text).build()
