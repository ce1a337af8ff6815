def squares(n: int) -> list[int]:
    made = []
    for i in range(n):
        made.append(i * i)
    return made


def stacked(n: int) -> list[int]:
    made = []
    for i in range(n):
        made.append(i)
    return made


def total(items: list[int]) -> int:
    found = 0
    for item in reversed(items):
        found += item
    return found


def run(n: int) -> int:
    return sum([x + 1 for x in squares(n) if x % 2]) + total(stacked(n))
