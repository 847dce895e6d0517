"""The Jinja2 in which templates run: values typed, texts as everywhere in this program, harm kept out.

A specification is untrusted. So a template reaches nothing but the public parts of its values, and
what it makes of them stays bounded: steps and characters are counted for each record.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from functools import wraps
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from datagen.columns import json_text

MAX_STEPS = 100_000  # rounds of loops and calls for one record
MAX_CHARACTERS = 10_000_000  # made on the way to one record
MAX_ARGUMENT = 1_000  # of an argument that widens something
MAX_INTEGER_BITS = 4_096
JOIN, STEP = "~", "~each"  # filters that no template can name
_DIRECTIVE = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(\*|\d*)(?:\.(\*|\d*))?[hlL]?.?", re.DOTALL)

_TEXT = (
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit islower "
    "isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper "
    "center join ljust replace rjust zfill"
)
_DATE = "day isocalendar isoformat isoweekday month toordinal weekday year"
_TIME = "fold hour isoformat microsecond minute second tzinfo"
_ATTRIBUTES: tuple[tuple[type, frozenset[str]], ...] = (
    (str, frozenset(_TEXT.split())),
    (datetime, frozenset(
        f"{_DATE} {_TIME} date dst replace strftime time timestamp tzname utcoffset".split()
    )),
    (date, frozenset(_DATE.split())),
    (time, frozenset(_TIME.split())),
    (timedelta, frozenset(("days", "seconds", "microseconds", "total_seconds"))),
    (dict, frozenset(("get", "items", "keys", "values"))),
    (list, frozenset(("count", "index"))),
    (tuple, frozenset(("count", "index", "grouper", "list", "year", "week", "weekday"))),
    (float, frozenset(("is_integer",))),
)  # fmt: skip
_FILTERS = [
    "abs",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
    "xmlattr",
    "join",
]

_OF_TEXTS = (
    "capitalize", "center", "e", "escape", "forceescape", "indent", "striptags", "title", "trim",
    "truncate", "urlencode", "wordcount", "wordwrap",
)  # fmt: skip


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates of a specification."""

    intercepted_binops = frozenset(("*", "+", "%", "**"))

    def __init__(self) -> None:
        super().__init__(finalize=self.text, auto_reload=False, cache_size=0)
        self.steps = self.characters = 0
        self._safe: dict[tuple[type, str], bool] = {}
        known = dict(self.filters)
        self.filters = {name: known[name] for name in _FILTERS}
        self.filters |= {
            JOIN: self._joined, STEP: self._stepped, "tojson": tojson, "string": text_of,
            "upper": lambda value: self._made(text_of(value).upper()),
            "lower": lambda value: self._made(text_of(value).lower()),
            "replace": self._replaced, "join": self._join, "format": self._formatted,
        }  # fmt: skip
        for name in _OF_TEXTS:
            known[name] = _on_text(known[name])
            self.filters[name] = known[name]
        for name in ("batch", "center", "indent", "round", "slice", "truncate", "wordwrap"):
            self.filters[name] = self._held(known[name])
        self.filters["sum"] = _without_lists(known["sum"])
        self.globals = {"range": self._range, "dict": dict, "namespace": self.globals["namespace"]}

    def begin(self) -> None:
        """Count for the next record."""
        self.steps = self.characters = 0

    def text(self, value: Any) -> str:
        """Return the text that stands for a value in a record."""
        return value if type(value) is str else text_of(value)

    # what a template may reach

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value) and _public(obj, attr)
        return self._safe[key]

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        raise SecurityError(f'"{attribute}" of {_kind(obj)} is not for templates')

    def wrap_str_format(self, value: Any) -> None:
        del value  # `format` is no attribute that a template may reach

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        self._step(1)
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str):
            if name == "replace":
                return self._replaced(owner, *args, **kwargs)
            if name == "join":
                return self._join(args[0], owner)
            self._narrow([*args, *kwargs.values()])
        if isinstance(owner, str | date):  # nothing that asks for the context
            return obj(*args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    # what it may make

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            return self._formatted(left, *(right if isinstance(right, tuple) else (right,)))
        if operator == "**":
            raise SecurityError("** is not for templates")
        if operator == "+" and isinstance(left, str | list | tuple):
            self._spend(len(left) + (len(right) if isinstance(right, str | list | tuple) else 0))
        if operator == "*":
            _check_product(left, right)
        return super().call_binop(context, operator, left, right)

    def _step(self, count: int) -> None:
        self.steps += count
        if self.steps > MAX_STEPS:
            raise SecurityError(f"more than {MAX_STEPS:,} steps for a record")

    def _spend(self, count: int) -> None:
        self.characters += count
        if self.characters > MAX_CHARACTERS:
            raise SecurityError(f"more than {MAX_CHARACTERS:,} characters are made for a record")

    def _made(self, text: str) -> str:
        self._spend(len(text))
        return text

    def _narrow(self, arguments: Iterable[Any]) -> None:
        for each in arguments:
            if isinstance(each, int | float) and not abs(each) <= MAX_ARGUMENT:
                raise SecurityError(f"{each} is more than {MAX_ARGUMENT:,}")

    def _held(self, filter_: Callable[..., Any]) -> Callable[..., Any]:
        """Bound the numbers that a filter gets, and count what it makes."""

        @wraps(filter_)
        def held(*arguments: Any, **named: Any) -> Any:
            passed = getattr(filter_, "jinja_pass_arg", None) is not None
            start = 2 if passed else 1
            self._narrow([*arguments[start:], *named.values()])
            texts = [each for each in (*arguments, *named.values()) if isinstance(each, str)]
            if len(texts) > 1:  # a text that widens another, once a line
                self._spend((texts[0].count("\n") + 1) * len(texts[1]))
            made = filter_(*arguments, **named)
            return self._made(made) if isinstance(made, str) else made

        return held

    def _joined(self, parts: list[Any]) -> str:
        """Write values one after the other: what `~` does."""
        return self._made("".join(map(text_of, parts)))

    def _join(self, value: Iterable[Any], d: Any = "", attribute: Any = None) -> str:
        if attribute is not None:
            value = [self.getitem(each, attribute) for each in value]
        texts = [text_of(each) for each in value]
        self._spend(sum(map(len, texts)) + len(str(d)) * len(texts))
        return text_of(d).join(texts)

    def _replaced(self, value: Any, old: Any, new: Any, count: int | None = None) -> str:
        text, old, new = text_of(value), text_of(old), text_of(new)
        self._spend(len(text) + text.count(old) * len(new))
        return text.replace(old, new, -1 if count is None else count)

    def _formatted(self, value: Any, *arguments: Any, **named: Any) -> str:
        text = text_of(value)
        _check_widths(text)
        longest = max(map(len, map(str, [*arguments, *named.values()])), default=0)
        self._spend(text.count("%") * longest)
        return self._made(text % (named or arguments))

    def _stepped(self, value: Iterable[Any]) -> list[Any]:
        """Return what a loop goes over, counted."""
        if isinstance(value, Undefined):
            return list(value)
        items = value if isinstance(value, list | tuple | str | range) else _few(value)
        self._step(len(items))
        return list(items)

    def _range(self, *bounds: int) -> range:
        made = range(*bounds)
        if len(made) > MAX_STEPS:
            raise SecurityError(f"a range of more than {MAX_STEPS:,} numbers")
        return made


def text_of(value: Any) -> str:
    """Return the text of a value: a string as it is, null and undefined empty, else as in JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, date | time | timedelta | tzinfo):
        return str(value)
    if isinstance(value, bool | int | float | list | tuple | dict):
        return json_text.of_value(_written(value, [0]))
    hint = "; use |list or |join" if isinstance(value, Iterator) else ""
    raise TypeError(f"{_kind(value)} has no text{hint}")


def _without_lists(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a filter from adding up lists, to which it takes one to begin with."""

    @wraps(filter_)
    def without(context: Any, value: Any, *arguments: Any, **named: Any) -> Any:
        if any(isinstance(each, list | tuple) for each in [*arguments, *named.values()]):
            raise SecurityError("lists are not added up")
        return filter_(context, value, *arguments, **named)

    return without


def _on_text(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter the text of a value, so that null is no word."""
    place = 0 if getattr(filter_, "jinja_pass_arg", None) is None else 1

    @wraps(filter_)
    def on_text(*arguments: Any, **named: Any) -> Any:
        value = arguments[place]
        if isinstance(value, str | dict | list | tuple):
            return filter_(*arguments, **named)
        return filter_(*arguments[:place], text_of(value), *arguments[place + 1 :], **named)

    return on_text


def _public(obj: Any, attr: str) -> bool:
    for kind, names in _ATTRIBUTES:
        if isinstance(obj, kind):
            return attr in names
    return type(obj).__module__.startswith("jinja2.")


def tojson(value: Any) -> str:
    """Return the JSON text of a value; null also where there is none."""
    return json_text.of_value(_written(value, [0]))


def _written(value: Any, steps: list[int]) -> Any:
    """Return a value with whatever JSON does not know as text."""
    steps[0] += 1
    if steps[0] > MAX_STEPS:
        raise SecurityError(f"more than {MAX_STEPS:,} parts of a value")
    if isinstance(value, dict):
        return {text_of(key): _written(each, steps) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each, steps) for each in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return None if isinstance(value, Undefined) else text_of(value)


def _check_widths(text: str) -> None:
    for directive in _DIRECTIVE.findall(text):
        for each in directive:
            if each == "*" or int(each or 0) > MAX_ARGUMENT:
                raise SecurityError(f"a width of more than {MAX_ARGUMENT:,} characters")


def _check_product(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > MAX_INTEGER_BITS:
            raise SecurityError("a number grows too large")
    elif not (
        isinstance(left, int | float | timedelta) and isinstance(right, int | float | timedelta)
    ):
        raise SecurityError(f"{_kind(left)} * {_kind(right)} is not for templates")


def _few(value: Iterable[Any]) -> list[Any]:
    found = []
    for each in value:
        found.append(each)
        if len(found) > MAX_STEPS:
            raise SecurityError(f"a loop of more than {MAX_STEPS:,} rounds")
    return found


def _kind(value: Any) -> str:
    names = {"str": "a text", "int": "a number", "float": "a number", "StyledDatetime": "an instant",
             "bool": "true or false", "NoneType": "null", "dict": "an object"}  # fmt: skip
    name = type(value).__name__
    return names.get(name, f"a {name}")
