"""Makes the report of a run: what is collected meanwhile, and what it comes to at the end."""

from dataclasses import replace

from datagen.errors import UsageError
from datagen.inspection.arrival_tests import arrival_tests
from datagen.inspection.count_tests import count_tests
from datagen.inspection.field_figures import field_figures
from datagen.inspection.model_tests import Finding, Model, field_tests, transition_tests
from datagen.inspection.report_figures import (
    Made,
    NotTested,
    Report,
    Test,
    in_family,
)
from datagen.inspection.run_collector import Collected, RunCollector
from datagen.instants import Instant, Style
from datagen.running.pipeline import Run
from datagen.running.plan import Plan, Start
from datagen.running.summary import Summary
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator


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
    if seeded:
        return model
    return replace(model, context=replace(model.context, member_sets={}, entities={}))


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
