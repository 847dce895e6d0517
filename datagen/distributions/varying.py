"""Distributions some of whose parameters are expressions: each row has a distribution of its own."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter, ValidationError

from datagen.arrays import Floats, Mask
from datagen.columns.column import Column
from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Constant
from datagen.distributions.weights import validate_weights_of
from datagen.errors import Path
from datagen.language import Compiled, Expression, ExpressionError, Scope, parse_expression
from datagen.validation import invalid_values, is_comment, messages_of, quoted

_NOUNS = {
    "bool": "true or false",
    "instant": "an instant",
    "list": "a list",
    "object": "an object",
}


RowsAlike = Callable[[int], Distribution]


class Parameter(Expression):
    """An expression whose value is a number."""

    def compiled(self, scope: Scope) -> Compiled:
        made = super().compiled(scope)
        if not made.column_type.may_be_number:
            text = f"a parameter is a number; this is {_NOUNS.get(made.column_type.kind, 'a text')}"
            raise ExpressionError([(1, text)])
        return made


class Varying(Distribution):
    """A distribution of the type `model`; `varied` are its parameters that are expressions, `constants` the others."""

    type: Literal["varying"] = "varying"
    elementwise = False
    varies = True
    model: Any  # a type of Distribution
    constants: dict[str, Any]
    varied: tuple[tuple[Path, Parameter], ...]

    @classmethod
    def of(
        cls, model: Any, constants: dict[str, Any], varied: Iterable[tuple[Path, Parameter]]
    ) -> "Varying":
        """Return a distribution whose parameters are checked."""
        return cls.model_construct(
            type="varying", model=model, constants=constants, varied=tuple(varied)
        )

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        yield from self.varied

    def at(
        self, column_of: Callable[[Expression], Column], rows: int
    ) -> tuple[Distribution, Mask | None]:
        valid = np.ones(rows, dtype=bool)
        arrays = []
        for _, expression in self.varied:
            values, present = _numbers(column_of(expression))
            valid &= present
            arrays.append(values)
        with np.errstate(all="ignore"):
            valid &= self._made(arrays).allowed()
        if valid.all():
            return self._made(arrays), None
        if not valid.any():
            return Constant(value=0), ~valid
        sound = np.flatnonzero(valid)[0]
        arrays = [np.where(valid, each, each[sound]) for each in arrays]
        return self._made(arrays), ~valid

    def rows_alike(self, column_of: Callable[[Expression], Column]) -> RowsAlike | None:
        """Return what gives the distribution of n rows that are all like one, None where there is none.

        `column_of` gives the value of each expression in that row.
        """
        values = [_numbers(column_of(expression)) for _, expression in self.varied]
        arrays = [each for each, _ in values]
        with np.errstate(all="ignore"):
            valid = np.array(self._made(arrays).allowed())
        if not valid.all() or not all(present.all() for _, present in values):
            return None
        return lambda rows: self._made([np.broadcast_to(each, rows) for each in arrays])

    def bounds(self) -> tuple[float, float]:
        low, high = (self.constants.get(key) for key in ("min", "max"))
        return -math.inf if low is None else low, math.inf if high is None else high

    def quantile(self, u: Floats) -> Floats:
        """Raise: there is one for each row, which `at` gives."""
        raise NotImplementedError

    def mean(self) -> float:
        """Return that it is not known."""
        return math.nan

    def mean_duration(self) -> float:
        return math.nan

    def _made(self, arrays: Iterable[NDArray[Any]]) -> Distribution:
        """Return the distribution with a parameter for each row in place of each expression."""
        names = self.model.known_keys()
        parameters = {
            key: list(value) if isinstance(value, list) else value
            for key, value in self.constants.items()
        }
        for (path, _), values in zip(self.varied, arrays, strict=True):
            name = names[str(path[0])]
            if len(path) == 1:
                parameters[name] = values
            else:
                parameters[name][int(path[1])] = values
        made: Distribution = self.model.of_rows(parameters)
        return made


def parse_varying(
    model: type[Distribution], data: Mapping[str, Any], paths: Sequence[Path]
) -> Varying:
    """Return the checked distribution of raw parameters, of which those at `paths` are expressions.

    Raises ValidationError.
    """
    keys = {key: value for key, value in data.items() if not is_comment(key)}
    problems, varied = _parameters(model, keys, paths)
    constants, wrong = _constants(model, keys, paths)
    problems += wrong
    of_keys, meant = model.key_problems(keys)
    needed = [
        key for key, name in model.known_keys().items() if model.model_fields[name].is_required()
    ]
    missing = [key for key in needed if key not in keys and key not in meant]
    problems += [*of_keys, *(((key,), "missing") for key in missing)]
    problems += [] if problems else _contradictions(constants)
    if problems:
        raise invalid_values(problems)
    return Varying.of(model, constants, varied)


def varying_of(distribution: Distribution, *keys: str) -> Varying | None:
    """Return a distribution whose parameters under keys are expressions, None where none of them is.

    Without keys all are looked at.
    """
    names = distribution.known_keys()
    given = {key: getattr(distribution, names[key]) for key in names if key != "type"}
    looked = {key: each for key, each in given.items() if not keys or key in keys}
    varied = [((key,), each) for key, each in looked.items() if isinstance(each, Parameter)]
    constants = {names[key]: each for key, each in given.items() if not isinstance(each, Parameter)}
    return Varying.of(type(distribution), constants, varied) if varied else None


def or_expression(kind: Any) -> Callable[[Any], Any]:
    """Return what checks a number of a kind, or the parameter that is written as an expression."""
    adapter = TypeAdapter[Any](kind, config=ConfigDict(defer_build=True))

    def check(data: Any) -> Any:
        if _is_expression(data):
            return Parameter(parse_expression(data["expr"]).text)
        return adapter.validate_python(data)

    return check


def expression_keys(data: Mapping[str, Any]) -> list[Path]:
    """Return the paths of the parameters that are written as expressions: {"expr": "..."}."""
    paths: list[Path] = []
    for key, value in data.items():
        if _is_expression(value):
            paths.append((key,))
        elif isinstance(value, list):
            paths += [(key, place) for place, each in enumerate(value) if _is_expression(each)]
    return [path for path in paths if not is_comment(str(path[0]))]


def _is_expression(value: Any) -> bool:
    return isinstance(value, dict) and "expr" in value


def _parameters(
    model: type[Distribution], keys: Mapping[str, Any], paths: Iterable[Path]
) -> tuple[list[tuple[Path, str]], list[tuple[Path, Parameter]]]:
    """Return the problems with expressions, and those that are right."""
    problems: list[tuple[Path, str]] = []
    varied: list[tuple[Path, Parameter]] = []
    for path in paths:
        value = keys[str(path[0])]
        value = value[path[1]] if len(path) > 1 else value
        if path[0] not in model.varying_keys:
            some = f"; of {quoted(model.model_fields['type'].default)} " + (
                ", ".join(model.varying_keys) + " can be" if model.varying_keys else "none can"
            )
            problems.append((path, f"cannot be an expression{some}"))
            continue
        unknown = [key for key in value if key != "expr" and not is_comment(key)]
        problems += [((*path, key), "unknown key; an expression has expr alone") for key in unknown]
        try:
            varied.append((path, Parameter(parse_expression(value["expr"]).text)))
        except ValueError as error:
            problems.append(((*path, "expr"), str(error)))
    return problems, varied


def _constants(
    model: type[Distribution], keys: Mapping[str, Any], paths: Iterable[Path]
) -> tuple[dict[str, Any], list[tuple[Path, str]]]:
    """Return the other parameters, those that are right, by their attributes, and what is wrong with the rest."""
    names = model.known_keys()
    constants: dict[str, Any] = {}
    problems: list[tuple[Path, str]] = []
    for key, value in keys.items():
        own = [path for path in paths if path[0] == key]
        if key == "type" or key not in names or own == [(key,)]:
            continue
        try:
            constants[names[key]] = _checked(model, names[key], value, own)
        except ValidationError as error:
            problems += [((key, *path), text) for path, text in messages_of(error)]
    return constants, problems


def _contradictions(constants: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong between parameters, whatever the expressions give."""
    if "values" in constants:
        yield from validate_weights_of(constants["values"], constants.get("weights"))
    low, high = (constants.get(key) for key in ("min", "max"))
    if low is not None and high is not None and low > high:
        yield ("min",), f"{quoted(low)} is greater than max, {quoted(high)}"


def _checked(model: type[Distribution], name: str, value: Any, paths: list[Path]) -> Any:
    """Return a checked parameter; the parts at `paths` are expressions, in whose places any number stands."""
    if paths:
        value = list(value)
        for path in paths:
            value[path[1]] = 0
    info = model.model_fields[name]
    checked: Any = (
        Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    )
    return TypeAdapter(checked).validate_python(value)


def _numbers(column: Column) -> tuple[NDArray[Any], Mask]:
    """Return the numbers of a column, int64[n] or float64[n], and where it has one: bool[n]."""
    source, index = column.origin
    vector = source.vector if source.is_full else None
    if isinstance(vector, np.ndarray) and vector.dtype in (np.int64, np.float64):
        if index is None:
            return vector, np.isfinite(vector)
        if not len(vector):
            return np.zeros(len(index)), np.zeros(len(index), dtype=bool)
        values = vector[np.maximum(index, 0)]
        return values, (index >= 0) & np.isfinite(values)
    found = [_number(each) for each in column.to_python(None)]
    values = np.array(found, dtype=np.float64)
    return values, np.isfinite(values)


def _number(value: Any) -> float:
    """Return the double of a number, NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
