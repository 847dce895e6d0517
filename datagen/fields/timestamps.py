"""The field types `timestamp`, an instant from a distribution, and `clock`."""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import PlainValidator

from datagen.columns.clock import InstantClock
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.columns.instant_format import ISO, FormatName, InstantFormat
from datagen.curves.curve import TimeZone
from datagen.curves.zone_style import ZoneStyle
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Context, Draw
from datagen.fields.instants import INSTANTS, InstantDistribution
from datagen.fields.member_sets import LimitedField, PossibleValues
from datagen.instants import Style
from datagen.language import Expression, Scope

_OF_MILLISECONDS = (
    None,
    "iso",
    "epoch_ms",
)  # what writes each of these, and no more, in its own way


def _format_of(name: str | None) -> InstantFormat:
    return ISO if name is None else InstantFormat(name)


@FIELDS.register
class TimestampField(LimitedField):
    """An instant from a distribution, independent of the clock, as ISO 8601 text or in another format."""

    type: Literal["timestamp"] = "timestamp"
    distribution: Annotated[InstantDistribution, PlainValidator(INSTANTS.parse)]
    timezone: TimeZone | None = None
    format: FormatName | None = None

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        return _format_of(self.format).column_type

    def values(self, draw: Draw) -> Column:
        placed = self._distribution(draw.context)
        varying = placed.varying()
        if varying is None:
            return _format_of(self.format).column(placed.micros(draw.stream("value")), placed.style)
        micros, absent = draw.sampled(
            "value", varying, lambda d, bits: placed.after_first(d.sample(bits))
        )
        return _format_of(self.format).column(micros, placed.style).with_nulls(absent)

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        varying = self.distribution.varying()
        for path, each in () if varying is None else varying.expressions():
            yield ("distribution", *path), each

    def member_set(self, path: tuple[str, ...], context: Context) -> Column | None:
        placed = self.model_copy(update={"distribution": self._distribution(context)})
        return LimitedField.member_set(placed, path, context)

    def _distribution(self, context: Context) -> InstantDistribution:
        """Return the distribution in the time zone of the field, or else of the run."""
        return self.distribution.placed(_style_in(self.timezone, context))

    def possible_values(self) -> PossibleValues | None:
        possible, style = self.distribution.possible_milliseconds(), self.distribution.style
        if possible is None or self.format not in _OF_MILLISECONDS:
            return None
        if isinstance(possible, range):
            count = possible[-1] - possible[0] + 1
            return PossibleValues(
                count,
                lambda: _format_of(self.format).column(np.array(list(possible)) * 1000, style),
            )
        values, weights = np.array(list(possible)), np.array(list(possible.values()))
        return PossibleValues(
            len(possible), lambda: _format_of(self.format).column(values * 1000, style), weights
        )


@FIELDS.register
class ClockField(Field):
    """The clock at the visit; as a variable it remembers that instant."""

    type: Literal["clock"] = "clock"
    pure = False
    tells_time = True
    timezone: TimeZone | None = None
    format: FormatName | None = None

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        return _format_of(self.format).column_type

    def values(self, draw: Draw) -> Column:
        style = _style_in(self.timezone, draw.context)
        clock = InstantClock(draw.times, style, _format_of(self.format))
        return clock.column() if draw.path[0] == "emitters" else clock.remembered()


def _style_in(timezone: str | None, context: Context) -> Style:
    """Return how instants are written: in a time zone, or without one as in the run."""
    return context.style if timezone is None else ZoneStyle(zone=timezone)
