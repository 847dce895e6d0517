"""Turns the periods of a timeline, by name, into what an instant has to do with them: within one, near one, how far on.

Instants and lengths are microseconds, arrays of instants int64[n], since 1970. A period is [begin, end). Those that come
again are made where they are asked for: by arithmetic, or local day by local day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from datagen.arrays import Floats, Ints, Mask
from datagen.curves.zone_style import ZoneStyle
from datagen.instants import DAY, NAIVE, YEAR_1, YEAR_10000, Instant, Style

NEVER = 1 << 62  # later than all instants; before all of them with a minus
_DAYS_AT_ONCE = 256  # periods of local days that are made together
Use = tuple[str, str]  # a function of the language, and the name of a period


@dataclass(frozen=True)
class PeriodRule:
    """When the periods of a name are: at an instant, so long after the first start, or at a time of local days.

    `at` is an instant, microseconds since 1970 or, where it is `naive`, of local clocks; or microseconds since the first
    start, or since local midnight. They come again `every` so many microseconds; whole days are local ones, unless it is
    the first start from which they are counted. `zone` is that of local times, by default that of the first start.
    """

    anchor: Literal["instant", "start", "day"]
    at: int
    length: int
    ramp: int = 0
    every: int | None = None
    zone: str | None = None
    naive: bool = False


class Phase(NamedTuple):
    """A span of time [begin, end) between two edges; in a `constant` one nothing changes that is looked at."""

    begin: int
    end: int
    constant: bool


class Timeline:
    """The periods of a run, by name, bound to its first start as soon as that is known; until then it has none."""

    def __init__(self, rules: Mapping[str, PeriodRule]) -> None:
        """Take the rules of the periods."""
        self.rules = rules
        self._bound: dict[str, _Periods] = {}

    def begin(self, start: int, style: Style = NAIVE) -> None:
        """Take note of when the stream starts, however late a run resumes it, without a warm-up before it.

        `style` is how instants are written: its zone is the default of local times.
        """
        self._bound = {
            name: _Periods(rule, _begins(rule, start, style)) for name, rule in self.rules.items()
        }

    def during(self, name: str, instants: Ints) -> Mask:
        """Return which instants are within a period: int64[n] -> bool[n]."""
        return self._of(name).during(instants)

    def ramp(self, name: str, instants: Ints) -> Floats:
        """Return 1 within a period, and what rises to it before and falls after it, from 0 up: int64[n] -> float64[n]."""
        return self._of(name).ramp(instants)

    def progress(self, name: str, instants: Ints) -> tuple[Floats, Mask]:
        """Return how far on in its period each instant is, from 0 to 1, and whether it is in one: float64[n], bool[n]."""
        return self._of(name).progress(instants)

    def during_at(self, name: str, instant: int) -> bool:
        """Return whether an instant is within a period."""
        return self._of(name).during_at(instant)

    def ramp_at(self, name: str, instant: int) -> float:
        """Return what `ramp` does of one instant."""
        return self._of(name).ramp_at(instant)

    def progress_at(self, name: str, instant: int) -> float | None:
        """Return how far on in its period an instant is, None outside."""
        return self._of(name).progress_at(instant)

    def periods(self, name: str, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return the begins and the ends of the periods that overlap [begin, end), in order: int64[k] each."""
        return self._of(name).overlapping(begin, end)

    def first(self, name: str, instant: int) -> tuple[int, int] | None:
        """Return the first period that ends after an instant, up to the next one, None where there is none."""
        return self._of(name).first(instant)

    def edges_after(self, instant: int) -> int:
        """Return the next begin or end of any period or ramp after an instant, NEVER where there is none."""
        return self.phase(instant, _every_use(self.rules)).end

    def is_constant(self, begin: int, end: int) -> bool:
        """Return whether nothing changes within [begin, end): no edge comes, no ramp rises or falls, no period goes on."""
        found = self.phase(begin, _every_use(self.rules))
        return found.constant and found.end >= end

    def _of(self, name: str) -> "_Periods":
        """Return the periods of a name. Raises ValueError before the stream has started."""
        if name not in self._bound:
            raise ValueError("what is made before the run knows no periods")
        return self._bound[name]

    def phase(self, instant: int, uses: Iterable[Use]) -> Phase:
        """Return the time around an instant in which there is no edge of what is looked at."""
        found = [self._of(name).phase(instant, function) for function, name in uses]
        return Phase(
            max((each.begin for each in found), default=-NEVER),
            min((each.end for each in found), default=NEVER),
            all(each.constant for each in found),
        )


