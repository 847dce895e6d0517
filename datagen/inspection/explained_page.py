"""Turns a plan and its figures into one page: the machine, the rate over the week, densities, records, and all figures as tables."""

import math
from collections.abc import Iterator

import numpy as np

from datagen.arrays import Floats
from datagen.curves.curve import Curve
from datagen.inspection.charts import (
    Drawn,
    density_picture,
    distributions_of,
    figures_text,
    heights_over_week,
    shape_of,
    value_text,
    week_picture,
)
from datagen.inspection.diagram import diagram_of, percent, span_text
from datagen.inspection.display import Display
from datagen.inspection.explained_text import explained_lines, replay_lines
from datagen.inspection.explanation import Explanation, ReplayExplanation, StateFigures
from datagen.inspection.machine_picture import machine_picture
from datagen.inspection.observing import Observation
from datagen.inspection.page import card, cards, heading, page, paragraph, table
from datagen.inspection.sampling import sample
from datagen.inspection.svg import clean, style
from datagen.one_line import shortened
from datagen.running.plan import Plan, Start
from datagen.spec.generator import Generator

_RECORDS, _LOOKED_AT = 20, 1000  # to show; about so many are looked at for rare ones
_LONGEST = 1000  # characters of a record
_MOST_STATES, _MOST_DENSITIES, _MOST_LEADS = 200, 36, 8
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONGEST_NAME, _LONGEST_CONDITION = 60, 40
_STYLE = """<style>
.drawing{overflow:auto;max-height:80vh}.card .drawing svg.drawn{margin:0 auto}.card svg.drawn{width:auto;max-width:none;height:auto}.card .fit svg.drawn{max-width:100%}
.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,240px),1fr));gap:18px 22px}
.small h3{font-size:13px;margin:0 0 2px}.small p{font-size:12px}.card svg text{fill:var(--faint)}.card svg .name{fill:var(--ink)}.card svg .end{fill:var(--end)}
.records{margin:0;padding-left:0;list-style:none}.records li{border-top:1px solid var(--line);padding:5px 0}h3{font-size:14px;margin:8px 0 4px}
.card td:last-child,.card th:last-child{padding-left:12px}.states td:last-child{min-width:200px}.states td.n{white-space:nowrap}
.canvas{position:relative;width:max-content;min-width:100%}.origin{position:absolute;top:0;left:calc(50% - 42vw);width:1px;height:1px;scroll-initial-target:nearest}
</style>"""


def page_of(plan: Plan, start: Start, said: Explanation | ReplayExplanation) -> str:
    """Return the page of a plan, of a model or of a replay. Raises RunError, SpecError."""
    if isinstance(said, Explanation):
        return explained_page(plan, start, said)
    figures = list(replay_lines(said, Display()))[1:]
    records = (
        () if said.rows is None else (_records(plan, start),)
    )  # what can be read once is left to the run
    return page(
        f"{shortened(plan.file, 100)}: what a run will make",
        style() + _STYLE,
        heading(shortened(plan.file, 100), said.described),
        cards(card("Figures", *map(paragraph, filter(None, figures)), wide=True), *records),
    )


def explained_page(plan: Plan, start: Start, explanation: Explanation) -> str:
    """Return the page of a plan that has a machine. Raises RunError, SpecError."""
    spec = plan.spec
    assert isinstance(spec, Generator)
    shown = list(explained_lines(explanation, Display()))
    figures = shown[1 : shown.index("")]
    return page(
        f"{shortened(plan.file, 100)}: what a run will make",
        style() + _STYLE,
        heading(shortened(plan.file, 100), explanation.described),
        cards(
            card("Figures", *map(paragraph, figures), wide=True),
            card(
                "The machine",
                f'<div class="drawing" tabindex="0"><div class="canvas"><span class="origin"></span>{machine_picture(diagram_of(plan))}</div></div>',
                wide=True,
            ),
            *_records_of_week(explanation),
            *_weeks(plan, spec, start, explanation),
            _states(explanation),
            _emitters(explanation),
            _densities(spec),
            _records(plan, start),
            *_notes(explanation),
        ),
    )


def _records_of_week(explanation: Explanation) -> Iterator[str]:
    """Yield a card for the rate of all records, where it is known to change over the week."""
    hours = np.array(explanation.rate.hours, dtype=np.float64)
    if len(hours) and np.isfinite(hours).all() and hours.min() < hours.max():
        what = "records per second, without a cap, over a week in UTC"
        yield _week("Records", what, "per s", hours)


def _weeks(plan: Plan, spec: Generator, start: Start, explanation: Explanation) -> Iterator[str]:
    """Yield a card for each population whose arrivals, or whose limit of workers, follow a curve."""
    for each, figures in zip(spec.arrivals, explanation.populations, strict=True):
        who = "" if each.name is None else f" of {shortened(each.name, _LONGEST_NAME)}"
        curve = each.curve(plan.schedule, "arrivals") or each.interarrival.curve
        if curve is not None and figures.arrivals and math.isfinite(figures.arrivals.mean):
            heights = heights_over_week(curve, start.instant.micros)
            rate = heights / (heights.mean() or 1.0) * figures.arrivals.mean
            what = f"workers that come per second, {_week_of(curve)}"
            yield _week(f"Arrivals{who}", what, "per s", rate)
        lowering, cap = each.curve(plan.schedule, "workers"), each.cap(plan.max_workers)
        if lowering is not None and cap is not None:
            places = cap * np.minimum(heights_over_week(lowering, start.instant.micros), 1.0)
            what = f"workers that may be alive at once, {_week_of(lowering)}"
            yield _week(f"Limit of workers{who}", what, "alive", places)


