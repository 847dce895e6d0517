"""What a run will make, before it is made: figures, apart from how they are shown."""

import math
from dataclasses import dataclass, field

from datagen.simulation.moments import Moments

EXACT, SIMULATED, FORMULA = "exact", "simulated", "formula"


@dataclass(frozen=True)
class Level:
    """How much there is of something that changes over the week: its mean, its least and its most.

    `low_at` and `high_at` are the minutes of the week, from Monday on, of these; None where nothing changes. `daily` says that every
    day is the same. `hours` are its means over each hour of a week, from Monday in UTC on, where that is known.
    """

    mean: float
    low: float
    high: float
    low_at: int | None = None
    high_at: int | None = None
    daily: bool = False
    hours: tuple[float, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """A mean that a simulation has found, and its standard error: not a number where that is not known."""

    mean: float
    error: float


@dataclass(frozen=True)
class CappedFigures:
    """What a cap that binds leaves of a population in the run, or, where that has no end, in a long one.

    It is found by so many `walks`: simulations of its visits, without records; or, where too many workers live for too long for
    that, by the `formula` of a queue, without an error. `rate` is in records a second; `alive` are workers.
    """

    name: str | None
    rate: Estimate
    alive: Estimate
    method: str
    walks: int
    visits: int


@dataclass(frozen=True)
class PopulationFigures:
    """What the workers of a population come to; `name` is None for the unnamed one.

    Records and life are those of a worker; seconds. `arrivals` are workers a second, None where so many of a `total` come. They
    are exact, or simulated with this many workers: then `error` is the standard error of the mean of records.
    """

    name: str | None
    first: str
    records: Moments
    life: Moments
    arrivals: Level | None
    rate: Level  # records a second
    alive: Level
    total: int | None = None
    method: str = EXACT
    workers: int = 0
    error: float = 0.0


@dataclass(frozen=True)
class Lead:
    """Where a state leads: the name of the next one, None for the end; by chance, or by a condition."""

    next: str | None
    probability: float | None
    when: str | None = None


@dataclass(frozen=True)
class StateFigures:
    """What is known of a state: `visits` and `records` a worker makes of it, `share` of all records, mean seconds of its delay.

    `kind` is "", or says that it is not reached, or that no worker leaves it for its end.
    """

    name: str
    emitters: tuple[str, ...]
    visits: float
    records: float
    share: float
    delay: float
    leads: tuple[Lead, ...]
    kind: str = ""


@dataclass(frozen=True)
class EmitterFigures:
    """The share of an emitter among all records, and the mean bytes of one, None where the sample had none."""

    name: str
    share: float
    size: float | None


@dataclass(frozen=True)
class RunFigures:
    """What the run that was asked for will make: records with their standard deviation, bytes, and its seconds.

    `limited_by` is "records", "time" or "" where the run has no end. `asymptotic`: the deviation is that of a long run. Of a run
    that is `held_back` by a cap, `error` is the standard error of the mean of its records, or of its seconds where these are asked for.
    `here` are the seconds that the clock of the machine shows, of a run on the real clock that begins now; None for others.
    """

    limited_by: str
    seconds: float | None
    records: float
    sd: float
    asymptotic: bool = False
    held_back: bool = False
    method: str = EXACT
    error: float = 0.0
    here: float | None = None


@dataclass(frozen=True)
class MakingTime:
    """The seconds that it takes to make the records of a run, or the most that it takes."""

    seconds: float
    at_most: bool

    def braked(self, least: float) -> "MakingTime":
        """Return that of a run whose records may leave in no less than so many seconds."""
        return self if self.seconds >= least else MakingTime(least, at_most=False)


@dataclass(frozen=True)
class Explanation:
    """All that is said of a specification and a run of it.

    `size` is the mean bytes of a record in the format of the run, before compression. `cap` are sentences about what the cap does, `capped`
    the figures of the populations that it holds back; `notes` are about what the paths of workers do.
    """

    file: str
    described: str
    zone: str
    populations: tuple[PopulationFigures, ...]
    states: tuple[StateFigures, ...]
    emitters: tuple[EmitterFigures, ...]
    size: float
    rate: Level
    alive: Level
    run: RunFigures
    cap: tuple[str, ...] = ()
    capped: tuple[CappedFigures, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def bytes_a_day(self) -> float:
        """Return how many bytes a day brings on average."""
        return self.rate.mean * self.size * 86_400

    @property
    def is_exact(self) -> bool:
        """Return whether nothing of it is simulated."""
        return {self.run.method, *(each.method for each in self.populations)} == {EXACT}


@dataclass(frozen=True)
class ReplayExplanation:
    """All that is said of a replay and a run of it; None is what is not known.

    `rows` and `span`, in seconds, are those of the source: exact where it was `read_to_end`, else an estimate. `gap` is the seconds from
    one pass to the next, `rate` the records a second on average of the run's clock, which is that of the machine at a `speed`, or simulated: None.
    """

    file: str
    described: str
    source: str
    rows: float | None
    read_to_end: bool
    first: str | None
    last: str | None
    span: float | None
    stretch: float
    loop: bool
    gap: float | None
    rate: float | None
    speed: float | None
    size: float
    run: RunFigures
    notes: tuple[str, ...] = ()

    @property
    def bytes_a_day(self) -> float | None:
        """Return how many bytes a day of the run's clock brings on average."""
        return None if self.rate is None else self.rate * self.size * 86_400


def together(levels: list[Level]) -> Level:
    """Return the sum of levels that change by themselves.

    Where several of them change the extremes are those of the hours of a week, and when these are is not said.
    """
    changing = [each for each in levels if each.low_at is not None]
    if len(changing) == 1:
        steady = sum(each.mean for each in levels if each.low_at is None)
        (one,) = changing
        return Level(
            steady + one.mean,
            steady + one.low,
            steady + one.high,
            one.low_at,
            one.high_at,
            one.daily,
            tuple(steady + each for each in one.hours),
        )
    mean = math.fsum(each.mean for each in levels)
    if not changing or not all(each.hours for each in changing):
        return Level(mean, mean, mean)
    steady = sum(each.mean for each in levels if each.low_at is None)
    hours = tuple(
        steady + math.fsum(each) for each in zip(*(e.hours for e in changing), strict=True)
    )
    return Level(mean, min(hours), max(hours), hours=hours)
