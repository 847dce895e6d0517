"""Turns raw JSON into a distribution, as the place where it stands allows."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationError
from pydantic_core import PydanticCustomError

from datagen.curves.curve import CURVES
from datagen.distributions.base import DISTRIBUTIONS, Distribution
from datagen.distributions.open_hours import OpenHours
from datagen.distributions.shorthands import RATE, constant_of, misplaced_times, with_seconds
from datagen.distributions.varying import expression_keys, parse_varying
from datagen.errors import Path
from datagen.validation import invalid_values, messages_of, quoted

_Translate = Callable[[dict[str, Any], Iterable[str]], tuple[dict[str, Any], dict[Path, str]]]


def parse_distribution(data: Any) -> Distribution:
    """Return a checked distribution of numbers, whose parameters may be expressions. Raises ValidationError."""
    data = constant_of(data, seconds=False)
    if isinstance(data, dict) and "hours" in data:
        text = 'open hours are for "delay" and "interarrival": no time passes here'
        raise invalid_values([(("hours",), text)])
    checked = _parse(data, misplaced_times)
    if checked.temporal:
        text = f'{quoted(checked.type)} depends on the clock: it is for "delay" and "interarrival"'
        raise invalid_values([(("type",), text)])
    return checked


def parse_pick(data: Any) -> Distribution:
    """Return a checked distribution of the members of a set. Raises ValidationError."""
    return _fixed(parse_distribution(data), "the pick from a fixed set")


def parse_timer(data: Any) -> Distribution:
    """Return a checked distribution of seconds, which may have hours, be temporal, or have expressions as parameters.

    Raises ValidationError.
    """
    data = constant_of(data, seconds=True)
    if not isinstance(data, dict) or "hours" not in data:
        return _parse(data, with_seconds)
    return _with_hours({key: each for key, each in data.items() if key != "hours"}, data["hours"])


def parse_interarrival(data: Any) -> Distribution:
    """Return a checked distribution of the seconds between workers. Raises ValidationError."""
    return _fixed(parse_timer(data), "the time between workers")


AnyDistribution = Annotated[Distribution, PlainValidator(parse_distribution)]
AnyPick = Annotated[Distribution, PlainValidator(parse_pick)]
AnyTimer = Annotated[Distribution, PlainValidator(parse_timer)]
AnyInterarrival = Annotated[Distribution | None, PlainValidator(parse_interarrival)]  # None: absent


def _model_of(data: dict[str, Any]) -> type[Distribution] | None:
    kind = data.get("type")
    return DISTRIBUTIONS.get(kind) if isinstance(kind, str) else None


def _parse(data: Any, translated: _Translate) -> Distribution:
    """Return a checked distribution, a varying one where some parameters are expressions."""
    model = _model_of(data) if isinstance(data, dict) else None
    if isinstance(data, dict) and "expr" in data and "type" not in data:
        text = 'belongs in a parameter, as in {"type": "constant", "value": {"expr": "..."}}'
        raise invalid_values([(("expr",), text)])
    if model is None:
        return DISTRIBUTIONS.parse(data)
    words, problems = translated(data, (*model.unit_keys, RATE))
    paths = expression_keys(words)
    try:
        checked = parse_varying(model, words, paths) if paths else model.model_validate(words)
    except ValidationError as error:
        raise invalid_values([*problems.items(), *messages_of(error)]) from None
    if problems:
        raise invalid_values(problems.items())
    return checked


def _fixed(distribution: Distribution, what: str) -> Distribution:
    problems = [(path, f"{what} cannot depend on values") for path, _ in distribution.expressions()]
    if problems:
        raise invalid_values(problems)
    return distribution


def _with_hours(data: dict[str, Any], hours: Any) -> Distribution:
    problems: list[tuple[Path, str]] = []
    timer = curve = None
    try:
        timer = _parse(data, with_seconds)
    except ValidationError as error:
        problems += messages_of(error)
    try:
        curve = CURVES.parse(hours)
    except ValidationError as error:
        problems += [(("hours", *path), text) for path, text in messages_of(error)]
    except PydanticCustomError as error:
        problems.append((("hours",), error.message()))
    if curve is not None and not curve.minute_heights.max() > 0:
        problems.append((("hours",), "these hours are never open; expected a height above 0"))
    if timer is not None and timer.temporal:
        text = f"{quoted(timer.type)} follows a curve of its own; the hours belong to other types"
        problems.append((("hours",), text))
    if timer is None or curve is None or problems:
        raise invalid_values(problems)
    return OpenHours.of(timer, curve)
