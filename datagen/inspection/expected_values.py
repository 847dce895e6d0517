"""Turns a field generator into what its values are expected to be: shares of each, or quantiles, of nulls and of missing ones.

A field generator that makes a value of one draw is asked for those of evenly spaced draws: so all that it does to
a sample (rounding, clipping, picking) is in what is expected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Bits, Floats, Ints, TextArray
from datagen.columns.column import Column
from datagen.columns.scalar import IntColumn
from datagen.distributions.base import Distribution
from datagen.fields.base import Field
from datagen.fields.draw import Context, Draw
from datagen.fields.nested import MAX_LIST_LENGTH, ListField
from datagen.fields.text import sampled_lengths
from datagen.randomness import GOLDEN

GRID = 1 << 17  # draws, evenly spaced
_FINE_GRID = 1 << 20  # of picks of many values
_MANY = 1000
RARE = 1e-12  # the share of what is possible and was not met
_MOST_SHARES = 1000  # different numbers, of which each is counted
_MOST_MEMBERS = 200_000
_NUMBERS = ("int", "float")
# without a distribution here, and never null but for their own keys
_NEVER_NULL = frozenset(
    "string uuid pattern person city address phone company faker user_agent lorem domain url file_path geo hash mac credit_card iban ipaddress counter timestamp clock object".split()  # noqa: SIM905 - words
)
_ONE_DRAW = (*_NUMBERS, "enum", "string:static", "int:static", "float:static", "bool:static")
NULL_TEXT, MISSING_TEXT = "null", ""  # as JSON text
_NO_CONTEXT = Context(np.uint64(0))


@dataclass(frozen=True)
class Expected:
    """What is expected of values: shares of null and missing ones among all, and of each text or quantiles among the others.

    Where neither is there, `why` says why these are not tested. Texts that are not among the shares are possible, if
    rare, where these are `open`. `lengths` says that they are of the lengths of lists.
    """

    null: float = 0.0
    missing: float = 0.0
    shares: Mapping[str, float] | None = None
    grid: Floats | None = None
    why: str = ""
    open: bool = False
    lengths: bool = False

    def under(self, null: float, missing: float) -> "Expected":
        """Return the same where some are null or missing, whatever they would be: shares of 1."""
        left = 1 - null - missing
        return replace(self, null=null + left * self.null, missing=missing + left * self.missing)


class _GridDraw(Draw):
    """A draw whose streams are all the same evenly spaced words."""

    def samples(self, role: str, sample: Callable[[Bits], Any]) -> Any:
        del role
        return sample(self.bits)

    def stream(self, role: str) -> Bits:
        del role
        return self.bits


@lru_cache(maxsize=2)
def grid_words(count: int = GRID) -> Bits:
    """Return evenly spaced words, so many, a power of 2; their lowest bits, by which times are rounded, have no order."""
    places = np.arange(count, dtype=np.uint64)
    high = (places * np.uint64(2) + np.uint64(1)) << np.uint64(64 - count.bit_length())
    words = high | ((places * GOLDEN) >> np.uint64(53))
    words.flags.writeable = False  # all who ask get the same ones
    return words


def expected_of(
    field: Field, path: tuple[str, ...], context: Context | None, part: str | None = None
) -> Expected | str:
    """Return what values of a field generator, or a part of them, are expected to be; a text says why nothing is known.

    `path` is that of its streams; sets of values are in the context: without it they are not known.
    """
    inside = None if part is None or field.is_set else _part_of_object(field, path, part)
    if inside is not None:
        found = expected_of(*inside[:2], context, inside[2])
    elif _is_computed(field):
        found = "it is computed of other values"
    else:
        found = _present(field, path, context, part)
    return found if isinstance(found, str) else found.under(*absent_shares(field))


def absent_shares(field: Field) -> tuple[float, float]:
    """Return the shares of values that are null, and that are missing, for keys of the field's own."""
    null, missing = field.percent_nulls / 100, field.percent_missing / 100
    return null * (1 - missing), missing


def _is_computed(field: Field) -> bool:
    """Return whether values, or lengths of lists, follow from more than a draw."""
    if not field.is_set:
        if field.picks_by_draw() or field.type == "object":  # of which only nulls are known
            return False
        if isinstance(field, ListField):
            return field.length_distribution.varies
    return field.needs_names() or any(each.is_template for each in field.with_descendants())


