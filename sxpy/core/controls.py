"""The machine's control procedures by name: what code may call that changes the continuation.

The special forms that become such calls find them here. `INDEX` lists which module of `sxpy/machine` makes
which of them; it is imported when one is first asked for.
"""

from __future__ import annotations

from sxpy.data import Control
from sxpy.lazy import Catalogue

INDEX = {
    "collections": """
        map filter remove for-each some any? every? none? find find-index flat-map mapcat vector-map
        vector-for-each map-indexed reduce fold-left foldl fold-right reduce-right foldr
    """,
    "sorting": "sort",
    "winding": "dynamic-wind",
    "conditions": """
        raise raise-continuable error %guard %handler-bind with-exception-handler try-catch try-call
        %raise-error
    """,
    "control": """
        %raise-from call/cc call-with-current-continuation apply values call-with-values
        %case-lambda make-parameter %parameterize force %reset %shift
    """,
    "performing": "perform %pending %host-failed",
    "coroutines": "make-coroutine coroutine-resume coroutine-yield coroutine? coroutine-alive?",
    "program": "eval eval-in-env make-environment load set-strict! assert",
    "libraries": "%import %define-library",
    "reflect": """
        make-cek-state cek-step cek-step-loop cek-run cek-resume cek-resume-error cek-terminal?
        cek-suspended? cek-value cek-io-request cek-phase cek-depth cek-frames cek-state?
        cek-freeze cek-thaw register-frame-upcaster
    """,
    "scopes": "%provide %scope context emit! emitted %defio io io-registered?",
}

CONTROLS: Catalogue[Control] = Catalogue("sxpy.machine", INDEX)
"""Every control procedure by each of its names."""
