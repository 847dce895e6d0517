"""Reads the disorder of a run, and turns it into what does it to the records of batches."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from pydantic import TypeAdapter, ValidationError

from datagen.disorder.bounds import bound_of, period_problems
from datagen.disorder.clean_records import CompiledEffects, compiled_effects, scope_of_records
from datagen.disorder.corrupt import can_corrupt
from datagen.disorder.decide import Disorder
from datagen.disorder.effects import Corrupt, Effect, Effects
from datagen.errors import Path, Problem, SpecError, UsageError
from datagen.formats import Format
from datagen.formats.rendered import Output
from datagen.instants import Style
from datagen.running.documents import parse_json, read_document
from datagen.running.options import NO_DISORDER
from datagen.spec.record_schema import Specification
from datagen.validation import Problems, problems_of, quoted

_EFFECTS: TypeAdapter[list[Effect]] = TypeAdapter(Effects)


def read_disorder(
    name: str | None,
    raw: Any,
    file: str,
    stdin: BinaryIO,
    spec: Specification,
    formats: Sequence[Format],
) -> tuple[tuple[Effect, ...], list[Problem]]:
    """Return the effects of the file of a name or, without one, of raw JSON, and warnings; `file` is that of the JSON.

    Raises SpecError, UsageError.
    """
    where: Path = ("disorder",)
    if name == "-":
        raise UsageError("--disorder -: stdin is for the specification")
    if name == NO_DISORDER or (name is None and raw is None):
        return (), []
    if name is not None:
        data, file = read_document(name, "disorder", stdin)
        raw, where = parse_json(data, file), ()
    effects = _parsed(raw, file, where)
    compiled = _compiled(effects, spec)
    wrong = [
        *compiled.problems,
        *period_problems(effects, period_lengths(spec)),
        *_corruption_problems(effects, formats),
        *([((), "everything is dropped: there would be no records")] if drops_all(effects) else []),
    ]
    problems, warnings = (
        [Problem((*where, *path), text, file) for path, text in found]
        for found in (wrong, compiled.warnings)
    )
    if problems:
        raise SpecError(problems)
    return effects, warnings


def _parsed(raw: Any, file: str, where: Path) -> tuple[Effect, ...]:
    if not isinstance(raw, list):
        text = 'expected a list of effects, such as [{"type": "late", ...}]'
        raise SpecError([Problem(where, text, file)])
    try:
        return tuple(_EFFECTS.validate_python(raw))
    except ValidationError as error:
        found = [
            Problem((*where, *each.path), each.text, file) for each in problems_of(error, file)
        ]
        raise SpecError(found) from None


def _corruption_problems(effects: Sequence[Effect], formats: Sequence[Format]) -> Problems:
    """Yield the effects that can corrupt the records of no target."""
    for place, each in enumerate(effects):
        if isinstance(each, Corrupt) and not any(can_corrupt(each, one) for one in formats):
            what = "JSON" if any(Output.LINES in one.outputs for one in formats) else "text"
            text = f"{quoted(each.how)} is for records in {what}, which no target here gets"
            yield (place, "how"), text


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
    return Disorder(effects, seed, _compiled(effects, spec, style), spec.run_timeline)


def period_lengths(spec: Specification) -> Mapping[str, int]:
    """Return how long the periods of the timeline are, microseconds by name."""
    return {name: rule.length for name, rule in spec.run_timeline.rules.items()}


def _compiled(
    effects: Sequence[Effect], spec: Specification, style: Style | None = None
) -> CompiledEffects:
    columns = spec.record_schema.columns if spec.schema_known else None
    scope = scope_of_records(
        columns,
        spec.tables,
        style or spec.style,
        replayed=not spec.has_workers,
        timeline=spec.run_timeline,
    )
    return compiled_effects(effects, scope, columns or tuple(spec.fields))
