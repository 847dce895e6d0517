"""Times that pass only as a curve lets them: as usual where it is 1, not at all where it is 0."""

from collections.abc import Callable, Iterator
from typing import Literal

from datagen.arrays import Floats, Mask
from datagen.columns.column import Column
from datagen.curves.curve import Curve
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.base import Distribution
from datagen.errors import Path
from datagen.language import Expression


class OpenHours(Distribution):
    """A distribution of seconds on the clock that the integral of a curve shows: the key `hours` of a timer."""

    type: Literal["hours"] = "hours"
    elementwise = False
    temporal = True
    timer: Distribution
    open: Curve

    @classmethod
    def of(cls, timer: Distribution, open_: Curve) -> "OpenHours":
        """Return a checked distribution with hours."""
        return cls.model_construct(timer=timer, open=open_)

    @property
    def varies(self) -> bool:  # type: ignore[override]
        return self.timer.varies

    @property
    def curve(self) -> Curve:
        return self.open

    @property
    def hours(self) -> Curve:
        return self.open

    def quantile(self, u: Floats) -> Floats:
        return self.timer.quantile(u)

    def mean(self) -> float:
        """Return the mean time at the mean height of the curve: that over whole weeks, its factors left out."""
        return self.timer.mean() / RateIntegral([self.open]).mean()

    def mean_duration(self) -> float:
        return self.timer.mean_duration()

    def bounds(self) -> tuple[float, float]:
        return self.timer.bounds()

    def starting_at(self, start: int) -> Distribution:
        return OpenHours.of(self.timer, self.open.starting_at(start))

    def can_take_time(self) -> bool:
        return self.timer.can_take_time()

    def rounding(self) -> str:
        return self.timer.rounding()

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        yield from self.timer.expressions()

    def at(
        self, column_of: Callable[[Expression], Column], rows: int
    ) -> tuple[Distribution, Mask | None]:
        timer, invalid = self.timer.at(column_of, rows)
        return OpenHours.of(timer, self.open), invalid
