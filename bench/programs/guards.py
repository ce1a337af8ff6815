class Refused(Exception):
    pass


def risky(i: int) -> int:
    if i % 3 == 0:
        raise Refused("refused", i)
    return i


def run(n: int) -> int:
    total = 0
    for i in range(n):
        try:
            total += 2 * risky(i)
        except Refused as refusal:
            total += refusal.args[1]
    return total
