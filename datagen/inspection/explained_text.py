"""Shows what a run will make as lines of text."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from datagen.inspection.display import Display
from datagen.inspection.explanation import (
    FORMULA,
    SIMULATED,
    CappedFigures,
    Estimate,
    Explanation,
    Lead,
    Level,
    MakingTime,
    PopulationFigures,
    ReplayExplanation,
    RunFigures,
)
from datagen.one_line import escaped, plural

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROUNDING = 1e-9  # of a figure
_UNITS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
_WIDEST = 24  # characters of a cell


def explained_lines(explanation: Explanation, display: Display) -> Iterator[str]:
    """Yield the figures, then a table of states and one of emitters, then what else is to be known."""
    yield f"{display.styled(escaped(explanation.file), 'title')}: {explanation.described}"
    for each in explanation.populations:
        yield from _population(each, explanation)
    if len(explanation.populations) > 1:
        yield f"all together: {_level(explanation.rate, explanation.zone)} records/s on average"
    yield f"about {_size(explanation.bytes_a_day)} a day"
    yield from (f"the cap: {each}" for each in explanation.cap)
    yield from map(_capped, explanation.capped)
    yield _run(explanation.run, explanation.size)
    yield ""
    yield from _table(_state_rows(explanation), display)
    if len(explanation.emitters) > 1:
        yield ""
        rows = [("emitter", "share", "bytes")]
        for emitter in explanation.emitters:
            size = "?" if emitter.size is None else f"{emitter.size:.0f}"
            rows.append((emitter.name, _percent(emitter.share), size))
        yield from _table(rows, display)
    if explanation.notes:
        yield ""
        yield from (f"note: {escaped(each)}" for each in explanation.notes)


def replay_lines(explanation: ReplayExplanation, display: Display) -> Iterator[str]:
    """Yield what is known of a replay, then notes."""
    found = explanation
    yield f"{display.styled(escaped(found.file), 'title')}: {escaped(found.described)}"
    yield _source(found)
    stretch = "" if found.stretch == 1 else f", gaps multiplied by {found.stretch:g}"
    gap = "" if found.gap is None else f" {_time(found.gap * found.stretch)}"
    yield f"passes: {f'one after the other,{gap} in between' if found.loop else 'one'}{stretch}"
    yield from _pace(found)
    if math.isnan(found.run.records):
        yield "this run: as many records as the source has, as far as the run goes"
    else:
        yield _run(found.run, found.size)
    if found.notes:
        yield ""
        yield from (f"note: {escaped(each)}" for each in found.notes)


def _source(found: ReplayExplanation) -> str:
    """Return what the source of a replay has."""
    about = "" if found.read_to_end else "about "
    rows = "an unknown number of" if found.rows is None else f"{about}{found.rows:,.0f}"
    span = "" if found.span is None else f" over {about}{_time(found.span)}"
    times = f", from {found.first}" if found.first else ""
    times += f" to {found.last}" if found.last else ""
    return f"the source: {rows} {plural('record', found.rows or 0)}{span}{times}"


def _pace(found: ReplayExplanation) -> Iterator[str]:
    """Yield what the records of a replay come to in a time, if that is known."""
    if found.rate is None or found.bytes_a_day is None:
        return
    speed = ""
    if found.speed is not None and found.speed != 1:
        speed = (
            f"; {_number(found.rate * found.speed)} of the clock here at --speed {found.speed:g}"
        )
    yield f"{_number(found.rate)} records/s on average{speed}, about {_number(found.size)} bytes each"
    yield f"about {_size(found.bytes_a_day)} a day"


def _population(figures: PopulationFigures, explanation: Explanation) -> Iterator[str]:
    who = "" if figures.name is None else f"{escaped(figures.name)}: "
    records, life = figures.records, figures.life
    about = "" if figures.method == "exact" else "about "
    if math.isinf(life.mean):
        yield f"{who}a worker: its visits have no end"
    else:
        spread = "an infinite deviation" if math.isinf(life.sd) else _time(life.sd)
        yield (
            f"{who}a worker: {about}{_number(records.mean)} records in {_time(life.mean)} on average (sd {_number(records.sd)} records, "
            f"{spread}), about {explanation.size:.0f} bytes each"
        )
    if figures.arrivals is None:
        yield f"{who}{figures.total} workers in all"
        return
    zone = explanation.zone
    if math.isinf(figures.arrivals.mean):
        yield f"{who}arrivals at once: the cap alone says how many there are"
        return
    yield f"{who}arrivals {_number(figures.arrivals.mean)}/s: {_level(figures.rate, zone)} records/s on average{_extremes(figures.rate, zone)}"
    yield f"{who}alive: {_alive(figures.alive)}"


def _capped(figures: CappedFigures) -> str:
    """Return what a cap leaves of a population."""
    who = "" if figures.name is None else f"{escaped(figures.name)}: "
    rate, alive = figures.rate, figures.alive
    said = f"{who}under the cap: {_number(rate.mean)} records/s{_error(rate)}, {_number(alive.mean)} alive on average{_error(alive)}"
    if figures.method == FORMULA:
        return f"{said}: by the formula of a queue, as a simulation would take too long"
    walks = plural("simulation", figures.walks)
    return f"{said}: by {figures.walks} {walks} of {figures.visits:,} visits in all"


def _error(estimate: Estimate) -> str:
    """Return the standard error of a figure, where it is known and more than rounding."""
    if not math.isfinite(estimate.error) or estimate.error <= _ROUNDING * abs(estimate.mean):
        return ""
    return f" (+-{100 * estimate.error / estimate.mean:.2g} %)"


def _alive(level: Level) -> str:
    if math.isinf(level.mean):
        return "ever more"
    mean, high = _number(level.mean), _number(level.high)
    return f"{mean} on average" + (f", {high} at the peak" if high != mean else "")


def _level(level: Level, zone: str) -> str:
    del zone
    return _number(level.mean)


def _extremes(level: Level, zone: str) -> str:
    if level.low_at is None or level.high_at is None:
        return ""
    low, high = (_minute(each, daily=level.daily) for each in (level.low_at, level.high_at))
    return f", {_number(level.low)}/s at {low} to {_number(level.high)}/s at {high} ({zone})"


def _minute(minute: int, *, daily: bool) -> str:
    day, rest = divmod(minute, 1440)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return clock if daily else f"{_DAYS[day % 7]} {clock}"


def _run(run: RunFigures, size: float) -> str:
    if run.limited_by == "":
        return "this run: no end; give -n, -r or --until"
    here = "" if run.here is None or run.here == run.seconds else f", {_time(run.here)} here"
    time = "" if run.seconds is None else f" in {_time(run.seconds)} of its clock"
    if run.limited_by == "records":
        off = "" if run.seconds is None else _about(run.error, run.seconds, run)
        return f"this run: {run.records:,.0f} records, {_size(run.records * size)}{time}{off}{here}"
    error = _about(math.hypot(run.sd, run.error), run.records, run)
    held = ", held back by the cap" if run.held_back else ""
    return f"this run: about {_number(run.records)} records{error}, {_size(run.records * size)}{time}{here}{held}"


def making_line(found: MakingTime) -> str:
    """Return how long it takes to make a run, in whole seconds as soon as it is several."""
    about = "up to about" if found.at_most else "about"
    if found.seconds < 1:
        return "this run takes less than a second here"
    seconds = math.ceil(float(f"{found.seconds:.2g}"))
    return f"this run takes {about} {f'{seconds} s' if seconds < 60 else _time(seconds)} here"


def _about(error: float, mean: float, run: RunFigures) -> str:
    """Return how far a figure of a run may be off, where that is known, and how it was found."""
    known = math.isfinite(error) and mean and (error or run.limited_by == "time")
    said = [f"+-{100 * error / mean:.2g} %"] if known else []
    said += ["of a long run"] if run.asymptotic else []
    said += ["simulated"] if run.method == SIMULATED else []
    return f" ({', '.join(said)})" if said else ""


def _state_rows(explanation: Explanation) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("state", "visits", "records", "share", "mean delay", "leads to")
    ]
    for state in explanation.states:
        leads = ", ".join(_lead(each) for each in state.leads)
        if state.kind:
            leads = f"{state.kind}; {leads}" if leads else state.kind
        delay = "by values" if math.isnan(state.delay) else _time(state.delay)
        rows.append(
            (
                state.name,
                _number(state.visits),
                _number(state.records),
                _percent(state.share),
                delay,
                leads,
            )
        )
    return rows


def _lead(lead: Lead) -> str:
    name = "the end" if lead.next is None else lead.next
    if lead.when is not None:
        return f"{name} when {lead.when}" if lead.when != "else" else f"{name} else"
    return name if lead.probability is None else f"{name} {_percent(lead.probability)}"


def _table(rows: Sequence[Sequence[str]], display: Display) -> Iterator[str]:
    """Yield rows with aligned columns; the last one is as wide as it is."""
    cells = [[escaped(each) for each in row] for row in rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]) - 1)]
    for number, row in enumerate(cells):
        first, *others = row[:-1]
        text = "  ".join(
            [
                first.ljust(widths[0]),
                *(each.rjust(width) for each, width in zip(others, widths[1:], strict=True)),
            ]
        )
        line = f"{text}  {row[-1]}".rstrip()
        yield display.styled(line, "key") if number == 0 else line


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _number(value: float) -> str:
    """Return a number with three digits that count."""
    if not math.isfinite(value):
        return "ever more" if math.isinf(value) else "?"
    if not value:
        return "0"
    digits = max(2 - math.floor(math.log10(abs(value))), 0)
    return f"{round(value, 2 - math.floor(math.log10(abs(value)))):,.{digits}f}"


def _time(seconds: float) -> str:
    """Return a time in its two largest units."""
    if not math.isfinite(seconds):
        return "an infinite time"
    if seconds < 1:
        return f"{_number(1000 * seconds)} ms" if seconds else "0 s"
    if seconds < 60:
        return f"{_number(seconds)} s"
    for (unit, name), (smaller, other) in pairwise(_UNITS):
        if seconds >= unit:
            whole, rest = divmod(round(seconds / smaller) * smaller, unit)
            return f"{whole:,.0f} {name}" + (f" {rest / smaller:.0f} {other}" if rest else "")
    return f"{seconds:.0f} s"


def _size(size: float) -> str:
    """Return bytes with three digits that count."""
    if not math.isfinite(size):
        return "ever more"
    for unit, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{_number(size / unit)} {name}"
    return f"{size:.0f} bytes"
