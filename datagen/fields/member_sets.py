"""Turns `cardinality` into a fixed set of distinct values, its members, from which values are picked.

Members are drawn from streams of their own, so that the set depends on the seed and the field alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from datagen.arrays import Floats, Ints, TextArray
from datagen.columns.column import Column, with_faults
from datagen.columns.faults import NotedFaults, all_faults
from datagen.distributions.parsing import AnyPick
from datagen.elementary import log
from datagen.errors import Path
from datagen.fields.base import Field, too_large
from datagen.fields.draw import Context, Draw
from datagen.one_line import plural
from datagen.randomness import uniform, visit_bits, worker_bits
from datagen.validation import Count, invalid_value, quoted

MAX_MEMBERS = 1_000_000
_MAX_SET_CHARACTERS = 200_000_000
_CHARACTERS_AT_ONCE = 10_000_000
_CHARACTERS_TRIED = 500_000_000
_OF_SET = "cardinality"  # in the paths of the streams of a set's values


@dataclass(frozen=True)
class PossibleValues:
    """All values that a field generator can have, when they can be counted.

    `column` makes them; `weights`, float64[count], are those of the values, None if all are alike.
    """

    count: int
    column: Callable[[], Column]
    weights: Floats | None = None


def _member_count(value: int) -> int:
    if value > MAX_MEMBERS:
        raise invalid_value(f"expected at most {MAX_MEMBERS}, not {quoted(value)}")
    return value


class LimitedField(Field):
    """The base of field generators that `cardinality` can limit to a fixed set of values."""

    cardinality: Annotated[Count, AfterValidator(_member_count)] = 0
    cardinality_distribution: AnyPick | None = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if keys.get("cardinality", 0) != 0 and keys.get("cardinality_distribution") is None:
            yield ("cardinality_distribution",), "missing; it picks from the values of cardinality"

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.cardinality:
            return
        characters = self.cardinality * self.mean_characters()
        if characters > _MAX_SET_CHARACTERS:
            yield ("cardinality",), too_large("these values", characters, _MAX_SET_CHARACTERS)
        for path, _, inner in self.descendants():
            if not inner.pure:
                article = "an" if inner.type[0] in "aeiou" else "a"
                yield path, f"{article} {inner.type} cannot be inside a field with cardinality"

    @property
    def is_set(self) -> bool:
        return self.cardinality > 0

    def streams_inside(self, path: tuple[str, ...]) -> tuple[str, ...]:
        return (*path, _OF_SET) if self.is_set else path

    def set_memory(self) -> tuple[float, float]:
        """Return the bytes that the set of values takes, about: to keep it, and while it is made."""
        characters = self.mean_characters()
        return self.cardinality * (2 * characters + 24), self.cardinality * (6 * characters + 240)

    def possible_values(self) -> PossibleValues | None:
        """Return all possible values when they can be counted, else None."""
        return None

    def member_set(self, path: tuple[str, ...], context: Context) -> Column | None:
        """Return the fixed set of values, distinct as JSON text, or None without `cardinality`."""
        if not self.cardinality:
            return None
        possible = self.possible_values()
        if possible is not None and possible.count < self.cardinality:
            raise invalid_value(
                f"only {possible.count} different values are possible, "
                f"not {quoted(self.cardinality)}"
            )
        if possible is not None and self.cardinality > possible.count / 2:
            members = _choose(possible, self.cardinality, path, context)
        else:
            members = _sample_distinct(self, path, context)
        members.origin[0].lasting = True
        return members

    def source(self, path: tuple[str, ...], context: Context) -> Column | None:
        if not self.cardinality or self.cardinality_distribution is None:
            return None
        sets = context.member_sets
        if path not in sets:
            members = self.member_set(path, context)
            assert members is not None
            sets[path] = members
        return sets[path]

    def picks(self, draw: Draw) -> Ints:
        members = self.source(draw.path, draw.context)
        assert members is not None
        assert self.cardinality_distribution is not None
        size, distribution = len(members), self.cardinality_distribution
        return draw.samples("index", lambda bits: distribution.sample_index(bits, size))


def made_member_sets(
    field_lists: Iterable[tuple[Path, tuple[str, ...], Sequence[Field]]], context: Context
) -> Iterator[tuple[Path, str]]:
    """Put every fixed set of values into a context; yield the paths and mistakes of those that cannot be made.

    Each list comes with its path in the file, and the path of names of its streams.
    """
    for where, names, fields in field_lists:
        for place, each in enumerate(fields):
            yield from _made((*where, place), (*names, str(each.name)), each, context)


def _made(
    where: Path, path: tuple[str, ...], field: Field, context: Context
) -> Iterator[tuple[Path, str]]:
    """Put the sets of a field generator and of those inside it into a context, the innermost first, as others hold them."""
    inside = field.streams_inside(path)
    problems = [
        problem
        for child in field.children()
        for problem in _made((*where, *child.path), (*inside, *child.names), child.field, context)
    ]
    try:
        members = field.member_set(path, context)
    except PydanticCustomError as error:
        yield (*where, "cardinality"), str(error)
    else:
        if members is not None:
            context.member_sets[path] = members
    yield from problems


def _choose(
    possible: PossibleValues, count: int, path: tuple[str, ...], context: Context
) -> Column:
    """Return values that are sampled without replacement, by exponential keys.

    Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information Processing
    Letters 97 (2006), 181-185.
    """
    every = np.arange(possible.count)
    draw = _member_draw(every, np.zeros(possible.count, np.int64), path, context)
    keys = -log(uniform(draw.stream("index")))
    if possible.weights is not None:
        keys /= possible.weights
    return possible.column().take(np.argsort(keys, kind="stable")[:count])


def _sample_distinct(field: LimitedField, path: tuple[str, ...], context: Context) -> Column:
    """Return distinct values, drawn anew until they are: all members' first attempts, then second ones, ...

    Raises PydanticCustomError after 100 attempts a member and 10,000 more, or where new values have
    become very rare.
    """
    count, size = field.cardinality, max(field.mean_characters(), 1)
    max_tried = min(100 * count + 10_000, max(2 * count, int(_CHARACTERS_TRIED / size)))
    at_once = min(4096, int(_CHARACTERS_AT_ONCE / size))
    chosen_attempt = np.zeros(count, dtype=np.int64)  # the attempt that gave each member its value
    first = _noted(field, chosen_attempt, path, context)
    distinct, places = _distinct(first.json_text)
    if len(places) == count:
        return first
    chosen_attempt[:] = -1
    chosen_attempt[places] = 0
    seen: set[str] = set(distinct.to_pylist())
    attempt, tried, in_vain = 1, count, 0
    while len(pending := np.flatnonzero(chosen_attempt < 0)) and tried < max_tried:
        left = max_tried - tried
        rounds = max(1, min(attempt + 1, min(at_once, left) // len(pending)))
        members = np.tile(pending, rounds)[:left]
        attempts = np.repeat(np.arange(attempt, attempt + rounds), len(pending))[:left]
        texts = field.values(_member_draw(members, attempts, path, context)).json_text.to_pylist()
        before = len(seen)
        for member, number, text in zip(members.tolist(), attempts.tolist(), texts, strict=True):
            if text not in seen and chosen_attempt[member] < 0:
                seen.add(text)
                chosen_attempt[member] = number
        context.on_members(path, len(seen), count)
        attempt, tried = attempt + rounds, tried + len(members)
        in_vain = 0 if len(seen) > before else in_vain + len(members)
        if in_vain > 20_000 + 10 * len(seen):
            break
    if len(seen) < count:
        raise invalid_value(
            f"found only {len(seen)} different {plural('value', len(seen))} in {tried} attempts, "
            f"not {count}"
        )
    return _noted(field, chosen_attempt, path, context)


def _noted(field: LimitedField, attempts: Ints, path: tuple[str, ...], context: Context) -> Column:
    """Return all members, given the attempt that gives each its value: int64[n]; they keep note of their faults."""
    faults = NotedFaults(len(attempts))
    draw = _member_draw(np.arange(len(attempts)), attempts, path, context, faults)
    members = field.values(draw)
    if not faults.found:
        return members
    return with_faults(members, all_faults([members.faults, faults.found]))  # some of sets within


def _distinct(texts: TextArray) -> tuple[TextArray, Ints]:
    """Return the distinct texts, and where each of them comes first."""
    encoded = texts.dictionary_encode()
    return encoded.dictionary, np.unique(encoded.indices.to_numpy(), return_index=True)[1]


def _member_draw(
    members: Ints,
    attempts: Ints,
    path: tuple[str, ...],
    context: Context,
    faults: NotedFaults | None = None,
) -> Draw:
    """Return the draw of attempts at members, which take the places of visits and workers."""
    bits = visit_bits(worker_bits(context.seed, members), attempts)
    times = np.zeros(len(members), dtype=np.int64)
    return Draw(bits, times, None, (*path, _OF_SET), replace(context, faults=faults))
