"""What a server answers to a request, and what that says of each of its records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a server answers: its status (0: no answer), a text about it, and its Retry-After in seconds.

    `body` is what it says, unless it is not `complete`: it was cut off, or was too long.
    """

    status: int
    text: str
    wait: float = 0.0
    body: bytes = b""
    complete: bool = True

    @property
    def is_success(self) -> bool:
        """Return whether the request was accepted, which says little of its records."""
        return 200 <= self.status < 300

    @property
    def is_temporary(self) -> bool:
        """Return whether another attempt may succeed."""
        return is_temporary(self.status)

    def document(self) -> dict[str, Any] | None:
        """Return the JSON object that it is, or None where it is none, or not all of one."""
        try:
            found = json.loads(self.body) if self.complete else None
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Verdict:
    """What an answer says of the records of its request, each by its place there, in order.

    Those at `again` are to be sent once more, those at `failed` are refused, all others are delivered. With `cuts`
    nothing is known: the records are to be sent in several requests, which begin there too. `ends` the run: no further
    record would be taken. `text` is about the first that is refused, `again_text` about the first that is sent again;
    "": as the answer says.
    """

    again: Sequence[int] = ()
    failed: Sequence[int] = ()
    cuts: Sequence[int] = ()
    ends: bool = False
    text: str = ""
    again_text: str = ""


DELIVERED = Verdict()
ENDS = Verdict(ends=True)


def is_temporary(status: int) -> bool:
    """Return whether another attempt may succeed after a status; 0: there was no answer."""
    return status in (0, 429) or status >= 500


def halves(count: int, text: str = "") -> Verdict:
    """Return that so many records are to be sent in two requests; a single one is refused."""
    return Verdict(cuts=[count // 2], text=text) if count > 1 else Verdict(failed=[0], text=text)
