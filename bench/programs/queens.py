def safe(column: int, board: tuple[int, ...]) -> bool:
    for distance, other in enumerate(board, 1):
        if other == column or abs(other - column) == distance:
            return False
    return True


def ways(left: int, columns: range, board: tuple[int, ...]) -> int:
    if left == 0:
        return 1
    return sum([ways(left - 1, columns, (column, *board)) for column in columns if safe(column, board)])


def run(n: int) -> int:
    return ways(n, range(n), ())