def _present(
    field: Field, path: tuple[str, ...], context: Context | None, part: str | None
) -> Expected | str:
    """Return what is expected of values that are neither null nor missing for their own keys."""
    if field.is_set:
        return _of_set(field, path, context, part)
    if part is not None and field.type == "enum":
        return _of_picks(field, path, field.source(path, context or _NO_CONTEXT), context, part)
    if part is None and field.type in _ONE_DRAW:
        return _of_column(field.values(_grid(path, context)))
    if field.picks_by_draw():
        return _of_fixed(field, path, context or _NO_CONTEXT, part)
    if part is None and isinstance(field, ListField):
        lengths, _ = sampled_lengths(
            field.length_distribution, _grid(path, context), MAX_LIST_LENGTH
        )
        return replace(_of_column(IntColumn(lengths)), lengths=True)
    why = f"values of the type {field.type} have no distribution to hold them against"
    return Expected(why=why) if part is None and field.type in _NEVER_NULL else why


def _part_of_object(
    field: Field, path: tuple[str, ...], part: str
) -> tuple[Field, tuple[str, ...], str | None] | None:
    """Return the field generator of a part of an object, the path of its streams, and the part of its values."""
    if field.type != "object":
        return None
    name, _, rest = part.partition(".")
    found = [each for each in field.children() if str(each.field.name) == name]
    if not found:
        return None
    return found[-1].field, (*field.streams_inside(path), *found[-1].names), rest or None


def _grid(path: tuple[str, ...], context: Context | None, count: int = GRID) -> Draw:
    return _GridDraw(
        grid_words(count),
        np.zeros(count, dtype=np.int64),
        None,
        path,
        context or _NO_CONTEXT,
    )


def _of_set(
    field: Field, path: tuple[str, ...], context: Context | None, part: str | None
) -> Expected | str:
    """Return the shares of the members of a set, or of parts of these."""
    members = None if context is None else context.member_sets.get(path)
    if members is None:
        return "its set of values depends on the seed; give --seed"
    if len(members) > _MOST_MEMBERS:
        return f"its set of values has more than {_MOST_MEMBERS:,} members"
    return _of_picks(field, path, members, context, part)


def _of_fixed(
    field: Field, path: tuple[str, ...], context: Context, part: str | None
) -> Expected | str:
    """Return the shares of values that are picked from a table or a pool, or of parts of these."""
    pool = field.entity_picked()
    if pool is not None and pool not in context.entities:
        return "its pool depends on the seed; give --seed"
    source = field.source(path, context)
    if source is None:
        return "it is picked from very many, or from ever more"
    if not 0 < len(source) <= _MOST_MEMBERS:
        return f"it is picked from none, or from more than {_MOST_MEMBERS:,}"
    return _of_picks(field, path, source, context, part)


def _of_picks(
    field: Field,
    path: tuple[str, ...],
    values: Column | None,
    context: Context | None,
    part: str | None,
) -> Expected:
    """Return the shares of values that are picked, or of parts of these."""
    assert values is not None
    grid = _grid(path, context, _FINE_GRID if len(values) > _MANY else GRID)
    places = np.bincount(field.picks(grid), minlength=len(values))
    for name in [] if part is None else part.split("."):
        values = values.member(name)
    return _of_texts(values.json_text, places)


def _of_column(column: Column) -> Expected:
    """Return shares of texts that are few, else quantiles of numbers."""
    source, index = column.origin
    if index is not None:
        return _of_texts(source.json_text, np.bincount(index, minlength=len(source)))
    vector = column.vector
    if isinstance(vector, np.ndarray) and column.is_full and vector.dtype != bool:
        grid = np.sort(vector.astype(float))
        if np.count_nonzero(np.diff(grid)) >= _MOST_SHARES:
            return Expected(grid=grid)
    found = _of_texts(column.json_text, np.ones(len(column), dtype=np.int64))
    return replace(found, open=True)


def _of_texts(texts: TextArray, counts: Ints) -> Expected:
    """Return the shares of texts that have come so often: null and missing ones apart."""
    encoded = texts.dictionary_encode()
    of = np.bincount(encoded.indices.to_numpy(), weights=counts, minlength=len(encoded.dictionary))
    shares = dict(zip(encoded.dictionary.to_pylist(), (of / of.sum()).tolist(), strict=True))
    null, missing = shares.pop(NULL_TEXT, 0.0), shares.pop(MISSING_TEXT, 0.0)
    return Expected(null, missing, {text: max(each, RARE) for text, each in shares.items()})


def numbers_of(texts: TextArray) -> Floats:
    """Return JSON texts of numbers as doubles: those of other values are not a number."""
    try:
        found: Floats = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        found = np.array([_number(each) for each in texts.to_pylist()])
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def expected_delay(delay: Distribution) -> Floats | str:
    """Return quantiles of a delay, microseconds; a text says why nothing is known of it."""
    if any(delay.expressions()):
        return "the delay is computed of values"
    if delay.temporal or delay.curve is not None or delay.hours is not None:
        return "the delay follows a curve"
    return np.sort(delay.microseconds(grid_words()).astype(float))
