"""Counts what a template takes for a record: how large its values grow, and how much is done with them.

Everything that a template does passes here: what is repeated is charged by its nodes each time, and what
takes values is charged by their sizes before it runs. So no step runs for long, whatever its values are.

The size of a text is its characters. Any other value is a part of `PART`, and a list or an object is one
with all of its parts, each as often as it is in there: two references to one list count twice. Sizes are
remembered for a record, so that to know that of a value that holds itself twice takes no time.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import chain
from typing import Any

from jinja2.exceptions import SecurityError

from datagen.errors import DatagenError

MAX_WORK = 50_000_000  # units for one record; a character that is read or made is one
MAX_SIZE = 4_000_000  # of a value that is made
MAX_DEPTH = 100  # of lists in lists
MAX_INTEGER_BITS = 4_096
PART, STEP, NODE = 32, 100, 4  # units of a part of a value, of a call, of anything else in a loop
_HUGE = 1_000  # of a number beyond 64 bits, whose hashes can be made to collide
_LARGEST_COUNT = 1_000
_LOOK = 1_000_000  # units between two looks at whether the run is to stop
_FREE = 256  # the size up to which a step outside loops is not charged
_NUMBERS = (int, float)
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_SIMPLE = (str, int, float, bool, type(None))
_PLAIN, _SHORT = (str, list), 64  # texts and lists that need no look when they have been made
_CONTAINERS = (list, tuple, dict, set, frozenset, *_VIEWS)
_SIZED = (str, range, *_CONTAINERS)


class StoppedError(DatagenError):
    """The run was asked to stop; the record was not rendered."""


class Meter:
    """The budget of a record: units of `work`, and the `size` of each value.

    `stopped` is asked before each record and now and then within it; then StoppedError is raised. `spent`
    is what this record has used, `total` what all have.
    """

    def __init__(self, work: int = MAX_WORK, size: int = MAX_SIZE) -> None:
        self.work, self.size = work, size
        self.stopped: Callable[[], bool] = lambda: False
        self.spent = self._before = self._look_at = 0
        self._known: dict[int, tuple[int, int, Any]] = {}  # size, depth; the value keeps its id

    @property
    def total(self) -> int:
        """Return what all records have used."""
        return self._before + self.spent

    def begin(self) -> None:
        """Begin a record. Raises StoppedError."""
        self._before += self.spent
        self.spent = self._look_at = 0
        if self._known:
            self._known.clear()
        self._look()

    def charge(self, units: int) -> bool:
        """Count work that is about to be done, and return True. Raises SecurityError, StoppedError."""
        self.spent += units
        if self.spent > self._look_at:
            self._look()
        return True

    def size_of(self, value: Any) -> int:
        """Return the size of a value. Raises SecurityError for a list or a number that is too large."""
        if isinstance(value, str):
            return len(value)
        if isinstance(value, int):
            return self._size_of_number(value)
        if isinstance(value, _CONTAINERS):
            return self._measured(value)[0]
        if isinstance(value, range):
            ends = (value.start, value.stop)
            return PART + len(value) * max(map(self._size_of_number, ends))
        return PART

    def read(self, value: Any) -> Any:
        """Return a value that is about to be read as a whole, such as for a comparison."""
        if value.__class__ in _SIMPLE and (value.__class__ is not str or len(value) <= _FREE):
            return value
        size = self.size_of(value)
        if size > _FREE:
            self.charge(size)
        return value

    def made(self, value: Any) -> Any:
        """Return a value that has been made, an iterator as one whose items are counted."""
        if value.__class__ in _PLAIN and len(value) <= _SHORT:
            return value
        size = PART if value.__class__ is range else self.size_of(value)
        if size > _FREE:
            self._check(size)
            self.charge(size)
        elif value.__class__ not in _SIMPLE and isinstance(value, Iterator):
            return self._counted(value)
        return value

    def joined(self, texts: list[str]) -> str:
        """Return texts one after the other."""
        size = sum(map(len, texts))
        if size > _FREE:
            self._check(size)
            self.charge(size)
        return "".join(texts)

    def about_to_take(self, value: Any, others: tuple[Any, ...], unit: int = 1) -> None:
        """Charge for a function of a value and others: each part of it may meet each part of them.

        `unit` is what a character of a text takes.
        """
        size, factor = self.size_of(value), 1
        if unit != 1 and isinstance(value, str):
            size *= unit
        for each in others:
            if each.__class__ is str:
                factor += len(each)
            elif isinstance(each, _NUMBERS):  # a width, perhaps: text grows by so much a line
                factor += int(min(_LARGEST_COUNT, abs(each))) // 8
            elif isinstance(each, _SIZED):
                factor += self.size_of(each)
        if size * factor > _FREE:
            self.charge(size * factor)

    def metered(self, function: Callable[..., Any], unit: int = 1) -> Callable[..., Any]:
        """Return a filter or test that is charged for; also one that takes a context of Jinja2's first."""
        first = 0 if getattr(function, "jinja_pass_arg", None) is None else 1
        free, alone = _FREE // unit, first + 1

        @wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            value = arguments[first]
            if named or len(arguments) > alone:
                self.about_to_take(value, (*arguments[alone:], *named.values()), unit)
            elif value.__class__ is not str or len(value) > free:
                self.about_to_take(value, (), unit)
            return self.made(function(*arguments, **named))

        return run

    def _look(self) -> None:
        if self.stopped():
            raise StoppedError
        if self.spent > self.work:
            raise SecurityError(
                f"more work for a record than {self.work // STEP:,} steps or {self.work:,} characters"
            )
        self._look_at = min(self.spent + _LOOK, self.work)

    def _counted(self, items: Iterator[Any]) -> Iterator[Any]:
        for each in items:
            self.charge(STEP)
            yield each

    def _measured(self, value: Any, depth: int = 1) -> tuple[int, int]:
        """Return the size of a list or an object, and how deep it is."""
        found = self._known.get(id(value))
        if found is not None:
            return found[:2]
        size, below = PART, 0
        if depth > MAX_DEPTH:
            raise SecurityError("a value is nested too deeply")
        for each in _parts(value):
            if each.__class__ is str:
                size += PART + len(each)
            elif isinstance(each, _CONTAINERS):
                inner, levels = self._measured(each, depth + 1)
                size, below = size + inner, max(below, levels)
            else:
                size += self.size_of(each) + (PART if isinstance(each, str) else 0)
        self._check(size)
        if below >= MAX_DEPTH:
            raise SecurityError("a value is nested too deeply")
        self._known[id(value)] = size, below + 1, value
        return size, below + 1

    def _size_of_number(self, value: int) -> int:
        if -(1 << 63) <= value < 1 << 63:
            return PART
        if value.bit_length() > MAX_INTEGER_BITS:
            raise SecurityError("a number grows too large")
        return _HUGE

    def _check(self, size: int) -> None:
        if size > self.size:
            raise SecurityError(
                f"a value grows too large (more than {self.size:,} characters, "
                f"or {self.size // PART:,} parts)"
            )


def _parts(value: Any) -> Iterable[Any]:
    return chain(value, value.values()) if isinstance(value, dict) else value
