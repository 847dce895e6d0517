"""Turns a plan into the lines of `--validate`."""

import shlex
from math import isinf, isnan

from datagen.curves.curve import Curve
from datagen.disorder.effects import effect_names
from datagen.formats import FORMATS
from datagen.instants import DAY, SECOND
from datagen.running.clock import Moment
from datagen.running.disordering import greatest_delay
from datagen.running.given_instants import is_relative
from datagen.running.options import DEFAULT_MAX_WORKERS, Request
from datagen.running.plan import Plan, Start
from datagen.running.stream_parts import described_part

_YEAR = 365 * DAY  # over which a schedule is looked at, at most


def repeating_flags(request: Request, plan: Plan, start: Start) -> str:
    """Return the flags that give the same records again, besides the specification and its limits."""
    words = [] if request.entities is None else ["--entities", shlex.quote(request.entities)]
    words += [word for each in request.settings for word in ("--set", shlex.quote(each))]
    words += ["--seed", str(plan.seed), "-s", str(start.instant)]
    if plan.max_workers != DEFAULT_MAX_WORKERS:
        words += ["-m", plan.max_workers_text]
    if not plan.part.is_whole:
        words += ["--part", str(plan.part)]
    if request.timezone is not None:
        words += ["--timezone", request.timezone]
    if request.until is not None and is_relative(request.until):
        words += ["--until", str(plan.until)]
    return " ".join(words)


def described(plan: Plan, verbose: bool) -> list[str]:
    """Return lines: that a specification is right, and with `verbose` what it amounts to."""
    spec = plan.spec
    lines = [f"{plan.file}: ok: {spec.described()}"]
    if verbose and not plan.part.is_whole:
        lines.append(described_part(plan.part, spec, plan.max_workers))
    if verbose and spec.has_workers:
        lines += [f"{what} {_seconds(mean)}" for what, mean in spec.mean_durations()]
        if plan.schedule is not None:
            lines.append(f"schedule: {_effect(plan.schedule, plan.start_at(Moment.present()))}")
    if verbose and plan.effects:
        late = greatest_delay(plan.effects, plan.spec) / SECOND
        names = ", ".join(effect_names(plan.effects))
        lines.append(f"disorder: {names}; no record is more than {late:g} s late")
    if verbose and spec.has_workers:
        lines.append(f"target: {plan.target.type}")
        templates = [FORMATS.parse({"type": "template", "name": name}) for name in spec.templates]
        lines += [each.described(spec) for each in templates]
    return lines


def _seconds(mean: float) -> str:
    if isnan(mean):
        return "that depends on values"
    return f"of {'infinity' if isinf(mean) else f'{mean:g}'} s"


def _effect(curve: Curve, start: Start) -> str:
    """Return what a schedule multiplies by how much."""
    begin, covered = start.instant.micros, start.time_range
    end = min(covered.end, begin + _YEAR)
    heights = curve.starting_at(begin).heights_over(begin, end)
    within = "within the run" if covered.bounded and end == covered.end else "within a year"
    within = "" if all(each.repeats for each in curve.members) else f" {within}"
    what = {"workers": "the most workers", "arrivals": "the rate of arrivals"}[curve.applies_to]
    return (
        f"{curve.described()}, multiplies {what} by {heights.mean():.3g} on "
        f"average, {heights.min():.3g} to {heights.max():.3g}{within}"
    )
