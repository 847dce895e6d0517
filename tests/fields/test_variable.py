"""Fields that show what a worker remembers, or a part of it."""

from datagen.columns.column_type import INT, TEXT, type_of_value
from datagen.fields.variable import VariableField
from datagen.language import Scope
from tests.support.fields import GONE, enum, records, refusal
from tests.support.machines import Spec

PLACE: Spec = {"name": "place", **enum({"city": {"name": "Bonn"}}, {"city": {}}, {}, None)}


def shows(part: str | None = None) -> VariableField:
    """Return a field that shows a variable, or a part of it."""
    return VariableField(name="x", variable="place", field=part)


def test_a_part_is_found_by_its_path() -> None:
    """What the objects on the way do not have is missing; of null every part is null."""
    dimensions = [{"name": "all", "type": "variable", "variable": "place"},
                  {"name": "x", "type": "variable", "variable": "place", "field": "city.name"}]  # fmt: skip
    found = {
        str(record["all"]): record.get("x", GONE)
        for record in records(dimensions, variables=[PLACE])
    }
    assert found == {
        "{'city': {'name': 'Bonn'}}": "Bonn", "{'city': {}}": GONE, "{}": GONE, "None": None,
    }  # fmt: skip


def test_its_type_is_that_of_the_part() -> None:
    """Of the variable itself without `field`: formats of columns ask for it."""
    types = {"place": type_of_value({"city": {"name": "Bonn", "number": 5}})}
    assert shows().column_type(Scope({}, types)) == types["place"]
    assert shows("city.name").column_type(Scope({}, types)) == TEXT
    assert shows("city.number").column_type(Scope({}, types)) == INT


def test_it_names_the_variable_that_it_shows() -> None:
    """Neighbours that show the same variable are rendered together."""
    assert shows("city").variable_shown() == "place"


def test_a_variable_that_nothing_sets_is_refused() -> None:
    """On load, with the nearest known one."""
    said = refusal({"type": "variable", "variable": "remembred"})
    assert '"remembred"' in said
    assert '"remembered"' in said
