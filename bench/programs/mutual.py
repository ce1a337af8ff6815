def even_number(n: int) -> bool:
    return True if n == 0 else odd_number(n - 1)


def odd_number(n: int) -> bool:
    return False if n == 0 else even_number(n - 1)


def run(n: int) -> int:
    evens = 0
    for i in range(n):
        if even_number(200 + i % 2):
            evens += 1
    return evens
