"""An emitter of a specification, in either form: a kind of record."""

from collections.abc import Iterable, Iterator

from datagen.errors import Path
from datagen.fields.base import (
    Field,
    NamedField,
    last_of_each_name,
    names_read,
    validate_size,
)
from datagen.spec.emissions import ITEM, ITEM_NUMBER
from datagen.validation import Model, Name


class Emitter(Model):
    """A kind of record: `time`, unless a dimension has that name, and the dimensions in order.

    There is one at a visit or, with `for_each`, one for each element of a variable, which is a list.
    """

    name: Name
    for_each: Name | None = None
    dimensions: list[NamedField]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_size(self.dimensions, "dimensions")

    @property
    def fields(self) -> list[Field]:
        """Return the dimensions that its records hold: of several of one name the last."""
        return last_of_each_name(self.dimensions)

    @property
    def places_time(self) -> bool:
        """Return whether a dimension says where the field `time` is."""
        return any(each.name == "time" for each in self.dimensions)

    def shown_variables(self, *, of_visits: bool = True) -> list[str]:
        """Return the variables that its dimensions show, nested ones too, in order of appearance.

        With `of_visits`, names that say what a visit is are among them: a variable may have such a name.
        """
        names: list[str] = [] if self.for_each is None else [self.for_each]
        above: frozenset[str] = frozenset()
        for dimension in self.fields:
            found = names_read(dimension, above, of_visits=of_visits)
            names += found if of_visits or self.for_each is None else _no_item(found)
            above |= {str(dimension.name)}
        return list(dict.fromkeys(names))


def variables_by_emitter(emitters: Iterable[Emitter]) -> dict[str, set[str]]:
    """Return the variables that each emitter shows, by its name."""
    return {each.name: set(each.shown_variables(of_visits=False)) for each in emitters}


def _no_item(names: Iterable[str]) -> Iterator[str]:
    """Yield the names but those of elements: a variable may have such a name."""
    yield from (name for name in names if name not in (ITEM, ITEM_NUMBER))
