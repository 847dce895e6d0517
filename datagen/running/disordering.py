"""Reads the disorder of a run, and turns it into what does it to the records of batches."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from datagen.disorder.bounds import bound_of, period_problems
from datagen.disorder.clean_records import CompiledEffects, compiled_effects, scope_of_records
from datagen.disorder.decide import Disorder
from datagen.disorder.effects import Effect, Effects
from datagen.errors import Path, Problem, SpecError
from datagen.instants import Style
from datagen.spec.record_schema import Specification
from datagen.validation import problems_of

_EFFECTS: TypeAdapter[list[Effect]] = TypeAdapter(Effects)


def parsed_disorder(raw: Any, file: str, where: Path = ()) -> tuple[Effect, ...]:
    """Check a list of effects. Raises SpecError with all of its problems."""
    if not isinstance(raw, list):
        raise SpecError(
            [Problem(where, 'expected a list of effects, such as [{"type": "late", ...}]', file)]
        )
    try:
        return tuple(_EFFECTS.validate_python(raw))
    except ValidationError as error:
        found = [
            Problem((*where, *each.path), each.text, file) for each in problems_of(error, file)
        ]
        raise SpecError(found) from None


def disorder_problems(
    effects: Sequence[Effect], spec: Specification, file: str, where: Path = ()
) -> tuple[list[Problem], list[Problem]]:
    """Return what is wrong with the expressions and periods of effects, and warnings."""
    compiled = _compiled(effects, spec)
    wrong = [*compiled.problems, *period_problems(effects, period_lengths(spec))]
    problems, warnings = (
        [Problem((*where, *path), text, file) for path, text in found]
        for found in (wrong, compiled.warnings)
    )
    if not problems and drops_all(effects):
        text = "everything is dropped: there would be no records"
        problems.append(Problem(where, text, file))
    return problems, warnings


def drops_all(effects: Sequence[Effect]) -> bool:
    """Return whether certainly nothing leaves."""
    return any(each.type == "drop" and each.share == 1 and each.when is None for each in effects)


def greatest_delay(effects: Sequence[Effect], spec: Specification) -> int:
    """Return by how much later a record can leave at most, microseconds."""
    return bound_of(effects, period_lengths(spec)).greatest


def disorder_of(
    effects: Sequence[Effect], spec: Specification, seed: int, style: Style
) -> Disorder | None:
    """Return what does the effects to batches, or None where there are none."""
    if not effects:
        return None
    return Disorder(effects, seed, _compiled(effects, spec, style), timeline_of(spec))


def period_lengths(spec: Specification) -> Mapping[str, int]:
    """Return how long the periods of the timeline are, microseconds by name."""
    timeline = timeline_of(spec)
    return {name: rule.length for name, rule in timeline.rules.items()}


def _compiled(
    effects: Sequence[Effect], spec: Specification, style: Style | None = None
) -> CompiledEffects:
    columns = spec.record_schema.columns if spec.schema_known else None
    scope = scope_of_records(
        columns, spec.tables, style or spec.style, replayed=not spec.has_workers
    )
    return compiled_effects(effects, scope, columns or tuple(spec.fields))


class _NoTimeline:
    rules: Mapping[str, Any] = {}

    def periods(self, name: str, *_: int) -> Any:
        raise KeyError(name)


def timeline_of(spec: Specification) -> Any:
    """Return the timeline of a specification."""
    return getattr(spec, "timeline", None) or _NoTimeline()
