"""The `sx` command: one file a command, each thin.

Read `main.py` for the commands, `session.py` for what running a program in a process means, `report.py` for
how errors are shown.
"""
