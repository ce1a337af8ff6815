"""Regular expressions that end: Python's syntax and results, in bounded time.

Python's `re` backtracks: `(a+)+b` on thirty letters takes minutes, and nothing can stop it. So a pattern is
analysed when it is compiled. `cost.py` bounds the steps that `re` can take on n characters; below a budget
`re` does the work. Above it, `matcher.py` does: it backtracks in the same order, but never enters a state at
one position twice, so its time is linear in the text. The one thing it cannot do are backreferences,
lookaround, atomic groups and possessive repeats: with those, a text that exceeds the budget is refused.

Read `syntax.py` (the tree), `cost.py`, `program.py` (tree → instructions), `matcher.py`, `pattern.py`.
"""

from sxpy.regex.pattern import FLAGS, Match, Pattern

__all__ = ["FLAGS", "Match", "Pattern"]
