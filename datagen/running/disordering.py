"""Reads the disorder of a run, and turns it into what does it to the records of batches."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from pydantic import TypeAdapter, ValidationError

from datagen.disorder.bounds import bound_of
from datagen.disorder.checks import effect_problems, effects_of_records
from datagen.disorder.decide import Disorder
from datagen.disorder.effects import Effect, Effects
from datagen.errors import Path, Problem, SpecError, UsageError
from datagen.formats import Format
from datagen.instants import Style
from datagen.running.documents import parse_document, read_document
from datagen.running.options import NO_DISORDER
from datagen.spec.record_schema import Specification
from datagen.validation import problems_of

_EFFECTS: TypeAdapter[list[Effect]] = TypeAdapter(Effects)


def read_disorder(
    name: str | None,
    spec: Specification,
    spec_file: str,
    stdin: BinaryIO,
    formats: Sequence[Format],
) -> tuple[tuple[Effect, ...], list[Problem]]:
    """Return the effects of the file of a name or, without one, of a specification, and warnings.

    Raises SpecError, UsageError.
    """
    if name == "-":
        raise UsageError("--disorder -: stdin is for the specification")
    effects, file = tuple(spec.disorder), spec_file
    where: Path = ("disorder",)
    if name == NO_DISORDER:
        effects = ()
    elif name is not None:
        data, file = read_document(name, "disorder", stdin)
        effects, where = _parsed(parse_document(data, file), file), ()
    compiled = effects_of_records(spec, effects)
    wrong = [*compiled.problems, *effect_problems(effects, period_lengths(spec), formats)]
    problems, warnings = (
        [Problem((*where, *path), text, file) for path, text in sorted(found, key=_place)]
        for found in (wrong, compiled.warnings)
    )
    if problems:
        raise SpecError(problems)
    return effects, warnings


def _place(problem: tuple[Path, str]) -> int:
    return int(problem[0][0])


def _parsed(raw: Any, file: str) -> tuple[Effect, ...]:
    """Return a checked list of effects. Raises SpecError with all of its problems."""
    try:
        return tuple(_EFFECTS.validate_python(raw))
    except ValidationError as error:
        raise SpecError(problems_of(error, file)) from None


def greatest_delay(effects: Sequence[Effect], spec: Specification) -> int:
    """Return by how much later a record can leave at most, microseconds."""
    return bound_of(effects, period_lengths(spec)).greatest


def disorder_of(
    effects: Sequence[Effect], spec: Specification, seed: int, style: Style
) -> Disorder:
    """Return what does the effects to batches."""
    compiled = effects_of_records(spec, effects, style)
    return Disorder(effects, seed, compiled, spec.run_timeline)


def period_lengths(spec: Specification) -> Mapping[str, int]:
    """Return how long the periods of the timeline are, microseconds by name."""
    return {name: rule.length for name, rule in spec.run_timeline.rules.items()}
