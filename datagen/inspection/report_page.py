"""Turns a report into a page for people: the verdict, the worst three tests, all others, and pictures of what was made."""

import os
from html import escape

from datagen.inspection.model_tests import percent
from datagen.inspection.page import (
    bars,
    card,
    cards,
    folded,
    heading,
    lines,
    mark,
    number_text,
    page,
    paragraph,
    table,
)
from datagen.inspection.report_figures import WORST, FieldFigures, RateFigures, Report, Test

_MOST_TESTS, _MOST_FIELDS = 300, 60  # of each so many are shown: the page is to stay small
_KINDS = {"fits": "good", "does not fit": "bad", "not tested": "none"}


def report_page(report: Report) -> str:
    """Return the page of a report."""
    made = report.made
    name = os.path.basename(made.file) or "a run"
    return page(
        f"{name}: {report.verdict}",
        heading(name, f"{made.begin} to {made.end}", *report.notes),
        cards(_verdict(report), _made(report), *map(_rate, report.rates)),
        cards(_tests(report), *([_not_tested(report)] if report.not_tested else [])),
        cards(*map(_field, report.fields[:_MOST_FIELDS])),
        *_left_out(len(report.fields) - _MOST_FIELDS, "fields"),
    )


def _verdict(report: Report) -> str:
    worst = "".join(
        f"<p>{_mark(each)} {escape(each.subject)}: {escape(each.text)} {_p(each)}</p>"
        for each in report.tests[:WORST]
    )
    return card(
        "Verdict",
        f"<p>{mark(report.verdict, _KINDS[report.verdict])} {escape(report.line)}</p>",
        worst,
        wide=True,
    )


def _made(report: Report) -> str:
    made = report.made
    rows = [
        ["records made", f"{made.records:,}"],
        ["delivered", f"{made.delivered:,}"],
        ["bytes", f"{made.bytes:,}"],
        ["workers", f"{made.workers:,}"],
        ["seconds", f"{made.seconds:.3g}"],
        *([["seed", str(made.seed)]] if made.seed is not None else []),
    ]
    repeat = f"<p><code>{escape(made.repeat)}</code></p>" if made.repeat else ""
    return card("Made and delivered", table(["", ""], rows, numbers=(1,)), repeat)


def _rate(figures: RateFigures) -> str:
    span = f"{len(figures.found)} steps of {figures.seconds:.6g} s"
    legend = "blue: found, orange: expected" if figures.expected else "found"
    return card(
        f"{figures.what.capitalize()} over time",
        lines([figures.found, figures.expected], "start", "end", what=figures.what),
        paragraph(f"{span}; {legend}", soft=True),
    )


def _tests(report: Report) -> str:
    rows = [
        [
            _mark(each),
            escape(each.subject),
            escape(each.text),
            escape(each.method),
            f"{each.draws:,}",
            f"{each.p:.2g}",
        ]
        for each in report.tests[:_MOST_TESTS]
    ]
    head = ["", "what", "found and expected", "test", "draws", "p"]
    left = _left_out(len(report.tests) - _MOST_TESTS, "tests, all of which fit better")
    return card("Tests", table(head, rows, numbers=(4, 5)), *left, wide=True)


def _not_tested(report: Report) -> str:
    rows = [
        [mark("not tested", "none"), escape(each.subject), escape(each.why)]
        for each in report.not_tested[:_MOST_TESTS]
    ]
    left = _left_out(len(report.not_tested) - _MOST_TESTS, "others")
    title = f"Not tested: {len(report.not_tested):,}"
    return card(title, folded("what and why", table(["", "what", "why"], rows), *left), wide=True)


def _field(figures: FieldFigures) -> str:
    facts = paragraph(
        f"{figures.records:,} records looked at; null {percent(figures.nulls)}, missing {percent(figures.missing)}; "
        f"{figures.distinct:,} different",
        soft=True,
    )
    title = f"{figures.field} ({figures.emitter})"
    if figures.quantiles:
        names = ", ".join(
            f"{name} {number_text(value)}" for name, value in figures.quantiles.items()
        )
        drawn = [bars(figures.histogram, "1 %", "99 %", what=title)] if figures.histogram else []
        return card(title, *drawn, paragraph(names), facts)
    rows = [[escape(_short(text)), percent(share)] for text, share in figures.top.items()]
    return card(title, table(["most frequent", "share"], rows, numbers=(1,)), facts)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _mark(test: Test) -> str:
    verdict = "fits" if test.fits else "does not fit"
    return mark(verdict, _KINDS[verdict])


def _p(test: Test) -> str:
    return f'<span class="soft">p = {test.p:.2g}, {test.family_p:.2g} in the family</span>'


def _left_out(count: int, what: str) -> list[str]:
    return [paragraph(f"and {count:,} {what}", soft=True)] if count > 0 else []
