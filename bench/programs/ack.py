import sys

sys.setrecursionlimit(20_000)


def ack(m: int, n: int) -> int:
    if m == 0:
        return n + 1
    if n == 0:
        return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))


def run(n: int) -> int:
    return ack(3, n)
