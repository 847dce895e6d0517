"""Makes the report of a run: what is collected meanwhile, and what it comes to at the end."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.errors import UsageError
from datagen.inspection.arrival_tests import arrival_tests
from datagen.inspection.count_tests import count_tests
from datagen.inspection.expected_values import MISSING_TEXT, NULL_TEXT, numbers_of
from datagen.inspection.model_tests import Finding, Model, field_tests, transition_tests
from datagen.inspection.report_figures import (
    FieldFigures,
    Made,
    NotTested,
    Report,
    Test,
    in_family,
)
from datagen.inspection.run_collector import Collected, RunCollector
from datagen.instants import NAIVE, Instant, Style
from datagen.running.pipeline import Run
from datagen.running.plan import Plan, Start
from datagen.running.summary import Summary
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator

_TOP = 8  # texts of a field
_BARS = 40  # of a histogram
_QUANTILES = {"min": 0.0, "median": 0.5, "p99": 0.99, "max": 1.0}


class RunReport:
    """Watches a `run` from its `start` on, and makes its report once that is over."""

    def __init__(self, run: Run, start: Start) -> None:
        """Watch a run from its start on. Raises UsageError for one without workers that are simulated."""
        source = simulation_of(run)
        self.run, self.start, self._source = run, start, source
        covered = start.time_range
        self._collector = RunCollector(
            lambda: source.machine, covered.simulated_from, covered.begin, run.plan.max_records
        )
        run.watch = self._collector

    def collected(self, *, complete: bool = True) -> Collected:
        """Return what was collected; a run that is `complete` has come to its end."""
        plan, covered = self.run.plan, self.start.time_range
        end = covered.end if covered.bounded and complete else None
        return self._collector.finish(
            end,
            most=plan.max_workers,
            jumped=bool(covered.jumps),
            resumed=plan.resumed_from is not None,
        )

    def model(self) -> Model:
        """Return what the run is held against."""
        return model_of(self.run.plan, self._source)

    def report(self, *, complete: bool = True) -> Report:
        """Return the report."""
        collected, plan = self.collected(complete=complete), self.run.plan
        made = made_of(self.run.summary, collected, plan.style)
        return report_of(collected, self.model(), made, notes_of(plan, complete=complete))


def simulation_of(run: Run) -> Simulation:
    """Return what simulates the workers of a run. Raises UsageError where there are none."""
    if not isinstance(run.source, Simulation) or not isinstance(run.plan.spec, Generator):
        raise UsageError("--report needs workers: there is no model to hold a replay against")
    return run.source


def file_model(plan: Plan, source: Simulation, *, seeded: bool) -> Model:
    """Return the model of files that a plan has made; sets of values are known if the seed is."""
    model = model_of(plan, source)
    return model if seeded else replace(model, context=replace(model.context, member_sets={}))


def model_of(plan: Plan, source: Simulation) -> Model:
    """Return the model of a plan, whose source is prepared and has its start."""
    assert isinstance(plan.spec, Generator)
    return Model(plan.spec, tuple(source.machines()), source.context, plan.max_workers)


def report_of(
    collected: Collected, model: Model, made: Made, notes: tuple[str, ...] = ()
) -> Report:
    """Return the report of what was collected of a run, held against a model."""
    counts, rates = count_tests(collected, model)
    findings: list[Finding] = [
        *transition_tests(collected, model),
        *field_tests(collected, model),
        *arrival_tests(collected, model),
        *counts,
    ]
    return Report(
        made=made,
        tests=in_family([each for each in findings if isinstance(each, Test)]),
        not_tested=tuple(each for each in findings if isinstance(each, NotTested)),
        rates=rates,
        fields=tuple(
            field_figures(emitter, field, texts)
            for (emitter, field), texts in collected.fields.items()
        ),
        notes=notes,
    )


def notes_of(plan: Plan, *, complete: bool) -> tuple[str, ...]:
    """Return sentences about what a report is of."""
    return tuple(
        text
        for applies, text in (
            (plan.resumed_from is not None, "this run only: the stream began in an earlier one"),
            (bool(plan.effects), "the clean stream, before its disorder"),
            (not plan.part.is_whole, f"part {plan.part.index} of {plan.part.count} of the stream"),
            (not complete, "the run was cut short: what it had made until then"),
        )
        if applies
    )


def made_of(summary: Summary, collected: Collected, style: Style) -> Made:
    """Return what a run made and delivered."""
    return Made(
        file=summary.file,
        seed=summary.seed,
        begin=str(Instant(collected.begin, style)),
        end=str(Instant(collected.horizon, style)),
        records=summary.generated,
        delivered=summary.delivered,
        bytes=summary.bytes,
        workers=summary.workers,
        seconds=round(summary.seconds, 3),
        repeat=summary.repeat,
    )


def made_of_files(file: str, seed: int | None, collected: Collected, records: int) -> Made:
    """Return what is known of files of records that were made earlier."""
    begin, end = (str(Instant(each, NAIVE)) for each in (collected.begin, collected.horizon))
    return Made(file, seed, begin, end, records, records, bytes=0, workers=0, seconds=0.0)


def field_figures(emitter: str, field: str, texts: TextArray) -> FieldFigures:
    """Return the figures of a field, given its JSON texts in a sample of records."""
    count = len(texts)
    null, missing = (pc.equal(texts, each) for each in (NULL_TEXT, MISSING_TEXT))
    present = texts.filter(pc.invert(pc.or_(null, missing)))
    found = pc.value_counts(present)
    pairs = zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)
    top = sorted(pairs, key=lambda each: (-each[1], each[0]))[:_TOP]
    quantiles, histogram = _of_numbers(present)
    return FieldFigures(
        emitter=emitter,
        field=field,
        records=count,
        nulls=_share(null, count),
        missing=_share(missing, count),
        distinct=len(found),
        quantiles=quantiles,
        top={text: number / count for text, number in top},
        histogram=histogram,
    )


def _share(mask: Any, count: int) -> float:
    return int(pc.sum(mask).as_py() or 0) / count if count else 0.0


def _of_numbers(texts: TextArray) -> tuple[dict[str, float], tuple[int, ...]]:
    """Return quantiles and a histogram between the first and the last percent of texts that are all numbers."""
    if not len(texts) or not np.isfinite(numbers_of(texts[:1])[0]):
        return {}, ()
    values = numbers_of(texts)
    if not np.isfinite(values).all():
        return {}, ()
    quantiles = {name: float(np.quantile(values, u)) for name, u in _QUANTILES.items()}
    low, high = np.quantile(values, [0.01, 0.99])
    if low == high:
        return quantiles, ()
    return quantiles, tuple(np.histogram(values, _BARS, (low, high))[0].tolist())
