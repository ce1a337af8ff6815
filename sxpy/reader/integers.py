"""Decimal integers of any size, to and from text.

Python limits the conversion of long digit strings (by default to 4,300 digits) because its algorithm is
quadratic. The limit is a setting of the whole process, so it stays as it is; longer numbers are split in
halves at powers of ten until the parts are short.
"""

from __future__ import annotations

CHUNK = 512
"""Digits that one conversion by Python handles: less than 640, the least limit that a process can set."""

_BITS = (10**CHUNK).bit_length() - 1
"""An integer of so many bits has at most `CHUNK` digits."""


def parse_integer(text: str) -> int:
    """The integer that a run of decimal digits with an optional sign means."""
    if len(text) <= CHUNK:
        return int(text)
    negative = text[0] == "-"
    digits = text.lstrip("+-")
    first = len(digits) % CHUNK
    parts = [int(digits[:first])] if first else []
    parts.extend(int(digits[at : at + CHUNK]) for at in range(first, len(digits), CHUNK))
    power = 10**CHUNK
    while len(parts) > 1:
        # Join neighbours from the right; an odd part at the left stays for the next round.
        start = len(parts) % 2
        joined = [parts[at] * power + parts[at + 1] for at in range(start, len(parts), 2)]
        parts = parts[:start] + joined
        power *= power
    return -parts[0] if negative else parts[0]


def format_integer(value: int) -> str:
    """The decimal digits of an integer."""
    if value.bit_length() <= _BITS:
        return str(value)
    sign, value = ("-", -value) if value < 0 else ("", value)
    powers = [10**CHUNK]
    while powers[-1] <= value:
        powers.append(powers[-1] * powers[-1])
    parts = [value]
    for power in reversed(powers):
        halves: list[int] = []
        for part in parts:
            halves.extend(divmod(part, power))
        parts = halves
    digits = "".join([str(part).zfill(CHUNK) for part in parts])
    return sign + digits.lstrip("0")
