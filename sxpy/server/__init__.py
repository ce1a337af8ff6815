"""The server protocol: an interpreter driven line by line, by a script or by another program.

`session.py` is the protocol itself, a function from a line to its reply, which knows no stream; `stdio.py`
puts it on a pair of streams, `clients.py` on a listening socket with many clients. One session serves one
client.
"""

from sxpy.server.addresses import Listener, ListenError, open_listener, parse_address
from sxpy.server.clients import SEATS, Server
from sxpy.server.session import Session
from sxpy.server.stdio import serve
from sxpy.server.token import TokenError, find_token

__all__ = [
    "SEATS",
    "ListenError",
    "Listener",
    "Server",
    "Session",
    "TokenError",
    "find_token",
    "open_listener",
    "parse_address",
    "serve",
]
