"""Turns a specification into how much memory its tables and sets of values take, against a budget.

All are made before the first record and kept to the end of a run, so that their sum has to fit.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from datagen.distributions.base import Distribution
from datagen.distributions.discrete import MAX_TABLE
from datagen.entity_pools.ranks import Pick
from datagen.errors import Path, Problem, dotted
from datagen.fields.member_sets import LimitedField
from datagen.spec.entities import ENTITIES
from datagen.spec.record_schema import Specification

_TABLE_ROW, _TABLE_ROW_MADE = 24, 44  # bytes of a table for each value: kept, and while it is made
_LIVING, _LIVING_MADE = 8, 16  # bytes for each living member of a pool that has a `life`
_GREATEST = 3  # parts that a message names


class MemoryUse(NamedTuple):
    """The bytes that a part of a specification keeps, and how many it takes, about, while it is made."""

    path: Path
    kept: float
    made: float


def memory_problems(spec: Specification, most: int, file: str) -> Iterator[Problem]:
    """Yield a problem if the tables and sets of values of a specification do not fit into a budget, in bytes."""
    uses = list(memory_uses(spec))
    needed = sum(use.kept for use in uses) + max((use.made - use.kept for use in uses), default=0)
    if needed <= most:
        return
    greatest = sorted(uses, key=lambda use: -use.made)[:_GREATEST]
    named = ", ".join(f"{dotted(use.path)} {size_text(use.made)}" for use in greatest)
    more = f", and {len(uses) - _GREATEST} more" if len(uses) > _GREATEST else ""
    text = (
        f"tables and sets of values would take about {size_text(needed)}, more than --memory "
        f"{size_text(most)}: {named}{more}"
    )
    yield Problem((), text, file)


def memory_uses(spec: Any) -> Iterator[MemoryUse]:
    """Yield what each table of a distribution, set of a `cardinality` and pool whose members leave takes, with its path.

    A field that several subprocesses share has one table, but a set for each.
    """
    yield from _of_tables(spec)
    yield from _of_picks(spec)
    yield from _of_lives(spec)
    seen: set[int] = set()
    lists = spec.field_lists() if spec.has_workers else ()
    fields = [(path, each) for path, _, each in lists]
    for start, part in (*fields, ((), getattr(spec, "form", None)), ((), spec)):
        for path, model in _models(part, start):
            known = id(model) in seen
            seen.add(id(model))
            if isinstance(model, LimitedField) and model.cardinality and (start or not known):
                yield MemoryUse((*path, "cardinality"), *model.set_memory())
            if isinstance(model, Distribution) and not known and (rows := model.table_length()):
                yield MemoryUse(path, _TABLE_ROW * rows, _TABLE_ROW_MADE * rows)


def _of_tables(spec: Any) -> Iterator[MemoryUse]:
    for name, table in spec.tables.items() if spec.has_workers else ():
        yield MemoryUse(("tables", name), *table.memory())


def _of_picks(spec: Any) -> Iterator[MemoryUse]:
    """Yield the tables of weights of picks from pools of entities that have as many as there are members."""
    pools = spec.entities if spec.has_workers else {}
    picks = [((ENTITIES, name, "pick"), pool.pick, pool) for name, pool in pools.items()]
    for where, _, fields in spec.field_lists() if pools else ():
        for place, each in enumerate(fields):
            for path, _, field in [((), (), each), *each.descendants()]:
                own = getattr(field, "pick", None)
                if isinstance(own, Pick):
                    picks.append(
                        ((*where, place, *path, "pick"), own, pools[field.entity_picked()])
                    )
    for path, pick, pool in picks:
        rows = min(pool.size, MAX_TABLE) if pick.sized else 0
        if pick.distribution is not None and not pick.sized:
            rows = pick.distribution.table_length()
        if rows:
            yield MemoryUse(path, _TABLE_ROW * rows, _TABLE_ROW_MADE * rows)


def _of_lives(spec: Any) -> Iterator[MemoryUse]:
    """Yield the pools whose members leave: of these it is known who lives."""
    for name, pool in spec.entities.items() if spec.has_workers else ():
        if pool.life is not None and (living := pool.living()):
            yield MemoryUse((ENTITIES, name, "life"), _LIVING * living, _LIVING_MADE * living)


def size_text(size: float) -> str:
    """Return a number of bytes with its unit: 24 kB, 1.2 GB."""
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} GB"


def _models(node: Any, path: Path) -> Iterator[tuple[Path, BaseModel]]:
    """Yield all models in a tree of models, lists and dictionaries, with their paths of keys."""
    if isinstance(node, BaseModel):
        yield path, node
        for name, key in type(node).model_fields.items():
            if name != "form":  # walked by itself
                yield from _models(getattr(node, name, None), (*path, key.alias or name))
    elif isinstance(node, list | tuple):
        for place, each in enumerate(node):
            if isinstance(each, BaseModel | list | dict):
                yield from _models(each, (*path, place))
    elif isinstance(node, dict):
        for key, each in node.items():
            yield from _models(each, (*path, key))