def _every_use(names: Iterable[str]) -> list[Use]:
    return [(function, name) for name in names for function in ("ramp", "progress")]


class _Periods:
    """The periods of one name in a run."""

    def __init__(self, rule: PeriodRule, begins: "_Begins") -> None:
        self._length, self._ramp, self._begins = rule.length, rule.ramp, begins
        self._around = (
            NEVER,
            -NEVER,
        )  # the begins before and after an instant that was looked at last

    def during(self, instants: Ints) -> Mask:
        inside: Mask = instants < self._begins.latest(instants) + self._length
        return inside

    def ramp(self, instants: Ints) -> Floats:
        since = instants - self._begins.latest(instants) - self._length
        if not self._ramp:
            return (since < 0).astype(np.float64)
        nearest = np.minimum(since, self._begins.following(instants) - instants)
        level: Floats = (self._ramp - np.clip(nearest, 0, self._ramp)) / self._ramp
        level[since < 0] = 1.0
        return level

    def progress(self, instants: Ints) -> tuple[Floats, Mask]:
        since = instants - self._begins.latest(instants)
        inside: Mask = since < self._length
        return np.where(inside, since, 0) / self._length, inside

    def during_at(self, instant: int) -> bool:
        return instant < self._near(instant)[0] + self._length

    def ramp_at(self, instant: int) -> float:
        latest, following = self._near(instant)
        since = instant - latest - self._length
        if since < 0:
            return 1.0
        if not self._ramp:
            return 0.0
        left = self._ramp - min(since, following - instant, self._ramp)
        return float(left) / float(self._ramp)  # each of them a double first, as in arrays

    def progress_at(self, instant: int) -> float | None:
        since = instant - self._near(instant)[0]
        return float(since) / float(self._length) if since < self._length else None

    def first(self, instant: int) -> tuple[int, int] | None:
        begin, following = self._near(instant)
        if instant >= begin + self._length:
            begin, following = following, self._near(following)[1] if following < NEVER else NEVER
        return None if begin == NEVER else (begin, min(begin + self._length, following))

    def overlapping(self, begin: int, end: int) -> tuple[Ints, Ints]:
        begins = self._begins.between(begin - self._length + 1, end)
        return begins, begins + self._length

    def phase(self, instant: int, function: str) -> Phase:
        """Return the time around an instant between two edges of what a function looks at.

        Edges of ramps that other periods hide do not count.
        """
        latest, following = self._near(instant)
        end = latest + self._length
        edges = [latest, end, following]
        if function == "ramp" and self._ramp:
            edges += [end + self._ramp, following - self._ramp]
        before = [each for each in edges if each <= instant]
        after = [each for each in edges if each > instant]
        rises = following - self._ramp <= instant
        changes = rises or instant < end + self._ramp
        varies = {"ramp": instant >= end and changes, "progress": instant < end}
        return Phase(max(before), min(after), not varies.get(function, False))

    def _near(self, instant: int) -> tuple[int, int]:
        """Return the begin of the latest period, and that of the one after an instant."""
        around = self._around
        if not around[0] <= instant < around[1]:
            one = np.array([instant])
            around = int(self._begins.latest(one)[0]), int(self._begins.following(one)[0])
            self._around = around
        return around


class _Begins:
    """The instants at which the periods of one name begin, in order: the only one."""

    def __init__(self, first: int) -> None:
        self._first = first

    def latest(self, instants: Ints) -> Ints:
        """Return the last begin that is not after each instant, -NEVER where there is none: int64[n] -> int64[n]."""
        return np.where(instants >= self._first, self._first, -NEVER)

    def following(self, instants: Ints) -> Ints:
        """Return the first begin after each instant, NEVER where there is none: int64[n] -> int64[n]."""
        return np.where(instants < self._first, self._first, NEVER)

    def between(self, first: int, last: int) -> Ints:
        """Return the begins from an instant on, before another: int64[k]."""
        found = [self._first] if first <= self._first < last else []
        return np.array(found, dtype=np.int64)


