"""Runs frozen programs in a process of its own: a line of JSON in, a line of JSON out, until the input ends.

In: `[text, tier]`, a frozen program that does not wait, with its code. Out: `[text, output]`, the program at
its next perform or at its end, frozen with its code; or `{"error": message}`.
"""

from __future__ import annotations

import io
import json
import sys

from sxpy.errors import SxError
from sxpy.image.thaw import thaw
from sxpy.interpreter import Interpreter


def advanced(text: str) -> object:
    """The program at its next perform or at its end, and what it wrote."""
    output = io.StringIO()
    fresh = Interpreter(output=output)
    program = thaw(text, code=None, procedures={}, settle=fresh._settled)
    here = fresh._settled(program.world)
    try:
        state = here.start_state(program.state).state
    except SxError as error:
        return {"error": error.message, "output": output.getvalue()}
    return [here.freeze(state, whole=True).bundled(), output.getvalue()]


def main() -> None:
    """Answer line by line."""
    for line in sys.stdin:
        print(json.dumps(advanced(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
