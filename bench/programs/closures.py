from collections.abc import Callable


def adder(n: int) -> Callable[[int], int]:
    return lambda x: x + n


def compose(f: Callable[[int], int], g: Callable[[int], int]) -> Callable[[int], int]:
    return lambda x: f(g(x))


def counter() -> Callable[[], int]:
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return count

    return tick


def run(n: int) -> int:
    tick = counter()
    total = 0
    for i in range(n):
        total = compose(adder(i), adder(1))(tick()) + (total - i)
    return total
