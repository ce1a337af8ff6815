"""Images: a suspended program as text, and back.

    run = interpreter.start('(+ 1 (perform {:op "ask" :args ()}))')
    frozen = run.freeze()                    # Frozen: frozen.text, and frozen.code by CID
    store(frozen.text); store_all(frozen.code)
    …                                        # another process, another machine
    run = Interpreter(host=host).thaw(text, code=lookup)
    run.resume(41).value                     # 42

`Frozen.text` is canonical SX data: the frames with their live values, the globals that are reachable, and the
names (CIDs) of the code that they need. `Frozen.code` maps those names to texts, which never change, so they
are stored once. `Frozen.bundled()` is one text that holds the code as well. `thaw` finds code in the text, in
the mapping or function `code`, and raises `CodeMissingError`, which names what is missing.

Thawing makes a program of its own, with globals of its own, in a new interpreter like the one it was asked
of: the same host, output, limits and library path, and the same procedures that the embedding program
defined (`Interpreter.define`). Two thaws of one text share nothing. It runs no code.

A value that no text stands for — a Python object, a procedure that the host defined without a name — is a
`NotFreezable`, which names the value and the path to it; the state stays as it was. Damaged text, text of an
unknown version and, when a key is given, text that is not signed with it are a `ThawError`.

What it means to a program is said in `docs/freezing.md`. Next: `freeze.py` and `thaw.py`, then `encoder.py`
and `decoder.py`, then the kinds of part: `values.py`, `dicts.py`, `frames.py`, `natives.py`, `world.py`;
`codes.py` has code by content, `text.py` the spelling, `migrate.py` the way to newer code.
"""

from sxpy.lazy import lazy_names

__getattr__ = lazy_names(
    __name__,
    {
        "sxpy.image.freeze": "Frozen freeze",
        "sxpy.image.thaw": "ThawLimits needs_of thaw",
    },
)
