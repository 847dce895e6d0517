"""Turns statistics into lines: a block for each field, tables of transitions and delays, histograms of block characters."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from datagen.arrays import Ints
from datagen.inspection.display import Display
from datagen.inspection.field_stats import COUNTED, FieldFigures
from datagen.inspection.flow_stats import TimeFigures, TransitionFigures
from datagen.inspection.number_tally import NumberSummary
from datagen.inspection.run_stats import RunStatistics
from datagen.instants import Instant, Style
from datagen.one_line import counted, escaped, listed, plural, shortened

FAR = 4.0  # standard errors
_DRAWN = ("int", "float", "instant", "json")  # kinds whose values, not their lengths, are drawn
_LONGEST_NAME, _LONGEST_VALUE, _BAR = 40, 40, 20
Row = tuple[str, ...]


def stats_lines(found: RunStatistics, display: Display) -> Iterator[str]:
    """Yield the lines of statistics."""
    span = f", {found.first} to {found.last}" if found.first else ""
    yield display.styled(f"{counted(found.records, 'record')}{span}", "title")
    emitters = {name for each in found.fields for name in each.emitters}
    for each in found.fields:
        yield ""
        yield from _field_lines(each, len(emitters), found.style, display)
    if found.transitions:
        yield ""
        yield from _table(
            ["transition", "expected", "observed", "of", "std. errors"],
            _ways(found.transitions),
            display,
        )
    for title, times in (("delay", found.delays), ("between", found.interarrivals)):
        if times:
            yield ""
            head = [title, "expected", "mean", "std. errors", "min", "median", "p99", "max"]
            yield from _table(
                head,
                [_time_row(each) for each in times],
                display,
                [histogram(each.numbers, display).rstrip() for each in times],
            )
    if any(_is_far(each.errors) for each in found.compared):
        yield ""
        yield display.styled(
            f"! is more than {FAR:g} standard errors from what the specification says", "alarm"
        )


def histogram(numbers: NumberSummary, display: Display) -> str:
    """Return a character for each bin: the empty one for nothing, else one of eight by height."""
    return _bars(numbers.bins, display.blocks)


def _bars(bins: Ints, blocks: str) -> str:
    most = max(int(bins.max(initial=0)), 1)
    return "".join(blocks[-(-8 * each // most)] for each in bins.tolist())


def _field_lines(
    field: FieldFigures, emitters: int, style: Style, display: Display
) -> Iterator[str]:
    """Yield the lines of a field: what it is, its numbers, its values."""
    some = (
        f" of {listed([*map(escaped, field.emitters)], 4)}"
        if len(field.emitters) < emitters
        else ""
    )
    yield display.styled(escaped(field.name), "key") + f"{some}: {', '.join(_described(field))}"
    numbers = field.numbers
    if numbers.count:
        yield f"  {_numbers_line(field, style)}"
        shown = histogram(numbers, display)
        low, high = (_number(each, field.kind, style) for each in (numbers.least, numbers.top))
        beyond = f", {_share(numbers.above)} above" if numbers.above else ""
        if numbers.least < numbers.top and field.kind in _DRAWN and field.distinct > len(field.top):
            yield f"  {display.styled(shown, 'number')} {low} to {high}{beyond}"
    if _listed(field):
        yield from _value_lines(field, display)


def _described(field: FieldFigures) -> Iterator[str]:
    yield field.kind
    if field.missing:
        yield f"missing in {_share(field.missing / field.records)}"
    if field.nulls:
        yield f"null in {_share(field.nulls / field.records)}"
    if field.kind != "object" and field.present:
        yield f"{'' if field.exact else 'about '}{field.distinct:,} distinct"


def _listed(field: FieldFigures) -> bool:
    """Return whether the most frequent values say something: not where each comes once, or too many do."""
    return (
        bool(field.top)
        and field.kind != "instant"
        and (field.distinct <= len(field.top) or field.top[0][1] >= 0.02 * field.present)
    )


def _numbers_line(field: FieldFigures, style: Style) -> str:
    numbers = field.numbers
    figures = (numbers.least, numbers.median, numbers.p99, numbers.greatest)
    texts = [_number(each, field.kind, style) for each in figures]
    unit = f" {COUNTED[field.kind]}" if field.kind in COUNTED else ""
    some = "" if numbers.exact else " (median and p99 of some)"
    line = "  ".join(
        f"{name} {text}" for name, text in zip(("min", "median", "p99", "max"), texts, strict=True)
    )
    return f"{line}{unit}{some}"


def _value_lines(field: FieldFigures, display: Display) -> Iterator[str]:
    """Yield a bar for each of the most frequent values."""
    texts = [shortened(escaped(text), _LONGEST_VALUE) for text, _ in field.top]
    width, most = max(map(len, texts)), field.top[0][1]
    for text, (_, count) in zip(texts, field.top, strict=True):
        bar = display.blocks[-1] * max(round(_BAR * count / most), 1)
        gap = " " * (width - len(text))
        yield f"  {display.styled(text, 'text')}{gap}  {display.styled(f'{bar:{_BAR}}', 'number')} {_share(count / field.present)}"
    rest = field.distinct - len(field.top)
    if rest > 0:
        others = field.present - sum(count for _, count in field.top)
        about = "" if field.exact else "about "
        yield f"  {about}{rest:,} {plural('other', rest)}: {_share(max(others, 0) / field.present)}"


def _ways(transitions: Sequence[TransitionFigures]) -> list[Row]:
    return [
        (
            f"{_named(each.state)} -> {_named(each.next)}",
            each.why if each.expected is None else _share(each.expected),
            _share(each.observed),
            f"{each.visits:,}",
            _errors(each.errors),
        )
        for each in transitions
    ]


def _time_row(each: TimeFigures) -> Row:
    numbers = each.numbers
    figures = (numbers.least, numbers.median, numbers.p99, numbers.greatest)
    expected = each.why if each.expected is None else _seconds(each.expected)
    return (
        _named(each.what),
        expected,
        _seconds(numbers.mean),
        _errors(each.errors),
        *map(_seconds, figures),
    )


def _table(
    head: Sequence[str], rows: Sequence[Row], display: Display, ends: Sequence[str] = ()
) -> Iterator[str]:
    """Yield the lines of a table, its first column to the left, the others to the right; `ends` come after rows."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    yield display.styled(_cells(head, widths), "title")
    for row, end in zip_longest(rows, ends, fillvalue=""):
        line = _cells(row, widths)
        if any(each.endswith("!") for each in row[1:]):
            line = display.styled(line, "alarm")
        yield f"{line}  {display.styled(end, 'number')}" if end else line.rstrip()


def _cells(row: Sequence[str], widths: Sequence[int]) -> str:
    first = f"{row[0]:{widths[0]}}"
    rest = [f"{text:>{width}}" for text, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join([first, *rest])


def _named(name: str) -> str:
    return shortened(escaped(name), _LONGEST_NAME)


def _errors(errors: float | None) -> str:
    if errors is None:
        return ""
    return f"{errors:+.1f}{'!' if _is_far(errors) else ''}"


def _is_far(errors: float | None) -> bool:
    return errors is not None and abs(errors) > FAR


def _share(share: float) -> str:
    return f"{100 * share:.3g} %"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 1000 else f"{seconds:.4g} s"


def _number(value: float, kind: str, style: Style) -> str:
    """Return the text of a number of a field."""
    if kind == "instant":
        return str(Instant(int(value), style))
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value)}"
    return f"{value:.6g}"