class _Repeated(_Begins):
    """Again and again from the first one on, always so much time later."""

    def __init__(self, first: int, every: int) -> None:
        super().__init__(first)
        self._every = every

    def latest(self, instants: Ints) -> Ints:
        turns = (instants - self._first) // self._every
        return np.where(turns >= 0, self._first + turns * self._every, -NEVER)

    def following(self, instants: Ints) -> Ints:
        turns = np.maximum((instants - self._first) // self._every + 1, 0)
        return self._first + turns * self._every

    def between(self, first: int, last: int) -> Ints:
        low, high = (max(-((self._first - each) // self._every), 0) for each in (first, last))
        return self._first + np.arange(low, high) * self._every


class _Daily(_Begins):
    """At a time of every so many local days; with `onwards`, from day 0 on, else before it too.

    A local time that does not exist is the instant at which clocks go on; one that exists twice is the first.
    """

    def __init__(self, style: Style, day: int, time: int, every: int, *, onwards: bool) -> None:
        """Take the number of day 0 since 1970, the time since its midnight, and a number of days."""
        self._style, self._day, self._time, self._every = style, day, time, every
        first, last = (each // DAY for each in (YEAR_1, YEAR_10000))
        self._limits = 0 if onwards else -((day - first - 3) // every), (last - day - 3) // every
        self._made = (
            0,
            np.empty(0, dtype=np.int64),
        )  # the number of the first one made, and all made

    def latest(self, instants: Ints) -> Ints:
        begins = self._around(instants)
        return begins[begins.searchsorted(instants, side="right") - 1]

    def following(self, instants: Ints) -> Ints:
        begins = self._around(instants)
        return begins[begins.searchsorted(instants, side="right")]

    def between(self, first: int, last: int) -> Ints:
        begins = self._around(np.array([first, last]))[1:-1]
        return begins[slice(*begins.searchsorted([first, last]))]

    def _around(self, instants: Ints) -> Ints:
        """Return all that may be the latest or the next of some instants, and NEVER at both ends."""
        if not len(instants):
            return np.array([-NEVER, NEVER])
        lowest, highest = self._limits
        low = (int(instants.min()) // DAY - 2 - self._day) // self._every
        high = (int(instants.max()) // DAY + 2 - self._day) // self._every + 2
        low, high = min(max(low, lowest), highest - 1), min(max(high, lowest + 1), highest)
        first, made = self._made
        if low < first or high > first + len(made):
            first, made = self._made = self._longer(low, high)
        return np.concatenate([[-NEVER], made[low - first : high - first], [NEVER]])

    def _longer(self, low: int, high: int) -> tuple[int, Ints]:
        """Return those that are made and more of them, from number `low` on, before `high`; only these where they are far."""
        lowest, highest = self._limits
        first, made = self._made
        if not first - _DAYS_AT_ONCE <= low <= first + len(made) + _DAYS_AT_ONCE or not len(made):
            first, made = low, made[:0]
        low = max(min(low, first), lowest)
        high = min(max(high, first + len(made), low + _DAYS_AT_ONCE), highest)
        before = [self._begin(number) for number in range(low, first)]
        after = [self._begin(number) for number in range(first + len(made), high)]
        return low, np.concatenate([before, made, after]).astype(np.int64)

    def _begin(self, number: int) -> int:
        return self._style.instant_of((self._day + number * self._every) * DAY + self._time)


def instant_of(rule: PeriodRule, start: int, style: Style) -> int:
    """Return the instant of a rule that names one, or so long after the start of the stream."""
    if rule.anchor == "start":
        return start + rule.at
    return style.placed(Instant(rule.at)).micros if rule.naive else rule.at


def _begins(rule: PeriodRule, start: int, style: Style) -> _Begins:
    """Return when the periods of a rule begin in a stream that starts at an instant."""
    style = style if rule.zone is None else ZoneStyle(zone=rule.zone)
    if rule.anchor == "day":
        assert rule.every is not None
        day = int(style.local_times(np.array([start]))[0]) // DAY
        return _Daily(style, day, rule.at, rule.every // DAY, onwards=False)
    first = instant_of(rule, start, style)
    if rule.every is None:
        return _Begins(first)
    if rule.anchor == "start" or rule.every % DAY:
        return _Repeated(first, rule.every)
    day, time = divmod(int(style.local_times(np.array([first]))[0]), DAY)
    return _Daily(style, day, time, rule.every // DAY, onwards=True)
