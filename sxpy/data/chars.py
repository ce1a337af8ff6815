"""Characters: one Unicode code point, a kind of its own beside one-character strings."""

from __future__ import annotations


class Char:
    """A character. `code` is its code point, 0 to 0x10FFFF; two of one code are `eqv?`, not one object."""

    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        self.code = code

    def __repr__(self) -> str:
        return f"Char({self.code:#x})"


CHAR_NAMES: dict[str, int] = {
    "space": 0x20,
    "newline": 0x0A,
    "tab": 0x09,
    "return": 0x0D,
    "nul": 0x00,
    "null": 0x00,
    "escape": 0x1B,
    "altmode": 0x1B,
    "delete": 0x7F,
    "rubout": 0x7F,
    "backspace": 0x08,
    "alarm": 0x07,
}
"""Every name that `#\\name` reads, with its code point."""

NAME_OF_CODE: dict[int, str] = {}
"""The name the writer gives a code point: the first of `CHAR_NAMES` that means it."""
for _name, _code in CHAR_NAMES.items():
    NAME_OF_CODE.setdefault(_code, _name)
