"""Calls the functions of the language with values whose types show when they are there: those of templates.

For each function and the types of its arguments there is an expression, compiled when it is needed first.
Values are Python's as templates have them: instants are datetimes; null, and what is undefined, is None.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from jinja2 import Undefined

from datagen.columns.column_type import INSTANT, JSON, ColumnType, type_of_value
from datagen.columns.datetimes import to_datetimes
from datagen.instants import NAIVE, Style
from datagen.language.bounds import NoValueError
from datagen.language.expression import Compiled, Expression
from datagen.language.functions import FUNCTIONS, unknown_function
from datagen.language.parsing import FIELD, PERIOD_FUNCTIONS
from datagen.language.problems import FAULT, ExpressionError
from datagen.language.scope import NO_TIMELINE, Scope, Table
from datagen.language.tree import TIME
from datagen.language.values import loading
from datagen.timeline import Timeline

_MAX_COMPILED = 1_000
_LONGEST_CALL = 200  # characters, without its constants
_CONSTANTS: Mapping[str, frozenset[int]] = {  # places of what must be known before
    "format": frozenset((0,)), "strftime": frozenset((1,)), "lookup": frozenset((0, 2)),
    **dict.fromkeys(PERIOD_FUNCTIONS, frozenset((0,))),
}  # fmt: skip
_COSTS: Mapping[str, int] = {
    "distance_km": 20_000,
    "strftime": 2_000,
}  # in characters that are read meanwhile
_UNITS: Mapping[str, int] = {"luhn": 20}  # of a character
_COST, _COST_OF_COMPILING, _COST_OF_CHARACTER = 1_000, 20_000, 100
_NO_FIELD = (
    'templates have no field("..."); rename the field so that its name is a word, and write that'
)


class Calls:
    """The functions of the language, by name; `style` is how instants are written, whose zone is the default.

    Those of periods look at the field `clock`; without a timeline they are not known.
    """

    names = frozenset(FUNCTIONS)
    of_time = frozenset(PERIOD_FUNCTIONS)

    def __init__(
        self,
        tables: Mapping[str, Table] | None = None,
        style: Style = NAIVE,
        timeline: Timeline | None = NO_TIMELINE,
        clock: str = TIME,
    ) -> None:
        self.tables, self.style, self.timeline = tables or {}, style, timeline
        self.clock = clock
        self._compiled: dict[tuple[str, tuple[ColumnType, ...], Style], Compiled] = {}

    def unknown(self, name: str) -> str:
        """Return the sentence about a function that does not exist."""
        return unknown_function(name)

    def problem(self, name: str, arguments: Sequence[Any]) -> str | None:
        """Return what is wrong with a call, None if nothing is: constants stand for themselves, else column types."""
        if name == FIELD:
            return _NO_FIELD
        if name in self.of_time and self.timeline is None:
            return f"{name} is not known here; have a variable show it"
        types = [each for each in arguments if isinstance(each, ColumnType)]
        try:
            self.compiled(call_text(name, arguments), types)
        except ExpressionError as error:
            return error.problems[0][1]
        return None

    def compiled(self, text: str, types: Sequence[ColumnType]) -> Compiled:
        """Return an expression over the names a0, a1, ... of these types. Raises ExpressionError."""
        key = text, tuple(types), self.style
        if key not in self._compiled:
            if len(self._compiled) >= _MAX_COMPILED:
                self._compiled.clear()
            names = {f"a{place}": each for place, each in enumerate(types)}
            timeline = self.timeline or NO_TIMELINE
            scope = Scope(names, style=self.style, tables=self.tables, timeline=timeline)
            self._compiled[key] = Expression(text).compiled(scope)
        return self._compiled[key]

    def prepared(self, name: str, arguments: Sequence[Any]) -> tuple[int, Callable[[], Any]]:
        """Return what a call takes, in characters that are read meanwhile, and what computes its value.

        That raises NoValueError where there is none.
        """
        text, types, values = self._signature(name, arguments)
        is_new = (text, tuple(types), self.style) not in self._compiled
        compiling = _COST_OF_COMPILING + _COST_OF_CHARACTER * len(text) if is_new else 0
        return _COSTS.get(name, _COST) + compiling, lambda: self._value(name, text, types, values)

    def unit(self, name: str) -> int:
        """Return how many characters are read while a function reads one."""
        return _UNITS.get(name, 1)

    def most_work(self, name: str, characters: int) -> int:
        """Return the most that a call takes whose constants have so many characters."""
        of_text = _COST_OF_CHARACTER * (characters + _LONGEST_CALL)
        return _COSTS.get(name, _COST) + _COST_OF_COMPILING + of_text

    def constant(self, value: Any) -> str:
        """Return a constant as it stands in the text of a call."""
        return constant_text(value)

    def _value(
        self, name: str, text: str, types: Sequence[ColumnType], values: Sequence[Any]
    ) -> Any:
        try:
            compiled = self.compiled(text, types)
        except ExpressionError as error:
            raise NoValueError(error.problems[0][1]) from None
        found = compiled.function(*values)
        if found is FAULT:
            raise NoValueError(f"{name}(...) cannot be computed of these values")
        if found is not None and compiled.column_type == INSTANT:
            return to_datetimes(np.array([found]), self.style)[0]
        return found

    def _signature(
        self, name: str, arguments: Sequence[Any]
    ) -> tuple[str, list[ColumnType], list[Any]]:
        """Return the text of a call, and the types and the values of its names."""
        constants = _CONSTANTS.get(name, frozenset())
        shown: list[Any] = []
        types, values = [], []
        for place, each in enumerate(arguments):
            value = _plain(each)
            if place in constants and isinstance(value, str):
                shown.append(value)
                continue
            column_type = _type_of(value)
            load = loading(column_type)
            shown.append(column_type)
            types.append(column_type)
            values.append(value if load is None or value is None else load(value))
        return call_text(name, shown), types, values


def call_text(name: str, arguments: Sequence[Any]) -> str:
    """Return the text of a call: the names a0, a1, ... stand for column types, constants for themselves."""
    names = iter(range(len(arguments)))
    shown = (
        f"a{next(names)}" if isinstance(each, ColumnType) else constant_text(each)
        for each in arguments
    )
    return f"{name}({', '.join(shown)})"


def constant_text(value: Any) -> str:
    """Return a constant as it stands in expressions."""
    if isinstance(value, str):
        return "'" + "".join(_ESCAPES.get(each, each) for each in value) + "'"
    if isinstance(value, list):
        return f"[{', '.join(map(constant_text, value))}]"
    return repr(value)


_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r"}


def _plain(value: Any) -> Any:
    """Return a value of the types that the language knows. Raises TypeError for others."""
    return value if isinstance(value, datetime) else _settled(value)


def _settled(value: Any) -> Any:
    """Return a value with texts in place of the instants in it."""
    if value is None or isinstance(value, Undefined):
        return None
    if isinstance(value, str | datetime):
        return str(value)
    if isinstance(value, list | tuple | range):
        return [_settled(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _settled(each) for key, each in value.items()}
    if isinstance(value, bool | int | float):
        return value
    raise TypeError(f"functions take no {type(value).__name__}")


def _type_of(value: Any) -> ColumnType:
    if isinstance(value, datetime):
        return INSTANT
    return JSON if isinstance(value, dict) else type_of_value(value)
