"""Holds what was collected of a run against its model: transitions, delays, arrivals, and the draws of fields and variables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from datagen.arrays import Floats, Ints, TextArray
from datagen.fields import Context
from datagen.fields.base import Field
from datagen.fields.switch import SwitchField
from datagen.inspection.draw_sample import filtered
from datagen.inspection.expected_values import (
    MISSING_TEXT,
    NULL_TEXT,
    RARE,
    Expected,
    absent_shares,
    expected_delay,
    expected_of,
    numbers_of,
)
from datagen.inspection.fit import Fit, binomial_p, fit_of_counts, fit_of_sample
from datagen.inspection.report_figures import NotTested, Test
from datagen.inspection.run_collector import Collected, ShownDraws, member_parts
from datagen.inspection.shown_texts import LENGTH
from datagen.inspection.step_sample import Steps
from datagen.instants import SECOND
from datagen.one_line import counted, printable
from datagen.simulation.machine import Machine
from datagen.spec.emitter import Emitter
from datagen.spec.generator import Generator
from datagen.spec.state import State
from datagen.spec.state_graph import STOP
from datagen.validation import quoted

LEAST = 30  # draws, with fewer nothing is tested
Finding = Test | NotTested
_STOP = "stop"


@dataclass(frozen=True)
class Model:
    """What a run is held against: a specification, the machine of each population, and the sets of values of its fields.

    `most` is the cap of -m, None for none.
    """

    spec: Generator
    machines: tuple[Machine, ...]
    context: Context
    most: int | None = None


def transition_tests(collected: Collected, model: Model) -> Iterator[Finding]:
    """Yield a test of what follows each state, and of its delay."""
    states = frozenset(each.name for each in model.spec.states)
    for state in model.spec.states:
        steps = collected.steps.get(state.name)
        if steps is None or len(steps.begins) < LEAST:
            yield NotTested(f"state {quoted(state.name)}", "too few visits")
            continue
        yield _choice_test(state, steps, collected.states, states)
        yield _delay_test(state, steps, collected)


def _choice_test(
    state: State, steps: Steps, names: Sequence[str], states: frozenset[str]
) -> Finding:
    """Return the test of what follows a state. Whether a visit is over says nothing of it."""
    subject = f"transitions of {quoted(state.name)}"
    if any(each.when is not None for each in state.transitions):
        return NotTested(subject, "conditions decide")
    shares: dict[str, float] = {}
    for each in state.transitions:
        following = each.next if each.next in states else _STOP
        shares[following] = shares.get(following, 0.0) + each.probability
    found = {
        _STOP if number == STOP else names[number]: int(count)
        for number, count in zip(*np.unique(steps.nexts, return_counts=True), strict=True)
    }
    text, fit = _shares_test(found, shares, "goes to")
    return Test.of(subject, "chi-squared", len(steps.begins), fit, text)


def _delay_test(state: State, steps: Steps, collected: Collected) -> Finding:
    """Return the test of a delay: of visits so early that they were over after the longest delay that counts."""
    subject = f"delay of {quoted(state.name)}"
    grid = expected_delay(state.delay)
    if isinstance(grid, str):
        return NotTested(subject, grid)
    if collected.jumped:
        return NotTested(subject, "the clock jumped")
    span = collected.horizon - collected.begin
    longest = min(float(grid[-1]), span / 2)
    seen = (steps.nexts != STOP) & (steps.begins < collected.horizon - longest)
    seen &= steps.durations <= longest
    durations, grid = steps.durations[seen].astype(float), grid[grid <= longest]
    if not (steps.nexts != STOP).any():
        return NotTested(subject, "nothing shows how long a last visit lasts")
    if len(durations) < LEAST or not len(grid):
        return NotTested(subject, "too few delays that were surely seen to their end")
    fit = fit_of_sample(durations, grid)
    text = _means(durations / SECOND, grid / SECOND, " s")
    return Test.of(subject, "Kolmogorov-Smirnov", len(durations), fit, text)


def field_tests(collected: Collected, model: Model) -> Iterator[Finding]:
    """Yield tests of the draws of each field that has its own, and of each variable that records show."""
    for emitter in model.spec.emitters:
        for field in emitter.fields:
            name = str(field.name)
            if field.variable_shown() is not None:
                if field.percent_nulls or field.percent_missing:
                    subject = f"field {quoted(name)} of {quoted(emitter.name)}"
                    yield NotTested(subject, "its nulls come on top of those of a variable")
                continue
            texts = collected.fields.get((emitter.name, name))
            path = ("emitters", emitter.name, "dimensions", name)
            subject = f"field {quoted(name)} of {quoted(emitter.name)}"
            if isinstance(field, SwitchField):
                yield from _switch_tests(subject, field, path, emitter, collected, model)
                continue
            yield from values_tests(subject, field, path, texts, model.context)
            for member in member_parts(field):
                subject = f"field {quoted(f'{name}.{member}')} of {quoted(emitter.name)}"
                texts = collected.parts.get((emitter.name, name, member))
                yield from values_tests(subject, field, path, texts, model.context, member)
    for (variable, part), draws in collected.variables.items():
        yield from _variable_tests(variable, part, draws, collected, model)


def _switch_tests(
    subject: str,
    field: SwitchField,
    path: tuple[str, ...],
    emitter: Emitter,
    collected: Collected,
    model: Model,
) -> Iterator[Finding]:
    """Yield tests of a switch, in the records of each case apart: for that they have to show what it looks at."""
    texts = collected.fields.get((emitter.name, str(field.name)))
    shown = collected.fields.get((emitter.name, _shown_as(field.on.text.strip(), field, emitter)))
    if texts is None or shown is None:
        yield NotTested(subject, "records do not show what decides its case")
        return
    plain = plain_texts(shown)
    for case, (_, streams, each) in zip(field.cases, field.children(), strict=False):
        own = texts.filter(pc.equal(plain, case))
        where = f"{subject} where {quoted(field.on.text)} is {quoted(case)}"
        expected = expected_of(each, (*path, *streams), model.context)
        if isinstance(expected, str) or len(own) < LEAST:
            yield NotTested(where, expected if isinstance(expected, str) else "too few draws")
        else:
            yield from judged_texts(where, own, expected.under(*absent_shares(field)))


def _shown_as(name: str, field: Field, emitter: Emitter) -> str:
    """Return the field that shows what a name means to a field: one before it, or a variable as it is; "" for none."""
    names = [str(each.name) for each in emitter.fields]
    if name in names:
        return name if names.index(name) < names.index(str(field.name)) else ""
    found = (
        str(each.name)
        for each in emitter.fields
        if each.variable_shown() == name and getattr(each, "field", None) is None
    )
    return next(found, "")


def plain_texts(texts: TextArray) -> TextArray:
    """Return JSON texts as a switch compares them: of a text what is between the quotes, if nothing is escaped there."""
    return pc.replace_substring_regex(texts, '^"([^\\\\]*)"$', "\\1")


def _variable_tests(
    variable: str, part: str | None, draws: ShownDraws, collected: Collected, model: Model
) -> Iterator[Finding]:
    """Yield tests of a variable, or a part of it, for each state that sets it."""
    machine = model.machines[0]
    shown = f"{variable}.{part}" if part else variable
    if machine.decisions is not None:  # who comes to show a value may have been chosen by it
        draws = draws.of(draws.at_once)
    for state, setter in machine.setters.get(variable, {}).items():
        name = machine.names[state]
        own = [number for number, each in enumerate(collected.states) if each == name]
        texts = filtered(draws.texts, np.isin(draws.states, own))
        subject = f"variable {quoted(shown)} set by {quoted(name)}"
        if setter.computed:
            yield NotTested(subject, "it is computed of other values")
            continue
        yield from values_tests(subject, setter.field, setter.path, texts, model.context, part)


def values_tests(
    subject: str,
    field: Field,
    path: tuple[str, ...],
    texts: TextArray | None,
    context: Context | None,
    part: str | None = None,
) -> Iterator[Finding]:
    """Yield the tests of draws of a field generator, or of a part of them, given as JSON texts."""
    if texts is None or len(texts) < LEAST:
        yield NotTested(subject, "too few draws")
        return
    expected = expected_of(field, path, context, part)
    if isinstance(expected, str):
        yield NotTested(subject, expected)
        return
    yield from judged_texts(subject, texts, expected)


def judged_texts(subject: str, texts: TextArray, expected: Expected) -> Iterator[Finding]:
    """Yield the tests of JSON texts: of nulls, of missing values, of the others."""
    null, missing = (pc.equal(texts, each) for each in (NULL_TEXT, MISSING_TEXT))
    for what, mask, share in (
        ("nulls", null, expected.null),
        ("missing values", missing, expected.missing),
    ):
        count = int(pc.sum(mask).as_py() or 0)
        if share > 0 or count:
            p = binomial_p(count, len(texts), share)
            text = f"{percent(count / len(texts))} of {counted(len(texts), 'draw')} are, expected {percent(share)}"
            off = abs(count / len(texts) - share)
            yield Test(f"{what} of {subject}", "binomial", len(texts), off, p, text)
    present = texts.filter(pc.invert(pc.or_(null, missing)))
    if expected.lengths:
        subject, present = f"lengths of {subject}", pc.replace_substring(present, LENGTH, "")
    if expected.why:
        yield NotTested(f"values of {subject}", expected.why)
    elif len(present) >= LEAST:
        yield _values_test(subject, present, expected)


def _values_test(subject: str, texts: TextArray, expected: Expected) -> Finding:
    if expected.shares is not None:
        counted_texts = pc.value_counts(texts)
        found = dict(
            zip(
                counted_texts.field("values").to_pylist(),
                counted_texts.field("counts").to_pylist(),
                strict=True,
            )
        )
        # after the others: cells of neighbours must not depend on what was found
        others = {each: RARE for each in found if expected.open and each not in expected.shares}
        text, fit = _shares_test(found, {**expected.shares, **others}, "is")
        return Test.of(subject, "chi-squared", len(texts), fit, text)
    assert expected.grid is not None
    values = numbers_of(texts)
    text = _means(values, expected.grid)
    return Test.of(
        subject, "Kolmogorov-Smirnov", len(texts), fit_of_sample(values, expected.grid), text
    )


def _shares_test(
    found: Mapping[str, int], expected: Mapping[str, float], verb: str
) -> tuple[str, Fit]:
    """Return the fit of counts by name, and a sentence about the oddest."""
    names = [*expected, *(each for each in found if each not in expected)]
    counts: Ints = np.array([found.get(each, 0) for each in names])
    shares: Floats = np.array([expected.get(each, 0.0) for each in names])
    fit = fit_of_counts(counts, shares)
    share, total = shares[fit.worst] / shares.sum(), int(counts.sum())
    return (
        f"{verb} {printable(names[fit.worst], 40)} in {percent(counts[fit.worst] / total)} of "
        f"{counted(total, 'draw')}, expected {percent(share)}"
    ), fit


def percent(share: float) -> str:
    """Return a share as a text."""
    return f"{100 * share:.4g} %"


def _means(values: Floats, grid: Floats, unit: str = "") -> str:
    """Return a sentence about means and medians."""
    mean, median = float(values.mean()), float(np.median(values))
    expected, middle = float(grid.mean()), float(np.median(grid))
    return (
        f"the mean of {counted(len(values), 'draw')} is {mean:.4g}{unit}, expected {expected:.4g}{unit}; "
        f"the median {median:.4g}{unit}, expected {middle:.4g}{unit}"
    )
