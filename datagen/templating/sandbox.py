"""The Jinja2 environment of templates: texts as everywhere in this program, and limits.

A specification is untrusted. So a template can access nothing but the public parts of its values, and
a `Meter` counts what it does with them: `with_limits` and the environment lead all of it there.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import wraps
from operator import index
from typing import Any, Protocol, cast

from jinja2 import Undefined
from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from datagen.columns import json_text
from datagen.columns.column_type import ColumnType
from datagen.templating.meter import PART, Meter

MAX_RANGE = 100_000  # numbers of a range
MAX_ARGUMENT = 1_000  # a number given to a filter or method, such as a width
_PER_PART = 6  # times its size: what a part of a list takes in a function
CONCAT, LOOP, READ, SPEND = "~", "~each", "~read", "~spend"  # filters that no template can name
_DIRECTIVE = re.compile(r"%(?:\([^()]*\))?[-#0 +]*(\*|\d*)(?:\.(\*|\d*))?[hlL]?(.?)", re.DOTALL)

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
_COUNTED_FILTERS = ("batch", "center", "indent", "round", "slice", "truncate", "wordwrap")
_TEXT_FILTERS = (
    "capitalize", "center", "e", "escape", "forceescape", "indent", "striptags", "title", "trim",
    "truncate", "urlencode", "wordcount", "wordwrap",
)  # fmt: skip
_OF_ITEMS = (  # filters for which a text is a list of characters
    "batch groupby join list map max min reject rejectattr select selectattr slice sort sum unique"
)
_UNITS = {"wordwrap": 100} | dict.fromkeys(_OF_ITEMS.split(), PART)  # of a character
_LIGHT_TESTS = (
    "boolean", "callable", "defined", "false", "float", "integer", "iterable", "mapping", "none",
    "number", "sameas", "sequence", "string", "true", "undefined",
)  # fmt: skip
_OF_BUILTINS = (str, date, time, timedelta, list, tuple, dict, float)
_NUMBERS = (int, float)


class Functions(Protocol):
    """Functions that templates call by name."""

    @property
    def names(self) -> Collection[str]:
        """Return their names."""

    @property
    def of_time(self) -> Collection[str]:
        """Return those that look at the clock of the record where they get one argument."""

    @property
    def clock(self) -> str:
        """Return the field that is the instant of a record."""

    def unknown(self, name: str) -> str:
        """Return the sentence about one that does not exist."""

    def problem(self, name: str, arguments: Sequence[Any]) -> str | None:
        """Return what is wrong with a call, if something is: arguments are constants or column types."""

    def prepared(self, name: str, arguments: Sequence[Any]) -> tuple[int, Callable[[], Any]]:
        """Return the work of a call, in units of a meter, and what computes its value."""

    def unit(self, name: str) -> int:
        """Return the work for a character of the first argument."""

    def most_work(self, name: str, characters: int) -> int:
        """Return the most that a call takes whose constants have so many characters."""

    def constant(self, value: Any) -> str:
        """Return a constant as it stands in the text of a call, such as `round(a0, 2)`."""

    def compiled(self, text: str, types: Sequence[ColumnType]) -> Any:
        """Return what computes a call by columns, over the names a0, a1, ... of these types. Raises ValueError."""


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment in which a template is compiled and rendered.

    The `meter` counts what a record has used; whoever renders calls its `begin` before each. `functions`
    are filters too; as calls, they are filters of the names that `call_name` gives. `calls` has for each
    such filter its function.
    """

    intercepted_binops = frozenset(("*", "+", "-", "%", "**"))

    def __init__(self, meter: Meter | None = None, functions: Functions | None = None) -> None:
        # not optimized: constants are computed when a record is rendered, within its budget
        super().__init__(finalize=self.text, auto_reload=False, cache_size=0, optimized=False)
        self.meter = meter or Meter()
        self._safe: dict[tuple[type, str], bool] = {}
        known = {**self.filters, "round": rounded}
        filters: dict[str, Callable[..., Any]] = {name: known[name] for name in _FILTERS.split()} | {
            "tojson": tojson, "string": to_text, "replace": _replace, "join": self._join,
            "format": self._format, "sum": _not_of_lists(self.filters["sum"]),
            "upper": lambda value: to_text(value).upper(),
            "lower": lambda value: to_text(value).lower(),
        }  # fmt: skip
        for name in _TEXT_FILTERS:
            filters[name] = _taking_text(filters[name])
        for name in _COUNTED_FILTERS:
            filters[name] = _with_small_numbers(filters[name])
        metered: Any = self.meter.metered
        self.filters = {name: metered(each, _UNITS.get(name, 1)) for name, each in filters.items()}
        self.functions = functions
        self.calls: dict[str, str] = {}
        self._add_functions(functions)
        self.filters |= {
            CONCAT: self._concat, LOOP: self._loop, READ: self.meter.read, SPEND: self.meter.charge,
        }  # fmt: skip
        self.tests = {
            name: test if name in _LIGHT_TESTS else metered(test)
            for name, test in self.tests.items()
        }
        self._methods = {"replace": metered(_replace), "join": metered(self._join_by)}
        self._formatted = metered(self._format)
        self.globals = {"range": _range, "dict": dict, "namespace": self.globals["namespace"]}

    def _add_functions(self, functions: Functions | None) -> None:
        """Make functions filters, by their names where no filter has them, and as calls."""
        if functions is None:
            return
        for name in functions.names:
            called = self.meter.metered(self._call_of(name), functions.unit(name))
            made = {each: called for each in (call_name(name), name) if each not in self.filters}
            self.filters |= made
            self.calls |= dict.fromkeys(made, name)

    def text(self, value: Any) -> str:
        """Return the text of a value in a record; Jinja2 calls it for each output."""
        return value if type(value) is str else to_text(self.meter.read(value))

    def concat(self, parts: Iterable[str]) -> str:
        """Return what a block has captured; Jinja2 calls it for each."""
        return self.meter.joined(list(parts))

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
        owner = getattr(obj, "__self__", None)
        if not isinstance(owner, _OF_BUILTINS):
            for each in (*args, *kwargs.values()):
                self.meter.read(each)
            return self.meter.made(super().call(context, obj, *args, **kwargs))
        if kwargs:  # two are for functions that take the context
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            given = (*args, *kwargs.values())
        else:
            given = args
        if isinstance(owner, str):
            method = self._methods.get(obj.__name__)
            if method is not None:
                return method(owner, *args, **kwargs)
            _check_arguments(given)
        self.meter.about_to_take(owner, given)
        return self.meter.made(obj(*args, **kwargs))

    # how much it may compute

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise SecurityError("** is not allowed in templates")
        if left.__class__ not in _NUMBERS or right.__class__ not in _NUMBERS:
            if operator == "%" and isinstance(left, str):
                return self._formatted(left, *(right if isinstance(right, tuple) else (right,)))
            if operator == "*":
                _check_product(left, right)
            self.meter.read(left)
            self.meter.read(right)
        return self.meter.made(super().call_binop(context, operator, left, right))

    def _concat(self, parts: list[Any]) -> str:
        """Return the texts of values one after the other: the operator `~`."""
        return self.meter.joined([self.text(each) for each in parts])

    def _join(self, value: Iterable[Any], d: Any = "", attribute: Any = None) -> str:
        if attribute is not None:
            value = [self.getitem(each, attribute) for each in value]
        return to_text(d).join([to_text(each) for each in value])

    def _join_by(self, separator: str, value: Iterable[Any]) -> str:
        return self._join(value, separator)

    def _format(self, value: Any, *arguments: Any, **named: Any) -> str:
        text = to_text(value)
        self.meter.charge(_width(text))
        return text % (named or arguments)

    def _call_of(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.meter.charge(sum(map(self._work_of_parts, arguments)))
            work, compute = cast("Functions", self.functions).prepared(name, arguments)
            self.meter.charge(work)
            return compute()

        return call

    def _work_of_parts(self, value: Any) -> int:
        """Return the work of reading the parts of a list or an object one by one."""
        return 0 if isinstance(value, str | int | float) else _PER_PART * self.meter.size_of(value)

    def _loop(self, value: Iterable[Any]) -> Iterable[Any]:
        """Return the items of a loop."""
        if isinstance(value, Iterator):
            return list(self.meter.made(value))
        return cast("Iterable[Any]", self.meter.read(value))


def call_name(function: str) -> str:
    """Return the name of the filter that a call of a function becomes; no template can name it."""
    return f"{function}()"


def to_text(value: Any) -> str:
    """Return the text of a value: a string as it is, null and undefined empty, else as in JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, date | time | timedelta | tzinfo):
        return str(value)
    if isinstance(value, bool | int | float | list | tuple | dict):
        return json_text.of_value(_to_json_value(value))
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
    return json_text.of_value(_to_json_value(value))


def _to_json_value(value: Any) -> Any:
    """Return a value of JSON types only; anything else is its text."""
    if isinstance(value, dict):
        return {to_text(key): _to_json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json_value(each) for each in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return None if isinstance(value, Undefined) else to_text(value)


def _replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    return to_text(value).replace(to_text(old), to_text(new), -1 if count is None else count)


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise SecurityError(f"a range of more than {MAX_RANGE:,} numbers")
    return numbers


def _width(text: str) -> int:
    """Return the sum of the widths and decimals of a text for `%`. Raises SecurityError."""
    total = 0
    for width, decimals, directive in _DIRECTIVE.findall(text):
        if directive == "(":
            raise SecurityError("a key with parentheses is not allowed in templates")
        for each in (width, decimals):
            if each == "*" or len(each) > 9 or int(each or 0) > MAX_ARGUMENT:
                raise SecurityError(f"a width of more than {MAX_ARGUMENT:,} characters")
            total += int(each or 0)
    return total


def _check_product(left: Any, right: Any) -> None:
    if not (
        isinstance(left, int | float | timedelta) and isinstance(right, int | float | timedelta)
    ):
        raise SecurityError(f"{_type_name(left)} * {_type_name(right)} is not allowed in templates")


def _check_arguments(arguments: Iterable[Any]) -> None:
    for each in arguments:
        if isinstance(each, int | float) and not abs(each) <= MAX_ARGUMENT:
            raise SecurityError(f"{each} is more than {MAX_ARGUMENT:,}")


def _with_small_numbers(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that refuses large numbers: they are widths and counts."""
    first = 1 if getattr(filter_, "jinja_pass_arg", None) is None else 2

    @wraps(filter_)
    def checked(*arguments: Any, **named: Any) -> Any:
        _check_arguments([*arguments[first:], *named.values()])
        return filter_(*arguments, **named)

    return checked


def _type_name(value: Any) -> str:
    names = {"str": "a text", "int": "a number", "float": "a number", "StyledDatetime": "an instant",
             "bool": "true or false", "NoneType": "null", "dict": "an object"}  # fmt: skip
    name = type(value).__name__
    return names.get(name, f"a {name}")
