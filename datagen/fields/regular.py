"""Turns a regular expression into what its texts are made of: characters, chains, alternatives, repetitions.

The syntax is that of Python's `re`, as far as texts can be made of it: what looks around, looks back or
never ends is refused, with what to write in its place.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import NoReturn

PRINTABLE = "".join(map(chr, range(32, 127)))
MAX_CHARACTERS = 1000  # of a text
MAX_STEPS = 10_000  # parts that a text may be made of, each repetition counted
_MAX_DEPTH = 50  # of groups inside groups
_DIGITS = "0123456789"
_WORD = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": " "}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_CODES = {"x": 2, "u": 4, "U": 8}  # the number of hexadecimal digits that tell a character
_COUNTS = re.compile(r"\{(?:(\d{1,9})|(\d{0,9}),(\d{0,9}))\}")
_GROUP = re.compile(r"\((?:\?:|\?P<[A-Za-z_]\w*>|(?!\?))")
_BEGIN = re.compile(r"\^|\\A")
_END = re.compile(r"(?:\$|\\Z)\Z")


class RegularError(ValueError):
    """A regular expression of which no text can be made; it says why."""


@dataclass(frozen=True)
class Characters:
    """One of these characters, all as likely."""

    choices: str

    @property
    def longest(self) -> int:
        """Return the characters of the longest text."""
        return 1

    @property
    def mean(self) -> float:
        """Return how many characters a text has on average."""
        return 1

    @property
    def steps(self) -> int:
        """Return the number of draws, and of parts, of a text at most."""
        return 1

    @property
    def ways(self) -> float:
        """Return in how many ways a text can come about; some may give the same text."""
        return len(self.choices)

    def texts(self) -> dict[str, float]:
        """Return all texts, with their probabilities; there are no more than `ways`."""
        return dict.fromkeys(self.choices, 1 / len(self.choices))


@dataclass(frozen=True)
class Chain:
    """One part after the other."""

    parts: tuple["Node", ...]

    @cached_property
    def longest(self) -> int:
        """Return the characters of the longest text."""
        return sum(part.longest for part in self.parts)

    @cached_property
    def mean(self) -> float:
        """Return how many characters a text has on average."""
        return sum(part.mean for part in self.parts)

    @cached_property
    def steps(self) -> int:
        """Return the number of draws, and of parts, of a text at most."""
        return 1 + sum(part.steps for part in self.parts)

    @cached_property
    def ways(self) -> float:
        """Return in how many ways a text can come about."""
        return prod(part.ways for part in self.parts)

    def texts(self) -> dict[str, float]:
        """Return all texts, with their probabilities."""
        found = {"": 1.0}
        for part in self.parts:
            found = _joined(found, part.texts())
        return found


@dataclass(frozen=True)
class Alternatives:
    """One of several parts, all as likely."""

    options: tuple["Node", ...]

    @cached_property
    def longest(self) -> int:
        """Return the characters of the longest text."""
        return max(option.longest for option in self.options)

    @cached_property
    def mean(self) -> float:
        """Return how many characters a text has on average."""
        return sum(option.mean for option in self.options) / len(self.options)

    @cached_property
    def steps(self) -> int:
        """Return the number of draws, and of parts, of a text at most."""
        return 1 + max(option.steps for option in self.options)

    @cached_property
    def ways(self) -> float:
        """Return in how many ways a text can come about."""
        return sum(option.ways for option in self.options)

    def texts(self) -> dict[str, float]:
        """Return all texts, with their probabilities."""
        found: dict[str, float] = {}
        for option in self.options:
            for text, chance in option.texts().items():
                found[text] = found.get(text, 0) + chance / len(self.options)
        return found


@dataclass(frozen=True)
class Repetition:
    """A part several times, each drawn anew; all numbers of times from least to most are as likely."""

    part: "Node"
    least: int
    most: int

    @property
    def longest(self) -> int:
        """Return the characters of the longest text."""
        return self.most * self.part.longest

    @property
    def mean(self) -> float:
        """Return how many characters a text has on average."""
        return (self.least + self.most) / 2 * self.part.mean

    @property
    def steps(self) -> int:
        """Return the number of draws, and of parts, of a text at most."""
        return 1 + self.most * self.part.steps

    @cached_property
    def ways(self) -> float:
        """Return in how many ways a text can come about."""
        if self.most > MAX_CHARACTERS or self.part.ways ** min(self.most, 64) > 1e15:
            return float("inf")
        return sum(self.part.ways**times for times in range(self.least, self.most + 1))

    def texts(self) -> dict[str, float]:
        """Return all texts, with their probabilities."""
        found: dict[str, float] = {}
        part, power = self.part.texts(), {"": 1.0}
        for times in range(self.most + 1):
            if times >= self.least:
                for text, chance in power.items():
                    found[text] = found.get(text, 0) + chance / (self.most - self.least + 1)
            power = _joined(power, part) if times < self.most else {}
        return found


Node = Characters | Chain | Alternatives | Repetition


def _joined(firsts: dict[str, float], seconds: dict[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for first, chance in firsts.items():
        for second, other in seconds.items():
            found[first + second] = found.get(first + second, 0) + chance * other
    return found


def parse_regular(pattern: str) -> Node:
    """Return what the texts of a regular expression are made of. Raises RegularError."""
    node = _Parser(pattern).parse()
    if node.longest > MAX_CHARACTERS:
        raise RegularError(
            f"makes texts of up to {node.longest:,} characters; {MAX_CHARACTERS:,} are possible"
        )
    if node.steps > MAX_STEPS:
        raise RegularError(f"makes texts of {node.steps:,} parts; {MAX_STEPS:,} are possible")
    return node


class _Parser:
    """Reads a regular expression from left to right."""

    def __init__(self, pattern: str) -> None:
        begin = _BEGIN.match(pattern)
        self._text, self._place, self._depth = pattern, begin.end() if begin else 0, 0

    def parse(self) -> Node:
        node = self._alternatives()
        if self._place < len(self._text):
            self._refuse("a ) that closes nothing; write \\) for the character")
        return node

    def _alternatives(self) -> Node:
        options = [self._chain()]
        while self._next_is("|"):
            self._place += 1
            options.append(self._chain())
        return options[0] if len(options) == 1 else Alternatives(tuple(options))

    def _chain(self) -> Node:
        parts: list[Node] = []
        while self._place < len(self._text) and self._text[self._place] not in "|)":
            if _END.match(self._text, self._place):
                self._place = len(self._text)
                break
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Chain(tuple(parts))

    def _atom(self) -> Node:
        char = self._text[self._place]
        if char == "(":
            return self._group()
        if char == "[":
            return self._set()
        if char in "*+?":
            self._refuse(f"a {char} that repeats nothing; write \\{char} for the character")
        if char in "^$":
            self._refuse(f"a {char} in the middle; write \\{char} for the character")
        if char == "\\":
            return Characters(self._escaped())
        self._place += 1
        return Characters(PRINTABLE if char == "." else char)

    def _group(self) -> Node:
        opened = _GROUP.match(self._text, self._place)
        if opened is None:
            self._refuse(
                "groups are ( ), (?: ) or (?P<name> ): none that look around, or set flags"
            )
        began, self._place = self._place, opened.end()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._refuse(f"more than {_MAX_DEPTH} groups inside each other")
        node = self._alternatives()
        if not self._next_is(")"):
            self._place = began
            self._refuse("a ( that is not closed; write \\( for the character")
        self._depth -= 1
        self._place += 1
        return node

    def _repeated(self, part: Node) -> Node:
        counts = self._counts()
        if counts is None:
            return part
        if self._next_is("?"):  # as few as possible: all the same to what makes texts
            self._place += 1
        if self._counts() is not None:
            self._refuse("a repetition of a repetition; put ( ) around the first")
        return Repetition(part, *counts)

    def _counts(self) -> tuple[int, int] | None:
        """Read how often something is repeated, if it is."""
        if self._next_is("?"):
            self._place += 1
            return 0, 1
        if self._next_is("*") or self._next_is("+"):
            least = "01"[self._text[self._place] == "+"]
            self._refuse(f"texts without end; write {{{least},10}} for up to 10 times")
        found = _COUNTS.match(self._text, self._place)
        if found is None:
            return None
        exactly, least, most = found.groups()
        if exactly is None and not most:
            self._refuse(f"texts without end; write {{{least or 0},{int(least or 0) + 10}}}, say")
        counts = int(exactly or least or 0), int(exactly or most)
        if counts[0] > counts[1]:
            self._refuse(f"{found[0]}: the first number is the least")
        self._place = found.end()
        return counts

    def _set(self) -> Characters:
        began = self._place
        self._place += 1
        without = self._next_is("^")
        self._place += without
        found, first = "", True
        while first or not self._next_is("]"):
            if self._place >= len(self._text):
                self._place = began
                self._refuse("a [ that is not closed; write \\[ for the character")
            found, first = found + self._range(), False
        self._place += 1
        choices = [char for char in PRINTABLE if char not in found] if without else found
        if not choices:
            self._place = began
            self._refuse("no printable character is left")
        return Characters("".join(dict.fromkeys(choices)))

    def _range(self) -> str:
        """Read a character of a set, several in one word, or a range."""
        began, first = self._place, self._member()
        if not (
            self._next_is("-") and self._text[self._place + 1 : self._place + 2] not in ("", "]")
        ):
            return first
        self._place += 1
        last = self._member()
        if len(first) > 1 or len(last) > 1 or first > last:
            self._place = began
            self._refuse("a range goes from a character to a later one")
        return "".join(map(chr, range(ord(first), ord(last) + 1)))

    def _member(self) -> str:
        if self._next_is("\\"):
            return self._escaped()
        self._place += 1
        return self._text[self._place - 1]

    def _escaped(self) -> str:
        """Read what follows a backslash: the characters that it stands for."""
        char = self._text[self._place + 1 : self._place + 2]
        if char in _CODES:
            return self._coded(_CODES[char])
        if char.lower() in _CLASSES:
            found = _CLASSES[char.lower()]
            if char.isupper():
                found = "".join(each for each in PRINTABLE if each not in found)
        elif char in _CONTROLS:
            found = _CONTROLS[char]
        elif not char or (char.isascii() and char.isalnum()):
            self._refuse(f"\\{char} stands for no characters here")
        else:
            found = char
        self._place += 2
        return found

    def _coded(self, digits: int) -> str:
        code = self._text[self._place + 2 : self._place + 2 + digits]
        number = int(code, 16) if re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", code) else -1
        if not 0 <= number < 0x110000 or 0xD800 <= number < 0xE000:
            char = self._text[self._place + 1]
            self._refuse(f"\\{char} takes {digits} hexadecimal digits of a character")
        self._place += 2 + digits
        return chr(number)

    def _next_is(self, char: str) -> bool:
        return self._text.startswith(char, self._place)

    def _refuse(self, why: str) -> NoReturn:
        raise RegularError(f"{why} (at character {self._place + 1})")
