"""States as text in a store: how jobs use `sxpy/image`, and where the code of a state lies.

The code of a frozen state, the text of its top-level forms, is kept in the store's blobs under its cid, and
is put there once. Owns the key of the operator, with which texts are signed and without whose signature
they are refused. Next: `sxpy/jobs/runner.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sxpy.cid import cid_of
from sxpy.data import Bytevector
from sxpy.errors import CodeMissingError, ThawError
from sxpy.image.migrate import Migration
from sxpy.image.thaw import needs_of
from sxpy.interpreter import Interpreter, Run
from sxpy.jobs.errors import Blocked
from sxpy.jobs.ledger import Ledger
from sxpy.machine import State

CODE_MISSING, REFUSED, UPCASTER = "code missing", "state refused", "upcaster failed"
"""Why a state cannot be thawed."""

CODE_MIME = "text/x-sx"


class Images:
    """The states of jobs of one store. For one thread; `fresh` makes another one of its kind.

    Code is looked for once, when it is first needed, and once more by `confirm`, when a commit has named it:
    from then on nobody who cleans the store takes it for garbage, but until then somebody may have.
    """

    def __init__(self, ledger: Ledger, key: bytes | None) -> None:
        self._ledger = ledger
        self._key = key
        self._known: set[str] = set()
        """The code that is in the store, and that a commit has named."""
        self._new: dict[str, str] = {}
        """The code that no commit has named yet."""

    def fresh(self) -> Images:
        """The same, knowing nothing yet of what is in the store."""
        return Images(self._ledger, self._key)

    def freeze(self, state: State, interpreter: Interpreter) -> str:
        """The text of a state, whose code is in the store then. Raises NotFreezable."""
        frozen = interpreter.freeze(state, key=self._key)
        self.keep(frozen.code)
        return frozen.text

    def keep(self, code: Mapping[str, str]) -> None:
        """See that code is in the store, by cid."""
        for cid, source in code.items():
            if cid not in self._known and cid not in self._new:
                self._put(cid, source)
                self._new[cid] = source

    def keep_text(self, text: str) -> str:
        """See that a program is in the store; its cid."""
        cid = cid_of(text.encode("utf-8", "surrogatepass"))
        self.keep({cid: text})
        return cid

    def confirm(self) -> None:
        """A commit has named the code: see that it is still there."""
        for cid, source in self._new.items():
            self._put(cid, source)
        self._known |= self._new.keys()
        self._new = {}

    def _put(self, cid: str, source: str) -> None:
        if not self._ledger.ask("blob/has?", cid):
            self._ledger.ask("blob/put", source, CODE_MIME)

    def needs(self, text: str) -> tuple[str, ...]:
        """The code that a text needs, by cid; none when it cannot be read."""
        try:
            return needs_of(text, key=self._key)
        except ThawError:
            return ()

    def migrated(self, program: Interpreter, text: str) -> Migration:
        """What becomes of a text under a newer program, signed again if it moves."""
        return program.migrate(text, code=self.code, key=self._key)

    def thaw(self, text: str, interpreter: Interpreter) -> Run:
        """The run of a text, in an interpreter of its own like the one given. Raises Blocked."""
        try:
            return interpreter.thaw(text, code=self.code, key=self._key)
        except CodeMissingError as error:
            raise Blocked(CODE_MISSING, error.message, error.cids) from error
        except ThawError as error:
            raise Blocked(REFUSED, error.message) from error

    def code(self, cid: str) -> str | None:
        """The text under a cid; None when the store has none."""
        found = self._ledger.ask("blob/get", cid)
        if isinstance(found, Bytevector):
            found = bytes(found.data).decode("utf-8", "replace")
        text: str | None = found
        return text
