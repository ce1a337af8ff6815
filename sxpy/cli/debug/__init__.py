"""`sx debug`: the debugger of `sxpy/debugger/` as a conversation, on a terminal or on a pipe."""
