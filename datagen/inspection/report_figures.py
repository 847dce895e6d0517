"""The figures of a report: what was tested, what not and why, and one verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from datagen.inspection.fit import Fit, holm

LEVEL = 1e-6  # of all tests together: how likely one of a right model is red
WORST = 3  # tests that come first


@dataclass(frozen=True)
class Test:
    """One thing that was held against the model: `text` says what was found and expected, over so many draws.

    `method` is how; `p` the p-value of this test alone, `family_p` what Holm's method makes of it among all.
    """

    subject: str
    method: str
    draws: int
    statistic: float
    p: float
    text: str
    family_p: float = 1.0

    __test__ = False  # it is none of pytest's

    @classmethod
    def of(cls, subject: str, method: str, draws: int, fit: Fit, text: str) -> "Test":
        """Return the test of a fit."""
        return cls(subject, method, draws, fit.statistic, fit.p, text)

    @property
    def fits(self) -> bool:
        """Return whether what was found may well be by chance."""
        return self.family_p >= LEVEL

    @property
    def line(self) -> str:
        """Return the verdict as a line."""
        return f"{'fits' if self.fits else 'does not fit'}: {self.subject}: {self.text}"


@dataclass(frozen=True)
class NotTested:
    """Something that was not held against the model, and why."""

    subject: str
    why: str


@dataclass(frozen=True)
class FieldFigures:
    """What a field was in a sample of records; shares are of 1. Numbers have quantiles, others their most frequent texts."""

    emitter: str
    field: str
    records: int
    nulls: float
    missing: float
    distinct: int
    quantiles: Mapping[str, float]
    top: Mapping[str, float]
    histogram: tuple[int, ...] = ()


@dataclass(frozen=True)
class Made:
    """What was made and delivered: counts, the instants of the first and of the last that is looked at, and seconds it took."""

    file: str
    seed: int | None
    begin: str
    end: str
    records: int
    delivered: int
    bytes: int
    workers: int
    seconds: float
    repeat: str = ""


@dataclass(frozen=True)
class RateFigures:
    """Counts in so many steps of time, each `seconds` long: what there was, and what was expected, where that is known."""

    what: str
    seconds: float
    found: tuple[int, ...]
    expected: tuple[float, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a run was, against its model; tests come the worst first, and `notes` say what the report is of."""

    made: Made
    tests: tuple[Test, ...]
    not_tested: tuple[NotTested, ...]
    rates: tuple[RateFigures, ...] = ()
    fields: tuple[FieldFigures, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def red(self) -> tuple[Test, ...]:
        """Return the tests that do not fit."""
        return tuple(each for each in self.tests if not each.fits)

    @property
    def verdict(self) -> str:
        """Return the verdict in one word."""
        if not self.tests:
            return "not tested"
        return "does not fit" if self.red else "fits"

    @property
    def line(self) -> str:
        """Return the verdict in one line."""
        count = f"{len(self.tests):,} test{'s' * (len(self.tests) != 1)}"
        rest = f", {len(self.not_tested):,} not tested" if self.not_tested else ""
        if not self.tests:
            return f"nothing could be tested{rest}"
        if not self.red:
            return f"fits the model: {count}, none red{rest}"
        first = self.red[0]
        return f"does not fit the model: {len(self.red):,} of {count} red{rest}; {first.subject}: {first.text}"

    def to_json(self) -> dict[str, Any]:
        """Return all figures as a document."""
        tests = [
            {**asdict(each), "statistic": finite(each.statistic), "fits": each.fits}
            for each in self.tests
        ]
        return {
            "verdict": self.verdict,
            "text": self.line,
            "level": LEVEL,
            "worst": tests[:WORST],
            "made": asdict(self.made),
            "notes": list(self.notes),
            "tests": tests,
            "not_tested": [asdict(each) for each in self.not_tested],
            "rates": [asdict(each) for each in self.rates],
            "fields": [asdict(each) for each in self.fields],
        }


def finite(number: float) -> float | None:
    """Return a number as JSON has it: null for what is infinite."""
    return number if isfinite(number) else None


def in_family(tests: list[Test]) -> tuple[Test, ...]:
    """Return tests with what Holm's method makes of them, the worst first."""
    family = holm([each.p for each in tests])
    judged = [
        Test(**{**asdict(test), "family_p": p}) for test, p in zip(tests, family, strict=True)
    ]
    return tuple(sorted(judged, key=lambda each: (each.family_p, each.p)))
