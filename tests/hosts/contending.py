"""A process of the concurrency tests: threads that contend for one stream through lib/persist.

    python contending.py ROOT NAME THREADS WINS BACKEND

BACKEND is `plain` (reads the last seq, then appends; the store refuses a used one) or `extended` (the store
compares and appends in one step). A line `NAME-THREAD SEQ` is printed for each event that was acknowledged.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from sxpy import Interpreter
from sxpy.host import Host
from sxpy_hosts.disk import open_host

PROGRAM = """
(load "lib/persist/all.sx")
(define b (if (= kind "plain") (persist/durable-backend) (persist/extended-durable-backend)))

(define (lost? r) (or (nil? r) (persist/conflict? r)))

(define (try-once)
  (let ((expected (persist/last-seq b "contended")))
    (guard (e ((contains? (error-message e) "has used") nil))
      (persist/append-expect b "contended" expected "t" 0 me))))

(define (win n)
  (when (> n 0)
    (let ((r (try-once)))
      (if (lost? r)
        (win n)
        (begin (tell (persist/event-seq r)) (win (- n 1)))))))
"""


def contend(host: Host, me: str, wins: int, kind: str, tell: Callable[[str], None]) -> None:
    """Win `wins` times in an interpreter of its own."""
    interpreter = Interpreter(host=host)
    interpreter.define("kind", kind)
    interpreter.define("me", me)
    interpreter.define("tell", lambda seq: tell(f"{me} {seq}\n"))
    interpreter.eval(PROGRAM)
    interpreter.call("win", wins)


def main(root: str, name: str, threads: str, wins: str, kind: str) -> None:
    """Run the threads to their end."""
    host = open_host(root, wait=30)
    writing = threading.Lock()
    failed: list[BaseException] = []

    def tell(line: str) -> None:
        with writing:
            sys.stdout.write(line)
            sys.stdout.flush()

    def run(number: int) -> None:
        try:
            contend(host, f"{name}-{number}", int(wins), kind, tell)
        except BaseException as error:
            failed.append(error)
            raise

    running = [threading.Thread(target=run, args=(number,)) for number in range(int(threads))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    host.close()
    sys.exit(len(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
