def growing(n: int) -> str:
    text = ""
    for i in range(n):
        text += f"{i},"
    return text


def joined(n: int) -> str:
    return ",".join([f"<{i}>" for i in range(n)])


def run(n: int) -> int:
    return len(growing(n)) + len(joined(n))
