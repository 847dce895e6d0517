"""What is wrong between the effects of a list and the records that they are for."""

from collections.abc import Mapping, Sequence

from datagen.disorder.bounds import period_problems
from datagen.disorder.clean_records import CompiledEffects, compiled_effects, scope_of_records
from datagen.disorder.corrupt import can_corrupt
from datagen.disorder.effects import Corrupt, Drop, Effect
from datagen.formats.base import Format
from datagen.formats.encoding import Output
from datagen.instants import NAIVE, Style
from datagen.language import Scope
from datagen.spec.record_schema import Specification
from datagen.validation import Problems, quoted


def scope_of_spec(spec: Specification, style: Style = NAIVE) -> tuple[Scope, frozenset[str]]:
    """Return what expressions over the records of a specification see, and the names that are fields of some record."""
    columns = spec.record_schema.columns if spec.schema_known else None
    replayed, timeline = not spec.has_workers, spec.run_timeline
    scope = scope_of_records(columns, spec.tables, style, replayed=replayed, timeline=timeline)
    return scope, frozenset(columns or ())


def effects_of_records(
    spec: Specification, effects: Sequence[Effect], style: Style = NAIVE
) -> CompiledEffects:
    """Compile the expressions of effects over the records of a specification, whose instants are written in a style."""
    if not any(True for each in effects for _ in each.expressions()):
        return CompiledEffects()
    return compiled_effects(effects, *scope_of_spec(spec, style))


def effect_problems(
    effects: Sequence[Effect], lengths: Mapping[str, int], formats: Sequence[Format]
) -> Problems:
    """Yield what is wrong with effects but for their expressions; paths begin at the list.

    `lengths` are those of the periods of the timeline, in microseconds by name, and `formats` those of all targets.
    """
    yield from period_problems(effects, lengths)
    for place, each in enumerate(effects):
        if isinstance(each, Drop) and each.share == 1 and each.when is None:
            yield (place,), 'drops every record: give it a "share" below 1, or "when"'
        if isinstance(each, Corrupt) and not any(can_corrupt(each, form) for form in formats):
            yield (place, "how"), _why_not(each, formats)


def _why_not(effect: Corrupt, formats: Sequence[Format]) -> str:
    """Return why no record can be corrupted by an effect."""
    what = ", ".join(dict.fromkeys(quoted(each.type) for each in formats))
    if any(Output.LINES in each.outputs for each in formats):
        return f"{quoted(effect.how)} is for records in json, and these are in {what}"
    return f"records in {what} are not lines of text, which is all that can be corrupted"
