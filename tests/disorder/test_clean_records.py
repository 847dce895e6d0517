"""What expressions over records see: fields first, null where an emitter has none; then what a visit is."""

from typing import Any

import numpy as np

from datagen.columns.column_type import INSTANT, INT, JSON, TEXT
from datagen.disorder.clean_records import compiled_effects, evaluated, scope_of_records
from datagen.fields.draw import VISIT_TYPES
from datagen.language import Expression
from tests.support.disorder import FIELDS, batch_of, effects_of, plain_names


def values(expression: str, fields: Any = None, **keys: Any) -> list[Any]:
    """Return the value of an expression for each record of a batch."""
    names = FIELDS if fields is None else fields
    scope = scope_of_records(names, {}, **keys)
    column, _ = evaluated(Expression(expression).compiled(scope), batch_of(60), names)
    found: list[Any] = column.to_python(None)
    return found


def test_fields_are_null_where_an_emitter_has_none() -> None:
    """Or where a record lacks one."""
    names = plain_names(batch_of(60))
    for name in ("client", "size", "tag"):
        assert values(name) == [each[name] for each in names]
    assert values("client is none") == [each["client"] is None for each in names]


def test_names_of_visits_are_seen_where_no_field_has_them() -> None:
    """A field wins, also at records that lack it."""
    names = plain_names(batch_of(60))
    for name in ("worker", "visit", "state", "emitter"):
        assert values(name) == [each[name] for each in names]
    assert values("population") == [None] * 60
    assert values("epoch_ms(time)") == [each["time"] // 1000 for each in names]
    assert values("visit", {**FIELDS, "visit": INT}) == [None] * 60


def test_records_of_a_replay_have_values_of_any_type() -> None:
    """But for instants: those that fit are computed with, the rest is null."""
    scope = scope_of_records({"t": INSTANT, "n": INT}, {}, replayed=True)
    assert (scope.types["t"], scope.types["n"]) == (INSTANT, JSON)
    sizes = [each["size"] for each in plain_names(batch_of(60))]
    assert values("size > 5", replayed=True) == [None if n is None else n > 5 for n in sizes]
    assert values("client > 5", replayed=True) == [None] * 60


def test_any_name_may_be_a_field_where_none_is_known() -> None:
    """A source that is not read before the run."""
    scope = scope_of_records(None, {})
    assert scope.types["whatever"] == JSON
    assert (scope.types["time"], scope.types["state"]) == (INSTANT, TEXT)
    assert "whatever" in scope.types
    assert "time" in [*scope.types]
    assert len(scope.types) == len(VISIT_TYPES)


def test_mistakes_are_told_with_their_places() -> None:
    """All of them; warnings too."""
    effects = effects_of(
        {"type": "drop", "when": "clint == 'x'", "per": "1 + 'a'"},
        {"type": "drop", "when": "size * size|round(2) > 1"},
    )
    found = compiled_effects(effects, scope_of_records(FIELDS, {}), FIELDS)
    assert [path for path, _ in found.problems] == [(0, "when"), (0, "per")]
    assert 'did you mean "client"?' in found.problems[0][1]
    assert [path for path, _ in found.warnings] == [(1, "when")]
    assert [*found.by_place] == [(1, "when")]


def test_rows_without_a_value_are_told() -> None:
    """In order, over all emitters."""
    batch = batch_of(60)
    compiled = Expression("1 / (worker % 2)").compiled(scope_of_records(FIELDS, {}))
    column, rows = evaluated(compiled, batch, FIELDS)
    assert np.array_equal(rows, np.flatnonzero(batch.workers % 2 == 0))
    assert [each is None for each in column.to_python(None)] == (batch.workers % 2 == 0).tolist()
    empty, none = evaluated(compiled, batch_of(0), FIELDS)
    assert (len(empty), len(none)) == (0, 0)
