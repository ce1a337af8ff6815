"""sxpy: the SX language in Python, with durable state behind `perform`.

The public names are those of this module; see `docs/design.md` for what lies behind them.
"""

from typing import TYPE_CHECKING

from sxpy.lazy import lazy_names
from sxpy.version import __version__

if TYPE_CHECKING:
    from sxpy.convert import to_python, to_sx
    from sxpy.errors import (
        CodeMissingError,
        EvalError,
        LimitError,
        NotFreezable,
        ReadError,
        SxError,
        ThawError,
        UnknownOperationError,
    )
    from sxpy.host import PENDING, Answer, Host, Hosts, operation_of
    from sxpy.image.freeze import Frozen
    from sxpy.interpreter import Interpreter, Run
    from sxpy.machine.limits import Limits
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "sxpy.convert": "to_python to_sx",
            "sxpy.errors": (
                "CodeMissingError EvalError LimitError NotFreezable ReadError SxError ThawError "
                "UnknownOperationError"
            ),
            "sxpy.host": "PENDING Answer Host Hosts operation_of",
            "sxpy.image.freeze": "Frozen",
            "sxpy.interpreter": "Interpreter Run",
            "sxpy.machine.limits": "Limits",
        },
    )

__all__ = [
    "PENDING",
    "Answer",
    "CodeMissingError",
    "EvalError",
    "Frozen",
    "Host",
    "Hosts",
    "Interpreter",
    "LimitError",
    "Limits",
    "NotFreezable",
    "ReadError",
    "Run",
    "SxError",
    "ThawError",
    "UnknownOperationError",
    "__version__",
    "operation_of",
    "to_python",
    "to_sx",
]
