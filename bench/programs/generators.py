from collections.abc import Iterator


def generator(n: int) -> Iterator[int]:
    i = 0
    while i < n:
        yield i
        i += 1


def run(n: int) -> int:
    items = generator(n)
    total = 0
    while (item := next(items, None)) is not None:
        total += item
    return total
