"""Turns any text into one that fits into a line of a message."""

from collections.abc import Sequence


def first_line(text: str) -> str:
    """Return the first line of a text that is not blank, without the blanks around it."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def escaped(text: str) -> str:
    """Return a text with escapes in place of all that does not print, such as newlines and control sequences."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def printable(text: str, longest: int) -> str:
    """Return a text with escapes for what cannot be shown, in at most so many characters."""
    text = text if text.isprintable() else text.encode("unicode_escape").decode()
    return shortened(text, longest)


def shortened(text: str, longest: int) -> str:
    """Return a text in at most so many characters."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def listed(names: Sequence[str], longest: int) -> str:
    """Return names with commas between them, at most so many; `...` stands for the others."""
    return ", ".join(names[:longest]) + (", ..." if len(names) > longest else "")


def plural(noun: str, number: float) -> str:
    """Return a noun as it stands after a number: pass, passes."""
    if number == 1:
        return noun
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def counted(number: int, noun: str) -> str:
    """Return a number, by thousands, and what it counts: 1 pass, 2,000 passes."""
    return f"{number:,} {plural(noun, number)}"


def were(number: int) -> str:
    """Return the verb that follows what was counted."""
    return "was" if number == 1 else "were"


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()
