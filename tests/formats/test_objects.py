"""Records as dicts: of their own, with what is missing left out and instants in UTC."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from datagen.batch import Batch, Group, Section
from datagen.columns.column import GatheredColumn
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.formats.objects import ObjectFormatter
from datagen.formats.rendered import RecordObjects
from datagen.instants import Style

EAST = Style(3_600_000_000, "+01:00")
AT = datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)


def rendered(*groups: Group) -> list[dict[str, object]]:
    """Return the records of a batch."""
    rows = sum(len(each.rows) for each in groups)
    batch = Batch(np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64), 1, EAST, groups)
    payload = ObjectFormatter().render(batch)
    assert isinstance(payload, RecordObjects)
    return list(payload.objects)


def group(rows: list[int], *sections: Section) -> Group:
    """Return a group of some rows."""
    return Group("e", np.array(rows), sections)


def test_records_of_several_emitters_are_in_order() -> None:
    """Each has the keys of its own emitter, of all sections."""
    index = np.array([1, 0])
    one = group([0, 2], Section(("a", "b"), (IntColumn(np.array([1, 2])), FloatColumn(np.array([0.5, 1.5])))),
                Section(("c",), (TextColumn(pa.array(["x", "y"])),), index))  # fmt: skip
    other = group([1], Section(("d",), (IntColumn(np.array([3])),)))
    assert rendered(one, other) == [
        {"a": 1, "b": 0.5, "c": "y"},
        {"d": 3},
        {"a": 2, "b": 1.5, "c": "x"},
    ]
    assert rendered(group([0, 1])) == [{}, {}]


def test_missing_keys_are_absent_and_null_is_none() -> None:
    """At the top and in nested objects and lists."""
    some = GatheredColumn(IntColumn(np.array([7])), np.array([0, -1, -2]))
    nested = ObjectColumn(["in"], [some], 3)
    lists = ListColumn(np.array([3, 0, 0]), some)
    assert rendered(group([0, 1, 2], Section(("a", "o", "l"), (some, nested, lists)))) == [
        {"a": 7, "o": {"in": 7}, "l": [7, None]},
        {"a": None, "o": {"in": None}, "l": []},
        {"o": {}, "l": []},
    ]


def test_instants_are_plain_datetimes_in_utc() -> None:
    """Wherever they are, and however they are written."""
    instants = InstantColumn(np.array([1_500_000, 1_500_000]), EAST)
    gathered = GatheredColumn(instants, np.array([1, -1]))
    nested = ObjectColumn(["at"], [instants], 2)
    found = rendered(group([0, 1], Section(("t", "g", "o"), (instants, gathered, nested))))
    assert found == [{"t": AT, "g": AT, "o": {"at": AT}}, {"t": AT, "g": None, "o": {"at": AT}}]
    for each in (found[0]["t"], found[0]["g"], found[0]["o"]["at"]):  # type: ignore[index]
        assert type(each) is datetime
        assert each.tzinfo is UTC


def test_values_that_come_again_are_copies() -> None:
    """A program may change its record."""
    column = GatheredColumn(LiteralColumn([{"a": [1]}], lasting=True), np.array([0, 0]))
    first, second = rendered(group([0, 1], Section(("x",), (column,))))
    first["x"]["a"].append(2)  # type: ignore[index]
    assert second == {"x": {"a": [1]}}
    assert column.to_python(None) == [{"a": [1]}, {"a": [1]}]


def test_zero_has_no_sign() -> None:
    """As in JSON, at the top and within."""
    literal = LiteralColumn([-0.0, [-0.0, 1]])
    floats = FloatColumn(np.array([-0.0, 1.5]))
    found = rendered(group([0, 1], Section(("l", "f"), (literal, floats))))
    assert str(found) == "[{'l': 0.0, 'f': 0.0}, {'l': [0.0, 1], 'f': 1.5}]"


def test_empty_payload_has_no_records() -> None:
    """As a run without records has it."""
    assert len(ObjectFormatter().empty()) == 0
    assert rendered() == []
