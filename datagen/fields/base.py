"""What every field generator shares: its keys, its draws, nulls and missing values.

A field generator is a checked model whose `column(draw)` is a value for each visit of a draw. To add a
type, write one class in this package that defines `values`, and list its module in `__init__.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from pydantic import PlainValidator, ValidationError

from datagen.arrays import Ints
from datagen.columns.column import MISSING, NULL, Column, GatheredColumn
from datagen.columns.column_type import TEXT, ColumnType
from datagen.distributions.base import Distribution
from datagen.errors import Path
from datagen.fields.draw import VISIT_TYPES, Context, Draw
from datagen.language import Expression, Scope
from datagen.validation import (
    Family,
    Model,
    Name,
    Percent,
    did_you_mean,
    invalid_values,
    messages_of,
    quoted,
)

MAX_RECORD_CHARACTERS = 1_500_000  # on average
_FEW_PERCENT = 50  # of values that are not shown, but made all the same
FIELDS: "Family[Field]" = Family("field type")


class NestedField(NamedTuple):
    """A field generator inside another: its path of keys, the names of its streams, itself."""

    path: Path
    names: tuple[str, ...]
    field: "Field"


class ScalarFunction(NamedTuple):
    """A Python function of the values of `names`, in this order; null is None, and FAULT what cannot be computed."""

    names: tuple[str, ...]
    compute: Callable[..., Any]


class Field(Model):
    """The base of the family. `name` is the key of its values in a record."""

    type: str
    name: Name | None = None
    percent_nulls: Percent = 0
    percent_missing: Percent = 0
    value_type: ClassVar[ColumnType] = TEXT  # of the column, unless the keys decide it
    # a value depends on its draw and on what its expressions name, not on the visit
    pure: ClassVar[bool] = True
    counts: ClassVar[bool] = False  # values are numbered by the counters of the run
    sequence_keys: ClassVar[tuple[str, ...]] = ()  # that all that share a sequence agree on
    tells_time: ClassVar[bool] = False  # a value is the instant of the visit
    shows_variable: ClassVar[bool] = False  # the key `variable` names what a worker remembers
    is_template: ClassVar[bool] = False  # a value is made of any variables, by name
    looks_up: ClassVar[bool] = False  # its keys name what is elsewhere in the specification
    holds_elements: ClassVar[bool] = (
        False  # what is inside does not decide how many there are of it
    )
    libraries: ClassVar[tuple[str, ...]] = ()  # whose lists the values come from
    nests_names: ClassVar[bool] = False  # expressions of what is inside see those before them there

    def source(self, path: tuple[str, ...], context: Context) -> Column | None:
        """Return the fixed values from which those of streams under a path are picked, None where they are not.

        It is the same object whenever it is asked for.
        """
        del path, context
        return None

    def picks(self, draw: Draw) -> Ints:
        """Return the row of the source for each visit: int64[n], an array of its own."""
        raise NotImplementedError

    def values(self, draw: Draw) -> Column:
        """Return a value for each visit, none of them null or missing: n of them."""
        source = self.source(draw.path, draw.context)
        assert source is not None
        return source.take(self.picks(draw))

    def picks_or_none(self, draw: Draw) -> Ints:
        """Return the row of the source for each of the n visits, -1 for null, -2 where it is missing."""
        picks = self.picks(draw)
        if self.percent_nulls:
            picks[draw.happens("null", self.percent_nulls)] = NULL
        if self.percent_missing:
            picks[draw.happens("missing", self.percent_missing)] = MISSING
        return picks

    def column(self, draw: Draw) -> Column:
        """Return a value, null or nothing (it is missing) for each of the n visits."""
        source = self.source(draw.path, draw.context)
        if source is not None:
            return GatheredColumn(source, self.picks_or_none(draw))
        if not self.percent_missing and not self.percent_nulls:
            return self.values(draw)
        places = self.places(draw)
        if self.percent_nulls + self.percent_missing <= _FEW_PERCENT and not self._takes_note:
            return self.values(draw).take(places)
        present = np.flatnonzero(places >= 0)
        places[present] = np.arange(len(present))
        return self.values(draw.take(present)).take(places)

    def places(self, draw: Draw) -> Ints:
        """Return the place of each of the n visits among them, -1 where its value is null, -2 where it is missing."""
        places = np.arange(len(draw))
        if self.percent_nulls:
            places[draw.happens("null", self.percent_nulls)] = NULL
        if self.percent_missing:
            places[draw.happens("missing", self.percent_missing)] = MISSING
        return places

    @cached_property
    def _takes_note(self) -> bool:
        """Return whether something takes note of how often values are made: counters do, and templates may fail."""
        return any(
            each.counts or each.is_template or any(each.expressions())
            for each in self.with_descendants()
        )

    def picks_by_draw(self) -> bool:
        """Return whether values are picked from those of `source`, if there are such, by a draw and nothing else."""
        return False

    def needs_names(self) -> bool:
        """Return whether it, or something inside it, has expressions or looks something up."""
        return any(each.looks_up or any(each.expressions()) for each in self.with_descendants())

    def holds_counter(self) -> bool:
        """Return whether there is a counter in the values, or something that looks at how far one has come."""
        return any(
            each.counts or each.sequence_of(()) is not None for each in self.with_descendants()
        )

    def sequence_of(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the sequence, shared with others, that values of streams under a path are numbered by or look at.

        None: there is none.
        """
        del path
        return None

    @property
    def needs_visit(self) -> bool:
        """Return whether a value, but for those of nested fields, is one of a worker's visit."""
        return self.tells_time or self.counts or self.shows_variable or self.is_template

    def undecidable(self) -> str:
        """Return why its values may not decide a path, which is walked ahead of output: what it is, or ""."""
        return "a counter" if self.counts else ""

    def looks_at_time(self) -> bool:
        """Return whether a value depends on the instant of the visit, apart from what its expressions name."""
        return self.tells_time

    def mean_characters(self) -> float:
        """Return about how many characters a value has as JSON, on average."""
        return 20

    def column_type(self, scope: Scope) -> ColumnType:
        """Return the type of a column of these values, given what is known of names.

        Raises ExpressionError for an expression that is wrong.
        """
        del scope
        return self.value_type

    def types_of_values(self, scope: Scope) -> set[ColumnType]:
        """Return the types that values have, whose union is that of the column. Raises ExpressionError."""
        return {self.column_type(scope)}

    def children(self) -> Iterator[NestedField]:
        """Yield the field generators directly inside this one."""
        yield from ()

    def descendants(self) -> Iterator[NestedField]:
        """Yield all field generators inside this one, each before those inside it."""
        for child in self.children():
            yield child
            for path, names, inner in child.field.descendants():
                yield NestedField((*child.path, *path), (*child.names, *names), inner)

    def with_descendants(self) -> "Iterator[Field]":
        """Yield this field generator, then all those inside it."""
        yield self
        yield from (nested.field for nested in self.descendants())

    @property
    def is_set(self) -> bool:
        """Return whether values are picked from a fixed set of what it makes."""
        return False

    def streams_inside(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return the path of the streams of what is inside it, given that of its own."""
        return path

    def member_set(self, path: tuple[str, ...], context: Context) -> Column | None:
        """Return the fixed set of values, for streams under a path, or None if there is none.

        Raises PydanticCustomError when it cannot be made.
        """
        del path, context
        return None

    def variable_shown(self) -> str | None:
        """Return the name of the variable whose values these are, or None."""
        return None

    def variables_read(self) -> tuple[str, ...]:
        """Return the names of the variables that a value depends on, without those of expressions and nested fields."""
        shown = self.variable_shown()
        return () if shown is None else (shown,)

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        """Yield the expressions of its own keys, with their paths; without those of nested fields."""
        for key, value in self:
            if isinstance(value, Distribution):
                name = type(self).model_fields[key].alias or key
                yield from (((name, *path), each) for path, each in value.expressions())

    def entity_picked(self) -> str | None:
        """Return the name of the pool of entities that a value is picked from, or None."""
        return None

    def makes_entities(self) -> bool:
        """Return whether values are members that come into being at visits."""
        return False

    def bind(self, pools: Mapping[str, Any], numbered: frozenset[str]) -> None:
        """Take note of the pools of entities, `EntityPool` by name, and of those into which visits bring members."""

    def entity_problems(self) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between its own keys and the pools of entities."""
        yield from ()

    def attribute_problems(self, pool: Any) -> Iterator[tuple[Path, str]]:
        """Yield why it cannot be in an attribute of a pool of entities, an `EntityPool`."""
        del pool
        if self.needs_visit:
            yield ("type",), f"a {self.type} cannot be an attribute: members know no visit"

    def own_names(self) -> frozenset[str]:
        """Return the names of what its own expressions see first, and nothing else does."""
        return frozenset()

    def expression_scope(self, scope: Scope) -> Scope:
        """Return what its own expressions see, given what the field generator sees."""
        return scope

    def problems(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong with its own keys, given what is known of names, with their paths."""
        del scope
        yield from ()

    def warnings(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        """Yield what is hardly meant in its own keys, given what they see, with their paths."""
        del scope
        yield from ()

    def initials(self) -> Sequence[Any]:
        """Return the value that a variable which names itself has before it is set; none or one."""
        return ()

    def function(self, path: tuple[str, ...], context: Context) -> "ScalarFunction | None":
        """Return what computes one value after the other, for streams under a path; None: only columns are computed.

        It is given where values are no draws, and none of them is null or missing but where that is what is computed.
        """
        del path, context
        return None

    def select(self, column: Column) -> Column:
        """Return the part of its variable's column that this field shows."""
        return column

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return a raw field generator for each part of the objects that raw JSON of this type makes.

        None where that cannot be known, because the JSON is wrong.
        """
        del raw
        return {}


def part_of_type(column_type: ColumnType, part: str | None) -> ColumnType:
    """Return the column type of a part of values, a dotted path of names, or of all without one."""
    for name in [] if part is None else part.split("."):
        column_type = column_type.member(name)
    return column_type


def missing_part(column_type: ColumnType, part: str | None) -> str:
    """Return why values of a type have no such part, or "" if they may have it."""
    before = ""
    for name in [] if part is None else part.split("."):
        if column_type.kind != "object":
            return ""
        known = [before + member for member, _ in column_type.members]
        if before + name not in known:
            return f"has a part {quoted(part)}{did_you_mean(part, known)}"
        column_type, before = column_type.member(name), f"{before}{name}."
    return ""


def too_large(what: str, characters: float, most: int) -> str:
    """Return the message that something would hold too many characters."""
    return f"{what} would hold about {characters:.3g} characters; at most {most:,} are possible"


def validate_size(fields: Sequence[Field], key: str) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when the fields under a key hold more characters than a record can."""
    characters = sum(field.mean_characters() for field in fields)
    if characters > MAX_RECORD_CHARACTERS:
        yield (key,), too_large("a record", characters, MAX_RECORD_CHARACTERS)


def read_before_set(fields: Sequence[Field]) -> set[str]:
    """Return the variables that some of these read and none before it sets."""
    known: set[str] = set()
    needed: set[str] = set()
    for each in fields:
        own = {str(each.name)}
        needed |= (
            set(names_read(each, of_visits=False)) - known - (own if each.initials() else set())
        )
        known |= own
    return needed


def names_read(
    field: Field, above: frozenset[str] = frozenset(), *, of_visits: bool = True
) -> Iterator[str]:
    """Yield the names that a field generator and those in it read, but for those of values beside or around.

    `above` are the names of values before it, which expressions see first; `of_visits` says whether those are told that,
    unless a variable has the name, say what a visit is. Without them neither are those that `default` replaces where they are null.
    """
    yield from field.variables_read()
    unseen = above if of_visits else above | VISIT_TYPES.keys()
    for _, expression in field.expressions():
        names = expression.names if of_visits else expression.names_needed
        yield from (name for name in names if name not in unseen | field.own_names())
    inside = above
    for child in field.children():
        yield from names_read(child.field, inside, of_visits=of_visits)
        if field.nests_names:
            inside |= {str(child.field.name)}


def last_of_each_name(fields: Iterable[Field]) -> list[Field]:
    """Return of several fields of one name the last, at the place of the first."""
    return list({str(each.name): each for each in fields}.values())


def parse_field(data: Any) -> Field:
    """Return a checked field generator, which may go without a name. Raises ValidationError."""
    return FIELDS.parse(data)


def parse_named_field(data: Any) -> Field:
    """Return a checked field generator that must have a name. Raises ValidationError."""
    problems: list[tuple[Path, str]] = []
    if isinstance(data, dict) and data.get("name") is None:
        problems.append((("name",), "expected a text, not null" if "name" in data else "missing"))
    try:
        model = FIELDS.parse(data)
    except ValidationError as error:
        if not problems:
            raise
        problems += messages_of(error)
    if problems:
        raise invalid_values(problems)
    return model


AnyField = Annotated[Field, PlainValidator(parse_field)]
NamedField = Annotated[Field, PlainValidator(parse_named_field)]
