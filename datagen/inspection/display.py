"""What text is shown on: how wide it is, and whether it has colours and block characters."""

from dataclasses import dataclass
from typing import ClassVar

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS = " .:-=+*#@"


@dataclass(frozen=True)
class Display:
    """A terminal of so many characters a line, or where `width` is None anything else: a file, a pipe."""

    width: int | None = None
    color: bool = False
    encoding: str = "utf-8"

    _CODES: ClassVar = {
        "title": "1;36", "key": "34", "text": "32", "number": "33", "word": "35", "faint": "2", "alarm": "31",
    }  # fmt: skip

    def styled(self, text: str, style: str) -> str:
        """Return a text in a style: title, key, text, number, word, faint or alarm (SGR codes of ECMA-48)."""
        return f"\033[{self._CODES[style]}m{text}\033[0m" if self.color and text else text

    @property
    def blocks(self) -> str:
        """Return nine characters, from empty to full."""
        try:
            BLOCKS.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return ASCII_BLOCKS
        return BLOCKS

    def encoded(self, text: str) -> bytes:
        """Return the bytes of a text; what the encoding does not have is escaped."""
        return text.encode(self.encoding, "backslashreplace")
