"""The formatter: source text to source text, the same forms in one layout.

`tree.py` reads text into a tree that keeps comments and spelling; `layout.py` lays the tree out. The
result depends on forms, comments and single blank lines only, so formatting twice changes nothing.
"""

from sxpy.formatter.layout import format_source

__all__ = ["format_source"]
