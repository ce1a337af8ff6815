words = [f"word{i}" for i in range(97)]


def counted(n: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for i in range(n):
        word = words[i % 97]
        counts[word] = counts.get(word, 0) + 1
    return counts


def run(n: int) -> int:
    # Python has no immutable dicts: the second half of the work is done as the first one.
    return counted(n)["word5"] + counted(n)["word5"]
