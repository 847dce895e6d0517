"""Turns several curves into one: their product at each instant."""

from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from operator import mul
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import PlainValidator, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from datagen.arrays import Floats, Ints
from datagen.curves.curve import (
    CURVES,
    MAX_HEIGHT,
    MINUTE,
    MINUTES_PER_WEEK,
    Curve,
    register,
)
from datagen.curves.zones import week_start
from datagen.errors import Path
from datagen.validation import invalid_value, invalid_values, messages_of, quoted


def _parse_curves(raw: Any, info: ValidationInfo) -> tuple[Curve, ...]:
    """Return the checked curves; those that say no time zone have that of the product."""
    if not isinstance(raw, list):
        raise invalid_value(f"expected a list, not {quoted(raw)}")
    if not raw:
        raise invalid_value("expected at least one curve")
    curves: list[Curve] = []
    problems: list[tuple[Path, str]] = []
    for place, each in enumerate(raw):
        if isinstance(each, dict) and "applies_to" in each:
            problems.append(((place, "applies_to"), "belongs to the product, not to its curves"))
        try:
            curves.append(CURVES.parse(_in_zone(each, info.data.get("timezone"))))
        except ValidationError as error:
            problems += [((place, *path), text) for path, text in messages_of(error)]
        except PydanticCustomError as error:
            problems.append(((place,), error.message()))
    if problems:
        raise invalid_values(problems)
    return tuple(curves)


def _in_zone(raw: Any, zone: str | None) -> Any:
    if zone is None or not isinstance(raw, dict) or "timezone" in raw:
        return raw
    return {**raw, "timezone": zone}


def product_of(curves: Iterable[Curve]) -> Curve:
    """Return the product of checked curves."""
    return Product.model_construct(curves=tuple(curves))


@register
class Product(Curve):
    """The product of curves, at each instant."""

    type: Literal["product"] = "product"
    curves: Annotated[tuple[Curve, ...], PlainValidator(_parse_curves)]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        highest = _multiplied(each.extremes[1] for each in self.members if not each.grows)
        if highest > MAX_HEIGHT:
            yield ("curves",), f"reach {highest:.3g} together; expected at most 1e9"
        elif self.applies_to == "arrivals" and self.minute_heights.max() < 1 / MAX_HEIGHT:
            yield ("curves",), "their product is too low for any arrival, all week long"

    def described(self) -> str:
        *some, last = [each.described() for each in self.curves]
        return f"product of {', '.join(some)} and {last}" if some else last

    def heights(self, instants: Ints) -> Floats:
        heights = np.ones(len(instants))
        for each in self.members:
            heights = heights * each.heights(instants)
        return heights

    @cached_property
    def members(self) -> tuple[Curve, ...]:
        return tuple(member for each in self.curves for member in each.members)

    def starting_at(self, start: int) -> Curve:
        bound = tuple(each.starting_at(start) for each in self.curves)
        return type(self).model_construct(**{**dict(self), "curves": bound})

    @cached_property
    def minute_heights(self) -> Floats:
        """Return g in the middle of each minute of a week: of one in 1970 where time zones differ."""
        profiles = [each for each in self.members if each.repeats]
        instants = week_start(0) + np.arange(MINUTES_PER_WEEK) * MINUTE + MINUTE // 2
        same = len({each.timezone or "UTC" for each in profiles}) <= 1
        heights = np.ones(MINUTES_PER_WEEK)
        for each in profiles:
            heights = heights * (each.minute_heights if same else each.heights(instants))
        return heights

    @property
    def extremes(self) -> tuple[float, float]:
        if all(each.repeats for each in self.members):
            return super().extremes
        pairs = [each.extremes for each in self.members if not each.repeats]
        lowest, highest = (float(figure(self.minute_heights)) for figure in (np.min, np.max))
        return (
            lowest * _multiplied(low for low, _ in pairs),
            highest * _multiplied(high for _, high in pairs),
        )

    @property
    def zero_from(self) -> int | None:
        known = [each.zero_from for each in self.members]
        return min((each for each in known if each is not None), default=None)


def _multiplied(numbers: Iterable[float]) -> float:
    return reduce(mul, numbers, 1.0)
