"""The linter: what is legal in a program and probably not meant.

`definitions.py` collects what files define, `rules.py` looks at the core of each form. A finding names
file, line, column and rule; a comment `; lint-ignore: rule …` on the line takes findings of the rules back.
"""

from sxpy.linter.check import RULES, Finding, lint

__all__ = ["RULES", "Finding", "lint"]
