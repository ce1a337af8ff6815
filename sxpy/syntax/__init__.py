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
    matching,
    quoting,
    rules,
    types,
)
from sxpy.syntax.analyser import SPECIAL, Analyser, Evaluator


def compile_form(
    form: Any,
    env: Environment,
    evaluator: Evaluator,
    spot: Spot | None = None,
    *,
    keep: bool = False,
    into: Code | None = None,
) -> Code:
    """The code of one top-level form, with `keep` for a debugger; made, or filled when it is there already.

    Raises SxSyntaxError, and what a macro raises.
    """
    analyser = Analyser(env, evaluator, stepwise=keep)
    tree = analyser.whole(form, spot)
    place = spot.place() if spot else None
    code = into or Code(str(place) if place else "form")
    code.env, code.spot = env, spot
    code.private, code.patterns = analyser.analysis.private, analyser.analysis.patterns
    return lower(code, tree, analyser.analysis, analyser.function, keep=keep)


__all__ = ["SPECIAL", "Analyser", "Evaluator", "compile_form"]
