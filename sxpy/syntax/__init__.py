"""Forms to core: `compile_form` analyses and lowers one top-level form.

Importing this package registers every special form. Next: `sxpy/syntax/analyser.py`.
"""

from __future__ import annotations

from typing import Any

from sxpy.core.ir import Code
from sxpy.core.lower import lower
from sxpy.data import Environment
from sxpy.reader.forms import Spot
from sxpy.syntax import (  # noqa: F401  each registers its forms
    binding,
    conditional,
    control,
    dynamic,
    libraries,
    macros,
    patterns,
    quoting,
    rules,
    types,
)
from sxpy.syntax.analyser import SPECIAL, Analyser, Evaluator


def compile_form(
    form: Any, env: Environment, evaluator: Evaluator, spot: Spot | None = None, *, keep: bool = False
) -> Code:
    """The code of one top-level form, with `keep` for a debugger. Raises SxSyntaxError and what macros do."""
    analyser = Analyser(env, evaluator, stepwise=keep)
    tree = analyser.whole(form, spot)
    place = spot.place() if spot else None
    code = Code(str(place) if place else "form")
    code.env = env
    return lower(code, tree, analyser.analysis, analyser.function, keep=keep)


__all__ = ["SPECIAL", "Analyser", "Evaluator", "compile_form"]
