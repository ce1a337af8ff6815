"""The REPL. Read `repl.py` first; `terminal.py` and `pipe.py` are the two ways text comes to it."""