def _week_of(curve: Curve) -> str:
    return f"over the week of the start, in {curve.timezone or 'UTC'}"


def _week(title: str, said: str, unit: str, values: Floats) -> str:
    """Return a card with a picture of a week, and a table of its days."""
    rows = [
        [name, *(value_text(float(part)) for part in (day.min(), day.mean(), day.max()))]
        for name, day in zip(_DAYS, values.reshape(7, -1), strict=True)
    ]
    return card(
        f"{title} over the week",
        f'<div class="fit">{week_picture(values.tolist(), unit, said)}</div>',
        paragraph(said, soft=True),
        table(("day", "least", "mean", "most"), rows, (1, 2, 3)),
        wide=True,
    )


def _states(explanation: Explanation) -> str:
    rows = [_state(each) for each in explanation.states[:_MOST_STATES]]
    left = len(explanation.states) - len(rows)
    more = [paragraph(f"and {left:,} more; --explain shows them all", soft=True)] if left else []
    head = ("state", "visits", "records", "share", "mean delay", "leads to")
    shown = f'<div class="states">{table(head, rows, (1, 2, 3, 4))}</div>'
    return card("States", shown, *more, wide=True)


def _state(state: StateFigures) -> list[str]:
    """Return the cells of a state."""
    leads = [state.kind] if state.kind else []
    for lead in state.leads[:_MOST_LEADS]:
        name = "the end" if lead.next is None else shortened(lead.next, _LONGEST_NAME)
        when = "" if lead.when is None else f" if {shortened(lead.when, _LONGEST_CONDITION)}"
        when = " else" if lead.when == "else" else when
        chance = (
            f" {percent(lead.probability)}" if lead.probability is not None and not when else ""
        )
        leads.append(f"{name}{when}{chance}")
    left = len(state.leads) - _MOST_LEADS
    leads += [f"{left} more"] if left > 0 else []
    delay = "by values" if state.delay != state.delay else span_text(state.delay)
    return [
        clean(shortened(state.name, _LONGEST_NAME)),
        value_text(state.visits),
        value_text(state.records),
        percent(state.share),
        clean(delay),
        clean(", ".join(leads)),
    ]


def _emitters(explanation: Explanation) -> str:
    rows = [
        [
            clean(shortened(each.name, _LONGEST_NAME)),
            percent(each.share),
            "?" if each.size is None else f"{each.size:,.0f}",
        ]
        for each in explanation.emitters[:_MOST_STATES]
    ]
    return card("Emitters", table(("emitter", "share", "bytes a record"), rows, (1, 2)))


def _densities(spec: Generator) -> str:
    """Return small pictures of the distributions that have a shape, with the figures of each in words."""
    parts: list[str] = []
    left = 0
    for each in distributions_of(spec):
        shape = shape_of(each.distribution)
        if shape is None:
            continue
        if len(parts) == _MOST_DENSITIES:
            left += 1
            continue
        words = figures_text(shape, seconds=each.seconds)
        drawn = density_picture(shape, seconds=each.seconds, what=words)
        parts.append(
            f'<div class="fit"><h3>{clean(_title(each))}</h3>{drawn}'
            f"{paragraph(f'{each.distribution.type}: {words}', soft=True)}</div>"
        )
    more = [paragraph(f"and {left:,} more", soft=True)] if left else []
    said = (
        [] if parts else [paragraph("Every delay and field is a constant, or depends on values.")]
    )
    return card(
        "Delays and fields", *said, f'<div class="small">{"".join(parts)}</div>', *more, wide=True
    )


def _title(drawn: Drawn) -> str:
    return shortened(drawn.title, _LONGEST_NAME)


def _records(plan: Plan, start: Start) -> str:
    """Return the first records of each emitter, twenty in all."""
    emitters = getattr(plan.spec, "emitters", ())
    asked = -(-_RECORDS // max(len(emitters), 1))
    found = sample(Observation(plan), start, asked, most=_LOOKED_AT)
    parts, room = [], _RECORDS
    for each in found.emitters:
        texts = each.records[:room]
        room -= len(texts)
        if texts:
            lines = "".join(
                f"<li><code>{clean(shortened(one, _LONGEST))}</code></li>" for one in texts
            )
            parts.append(
                f'<h3>{clean(shortened(each.emitter, _LONGEST_NAME))}</h3><ul class="records">{lines}</ul>'
            )
    return card("Records", "".join(parts) or paragraph("There are none."), wide=True)


def _notes(explanation: Explanation) -> Iterator[str]:
    if explanation.notes:
        yield card("Notes", *(paragraph(shortened(each, 400)) for each in explanation.notes[:50]))
