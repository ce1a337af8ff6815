"""The server protocol: an interpreter driven line by line, by a script or by another program.

`session.py` is the protocol itself, a function from a line to its reply, which knows no stream; `stdio.py`
puts it on a pair of streams. One session serves one client.
"""

from sxpy.server.session import Session
from sxpy.server.stdio import serve

__all__ = ["Session", "serve"]
