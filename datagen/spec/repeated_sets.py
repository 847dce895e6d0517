"""Finds sets of values that look as if several kinds of records shared them, and do not."""

from collections.abc import Iterable
from typing import Any

from datagen.errors import Path, dotted
from datagen.fields.base import Field
from datagen.fields.member_sets import LimitedField
from datagen.spec.emitter import Emitter
from datagen.validation import Problems, quoted

_OF_EACH_RECORD = ("percent_nulls", "percent_missing", "cardinality_distribution")


def repeated_sets(emitters: Iterable[Emitter]) -> Problems:
    """Yield a warning for each field with `cardinality` that another emitter has, too: the two have different values."""
    first: dict[str, list[tuple[int, Path, Field]]] = {}
    for number, emitter in enumerate(emitters):
        for place, dimension in enumerate(emitter.dimensions):
            for path, field in [
                ((), dimension),
                *((n.path, n.field) for n in dimension.descendants()),
            ]:
                if not isinstance(field, LimitedField) or not field.cardinality:
                    continue
                where: Path = ("emitters", number, "dimensions", place, *path)
                earlier = first.setdefault(str(field.name), [])
                other = next(
                    (at for of, at, each in earlier if of != number and _alike(each, field)), None
                )
                if other is None:
                    earlier.append((number, where, field))
                    continue
                text = (
                    f"{quoted(field.name)} has other values than at {dotted(other)}: each emitter makes a set of its "
                    'own; what they share is an entity ("entities"), or a variable that both show'
                )
                yield (*where, "cardinality"), text


def _alike(one: Field, other: Field) -> bool:
    """Return whether two field generators make sets in the same way."""
    return type(one) is type(other) and _keys(one) == _keys(other)


def _keys(field: Field) -> dict[str, Any]:
    return {key: value for key, value in field if key not in _OF_EACH_RECORD}
