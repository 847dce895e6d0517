"""What a run did, in figures: lines for a person."""

from dataclasses import dataclass

from datagen.instants import Instant
from datagen.targets.base import Part


@dataclass
class Summary:
    """What a run did. What was generated is delivered, failed or unsent."""

    generated: int = 0
    delivered: int = 0
    failed: int = 0
    bytes: int = 0
    workers: int = 0
    alive: int = 0
    seconds: float = 0.0
    lateness: float = 0.0
    first: Instant | None = None
    last: Instant | None = None
    live: bool = False
    parts: tuple[Part, ...] = ()  # of several targets

    @property
    def undelivered(self) -> int:
        """Give how many records were generated and not delivered."""
        return self.generated - self.delivered

    @property
    def unsent(self) -> int:
        """Give how many records never reached the target, and were not refused by it."""
        return self.undelivered - self.failed

    @property
    def rate(self) -> float:
        """Give the records delivered a second."""
        return self.delivered / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        """Give the line that ends a run."""
        failed = f" ({self.failed:,} failed, {self.unsent:,} not sent)" if self.failed else ""
        lost = f", {self.undelivered:,} not delivered{failed}" if self.undelivered else ""
        late = f", at most {self.lateness:.3f} s late" if self.live else ""
        until = f", up to {self.last}" if self.last else ""
        return (
            f"{self.delivered:,} records{lost}, {self.bytes:,} bytes in {self.seconds:.2f} s "
            f"({self.rate:,.0f}/s), {self.workers:,} workers{until}{late}"
            f"{''.join(self._line(part) for part in self.parts)}"
        )

    def _line(self, part: Part) -> str:
        unsent = self.generated - part.delivered - part.failed
        failed = f", {part.failed:,} failed" * bool(part.failed)
        rest = f", {unsent:,} not sent" * bool(unsent)
        return f"\n  {part.name}: {part.delivered:,} records{failed}{rest}, {part.bytes:,} bytes"
