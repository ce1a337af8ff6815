"""Syntax colours outside of the REPL: a Pygments lexer, found by Pygments under the name `sx`."""
