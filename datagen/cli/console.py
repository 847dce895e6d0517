"""Writes lines for a person to a stderr that nobody may read any more."""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO, Protocol, TextIO

from datagen.one_line import escaped


class Bar(Protocol):
    """The last line of a terminal during a run."""

    def clear(self) -> object:
        """Clear the line."""

    def refresh(self) -> object:
        """Show the line again."""


class Console:
    """Complete lines on stderr, above the bar if there is one.

    A line is plain text: what does not print, such as a newline or a control sequence in a name that the line
    quotes, is shown escaped. Whoever reads the lines may go away: what is written then is lost, and the run
    goes on. No stream at all is the same.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.bar: Bar | None = None
        self.lock = threading.RLock()
        self.redact: Callable[[str], str] = str  # what warnings and errors say, without secrets
        self._stream = stream

    @property
    def encoding(self) -> str:
        """Return the encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "ascii"

    def print(self, *lines: object) -> None:
        """Write lines at once."""
        with self.lock:
            if self.bar:
                self.bar.clear()
            self.write("".join(f"{escaped(str(line))}\n" for line in lines))
            self.flush()
            if self.bar:
                self.bar.refresh()

    def warn(self, text: object) -> None:
        """Write a line that begins with `warning:`."""
        self.print(f"warning: {self.redact(str(text))}")

    def fail(self, *lines: str) -> None:
        """Write what ended the run."""
        self.print(*map(self.redact, lines))

    def write(self, text: str) -> int:
        """Write text as it is."""
        self._try("write", text)
        return len(text)

    def flush(self) -> None:
        """Write what the stream buffers."""
        self._try("flush")

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:  # it is closed
            return False

    def columns(self) -> int | None:
        """Return how many characters a line of the terminal has, or None where there is none."""
        try:
            return os.get_terminal_size(self.fileno()).columns or None
        except (OSError, ValueError):
            return None

    def fileno(self) -> int:
        """Return the file descriptor. Raises OSError where there is none."""
        if self._stream is None:
            raise OSError("no stream")
        return self._stream.fileno()

    def _try(self, method: str, *arguments: str) -> None:
        try:
            if self._stream is not None:
                getattr(self._stream, method)(*arguments)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            redirect_to_devnull(self._stream)
            self._stream = None


def redirect_to_devnull(stream: object) -> None:
    """Redirect a closed stream to /dev/null, so that the flush at exit does not fail."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(devnull, stream.fileno())  # type: ignore[attr-defined]
        finally:
            os.close(devnull)


def reserve_standard_streams() -> None:
    """Open what is closed of the standard streams, so that no other file gets its descriptor.

    What is written to a closed stdout fails; what libraries write to a closed stderr is lost.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        for number, how in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, how)


def binary_stream(stream: TextIO | None, number: int) -> BinaryIO:
    """Return a standard stream, by its descriptor where it is closed, as one of bytes."""
    return stream.buffer if stream is not None else io.FileIO(number, "rw"[number], closefd=False)
