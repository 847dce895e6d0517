"""Turns a run into statistics: of its fields, and of its transitions and delays where it has a model."""

from dataclasses import dataclass, replace

from datagen.inspection.field_stats import FieldFigures, FieldStatistics
from datagen.inspection.flow_stats import FlowStatistics, TimeFigures, TransitionFigures
from datagen.inspection.observing import Observation
from datagen.instants import Instant, Style
from datagen.running.plan import Start
from datagen.simulation.visits import Visits
from datagen.spec.generator import Generator


@dataclass(frozen=True)
class RunStatistics:
    """Figures of so many records, the first at `first`, the last at `last`; `style` is how instants are written.

    A replay has fields only.
    """

    records: int
    first: Instant | None
    last: Instant | None
    style: Style
    fields: tuple[FieldFigures, ...]
    transitions: tuple[TransitionFigures, ...] = ()
    delays: tuple[TimeFigures, ...] = ()
    interarrivals: tuple[TimeFigures, ...] = ()

    @property
    def compared(self) -> tuple[TransitionFigures | TimeFigures, ...]:
        """Return all figures that the specification says something of."""
        return (*self.transitions, *self.delays, *self.interarrivals)


def run_statistics(observation: Observation, start: Start) -> RunStatistics:
    """Return the statistics of a run within the limits of its plan. Raises RunError."""
    plan = observation.plan
    spec = plan.spec
    fields = FieldStatistics(spec.record_schema if spec.schema_known else None)
    flow = FlowStatistics(plan, spec, start.instant.micros) if isinstance(spec, Generator) else None
    records, first, last = 0, None, None
    for window, batch in observation.windows(start):
        if flow is not None and isinstance(window, Visits):
            flow.add(window)
        fields.add(batch)
        records += len(batch)
        if len(batch):
            first = first or Instant(int(batch.times[0]), plan.style)
            last = Instant(int(batch.times[-1]), plan.style)
    made = RunStatistics(records, first, last, plan.style, fields.figures())
    if flow is None:
        return made
    flow.finish()
    return replace(
        made,
        transitions=tuple(flow.transitions()),
        delays=tuple(flow.delays()),
        interarrivals=tuple(flow.interarrivals()),
    )
