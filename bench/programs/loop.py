def run(n: int) -> int:
    acc = 0
    while n != 0:
        n, acc = n - 1, acc + n
    return acc
