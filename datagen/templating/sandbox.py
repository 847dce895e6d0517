"""The Jinja2 environment of templates: texts as everywhere in this program, and limits.

A specification is untrusted. So a template can access nothing but the public parts of its values, and
what it makes of them is limited: steps and characters are counted for each record.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import wraps
from operator import index
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from datagen.columns import json_text

MAX_STEPS = 100_000  # rounds of loops and calls for one record
MAX_CHARACTERS = 10_000_000  # made for one record, intermediate values included
MAX_ARGUMENT = 1_000  # a number given to a filter or method, such as a width
MAX_INTEGER_BITS = 4_096  # of a product
CONCAT, LOOP = "~", "~each"  # filters that no template can name
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
_FILTERS = (
    "abs batch capitalize center count d default dictsort e escape filesizeformat first float "
    "forceescape format groupby indent int items last length list lower map max min reject "
    "rejectattr replace reverse round select selectattr slice sort string striptags sum title "
    "tojson trim truncate unique upper urlencode wordcount wordwrap xmlattr join"
)
_TEXT_FILTERS = (
    "capitalize", "center", "e", "escape", "forceescape", "indent", "striptags", "title", "trim",
    "truncate", "urlencode", "wordcount", "wordwrap",
)  # fmt: skip


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment in which a template is compiled and rendered.

    `steps` and `characters` count what a record has used; whoever renders sets them to 0 before each.
    """

    intercepted_binops = frozenset(("*", "+", "%", "**"))

    def __init__(self) -> None:
        super().__init__(finalize=self.text, auto_reload=False, cache_size=0)
        self.steps = self.characters = 0
        self._safe: dict[tuple[type, str], bool] = {}
        known = {**self.filters, "round": rounded}
        self.filters = {name: known[name] for name in _FILTERS.split()}
        self.filters |= {
            CONCAT: self._concat, LOOP: self._loop, "tojson": tojson, "string": to_text,
            "upper": lambda value: self._counted(to_text(value).upper()),
            "lower": lambda value: self._counted(to_text(value).lower()),
            "replace": self._replace, "join": self._join, "format": self._format,
        }  # fmt: skip
        for name in _TEXT_FILTERS:
            known[name] = _taking_text(known[name])
            self.filters[name] = known[name]
        for name in ("batch", "center", "indent", "round", "slice", "truncate", "wordwrap"):
            self.filters[name] = self._limited(known[name])
        self.filters["sum"] = _not_of_lists(known["sum"])
        self.globals = {"range": self._range, "dict": dict, "namespace": self.globals["namespace"]}

    def text(self, value: Any) -> str:
        """Return the text of a value in a record; Jinja2 calls it for each output."""
        return value if type(value) is str else to_text(value)

    # what a template may access

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value) and _is_public(obj, attr)
        return self._safe[key]

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        raise SecurityError(f'"{attribute}" of {_type_name(obj)} is not allowed in templates')

    def wrap_str_format(self, value: Any) -> None:
        del value  # `format` is no attribute that a template may access

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        self._step(1)
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str):
            if name == "replace":
                return self._replace(owner, *args, **kwargs)
            if name == "join":
                return self._join(args[0], owner)
            self._check_arguments([*args, *kwargs.values()])
        if isinstance(owner, str | date):  # none of these methods takes the context
            return obj(*args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    # how much it may compute

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            return self._format(left, *(right if isinstance(right, tuple) else (right,)))
        if operator == "**":
            raise SecurityError("** is not allowed in templates")
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

    def _counted(self, text: str) -> str:
        """Return a text whose characters are counted."""
        self._spend(len(text))
        return text

    def _check_arguments(self, arguments: Iterable[Any]) -> None:
        for each in arguments:
            if isinstance(each, int | float) and not abs(each) <= MAX_ARGUMENT:
                raise SecurityError(f"{each} is more than {MAX_ARGUMENT:,}")

    def _limited(self, filter_: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that checks its numbers, and counts the characters that it makes."""

        @wraps(filter_)
        def limited(*arguments: Any, **named: Any) -> Any:
            first = 1 if getattr(filter_, "jinja_pass_arg", None) is None else 2
            self._check_arguments([*arguments[first:], *named.values()])
            texts = [each for each in (*arguments, *named.values()) if isinstance(each, str)]
            if len(texts) > 1:  # one text is inserted into another, once a line
                self._spend((texts[0].count("\n") + 1) * len(texts[1]))
            result = filter_(*arguments, **named)
            return self._counted(result) if isinstance(result, str) else result

        return limited

    def _concat(self, parts: list[Any]) -> str:
        """Return the texts of values one after the other: the operator `~`."""
        return self._counted("".join(map(to_text, parts)))

    def _join(self, value: Iterable[Any], d: Any = "", attribute: Any = None) -> str:
        if attribute is not None:
            value = [self.getitem(each, attribute) for each in value]
        texts = [to_text(each) for each in value]
        self._spend(sum(map(len, texts)) + len(str(d)) * len(texts))
        return to_text(d).join(texts)

    def _replace(self, value: Any, old: Any, new: Any, count: int | None = None) -> str:
        text, old, new = to_text(value), to_text(old), to_text(new)
        self._spend(len(text) + text.count(old) * len(new))
        return text.replace(old, new, -1 if count is None else count)

    def _format(self, value: Any, *arguments: Any, **named: Any) -> str:
        text = to_text(value)
        _check_widths(text)
        longest = max(map(len, map(str, [*arguments, *named.values()])), default=0)
        self._spend(text.count("%") * longest)
        return self._counted(text % (named or arguments))

    def _loop(self, value: Iterable[Any]) -> list[Any]:
        """Return the items of a loop, each counted as a step."""
        if isinstance(value, Undefined):
            return list(value)
        items = value if isinstance(value, list | tuple | str | range) else _limited_list(value)
        self._step(len(items))
        return list(items)

    def _range(self, *bounds: int) -> range:
        numbers = range(*bounds)
        if len(numbers) > MAX_STEPS:
            raise SecurityError(f"a range of more than {MAX_STEPS:,} numbers")
        return numbers


def to_text(value: Any) -> str:
    """Return the text of a value: a string as it is, null and undefined empty, else as in JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, date | time | timedelta | tzinfo):
        return str(value)
    if isinstance(value, bool | int | float | list | tuple | dict):
        return json_text.of_value(_to_json_value(value, [0]))
    hint = "; use |list or |join" if isinstance(value, Iterator) else ""
    raise TypeError(f"{_type_name(value)} cannot be converted to text{hint}")


def rounded(value: float, precision: int = 0, method: str = "common") -> float:
    """Return what Jinja2's filter `round` does, by powers of ten that are the same on every machine."""
    if method not in _ROUNDINGS:
        raise FilterArgumentError("method must be common, ceil or floor")
    if method == "common":
        return round(value, precision)
    digits = index(precision)
    scale = 10**digits if digits >= 0 else float(f"1e{digits}")
    return _ROUNDINGS[method](value * scale) / scale


_ROUNDINGS: Mapping[str, Callable[[float], float]] = {
    "common": round, "ceil": math.ceil, "floor": math.floor,
}  # fmt: skip


def _not_of_lists(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that refuses lists as arguments: a sum that starts with one would join lists."""

    @wraps(filter_)
    def refusing(context: Any, value: Any, *arguments: Any, **named: Any) -> Any:
        if any(isinstance(each, list | tuple) for each in [*arguments, *named.values()]):
            raise SecurityError("adding lists is not allowed")
        return filter_(context, value, *arguments, **named)

    return refusing


def _taking_text(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that gets the text of a value, so that null is not the word None."""
    place = 0 if getattr(filter_, "jinja_pass_arg", None) is None else 1

    @wraps(filter_)
    def taking_text(*arguments: Any, **named: Any) -> Any:
        value = arguments[place]
        if isinstance(value, str | dict | list | tuple):
            return filter_(*arguments, **named)
        return filter_(*arguments[:place], to_text(value), *arguments[place + 1 :], **named)

    return taking_text


def _is_public(obj: Any, attr: str) -> bool:
    for kind, names in _ATTRIBUTES:
        if isinstance(obj, kind):
            return attr in names
    return type(obj).__module__.startswith("jinja2.")


def tojson(value: Any) -> str:
    """Return the JSON text of a value; null also where there is none."""
    return json_text.of_value(_to_json_value(value, [0]))


def _to_json_value(value: Any, steps: list[int]) -> Any:
    """Return a value of JSON types only; anything else is its text. `steps` counts the parts."""
    steps[0] += 1
    if steps[0] > MAX_STEPS:
        raise SecurityError(f"more than {MAX_STEPS:,} parts of a value")
    if isinstance(value, dict):
        return {to_text(key): _to_json_value(each, steps) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json_value(each, steps) for each in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return None if isinstance(value, Undefined) else to_text(value)


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
        raise SecurityError(f"{_type_name(left)} * {_type_name(right)} is not allowed in templates")


def _limited_list(value: Iterable[Any]) -> list[Any]:
    found = []
    for each in value:
        found.append(each)
        if len(found) > MAX_STEPS:
            raise SecurityError(f"a loop of more than {MAX_STEPS:,} rounds")
    return found


def _type_name(value: Any) -> str:
    names = {"str": "a text", "int": "a number", "float": "a number", "StyledDatetime": "an instant",
             "bool": "true or false", "NoneType": "null", "dict": "an object"}  # fmt: skip
    name = type(value).__name__
    return names.get(name, f"a {name}")
