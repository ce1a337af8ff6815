"""What the processes of the kill rounds do: one writes through lib/persist until it is killed, one looks.

Importing this module loads lib/persist, so a process that is forked from one that has imported it starts
within milliseconds.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sxpy import Interpreter, to_python
from sxpy_hosts.disk import open_host
from sxpy_hosts.verify import verify

# `tell` reaches the parent before the next operation begins. What is about to be dropped is told before
# it is, everything else once it is acknowledged.
PROGRAM = """
(load "lib/persist/all.sx")
(define b (persist/durable-backend))

(define (tell-events stream events)
  (for-each (fn (e) (tell "event" stream (persist/event-seq e) (persist/event-data e))) events))

(define (live n)
  (let ((stream (str "s" (mod n 3))))
    (tell-events stream (list (persist/append b stream "t" 0 n)))
    (when (= (mod n 5) 0)
      (tell-events stream (persist/append-batch b stream (list (list "t" 0 n) (list "t" 0 n)))))
    (when (= (mod n 7) 0)
      (persist/kv-put b "n" n)
      (tell "key" "n" n nil))
    (when (= (mod n 11) 0)
      (let ((through (- (persist/last-seq b stream) 5)))
        (tell "dropping" stream through nil)
        (persist/truncate b stream through)))
    (when (= (mod n 17) 0) (checkpoint))
    (live (+ n 1))))

(define (look)
  {:key (persist/kv-get b "n")
   :streams
     (reduce
       (fn (found stream)
         (assoc found stream
           {:last (persist/last-seq b stream)
            :events (map (fn (e) (list (persist/event-seq e) (persist/event-data e)))
                         (persist/read b stream))}))
       {}
       (persist/streams b))})
"""

INTERPRETER = Interpreter()
INTERPRETER.eval(PROGRAM)


def live(root: Path, parent: Connection, first: int) -> None:
    """Write to the store until killed; the data of the events count from `first`."""
    host = open_host(root)
    INTERPRETER.host = host
    INTERPRETER.define("tell", lambda *what: parent.send(what))
    INTERPRETER.define("checkpoint", host.checkpoint)
    INTERPRETER.call("live", first)


def look(root: Path, parent: Connection) -> None:
    """Send the problems that the store's own check finds, then what lib/persist finds."""
    parent.send([str(problem) for problem in verify(root).problems])
    host = open_host(root)
    INTERPRETER.host = host
    found: Any = to_python(INTERPRETER.call("look"))
    host.close()
    parent.send(found)
