"""Turns measured figures into a plan on paper: so many records on so many machines. All arithmetic, no runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

HOUR = 3600.0


@dataclass(frozen=True)
class Measured:
    """What one machine does: a preset's figures, measured with `parts` parts on it at once."""

    preset: str
    parts: int  # at once on a machine
    rate: float  # records a second of wall time, all parts of the machine together
    cpu: float  # CPU seconds a record
    passing: float  # CPU seconds for each record of another part that a part walks past
    size: float  # bytes a record
    start_up: float  # wall seconds of a process before its first record


@dataclass(frozen=True)
class Assumed:
    """What nobody can measure here."""

    records: float = 10e9
    machines: int = 64
    failures_per_hour: float = (
        0.001  # of a machine; one that may be taken away at any time has 0.05
    )
    price_per_core_hour: float = 0.05  # dollars
    checkpoint_seconds: float = 10.0  # between two checkpoints of --resume


@dataclass(frozen=True)
class Plan:
    """What comes of both."""

    measured: Measured
    assumed: Assumed

    @property
    def parts(self) -> int:
        """Return K."""
        return self.measured.parts * self.assumed.machines

    @property
    def passing_share(self) -> float:
        """Return the share of a part's CPU time that goes into walking past the arrivals of other parts."""
        passed = (self.parts - 1) * self.measured.passing
        return passed / (passed + self.measured.cpu)

    @property
    def seconds(self) -> float:
        """Return the wall time of the whole, nothing failing.

        A part is slower by the arrivals of the parts that did not run when the rate was measured.
        """
        more = (self.parts - self.measured.parts) * self.measured.passing
        slower = 1 + more / self.measured.cpu
        each = self.assumed.records / self.assumed.machines
        return self.measured.start_up + each / self.measured.rate * slower

    @property
    def core_hours(self) -> float:
        """Return what is paid for: machines with a core for each part, until the end."""
        return self.parts * self.seconds / HOUR

    @property
    def megabytes_per_second(self) -> float:
        """Return what each machine writes."""
        return (
            self.assumed.records * self.measured.size / self.assumed.machines / self.seconds / 1e6
        )

    @property
    def failures(self) -> float:
        """Return how many machines fail on average."""
        return self.assumed.machines * self.assumed.failures_per_hour * self.seconds / HOUR

    def lines(self) -> Iterator[str]:
        """Yield the plan as text."""
        measured, assumed = self.measured, self.assumed
        yield (
            f"{measured.preset}: {assumed.records:,.0f} records ({assumed.records * measured.size / 1e12:.1f} "
            f"TB) on {assumed.machines} machines, {measured.parts} parts on each: --part 0..{self.parts - 1}"
            f"/{self.parts}"
        )
        yield (
            f"  takes {self.seconds / 60:.0f} minutes, {assumed.records / self.seconds:,.0f} records/s; each "
            f"machine writes {self.megabytes_per_second:.0f} MB/s"
        )
        yield (
            f"  busy: the cores, {self.passing_share:.1%} of their time with arrivals of other parts; "
            "nothing is shared but the place that is written to"
        )
        lost = min(assumed.checkpoint_seconds, self.seconds) / 2
        yield (
            f"  fails: {self.failures:.2g} machines on average, none in {exp(-self.failures):.0%} of runs; a part "
            f"goes on {lost:.0f} s back with --resume, or begins again: {self.seconds / 120:.0f} minutes on average"
        )
        yield (
            f"  costs {self.core_hours:,.0f} core hours: ${self.core_hours * assumed.price_per_core_hour:,.2f} "
            f"at ${assumed.price_per_core_hour:g} an hour"
        )
